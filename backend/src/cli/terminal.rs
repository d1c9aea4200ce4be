//! What a person sees while something takes long. All of it goes to stderr; results go to stdout.

use std::io::{self, Write};

use fathom_shared::tokens::Tokens;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Writes one line to stdout.
pub(super) fn say(line: impl std::fmt::Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}

/// A bar of bytes; indicatif hides it where stderr is no terminal.
pub(super) fn bytes_bar() -> ProgressBar {
    bar("{bar:30} {bytes} of {total_bytes} {bytes_per_sec} {eta} {msg}")
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
