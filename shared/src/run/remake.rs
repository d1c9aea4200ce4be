//! Makes a sample and its prompt again from the spec, because their text is not stored.

use crate::prompt::{DialogueRenderer, Prompt, PromptMode};
use crate::task::{GeneratorContext, Sample, TaskSpec};

/// Makes a sample and its prompt again. The hash in the transcript, `asked`, proves that the prompt
/// is the same.
///
/// # Errors
/// A sentence that says why they cannot be made, or that the prompt is not the one that was asked.
pub fn made_again(
    spec: &TaskSpec,
    sample: u32,
    mode: PromptMode,
    dialogue: &DialogueRenderer,
    generator_context: GeneratorContext<'_>,
    asked: Option<&str>,
) -> Result<(Sample, Prompt), String> {
    let sample = spec
        .sample(sample, generator_context)
        .map_err(|e| e.to_string())?;
    let prompt = Prompt::render(&sample, mode, dialogue).map_err(|e| e.to_string())?;
    match asked {
        Some(asked) if *asked != prompt.hash() => Err(format!(
            "the prompt made again differs from the one that was asked: SHA-256 {}, expected {asked}",
            prompt.hash()
        )),
        _ => Ok((sample, prompt)),
    }
}
