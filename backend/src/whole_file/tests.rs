#![allow(clippy::unwrap_used, reason = "helpers of tests are tests as well")]

use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::process::Command;

use super::*;

fn out(path: &Path, text: &str) -> anyhow::Result<()> {
    write(path, |out| Ok(out.write_all(text.as_bytes())?))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_replaced_whole_with_its_mode_and_owner() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.jsonl");
    fs::write(&file, "old and longer").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o604)).unwrap();
    // Only root may change a file's owner; other users reach the copy below another way.
    let given = std::os::unix::fs::chown(&file, Some(4321), Some(4322));
    out(&file, "new").unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "new");
    let meta = fs::metadata(&file).unwrap();
    assert_eq!(meta.permissions().mode() & 0o777, 0o604);
    if given.is_ok() {
        assert_eq!((meta.uid(), meta.gid()), (4321, 4322));
    }
    assert_eq!(names(folder.path()), ["a.jsonl"]);
}

#[test]
fn a_folder_that_is_not_there_is_told_without_what_nobody_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = out(&folder.path().join("none/a.jsonl"), "x").unwrap_err();
    let told = format!("{error:#}");
    assert!(
        told.ends_with("none/a.jsonl`: its folder does not exist"),
        "{told}"
    );
}

#[test]
fn a_failure_leaves_the_old_file_and_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.jsonl");
    fs::write(&file, "old").unwrap();
    for path in [file.clone(), folder.path().join("new.jsonl")] {
        let failed = write(&path, |out| {
            out.write_all(b"half")?;
            anyhow::bail!("no more")
        });
        assert!(format!("{:#}", failed.unwrap_err()).contains("no more"));
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "old");
    assert_eq!(names(folder.path()), ["a.jsonl"]);
}

#[test]
fn links_stay_and_lead_to_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("far")).unwrap();
    fs::write(at("far/a.jsonl"), "old").unwrap();
    symlink("far/a.jsonl", at("link.jsonl")).unwrap();
    symlink("link.jsonl", at("twice.jsonl")).unwrap();
    symlink("far/none-yet.jsonl", at("dangling.jsonl")).unwrap();
    symlink("loop.jsonl", at("loop.jsonl")).unwrap();
    out(&at("twice.jsonl"), "new").unwrap();
    out(&at("dangling.jsonl"), "first").unwrap();
    assert!(out(&at("loop.jsonl"), "x").is_err());
    for name in ["link.jsonl", "twice.jsonl", "dangling.jsonl"] {
        assert!(at(name).is_symlink(), "{name}");
    }
    assert_eq!(fs::read_to_string(at("far/a.jsonl")).unwrap(), "new");
    assert_eq!(
        fs::read_to_string(at("far/none-yet.jsonl")).unwrap(),
        "first"
    );
    assert_eq!(names(&at("far")), ["a.jsonl", "none-yet.jsonl"]);
}

#[test]
fn a_pipe_gets_the_whole_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let read = {
        let pipe = pipe.clone();
        std::thread::spawn(move || fs::read_to_string(pipe).unwrap())
    };
    out(&pipe, "all of it").unwrap();
    assert_eq!(read.join().unwrap(), "all of it");
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
}

/// A null device of its own, since a bug would replace it.
#[test]
fn a_device_stays_a_device() {
    let folder = tempfile::tempdir().unwrap();
    let null = folder.path().join("null");
    let made = Command::new("mknod")
        .arg(&null)
        .args(["c", "1", "3"])
        .output();
    if !made.is_ok_and(|made| made.status.success()) {
        writeln!(io::stderr(), "no device was tried: only root makes one").unwrap();
        return;
    }
    let link = folder.path().join("link");
    symlink("null", &link).unwrap();
    let staged = folder.path().join("staged");
    for path in [&null, &link] {
        // Opening devices in a temporary folder may be forbidden; then that is the error.
        let written = out(path, "gone");
        assert!(fs::metadata(&null).unwrap().file_type().is_char_device());
        fs::write(&staged, "gone").unwrap();
        assert_eq!(put(&staged, path).is_ok(), written.is_ok());
        assert!(fs::metadata(&null).unwrap().file_type().is_char_device());
        assert!(link.is_symlink());
    }
}

#[test]
fn an_open_descriptor_is_written_into() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    fs::write(&file, "before ").unwrap();
    let open = OpenOptions::new().append(true).open(&file).unwrap();
    let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&open));
    if !Path::new(&path).exists() {
        return; // only on Linux
    }
    let inode = fs::metadata(&file).unwrap().ino();
    out(Path::new(&path), "after").unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "before after");
    assert_eq!(fs::metadata(&file).unwrap().ino(), inode);
}

#[test]
fn a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = out(folder.path(), "x").unwrap_err();
    assert!(format!("{error:#}").contains("it is a folder"), "{error:#}");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn content_is_copied_where_a_file_cannot_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (made, into) = (folder.path().join("made"), folder.path().join("into"));
    for (old, new) in [
        ("short", "longer than that"),
        ("longer than that", "short"),
        ("", "a"),
        ("a", ""),
    ] {
        fs::write(&into, old).unwrap();
        fs::write(&made, new).unwrap();
        let mut to = OpenOptions::new().write(true).open(&into).unwrap();
        copy_into(&mut File::open(&made).unwrap(), &mut to).unwrap();
        assert_eq!(fs::read_to_string(&into).unwrap(), new);
    }
}

#[test]
fn a_finished_file_is_put_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("far")).unwrap();
    fs::write(at("far/a"), "old").unwrap();
    fs::set_permissions(at("far/a"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink("far/a", at("link")).unwrap();
    for (path, seen) in [("link", "far/a"), ("new", "new")] {
        fs::write(at("made"), "made").unwrap();
        put(&at("made"), &at(path)).unwrap();
        assert_eq!(fs::read_to_string(at(seen)).unwrap(), "made");
        assert!(!at("made").exists());
    }
    assert!(at("link").is_symlink());
    assert_eq!(fs::metadata(at("far/a")).unwrap().mode() & 0o777, 0o600);
}
