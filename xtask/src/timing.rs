//! How long the long steps took, kept in the user's cache, so that the next time says it beforehand.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::command::{skip, step};
use crate::paths;

/// A step that ends sooner found its work done, which says nothing of how long the work takes.
const SHORTEST: Duration = Duration::from_secs(5);

/// Says what is done and how long it took the last time, does it, and says how long it took now.
///
/// # Errors
/// Those of `work`.
pub(crate) fn timed<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let kept = paths::cache()?.join("step-times.json");
    let last = read(&kept).get(what).copied();
    match last {
        Some(seconds) => step(&format!("{what} (last time {})", in_words(seconds))),
        None => step(&format!("{what} (not timed on this machine yet)")),
    }
    let began = Instant::now();
    let made = work()?;
    let took = began.elapsed();
    if took >= SHORTEST {
        skip(&format!("{what}: {}", in_words(took.as_secs())));
        // A cache that cannot be written must not undo the work.
        let _next_time_it_is_not_said = keep(&kept, what, took.as_secs());
    }
    Ok(made)
}

/// Seconds by step; nothing where nothing was kept or it cannot be read.
fn read(kept: &Path) -> BTreeMap<String, u64> {
    let text = fs::read_to_string(kept).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn keep(kept: &Path, what: &str, seconds: u64) -> Result<()> {
    let mut times = read(kept);
    times.insert(what.to_owned(), seconds);
    if let Some(folder) = kept.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = kept.with_extension("new");
    fs::write(&new, serde_json::to_string_pretty(&times)?)?;
    fs::rename(new, kept)?;
    Ok(())
}

/// Minutes and seconds.
fn in_words(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_kept_by_step_and_a_broken_file_is_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("cache/step-times.json");
        assert!(read(&kept).is_empty());
        keep(&kept, "building the page", 250).unwrap();
        keep(&kept, "building the server", 90).unwrap();
        keep(&kept, "building the server", 40).unwrap();
        let times = read(&kept);
        assert_eq!(times["building the page"], 250);
        assert_eq!(times["building the server"], 40);
        fs::write(&kept, "{").unwrap();
        assert!(read(&kept).is_empty());
        assert_eq!(in_words(250), "4 min 10 s");
        assert_eq!(in_words(59), "59 s");
    }
}
