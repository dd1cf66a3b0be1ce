//! Reads stories from the files that it is given, and prints a page that shows them.

use interleaving::{Story, page};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut stories = Vec::new();
    for file in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&file)?;
        stories.push(Story::from_json(&text).map_err(|error| format!("{file}: {error}"))?);
    }
    println!("{}", page("What the checker found", &stories));
    Ok(())
}
