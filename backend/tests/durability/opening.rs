//! Databases as the command opens them: two processes at one fresh file, and those that cannot be
//! opened at all.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn list(database: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fathom"));
    command
        .args(["runs", "list", "--database", database])
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn at(path: &Path) -> String {
    path.display().to_string()
}

/// Opens a database, which it makes where there is none, and asks nobody anything.
fn estimate(database: &str, models: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fathom"));
    let order = "run --estimate --tasks niah_single_1 --lengths 1500 --num-samples 2 --model tiny --mode completion";
    command
        .args(order.split(' '))
        .args(["--database", database, "--models"])
        .arg(models)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn several_processes_may_start_on_one_fresh_file() {
    let models = tempfile::tempdir().unwrap();
    crate::testing::write_model(models.path(), "tiny");
    for _ in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let database = at(&folder.path().join("fathom.db"));
        let start = || estimate(&database, models.path()).spawn().unwrap();
        let started: Vec<_> = (0..6).map(|_| start()).collect();
        for process in started {
            let Output { status, stderr, .. } = process.wait_with_output().unwrap();
            assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        }
        assert!(list(&database).output().unwrap().status.success());
    }
}

#[test]
fn what_is_only_read_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let database = at(&folder.path().join("new/nothere.db"));
    let Output { status, stderr, .. } = list(&database).output().unwrap();
    let said = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(1));
    let want = format!("there is no database `{database}`");
    assert!(said.contains(&want), "{said}");
    assert!(!folder.path().join("new").exists());
}

#[test]
fn a_password_in_an_address_of_another_database_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let mut list = list("mysql://ann:secret@127.0.0.1/x");
    let output = list.current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        said.contains("mysql://") && !said.contains("secret"),
        "{said}"
    );
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "nothing made");
}

#[test]
fn what_cannot_be_opened_ends_at_once_with_the_cause() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("evil\u{1b}[31m.db");
    std::fs::write(&file, "no database at all, but long enough\n".repeat(9)).unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    for (database, cause) in [
        (at(&file), "file is not a database"),
        (at(folder.path()), "it is a folder, expected a file"),
        (at(&file.join("below/a.db")), "Not a directory"),
        (
            format!("postgres://ann:secret@127.0.0.1:{port}/x"),
            "refused",
        ),
    ] {
        let began = Instant::now();
        let Output { status, stderr, .. } = list(&database).output().unwrap();
        let said = String::from_utf8_lossy(&stderr);
        assert!(
            !status.success() && said.contains(cause),
            "{database}: {said}"
        );
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "{database}: {said}"
        );
        assert!(
            !said.contains("secret") && !said.contains('\u{1b}'),
            "{said:?}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

/// It is neither waited for nor replaced by a file.
#[test]
#[cfg(unix)]
fn a_device_is_no_database() {
    use std::os::unix::fs::FileTypeExt;
    let models = tempfile::tempdir().unwrap();
    crate::testing::write_model(models.path(), "tiny");
    for mut command in [list("/dev/null"), estimate("/dev/null", models.path())] {
        let began = Instant::now();
        let Output { status, stderr, .. } = command.output().unwrap();
        let said = String::from_utf8_lossy(&stderr);
        assert!(!status.success(), "{said}");
        let why = "it is a device or a socket, expected a file";
        assert!(said.contains("/dev/null") && said.contains(why), "{said}");
        assert!(began.elapsed() < Duration::from_secs(20), "{said}");
    }
    let null = std::fs::metadata("/dev/null").unwrap();
    assert!(null.file_type().is_char_device());
}

/// Speaks as far as PostgreSQL's server does to someone whose password is wrong.
fn refuses(listener: &TcpListener) {
    let Ok((mut stream, _)) = listener.accept() else {
        return;
    };
    loop {
        let mut length = [0; 4];
        if stream.read_exact(&mut length).is_err() {
            return;
        }
        let mut rest = vec![0; u32::from_be_bytes(length) as usize - 4];
        stream.read_exact(&mut rest).unwrap();
        // The request for TLS; this server has none.
        if rest == 80_877_103_u32.to_be_bytes() {
            stream.write_all(b"N").unwrap();
            continue;
        }
        let fields =
            b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user \"ann\"\0\0";
        let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
        stream
            .write_all(&[b"E", &length[..], fields].concat())
            .unwrap();
        return;
    }
}

#[test]
fn a_password_that_a_server_refuses_is_said_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || refuses(&listener));
    let began = Instant::now();
    let url = format!("postgres://ann:secret@127.0.0.1:{port}/x");
    let output = list(&url).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("password authentication failed"), "{said}");
    assert!(!said.contains("secret"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(10), "{said}");
    server.join().unwrap();
}

#[test]
fn a_server_that_takes_connections_and_says_nothing_is_not_waited_for_long() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let began = Instant::now();
    let output = list(&format!("postgres://ann:secret@127.0.0.1:{port}/x"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("no answer within 20 seconds"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(40), "{said}");
}

#[test]
fn a_database_that_a_server_has_not_is_said_at_once() {
    let server = std::env::var("FATHOM_TEST_POSTGRES")
        .expect("FATHOM_TEST_POSTGRES is not set: run the tests by `cargo xtask test`");
    let began = Instant::now();
    let output = list(&format!("{server}/no_such_database"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("\"no_such_database\" does not exist"),
        "{said}"
    );
    assert!(began.elapsed() < Duration::from_secs(10));
}
