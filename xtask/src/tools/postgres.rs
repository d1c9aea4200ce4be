//! A PostgreSQL server for the tests alone: its own folder, its own port, gone with its owner.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::apt;
use crate::command::{find, run, skip, step};

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// The running server.
pub(crate) struct Postgres {
    process: Child,
    folder: tempfile::TempDir,
    /// Its address, without a database's name.
    pub(crate) url: String,
}

/// Installs the server's programs where they are missing.
///
/// # Errors
/// As [`apt::ensure`].
pub(crate) fn ensure() -> Result<()> {
    if programs().is_ok() {
        skip("PostgreSQL is installed");
        return Ok(());
    }
    apt::ensure(&["postgresql"], "PostgreSQL, on which the store is tested")
}

impl Postgres {
    /// Makes a new cluster and starts it on a free port of this machine.
    ///
    /// # Errors
    /// When a program fails, or the server does not answer in time.
    pub(crate) fn start() -> Result<Self> {
        step("starting a PostgreSQL server for the tests");
        let programs = programs()?;
        let folder = tempfile::Builder::new().prefix("fathom-pg-").tempdir()?;
        let data = folder.path().join("data");
        if is_root()? {
            // The server refuses to run as root.
            run(Command::new("chown").arg("postgres").arg(folder.path()))?;
        }
        let mut initdb = humble(&programs.join("initdb"))?;
        initdb
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8"])
            .args(["--no-sync", "--locale=C.UTF-8", "-D"])
            .arg(&data)
            .stdout(Stdio::null());
        run(&mut initdb)?;
        // Free a moment ago: nobody else on this machine takes ports that fast.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let process = humble(&programs.join("postgres"))?
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            // What the tests end by force is fathom, never this server.
            .args(["-c", "fsync=off", "-c", "unix_socket_directories="])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start PostgreSQL")?;
        let url = format!("postgres://postgres@127.0.0.1:{port}");
        let mut server = Self {
            process,
            folder,
            url,
        };
        server.wait(&programs, port)?;
        Ok(server)
    }

    fn wait(&mut self, programs: &Path, port: u16) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.process.try_wait()? {
                bail!("PostgreSQL ended with {status} at its start");
            }
            let ready = Command::new(programs.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
                .status()?;
            if ready.success() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!(
            "PostgreSQL in {} does not answer",
            self.folder.path().display()
        );
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT: it ends its own processes and disconnects everyone.
        let id = self.process.id().to_string();
        let _asked = Command::new("kill").args(["-INT", &id]).status();
        let _ended = self.process.wait();
    }
}

/// The folder with `postgres` and `initdb`: that of the newest version, where Debian keeps
/// several.
fn programs() -> Result<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut versions: Vec<PathBuf> = debian
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").is_file())
        .collect();
    versions.sort();
    let newest = versions.pop();
    let on_path = || find("initdb")?.parent().map(Path::to_owned);
    newest
        .or_else(on_path)
        .context("PostgreSQL's programs `initdb` and `postgres` are not installed")
}

fn is_root() -> Result<bool> {
    let output = Command::new("id").arg("-u").output()?;
    Ok(output.stdout == b"0\n")
}

/// A command as the user `postgres` where we are root.
fn humble(program: &Path) -> Result<Command> {
    if !is_root()? {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--init-groups"])
        .arg(program)
        // It may not enter the folder that we are in.
        .current_dir("/");
    Ok(command)
}
