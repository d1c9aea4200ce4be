//! What a person sees. What takes long is told on stderr; results go to stdout.

use std::io::{self, StdoutLock, Write};

use fathom_shared::tokens::Tokens;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::data::pull::PullWatcher;
use crate::errors::visible;

/// Nobody reads what is written: `fathom … | head` has seen enough.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the output any more")]
pub(super) struct ClosedOutput;

/// The standard output, whose closed end is known for what it is ([`ClosedOutput`]) and not taken
/// for that of some connection.
pub(super) struct Stdout(StdoutLock<'static>);

impl Stdout {
    pub(super) fn open() -> Self {
        Self(io::stdout().lock())
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(closed)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(closed)
    }
}

fn closed(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::BrokenPipe => io::Error::new(error.kind(), ClosedOutput),
        _ => error,
    }
}

/// Whether a command ended because nobody reads its output.
pub(super) fn is_closed(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|error| {
            error
                .get_ref()
                .is_some_and(|inner| inner.is::<ClosedOutput>())
        })
    })
}

/// What was written, for a command that has more to do than to print: where nobody reads it any more
/// it goes on, and only what it prints is lost.
pub(super) fn unless_closed(written: Result<(), impl Into<anyhow::Error>>) -> anyhow::Result<()> {
    match written.map_err(Into::into) {
        Err(error) if is_closed(&error) => Ok(()),
        other => other,
    }
}

/// Writes a line, or several, to stdout. What comes from files and servers may stand in it: a
/// terminal is told nothing by that.
pub(super) fn say(line: impl std::fmt::Display) -> io::Result<()> {
    writeln!(Stdout::open(), "{}", visible(&line.to_string()))
}

/// Writes a line, or several, to stderr.
pub(super) fn warn(line: impl std::fmt::Display) -> io::Result<()> {
    writeln!(io::stderr().lock(), "{}", visible(&line.to_string()))
}

/// A download as a bar of bytes; indicatif hides it where stderr is no terminal.
pub(super) struct DownloadBar(ProgressBar);

impl DownloadBar {
    pub(super) fn new() -> Self {
        Self(bar(
            "{bar:30} {bytes} of {total_bytes} {bytes_per_sec} {eta} {msg}",
        ))
    }

    pub(super) fn finish(self) {
        self.0.finish_and_clear();
    }
}

impl PullWatcher for DownloadBar {
    fn say(&self, sentence: &str) {
        let sentence = visible(sentence);
        match self.0.is_hidden() {
            true => tracing::warn!("{sentence}"),
            false => self.0.println(&*sentence),
        }
        self.0.reset();
    }

    fn at(&self, done: u64, total: Option<u64>) {
        if let Some(total) = total {
            self.0.set_length(total);
        }
        self.0.set_position(done);
    }

    fn page(&self, done: usize, total: usize) {
        self.0.set_message(format!("page {done} of {total}"));
    }
}

/// A bar of samples.
pub(super) fn samples_bar(count: u32) -> ProgressBar {
    let bar = bar("{bar:30} {pos} of {len} {msg}");
    bar.set_length(u64::from(count));
    bar
}

fn bar(template: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    // The templates are ours and parse; a plain bar would do as well.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// How far a prompt is read, as a share.
pub(super) fn share(done: Tokens, total: Tokens) -> String {
    format!("reads {done} of {total} tokens")
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_closed_output_is_known_among_other_pipes() {
        let pipe = || io::Error::from(io::ErrorKind::BrokenPipe);
        let ours = Err::<(), _>(closed(pipe())).context("cannot write to standard output");
        assert!(is_closed(&ours.unwrap_err()));
        let theirs = Err::<(), _>(pipe()).context("the server hung up");
        assert!(!is_closed(&theirs.unwrap_err()));
        // Who has more to do goes on after the first and not after the others.
        assert!(unless_closed(Err(closed(pipe()))).is_ok());
        assert!(unless_closed(Err(pipe())).is_err());
        assert!(unless_closed(Ok::<(), io::Error>(())).is_ok());
        let full = Err::<(), _>(closed(io::ErrorKind::StorageFull.into()));
        assert!(!is_closed(&full.context("x").unwrap_err()));
    }
}
