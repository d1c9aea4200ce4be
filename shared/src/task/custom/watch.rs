//! Lets a caller watch and stop scripts, and lets scripts use what the caller lends them.

use std::cell::RefCell;

use scoped_tls_hkt::scoped_thread_local;

use crate::task::GeneratorContext;

scoped_thread_local!(
    /// The caller's watch, while there is one.
    static WATCH: for<'a> ScriptWatch<'a>
);
scoped_thread_local!(
    /// The texts and the counter for the running script. The engine's functions must own what they
    /// use; through this they reach borrowed data.
    static KIT: for<'a> GeneratorContext<'a>
);

/// Watches the scripts that run within [`watched`].
#[derive(Clone, Copy)]
pub struct ScriptWatch<'a> {
    /// Called regularly while a script runs; `true` stops it with
    /// [`ScriptFault::Stopped`](super::ScriptFault::Stopped). This crate has no clock, so the
    /// caller implements time limits.
    pub stop: &'a dyn Fn() -> bool,
    /// Receives what the scripts print.
    pub console: &'a ScriptConsole,
}

/// What scripts printed.
///
/// A script runs many times until its size is found. Only the lines of the run that became the
/// sample, or of the one that failed, are kept.
#[derive(Debug, Default)]
pub struct ScriptConsole {
    lines: RefCell<Vec<ConsoleLine>>,
}

/// One line printed by a script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsoleLine {
    /// The sample's number.
    pub sample: u32,
    /// The script's line number, for `debug`; `print` does not have it.
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

/// Runs `work` on this thread, while `watch` receives the output of its scripts and may stop them.
///
/// Samples are made lazily, so `work` must draw them, not only call
/// [`TaskSpec::samples`](crate::task::TaskSpec::samples).
pub fn watched<T>(watch: ScriptWatch<'_>, work: impl FnOnce() -> T) -> T {
    WATCH.set(watch, work)
}

/// Whether the caller wants to stop the script.
pub(super) fn stopped() -> bool {
    WATCH.is_set() && WATCH.with(|watch| (watch.stop)())
}

/// Passes the printed lines to the caller.
pub(super) fn show(lines: Vec<ConsoleLine>) {
    if WATCH.is_set() {
        WATCH.with(|watch| watch.console.lines.borrow_mut().extend(lines));
    }
}

/// Runs a script to which `generator_context` is lent.
pub(super) fn lending<T>(generator_context: GeneratorContext<'_>, script: impl FnOnce() -> T) -> T {
    KIT.set(generator_context, script)
}

/// What `read` makes of the context that is lent; nothing outside of [`lending`].
pub(super) fn lent<T>(read: impl FnOnce(GeneratorContext<'_>) -> T) -> Option<T> {
    KIT.is_set().then(|| KIT.with(read))
}
