//! What a caller sees and ends of the scripts that run for it, and what they see of the caller.

use std::cell::RefCell;

use scoped_tls_hkt::scoped_thread_local;

use crate::task::GeneratorContext;

scoped_thread_local!(
    /// The caller that watches, while it does.
    static WATCH: for<'a> ScriptWatch<'a>
);
scoped_thread_local!(
    /// The texts and the counter of the script that runs. The engine's functions must own what
    /// they use; this is how they reach what is only lent.
    static KIT: for<'a> GeneratorContext<'a>
);

/// Who watches the scripts that run within [`watched`].
#[derive(Clone, Copy)]
pub struct ScriptWatch<'a> {
    /// Asked now and then while a script runs; `true` ends it with
    /// [`ScriptFault::Stopped`](super::ScriptFault::Stopped). This crate knows no clock, so a time
    /// limit is the caller's.
    pub stop: &'a dyn Fn() -> bool,
    /// Gets what the scripts print.
    pub console: &'a ScriptConsole,
}

/// What scripts printed.
///
/// A script runs many times until its size is found. Kept are the lines of the run that became
/// the sample, or of the one that failed.
#[derive(Debug, Default)]
pub struct ScriptConsole {
    lines: RefCell<Vec<ConsoleLine>>,
}

/// Something that a script printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsoleLine {
    /// The sample's number.
    pub sample: u32,
    /// The line of the script, for `debug`; `print` does not say.
    pub line: Option<u32>,
    /// The text.
    pub text: String,
}

impl ScriptConsole {
    /// Takes the lines printed so far.
    pub fn take(&self) -> Vec<ConsoleLine> {
        self.lines.take()
    }
}

/// Does `work` while `watch` sees and may end the scripts that it runs, on this thread.
///
/// Samples are made when they are asked for, so `work` must draw them, not only call
/// [`TaskSpec::samples`](crate::task::TaskSpec::samples).
pub fn watched<T>(watch: ScriptWatch<'_>, work: impl FnOnce() -> T) -> T {
    WATCH.set(watch, work)
}

/// Whether the caller wants the script to end.
pub(super) fn stopped() -> bool {
    WATCH.is_set() && WATCH.with(|watch| (watch.stop)())
}

/// Hands the caller what was printed.
pub(super) fn show(lines: Vec<ConsoleLine>) {
    if WATCH.is_set() {
        WATCH.with(|watch| watch.console.lines.borrow_mut().extend(lines));
    }
}

/// Runs a script to which `kit` is lent.
pub(super) fn lending<T>(kit: GeneratorContext<'_>, script: impl FnOnce() -> T) -> T {
    KIT.set(kit, script)
}

/// What `read` makes of the kit that is lent; nothing outside of [`lending`].
pub(super) fn lent<T>(read: impl FnOnce(GeneratorContext<'_>) -> T) -> Option<T> {
    KIT.is_set().then(|| KIT.with(read))
}
