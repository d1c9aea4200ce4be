//! The run's database, served, and asked over HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::command::command;

/// A server that ends with this.
pub(super) struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Serves `database` on a free port of this machine, without answering what is open in it.
    ///
    /// # Errors
    /// When it does not start.
    pub(super) fn start(fathom: &Path, database: &Path) -> Result<Self> {
        let mut process = command(fathom)?
            .args([
                "serve",
                "--no-worker",
                "--addr",
                "127.0.0.1:0",
                "--database",
            ])
            .arg(database)
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", fathom.display()))?;
        let told = process.stdout.take().map(BufReader::new);
        let mut server = Self {
            process,
            address: String::new(),
        };
        for line in told.into_iter().flat_map(BufRead::lines) {
            if let Some((_, address)) = line?.split_once("http://") {
                server.address = address.trim().to_owned();
                return Ok(server);
            }
        }
        anyhow::bail!("{} told no address", fathom.display())
    }

    /// What it answers to `path`.
    ///
    /// # Errors
    /// Anything but an answer in JSON.
    pub(super) fn get(&self, path: &str) -> Result<Value> {
        let mut stream = TcpStream::connect(&self.address)?;
        // By HTTP 1.0 it answers in one piece and hangs up.
        write!(
            stream,
            "GET {path} HTTP/1.0\r\nhost: {}\r\n\r\n",
            self.address
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("half an answer")?;
        let status = head.lines().next().unwrap_or_default();
        ensure!(status.contains(" 200 "), "{path}: {status}: {body}");
        serde_json::from_str(body).with_context(|| format!("{path} is not JSON"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended by itself is as good.
        let _ended = self.process.kill();
        let _waited = self.process.wait();
    }
}
