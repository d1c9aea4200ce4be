//! What a person sees while something takes long. All of it goes to stderr; results go to stdout.

use std::io::{self, Write};

use fathom_shared::tokens::Tokens;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::data::pull::Watcher;
use crate::errors::visible;

/// Writes a line, or several, to stdout. What comes from files and servers may stand in it: a
/// terminal is told nothing by that.
pub(super) fn say(line: impl std::fmt::Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", visible(&line.to_string()))
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

impl Watcher for DownloadBar {
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
