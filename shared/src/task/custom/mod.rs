//! Custom tasks: a Rhai script, or a TOML file based on the other generators.
//!
//! A script has two functions. `about()` gives the task's title and metric; `generate(ctx)` makes
//! one prompt of `ctx.size` units. The size is chosen as in the stratified profile of the other
//! tasks: the script runs for growing sizes, each time with the same random stream, and the largest
//! prompt that fits becomes the sample. `docs/custom-tasks.md` is the full documentation.
//!
//! A script has no access to clocks, files, true randomness or numbers that differ between
//! machines, so that a spec with its script determines every byte, as for any other task.
//! [`limits`] bounds what it may use.

mod about; // a script's description of its own task
mod answer; // turns what `generate` returns into a prompt
mod call_state; // what a script's functions share during one call
mod compiled_script; // a compiled script with the engine that runs it
mod engine; // the Rhai engine, with its limits and functions
mod examples; // the example tasks that ship with Fathom
mod fault; // script errors with their place
mod fields; // reads the fields of a map that a script returned
mod generate_context; // the `ctx` object that scripts get
mod haystack; // a haystack that a script builds, with its hidden evidence
pub mod limits; // resource limits of scripts
mod names; // the names that a script can use, as data
mod spec; // specs of scripts
mod task_file; // task files: a script or a TOML spec
mod watch; // lets a caller watch and stop scripts

#[cfg(test)]
mod tests;

pub use super::script_fault::ScriptFault;
pub use about::TaskAbout;
pub use examples::{EXAMPLES, Example};
pub use names::{NameGroup, SCRIPT_NAMES, ScriptName};
pub use task_file::{TaskFile, TaskFileError};
pub use watch::{ConsoleLine, ScriptConsole, ScriptWatch, watched};

use compiled_script::{CompiledScript, GeneratedPrompt};

use super::ruler::fit;
use super::ruler::frame::SampleFrame;
use super::ruler::{MODEL_TEMPLATE_TOKEN, REMOVE_NEWLINE_TAB};
use super::{
    GenerateError, GeneratorContext, Metric, OptionValues, Profile, Sample, Samples, Task,
    TaskGenerator, TaskOption, TaskSpec,
};
use crate::tokens::Tokens;

/// The task defined by a script: [`TaskSpec::script`].
pub static CUSTOM: CustomTask = CustomTask;

/// The id of [`CUSTOM`].
pub const ID: &str = "custom";

/// A task whose samples are made by the script in its spec.
///
/// Title, metric and answer limit are the script's own: see [`TaskSpec::about`].
pub struct CustomTask;

const TASK_OPTIONS: &[TaskOption] = &[REMOVE_NEWLINE_TAB, MODEL_TEMPLATE_TOKEN];

impl Task for CustomTask {
    fn id(&self) -> &'static str {
        ID
    }
    fn title(&self) -> &'static str {
        "Custom: a script of your own"
    }
    fn about(&self) -> &'static str {
        "Anything a Rhai script defines: it writes the context, evidence, question and references."
    }
    fn metric(&self) -> Metric {
        about::METRIC
    }
    fn tokens_to_generate(&self) -> Tokens {
        about::TOKENS_TO_GENERATE
    }
    fn task_options(&self) -> &'static [TaskOption] {
        TASK_OPTIONS
    }
    fn stands_alone(&self) -> bool {
        true
    }
    fn takes_script(&self) -> bool {
        true
    }
}

impl TaskGenerator for CustomTask {
    fn samples<'a>(
        &self,
        spec: &TaskSpec,
        generator_context: GeneratorContext<'a>,
        first: u32,
    ) -> Result<Samples<'a>, GenerateError> {
        let script = spec.script.as_deref().ok_or(GenerateError::ScriptMissing)?;
        let machine = CompiledScript::new(script)?;
        let about = machine.about()?;
        let options = OptionValues::parse(TASK_OPTIONS, &spec.set)?;
        let spec = TaskSpec {
            profile: Profile::Stratified,
            ..spec.clone()
        };
        let frame = SampleFrame::new(
            ID,
            &spec,
            &options,
            generator_context,
            about.tokens_to_generate,
            about.answer_prefix.clone(),
            Vec::new(),
        )?;
        Ok(Box::new((first..).map(move |number| {
            sample(&machine, &about, &frame, number)
        })))
    }
}

/// The largest prompt that fits, with the sources that it was made of and what its script printed.
fn sample(
    machine: &CompiledScript,
    about: &TaskAbout,
    frame: &SampleFrame<'_>,
    number: u32,
) -> Result<Sample, GenerateError> {
    let generator_context = frame.generator_context;
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
    sample.sources = used.sources(generator_context.corpora);
    Ok(sample)
}
