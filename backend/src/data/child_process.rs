//! Untrusted work in a process of its own: opening a model's files and rendering its chat template.
//!
//! A file may come from anyone. What reads it may overflow a stack or ask for more memory than there
//! is, and then the system ends the whole process. So the server has such work done by a child
//! (`fathom apart`, one task each) with bounded memory, time and output; a child that dies is a
//! sentence. Where [`enable`] was not called the work is done in this process.

use std::io::{self, Read, Write};
use std::panic::RefUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::prompt::jinja::{TemplateInput, render_elsewhere};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::named_file::{self, SMALL};

/// What a child does.
#[derive(Debug, Serialize, Deserialize)]
enum ChildTask {
    /// Opens a model's files; answers with what they hold.
    Inspect(PathBuf),
    /// Builds a `tokenizer.json`; answers that it can be done.
    Tokenizer(PathBuf),
    /// Renders a chat template; answers with its text.
    Render(TemplateInput),
}

/// How much a child may take.
#[derive(Clone, Copy, Debug)]
struct ChildLimits {
    /// Bytes of memory, as addresses.
    memory: u64,
    time: Duration,
}

/// Bytes of an answer.
const ANSWER: u64 = 128 << 20;

impl ChildTask {
    fn limits(&self) -> ChildLimits {
        let gigabytes = |n: u64| n << 30;
        match self {
            // A vocabulary of 256,000 tokens takes half a gigabyte while it is built.
            Self::Inspect(_) | Self::Tokenizer(_) => ChildLimits {
                memory: gigabytes(4),
                time: Duration::from_secs(if cfg!(debug_assertions) { 90 } else { 30 }),
            },
            Self::Render(_) => ChildLimits {
                memory: gigabytes(1),
                time: Duration::from_secs(15),
            },
        }
    }
}

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// From now on children of `program`, which is `fathom` itself, do such work for this process. The
/// first call counts.
pub fn enable(program: PathBuf) {
    if PROGRAM.set(program).is_ok() {
        render_elsewhere(|rendering| ask(&ChildTask::Render(rendering.clone())));
    }
}

/// The program that runs now, also after its file was replaced.
pub fn this_program() -> io::Result<PathBuf> {
    let own = Path::new("/proc/self/exe");
    match own.exists() {
        true => Ok(own.to_owned()),
        false => std::env::current_exe(),
    }
}

/// Has a child look into a model's files; nothing where children do no work for this process.
pub(super) fn inspect<T: DeserializeOwned>(path: &Path) -> Option<Result<T, String>> {
    PROGRAM.get()?;
    // The child has this process's folder; a sentence names the path as it was given.
    Some(ask(&ChildTask::Inspect(path.to_owned())))
}

/// Has a child build a `tokenizer.json` first, where children do work for this process.
///
/// # Errors
/// What is wrong with the file.
pub fn try_tokenizer(path: &Path) -> Result<(), String> {
    match PROGRAM.get() {
        Some(_) => ask(&ChildTask::Tokenizer(path.to_owned())),
        None => Ok(()),
    }
}

fn build(path: &Path) -> Result<(), String> {
    let bytes = named_file::read(path, SMALL * 16).map_err(|error| error.to_string())?;
    let built = Tokenizer::from_json(&bytes);
    built.map(|_| ()).map_err(|error| error.to_string())
}

/// Does the one task that stands on the standard input: what a child is for. `inspect` opens a
/// model's files.
///
/// # Errors
/// Input or output that breaks off.
pub fn answer<T: Serialize>(
    inspect: impl Fn(&Path) -> Result<T, String> + RefUnwindSafe,
) -> io::Result<()> {
    let mut task = Vec::new();
    io::stdin().read_to_end(&mut task)?;
    let task: ChildTask = serde_json::from_slice(&task)?;
    bound(task.limits());
    // The message of a panic is not shown, only that there was one.
    std::panic::set_hook(Box::new(|_| ()));
    let done = std::panic::catch_unwind(|| match &task {
        ChildTask::Inspect(path) => serde_json::to_vec(&inspect(path)),
        ChildTask::Tokenizer(path) => serde_json::to_vec(&build(path)),
        ChildTask::Render(rendering) => serde_json::to_vec(&rendering.here()),
    });
    let failed = Err::<(), _>("what reads it failed");
    let told = done.unwrap_or_else(|_| serde_json::to_vec(&failed))?;
    io::stdout().write_all(&told)
}

/// Lets the system hold this process to its limits.
#[cfg(unix)]
fn bound(limits: ChildLimits) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |resource, value| {
        let limit = Rlimit {
            current: Some(value),
            maximum: Some(value),
        };
        // A system that does not know the limit has the parent's clock.
        let _unknown = setrlimit(resource, limit);
    };
    limit(Resource::As, limits.memory);
    limit(Resource::Cpu, limits.time.as_secs() + 1);
    limit(Resource::Core, 0);
}

#[cfg(not(unix))]
fn bound(_: ChildLimits) {}

/// What a child says to `task`.
fn ask<T: DeserializeOwned>(task: &ChildTask) -> Result<T, String> {
    let program = PROGRAM.get().ok_or("no process does such work here")?;
    ask_of(program, task, task.limits())
}

fn ask_of<T: DeserializeOwned>(
    program: &Path,
    task: &ChildTask,
    limits: ChildLimits,
) -> Result<T, String> {
    let mut child = RunningChild(
        Command::new(program)
            .arg("apart")
            .env_remove("RUST_BACKTRACE")
            .env_remove("RUST_LOG")
            // Threads take addresses that the limit counts.
            .env("RAYON_NUM_THREADS", "2")
            .env("MALLOC_ARENA_MAX", "2")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("no process for it: {error}"))?,
    );
    let (stdin, stdout) = (child.0.stdin.take(), child.0.stdout.take());
    let (Some(mut stdin), Some(stdout)) = (stdin, stdout) else {
        return Err("no process for it: its pipes are missing".to_owned());
    };
    let text = serde_json::to_vec(task).map_err(|error| error.to_string())?;
    let (send, receive) = channel();
    // Both ends at once: a child that dies early must not leave us writing.
    std::thread::spawn(move || {
        // It reads everything before it works; one that died says so by its status.
        let _dead = stdin.write_all(&text);
        drop(stdin);
        let mut told = Vec::new();
        let read = stdout.take(ANSWER).read_to_end(&mut told);
        let _gone = send.send(read.map(|_| told));
    });
    let told = match receive.recv_timeout(limits.time) {
        Ok(told) => told.map_err(|error| format!("its answer cannot be read: {error}"))?,
        Err(RecvTimeoutError::Timeout) => {
            return Err(format!(
                "reading it took more than {} seconds and was stopped",
                limits.time.as_secs()
            ));
        }
        Err(RecvTimeoutError::Disconnected) => Vec::new(),
    };
    let status = child.end();
    serde_json::from_slice::<Result<T, String>>(&told).unwrap_or_else(|_| Err(died(status, limits)))
}

/// A child process that is killed when this is dropped.
struct RunningChild(Child);

impl RunningChild {
    /// How it ended; it has closed its output, so it soon does.
    fn end(&mut self) -> Option<ExitStatus> {
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            if let Ok(Some(status)) = self.0.try_wait() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        None
    }
}

impl Drop for RunningChild {
    fn drop(&mut self) {
        // Either may fail for one that has ended, and is then not needed.
        let _ended = self.0.kill();
        let _waited = self.0.wait();
    }
}

fn died(status: Option<ExitStatus>, limits: ChildLimits) -> String {
    let how = status.map_or_else(|| "was stopped".to_owned(), |s| format!("ended by {s}"));
    format!(
        "reading it crashed, or took more memory or stack than it may ({} GB): the process that did it {how}",
        limits.memory >> 30
    )
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// The outcome of a program that prints these lines.
    fn told(lines: &str) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        std::fs::write(&program, format!("#!/bin/sh\n{lines}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let limits = ChildLimits {
            memory: 1 << 30,
            time: Duration::from_secs(2),
        };
        ask_of(&program, &ChildTask::Inspect("x".into()), limits)
    }

    #[test]
    fn a_child_that_dies_or_hangs_is_a_sentence() {
        assert_eq!(
            told("cat > /dev/null; echo '{\"Ok\":\"text\"}'"),
            Ok("text".to_owned())
        );
        let refused = told("cat > /dev/null; echo '{\"Err\":\"no model\"}'");
        assert_eq!(refused, Err("no model".to_owned()));
        let killed = told("kill -ABRT $$").unwrap_err();
        assert!(killed.starts_with("reading it crashed"), "{killed}");
        assert!(killed.contains("signal: 6"), "{killed}");
        let begun = Instant::now();
        let hung = told("exec sleep 60").unwrap_err();
        assert_eq!(hung, "reading it took more than 2 seconds and was stopped");
        assert!(begun.elapsed() < Duration::from_secs(20));
        let endless = told("exec sh -c 'while :; do :; done'").unwrap_err();
        assert!(endless.contains("was stopped"), "{endless}");
        assert!(told("echo nonsense").unwrap_err().contains("crashed"));
    }
}
