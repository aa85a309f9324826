//! Compresses the description of the API, which the function holds and serves.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

/// The best that decompresses as fast as any.
const LEVEL: i32 = 19;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=openapi.json");
    // Without the blanks of its lines, which the reader's tool puts back.
    let document: serde_json::Value = serde_json::from_str(&fs::read_to_string("openapi.json")?)?;
    let compressed = zstd::bulk::compress(document.to_string().as_bytes(), LEVEL)?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("openapi.json.zst"), compressed)?;
    Ok(())
}
