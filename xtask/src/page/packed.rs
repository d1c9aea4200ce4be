//! The page's files as they are sent: compressed once, by the build, as far as that goes; and how
//! large they may be.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use brotli::CompressorWriter;

use super::named::files;

/// The most bytes of the page's own program, compressed: what is fetched before anything can be used.
/// `docs/page-size.md` says what it is made of.
const MOST_OF_APP: u64 = 1_048_576;
/// The most bytes of the worker's program, compressed: it comes at the same time.
const MOST_OF_WORKER: u64 = 3_350_000;
/// A smaller file is sent as it is.
const LEAST: usize = 1024;
/// Brotli's best, and its largest window, 16 MB.
const QUALITY: u32 = 11;
const WINDOW_BITS: u32 = 24;

/// Puts a compressed copy beside every file of `dist` that gets smaller by it.
///
/// # Errors
/// A file that cannot be read or written.
pub(super) fn compress(dist: &Path) -> Result<()> {
    for name in files(dist)? {
        let file = dist.join(&name);
        let content = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        if content.len() < LEAST || name == "index.html" {
            continue;
        }
        let mut packed = Vec::new();
        let mut writer = CompressorWriter::new(&mut packed, 1 << 16, QUALITY, WINDOW_BITS);
        writer.write_all(&content)?;
        drop(writer);
        if packed.len() < content.len() * 9 / 10 {
            fs::write(dist.join(format!("{name}.br")), packed)?;
        }
    }
    Ok(())
}

/// Holds the programs against their budgets, and says their sizes.
///
/// # Errors
/// A program that is larger.
pub(super) fn check_sizes(dist: &Path) -> Result<()> {
    for (program, most) in [("app-", MOST_OF_APP), ("worker_bg-", MOST_OF_WORKER)] {
        let size = packed_size(dist, program)?;
        println!(
            "  {program}*.wasm: {} kB compressed, at most {} kB",
            size / 1000,
            most / 1000
        );
        ensure!(
            size <= most,
            "{program}*.wasm has {size} bytes compressed; it may have {most}. docs/page-size.md says \
             how to see what it is made of"
        );
    }
    Ok(())
}

/// The compressed size of the program whose file begins with `start`.
///
/// # Errors
/// Where there is none.
pub(crate) fn packed_size(dist: &Path, start: &str) -> Result<u64> {
    let names = files(dist)?;
    let mut names = names.iter();
    let name = names.find(|name| name.starts_with(start) && name.ends_with(".wasm.br"));
    let name = name.with_context(|| format!("the page has no {start}*.wasm.br"))?;
    Ok(fs::metadata(dist.join(name))?.len())
}
