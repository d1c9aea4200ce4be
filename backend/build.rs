//! Unpacks the token lists of `models/openai`, so that the program reads them where they lie.

use std::error::Error;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::var("OUT_DIR")?;
    for name in ["cl100k_base", "o200k_base"] {
        let packed = format!("../models/openai/{name}.tokens.gz");
        println!("cargo::rerun-if-changed={packed}");
        let mut list = Vec::new();
        GzDecoder::new(File::open(&packed)?).read_to_end(&mut list)?;
        fs::write(Path::new(&out).join(format!("{name}.tokens")), list)?;
    }
    Ok(())
}
