//! A sample and its prompt, made again from the spec: their text is not stored.

use crate::prompt::{DialogueRenderer, Prompt, PromptMode};
use crate::task::{GeneratorContext, Sample, TaskSpec};

/// Makes sample and prompt again; `asked`, the hash in the transcript, proves that they are the
/// same.
///
/// # Errors
/// A sentence: why they cannot be made, or that they are others than were asked.
pub fn made_again(
    spec: &TaskSpec,
    sample: u32,
    mode: PromptMode,
    dialogue: &DialogueRenderer,
    kit: GeneratorContext<'_>,
    asked: Option<&str>,
) -> Result<(Sample, Prompt), String> {
    let sample = spec.sample(sample, kit).map_err(|e| e.to_string())?;
    let prompt = Prompt::render(&sample, mode, dialogue).map_err(|e| e.to_string())?;
    match asked {
        Some(asked) if *asked != prompt.hash() => Err(format!(
            "the prompt made again is not the one that was asked: SHA-256 {}, expected {asked}",
            prompt.hash()
        )),
        _ => Ok((sample, prompt)),
    }
}
