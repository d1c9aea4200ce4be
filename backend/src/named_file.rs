//! Files named by the user: only regular files are opened, and only up to a size limit. A pipe
//! would make the program wait silently, and a device could fill the memory.

use std::fs::{self, File, FileType};
use std::io::{self, Read, Seek};
use std::path::Path;

/// Size limit for hand-written files: configurations, policies, tasks, evidence.
pub const SMALL: u64 = 16 << 20;

/// Size limit for files that programs write: texts, questions, results.
pub const LARGE: u64 = 8 << 30;

/// A pointer of Git LFS is shorter.
const POINTER: u64 = 1024;

/// The usual name for an empty file.
const NOTHING: &str = "/dev/null";

/// Opens the regular file at `path`, following links. A file descriptor from the shell
/// (`/dev/stdin`, `/dev/fd/3`) may be a pipe, as something writes to it.
///
/// # Errors
/// The system's error; if it is not a file, or a pointer of Git LFS in its place, an error that says
/// what it is.
pub fn open(path: &Path) -> io::Result<File> {
    let kind = fs::metadata(path)?.file_type();
    match what(kind) {
        Some(what) if !(is_pipe(kind) && is_handed_over(path)) && path != NOTHING => {
            let why = format!("it is {what}, expected a file");
            Err(io::Error::new(io::ErrorKind::InvalidInput, why))
        }
        _ => {
            let mut file = File::open(path)?;
            if kind.is_file() && is_lfs_pointer(&mut file)? {
                let why =
                    "it is a Git LFS pointer, expected the file itself: `git lfs pull` fetches it";
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            Ok(file)
        }
    }
}

/// Whether a file is what Git keeps in the place of a large one.
fn is_lfs_pointer(file: &mut File) -> io::Result<bool> {
    if !(1..POINTER).contains(&file.metadata()?.len()) {
        return Ok(false);
    }
    let mut bytes = Vec::new();
    Read::by_ref(file).take(POINTER).read_to_end(&mut bytes)?;
    file.rewind()?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.starts_with("version https://git-lfs.github.com/spec/")
        && text.contains("\noid sha256:"))
}

/// Reads a file of at most `most` bytes.
///
/// # Errors
/// As for [`open`]; or the file is longer.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let too_long = || {
        let why = format!("it is longer than {} MB", most >> 20);
        io::Error::new(io::ErrorKind::FileTooLarge, why)
    };
    // Check the reported size first, as that is cheap; a pipe has no size.
    let says = file.metadata()?.len();
    if says > most {
        return Err(too_long());
    }
    let mut bytes = Vec::new();
    let room = usize::try_from(says).unwrap_or(usize::MAX);
    bytes.try_reserve_exact(room).map_err(|_| {
        let why = format!("there is not enough memory for its {} MB", says >> 20);
        io::Error::new(io::ErrorKind::OutOfMemory, why)
    })?;
    file.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(too_long()),
        false => Ok(bytes),
    }
}

/// Reads a file as text.
///
/// # Errors
/// As for [`read`]; or the file is not valid UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let text = String::from_utf8(read(path, most)?);
    text.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// What is at `path` where there is something that is no file, following links: a device, a pipe,
/// a folder.
pub fn other_kind(path: &Path) -> Option<&'static str> {
    what(fs::metadata(path).ok()?.file_type())
}

/// Describes a file type that is not a regular file.
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
        assert_eq!(other_kind(Path::new(NOTHING)), Some("a device or a socket"));
        assert_eq!(other_kind(&folder.path().join("none")), None);
        assert!(told(&folder.path().join("none")).contains("No such file"));
        assert!(is_handed_over(Path::new("/dev/fd/63")) && !is_handed_over(&pipe));
    }

    #[test]
    fn a_pointer_of_git_lfs_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tokenizer.json");
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
        fs::write(&file, pointer).unwrap();
        let told = read(&file, SMALL).unwrap_err().to_string();
        assert!(told.starts_with("it is a Git LFS pointer"), "{told}");
        // One that speaks of them is read from its beginning.
        fs::write(&file, "a version of Git LFS").unwrap();
        assert_eq!(read_text(&file, SMALL).unwrap(), "a version of Git LFS");
    }

    #[test]
    fn what_is_too_long_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "four").unwrap();
        assert_eq!(read_text(&file, 4).unwrap(), "four");
        assert!(read(&file, 3).unwrap_err().to_string().contains("longer"));
        // A sparse file is large without using the disk.
        File::create(&file).unwrap().set_len(20 << 30).unwrap();
        assert!(
            read(&file, LARGE)
                .unwrap_err()
                .to_string()
                .contains("longer")
        );
        fs::write(&file, b"\xff").unwrap();
        assert!(
            read_text(&file, 4)
                .unwrap_err()
                .to_string()
                .contains("UTF-8")
        );
    }
}
