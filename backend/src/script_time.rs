//! How long scripts may run. The domain knows no clock; whoever makes samples here has one.

use std::time::{Duration, Instant};

use fathom_shared::task::custom::{ScriptConsole, ScriptWatch, watched};

use crate::wanted;

/// For one sample: its script runs once for each size that is tried, and each time is bounded by
/// operations already.
pub const ONE_SAMPLE: Duration = Duration::from_secs(120);

/// Does `work`, in which one sample is made; a script that runs longer than [`ONE_SAMPLE`], or that
/// nobody waits for any more, is ended and is the sample's error.
pub fn bounded<T>(work: impl FnOnce() -> T) -> T {
    within(ONE_SAMPLE, work)
}

fn within<T>(time: Duration, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let stop = || begun.elapsed() > time || wanted::is_left();
    let console = ScriptConsole::default();
    let watch = ScriptWatch {
        stop: &stop,
        console: &console,
    };
    watched(watch, work)
}

#[cfg(test)]
mod tests {
    use fathom_shared::corpora::Corpora;
    use fathom_shared::task::custom::ScriptFault;
    use fathom_shared::task::{GenerateError, GeneratorContext, TaskSpec};
    use fathom_shared::tokens::{TokenCounter, Tokens};

    use super::*;

    #[test]
    fn a_script_ends_when_its_time_is_over() {
        let script = r#"
            fn about() { #{ title: "slow" } }
            fn generate(ctx) { let n = 0; loop { n += 1; } }
        "#;
        let counter = TokenCounter::new("bytes", str::len, |text| (0..text.len()).collect());
        let corpora = Corpora::bundled();
        let kit = GeneratorContext {
            counter: &counter,
            corpora: &corpora,
        };
        let spec = TaskSpec::custom(script, Tokens(512), 1);
        let begun = Instant::now();
        let made = within(Duration::from_millis(20), || spec.sample(0, kit));
        let stopped = |error: &GenerateError| {
            matches!(
                error,
                GenerateError::Script {
                    fault: ScriptFault::Stopped,
                    ..
                }
            )
        };
        assert!(made.as_ref().is_err_and(stopped), "{made:?}");
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{:?}",
            begun.elapsed()
        );
    }
}
