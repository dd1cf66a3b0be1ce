//! `std::sync`.

mod arc;
pub mod atomic;
mod condvar;
pub mod mpsc;
mod mutex;

pub use crate::not_modelled::{Barrier, LazyLock, Once, OnceLock, RwLock};
pub use arc::{Arc, Weak};
pub use condvar::Condvar;
pub use mutex::{Mutex, MutexGuard};
pub use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};
