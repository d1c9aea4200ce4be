//! Recognises result files by their names and first bytes.

use std::io::Read;
use std::path::Path;

use fathom_shared::formats::{inspect, lm_eval};

use crate::named_file;

/// How much of a JSON file is read to recognise its format.
const BEGINNING: u64 = 64 << 10;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::cli) enum FileGroupKind {
    Ruler,
    LmEval,
    Inspect,
}

impl FileGroupKind {
    /// The description for the user.
    pub(in crate::cli) fn says(self) -> &'static str {
        match self {
            Self::Ruler => "RULER predictions",
            Self::LmEval => "lm-evaluation-harness samples",
            Self::Inspect => "Inspect logs",
        }
    }

    /// The kind of a file, by its name; for JSON, which many programs write, by its first bytes.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        if name.ends_with(".eval") {
            return Some(Self::Inspect);
        }
        if name.ends_with(".json") {
            return is_inspect(path).then_some(Self::Inspect);
        }
        if lm_eval::task_of_file(name).is_some() {
            return Some(Self::LmEval);
        }
        name.ends_with(".jsonl").then_some(Self::Ruler)
    }
}

/// Whether a JSON file is a log of Inspect.
pub(in crate::cli) fn is_inspect(path: &Path) -> bool {
    beginning(path).is_some_and(|beginning| inspect::is_log(&beginning))
}

/// The first bytes of a file that can be read.
pub(super) fn beginning(path: &Path) -> Option<Vec<u8>> {
    let mut beginning = Vec::new();
    let file = named_file::open(path).ok()?;
    file.take(BEGINNING).read_to_end(&mut beginning).ok()?;
    Some(beginning)
}
