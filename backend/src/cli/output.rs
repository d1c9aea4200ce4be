//! The `-o` option: `-` means the standard output where one file is written, and is refused where a
//! folder is needed.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::builder::{PathBufValueParser, TypedValueParser};

use super::terminal::Stdout;
use crate::whole_file;

/// Why `-` is refused for a folder.
const NO_FOLDER: &str = "`-` means the standard output, which takes only one file: give a folder (`./-` for a folder of that name)";

/// Whether `-` was given, which means the standard output as in other programs.
pub(super) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Writes one file, completely or not at all, or writes to the standard output.
pub(super) fn write(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    match is_stdout(path) {
        true => whole_file::stream(&mut Stdout::open(), write),
        false => whole_file::write(path, write),
    }
}

/// The argument that names a folder to write into.
pub(super) fn folder() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| check_folder(&path).map(|()| path))
}

/// Refuses the standard output where several files are written.
pub(super) fn check_folder(path: &Path) -> io::Result<()> {
    match is_stdout(path) {
        true => Err(io::Error::new(io::ErrorKind::InvalidInput, NO_FOLDER)),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_output_is_no_folder() {
        for (path, refused) in [("-", true), ("./-", false), ("-o", false), ("a/-", false)] {
            let got = check_folder(Path::new(path));
            assert_eq!(got.is_err(), refused, "{path}");
        }
        let why = check_folder(Path::new("-")).unwrap_err().to_string();
        assert!(why.contains("give a folder"), "{why}");
    }
}
