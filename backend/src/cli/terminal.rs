//! Terminal output. Progress of long work goes to stderr; results go to stdout.

use std::io::{self, StdoutLock, Write};
use std::sync::OnceLock;

use fathom_shared::tokens::Tokens;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::data::pull::PullWatcher;
use crate::errors::{chain, visible};

/// The standard output. Its errors have their own type ([`OutputError`]), so that they are not
/// mistaken for errors of a connection or file.
pub(super) struct Stdout(StdoutLock<'static>);

/// Why writing to the standard output failed.
#[derive(Debug, thiserror::Error)]
enum OutputError {
    /// The reader closed the pipe, as in `fathom … | head`.
    #[error("nobody reads the standard output any more")]
    Unread,
    /// For example a full disk.
    #[error("cannot write to the standard output")]
    Failed(#[source] io::Error),
}

/// The first output error of a command that continued without its output.
static LOST: OnceLock<String> = OnceLock::new();

impl Stdout {
    pub(super) fn open() -> Self {
        Self(io::stdout().lock())
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(told)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(told)
    }
}

/// Lets other code print to the standard output.
pub(super) fn print_by(print: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    print().map_err(told)
}

fn told(error: io::Error) -> io::Error {
    let kind = error.kind();
    let why = match kind {
        io::ErrorKind::BrokenPipe => OutputError::Unread,
        _ => OutputError::Failed(error),
    };
    io::Error::new(kind, why)
}

/// The output error behind an error, if there is one.
fn of_output(error: &anyhow::Error) -> Option<&OutputError> {
    let causes = error.chain();
    let mut causes = causes.filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.find_map(|error| error.get_ref()?.downcast_ref())
}

/// Whether a command ended because nobody reads its output any more.
pub(super) fn is_unread(error: &anyhow::Error) -> bool {
    matches!(of_output(error), Some(OutputError::Unread))
}

/// Handles an output error in a command that has more to do than print: it continues without its
/// output. Unless the reader closed the pipe, the error is kept in [`lost`] for the end.
pub(super) fn or_go_on(written: Result<(), impl Into<anyhow::Error>>) -> anyhow::Result<()> {
    let Err(error) = written.map_err(Into::into) else {
        return Ok(());
    };
    match of_output(&error) {
        Some(OutputError::Unread) => Ok(()),
        Some(_) => {
            // Only the first reason is kept.
            let _first = LOST.set(chain(&*error));
            Ok(())
        }
        None => Err(error),
    }
}

/// Why part of the output is missing although the command continued.
pub(super) fn lost() -> Option<&'static str> {
    LOST.get().map(String::as_str)
}

/// Writes one or more lines to stdout. The text may come from files and servers: control sequences
/// for the terminal are escaped.
pub(super) fn say(line: impl std::fmt::Display) -> io::Result<()> {
    writeln!(Stdout::open(), "{}", visible(&line.to_string()))
}

/// Writes one or more lines to stderr.
pub(super) fn warn(line: impl std::fmt::Display) -> io::Result<()> {
    writeln!(io::stderr().lock(), "{}", visible(&line.to_string()))
}

/// A progress bar for a download in bytes; indicatif hides it if stderr is not a terminal.
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

/// A progress bar for samples.
pub(super) fn samples_bar(count: u32) -> ProgressBar {
    let bar = bar("{bar:30} {pos} of {len} {msg}");
    bar.set_length(u64::from(count));
    bar
}

fn bar(template: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    // These templates are constants that parse; otherwise a plain bar would do.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// How much of a prompt has been read, as a share.
pub(super) fn share(done: Tokens, total: Tokens) -> String {
    format!("reads {done} of {total} tokens")
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn what_the_output_takes_no_more_is_known_among_other_pipes() {
        let pipe = || io::Error::from(io::ErrorKind::BrokenPipe);
        let ours = Err::<(), _>(told(pipe())).context("a table");
        assert!(is_unread(&ours.unwrap_err()));
        let theirs = Err::<(), _>(pipe()).context("the server hung up");
        assert!(!is_unread(&theirs.unwrap_err()));
        // A command that has more to do continues after the first kind of error and not after the
        // others.
        assert!(or_go_on(Err(told(pipe()))).is_ok() && lost().is_none());
        assert!(or_go_on(Err(pipe())).is_err());
        assert!(or_go_on(Ok::<(), io::Error>(())).is_ok());
        // A full disk is reported as an error at the end, and names the output.
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let said = anyhow::Error::from(told(full()));
        assert!(!is_unread(&said));
        assert_eq!(
            chain(&*said),
            "cannot write to the standard output: no storage space"
        );
        assert!(or_go_on(Err(told(full()))).is_ok());
        assert_eq!(
            lost(),
            Some("cannot write to the standard output: no storage space")
        );
    }
}
