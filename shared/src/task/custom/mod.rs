//! Tasks that people write themselves: a Rhai script, or a TOML file over the other generators.
//!
//! A script has two functions. `about()` says what the task is called and how its answers are
//! scored; `generate(ctx)` makes one prompt of `ctx.size` units. The size is chosen as for the
//! stratified profile of the other tasks: the script runs for growing sizes, each time from the
//! same random stream, and the largest prompt that fits is the sample. `docs/custom-tasks.md`
//! tells the whole of it.
//!
//! A script sees no clock, file, chance or number that differs between machines, so that the spec
//! with its script determines every byte here as for any other task. What it may spend is bounded
//! by [`limits`].

mod about; // what a script says of itself
mod answer; // what `generate` returns, made into a prompt
mod compiled_script; // a compiled script with the engine that runs it
mod engine; // the engine
mod examples; // the tasks that ship as examples
mod fault; // what went wrong in a script, and where
mod fields; // a map that a script returned, read field by field
mod generate_context; // `ctx`
mod haystack; // text with things hidden in it, while a script builds it
pub mod limits; // what a script may spend
mod task_file; // a task in a file
mod watch;

#[cfg(test)]
mod tests;

pub use about::TaskAbout;
pub use examples::{EXAMPLES, Example};
pub use fault::ScriptFault;
pub use task_file::{TaskFile, TaskFileError};
pub use watch::{ConsoleLine, ScriptConsole, ScriptWatch, watched};

use compiled_script::{CompiledScript, GeneratedPrompt};

use super::ruler::fit;
use super::ruler::frame::SampleFrame;
use super::ruler::{MODEL_TEMPLATE_TOKEN, REMOVE_NEWLINE_TAB};
use super::{
    GenerateError, GeneratorContext, Metric, OptionValues, Profile, Sample, Samples, Task,
    TaskOption, TaskSpec,
};
use crate::tokens::Tokens;

/// The task that is a script: [`TaskSpec::script`].
pub static CUSTOM: CustomTask = CustomTask;

/// The id of [`CUSTOM`].
pub const ID: &str = "custom";

/// A task that its spec's script makes.
///
/// Title, metric and room for the answer are the script's: see [`TaskSpec::about`].
pub struct CustomTask;

const KNOBS: &[TaskOption] = &[REMOVE_NEWLINE_TAB, MODEL_TEMPLATE_TOKEN];

impl Task for CustomTask {
    fn id(&self) -> &'static str {
        ID
    }
    fn title(&self) -> &'static str {
        "Custom: a script of your own"
    }
    fn about(&self) -> &'static str {
        "Whatever a Rhai script asks: it writes context, evidence, question and references."
    }
    fn metric(&self) -> Metric {
        about::METRIC
    }
    fn tokens_to_generate(&self) -> Tokens {
        about::TOKENS_TO_GENERATE
    }
    fn task_options(&self) -> &'static [TaskOption] {
        KNOBS
    }
    fn stands_alone(&self) -> bool {
        true
    }
    fn samples<'a>(
        &self,
        spec: &TaskSpec,
        kit: GeneratorContext<'a>,
        first: u32,
    ) -> Result<Samples<'a>, GenerateError> {
        let script = spec.script.as_deref().ok_or(GenerateError::ScriptMissing)?;
        let machine = CompiledScript::new(script)?;
        let about = machine.about()?;
        let options = OptionValues::parse(KNOBS, &spec.set)?;
        let spec = TaskSpec {
            profile: Profile::Stratified,
            ..spec.clone()
        };
        let frame = SampleFrame::new(
            ID,
            &spec,
            &options,
            kit,
            about.tokens_to_generate,
            about.answer_prefix.clone(),
            Vec::new(),
        )?;
        Ok(Box::new((first..).map(move |number| {
            sample(&machine, &about, &frame, number)
        })))
    }
}

/// The largest prompt that fits, with the sources it was made of and what its script printed.
fn sample(
    machine: &CompiledScript,
    about: &TaskAbout,
    frame: &SampleFrame<'_>,
    number: u32,
) -> Result<Sample, GenerateError> {
    let kit = frame.kit;
    // A unit is a token at least.
    let most = frame.most.0 as usize;
    let (made, length) = fit::largest(frame, 1, most, |size| {
        let mut made = machine.generate(about, frame, number, size)?;
        if frame.flat {
            made.drawn = made.drawn.flat();
        }
        let length = frame.length(&made.drawn.draft.text);
        Ok((made, length))
    })?;
    let GeneratedPrompt {
        drawn,
        used,
        printed,
    } = made;
    watch::show(printed);
    let mut sample = frame.finish(number, drawn, length);
    sample.sources = used.sources(kit.corpora);
    Ok(sample)
}
