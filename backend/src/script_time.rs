//! Time limits for scripts. The domain code has no clock, so the caller that makes samples supplies
//! one.

use std::time::{Duration, Instant};

use fathom_shared::task::custom::{ScriptConsole, ScriptWatch, watched};

use crate::work_cancellation;

/// Limit for one sample. Its script runs once for each size tried, and each of these runs already
/// has a limit on operations.
pub const ONE_SAMPLE: Duration = Duration::from_secs(120);

/// Runs `work`, which makes one sample. A script that takes longer than [`ONE_SAMPLE`], or whose
/// result nobody waits for any more, is stopped, and the sample gets an error.
pub fn bounded<T>(work: impl FnOnce() -> T) -> T {
    within(ONE_SAMPLE, work)
}

fn within<T>(time: Duration, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let stop = || begun.elapsed() > time || work_cancellation::is_left();
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
        let generator_context = GeneratorContext {
            counter: &counter,
            corpora: &corpora,
        };
        let spec = TaskSpec::custom(script, Tokens(512), 1);
        let begun = Instant::now();
        let made = within(Duration::from_millis(20), || {
            spec.sample(0, generator_context)
        });
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
