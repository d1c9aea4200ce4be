//! Files that a person named: opened where they are files, and read as far as they may be long. A
//! pipe would make one wait without a word, a device fill the memory.

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::Path;

/// Bytes of what people write by hand: configurations, policies, tasks, evidence.
pub const SMALL: u64 = 16 << 20;

/// Bytes of what programs write: texts, questions, results.
pub const LARGE: u64 = 8 << 30;

/// What people name for an empty file.
const NOTHING: &str = "/dev/null";

/// Opens the regular file at `path`, or what a link leads to. What a shell hands over by its number
/// (`/dev/stdin`, `/dev/fd/3`) may be a pipe: there someone writes.
///
/// # Errors
/// That of the system; what it is where it is no file.
pub fn open(path: &Path) -> io::Result<File> {
    let kind = fs::metadata(path)?.file_type();
    match what(kind) {
        Some(what) if !(is_pipe(kind) && is_handed_over(path)) && path != NOTHING => {
            let why = format!("it is {what}, expected a file");
            Err(io::Error::new(io::ErrorKind::InvalidInput, why))
        }
        _ => File::open(path),
    }
}

/// Reads it, where it has at most so many bytes.
///
/// # Errors
/// As [`open`]; a file that is longer.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => {
            let why = format!("it is longer than {} MB", most >> 20);
            Err(io::Error::new(io::ErrorKind::FileTooLarge, why))
        }
        false => Ok(bytes),
    }
}

/// Reads it as text.
///
/// # Errors
/// As [`read`]; what is no UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let text = String::from_utf8(read(path, most)?);
    text.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no text in UTF-8"))
}

/// What something is that is no regular file.
fn what(kind: FileType) -> Option<&'static str> {
    match (kind.is_file(), kind.is_dir(), is_pipe(kind)) {
        (true, ..) => None,
        (_, true, _) => Some("a folder"),
        (.., true) => Some("a pipe"),
        _ => Some("a device or a socket"),
    }
}

#[cfg(unix)]
fn is_pipe(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

#[cfg(not(unix))]
fn is_pipe(_: FileType) -> bool {
    false
}

fn is_handed_over(path: &Path) -> bool {
    let by_number = ["/dev/fd", "/proc/self/fd"];
    path == Path::new("/dev/stdin") || by_number.iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn what_is_no_file_is_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        let told = |path: &Path| read(path, SMALL).unwrap_err().to_string();
        assert_eq!(told(&pipe), "it is a pipe, expected a file");
        assert_eq!(told(&link), "it is a device or a socket, expected a file");
        assert_eq!(told(folder.path()), "it is a folder, expected a file");
        assert_eq!(read(Path::new(NOTHING), SMALL).unwrap(), b"");
        assert!(told(&folder.path().join("none")).contains("No such file"));
        assert!(is_handed_over(Path::new("/dev/fd/63")) && !is_handed_over(&pipe));
    }

    #[test]
    fn what_is_too_long_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "four").unwrap();
        assert_eq!(read_text(&file, 4).unwrap(), "four");
        assert!(read(&file, 3).unwrap_err().to_string().contains("longer"));
        fs::write(&file, b"\xff").unwrap();
        assert!(
            read_text(&file, 4)
                .unwrap_err()
                .to_string()
                .contains("UTF-8")
        );
    }
}
