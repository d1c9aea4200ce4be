//! Turns what `generate` returns into a prompt.

use rhai::{Array, Dynamic, EvalAltResult};

use super::about::TaskAbout;
use super::fault;
use super::fields::{ScriptMap, kind};
use super::generate_context::whole;
use super::haystack::{ByteMeter, Haystack};
use super::limits;
use crate::task::GenerateError;
use crate::task::ruler::frame::DrawnPrompt;

/// By default, pieces of context are separated by line breaks.
const JOIN: &str = "\n";
/// The longest separator between two pieces, in bytes.
const JOIN_BYTES: usize = 16;

/// Builds the prompt from instruction, context, question and answer prefix. `line` is the line of
/// `generate`.
pub(super) fn read(
    returned: Dynamic,
    about: &TaskAbout,
    meter: &ByteMeter,
    line: u32,
) -> Result<DrawnPrompt, GenerateError> {
    let shape = |message: String| fault::of_shape(line, message);
    let mut fields = ScriptMap::new("what `generate` returns", returned).map_err(shape)?;
    let context = fields.wanted("context").map_err(shape)?;
    let context = haystack(context, meter).map_err(|error| match *error {
        EvalAltResult::ErrorRuntime(message, _) => shape(format!("`context`: {message}")),
        _ => fault::of_running(error, line),
    })?;
    let question = fields.wanted_text("question").map_err(shape)?;
    let references = fields.wanted("references").map_err(shape)?;
    let references = read_references(references).map_err(shape)?;
    let instruction = fields.text("instruction").map_err(shape)?;
    let join = fields.text("join").map_err(shape)?;
    let join = join.as_deref().unwrap_or(JOIN);
    if join.len() > JOIN_BYTES {
        let got = join.len();
        return Err(shape(format!(
            "`join` has {got} bytes, expected {JOIN_BYTES} at most"
        )));
    }
    fields
        .done("context, question, references, instruction and join")
        .map_err(shape)?;
    let mut draft = context.draft(join);
    if let Some(instruction) = instruction {
        draft = draft.after(&(instruction + "\n"));
    }
    Ok(DrawnPrompt {
        draft: draft.before(&["\n", &question, &about.answer_prefix].concat()),
        references,
    })
}

/// The context, with pieces that ask for a depth placed there.
fn haystack(context: Dynamic, meter: &ByteMeter) -> fault::ScriptResult<Haystack> {
    let (hay, placed) = whole(context, meter)?.parted();
    hay.hiding(&placed, meter, |_| Vec::new())
}

fn read_references(value: Dynamic) -> Result<Vec<String>, String> {
    let got = kind(&value);
    let Some(items) = value.try_cast::<Array>() else {
        return Err(format!("`references` is {got}, expected an array"));
    };
    if items.is_empty() || items.len() > limits::REFERENCES {
        let (has, most) = (items.len(), limits::REFERENCES);
        return Err(format!(
            "`references` has {has} items, expected 1 to {most}"
        ));
    }
    let text = |item: Dynamic| {
        let text = if item.is_int() || item.is_string() {
            item.to_string()
        } else {
            let got = kind(&item);
            return Err(format!("a reference is {got}, expected a string"));
        };
        if text.trim().is_empty() {
            return Err("a reference is empty".to_owned());
        }
        Ok(text)
    };
    items.into_iter().map(text).collect()
}
