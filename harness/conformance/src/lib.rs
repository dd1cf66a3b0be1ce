//! What std promises of its concurrency API, as tests: see the folder `cases`, and `README.md`.
