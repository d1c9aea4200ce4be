//! Script errors with their place.

use rhai::{EvalAltResult, ParseError, Position};

use super::limits;
use crate::task::GenerateError;
use crate::task::script_fault::ScriptFault;

/// The result of a function that a script calls.
pub(super) type ScriptResult<T> = Result<T, Box<EvalAltResult>>;

/// An error of a function that a script calls; the engine adds the place.
pub(super) fn refuse(message: impl Into<String>) -> Box<EvalAltResult> {
    message.into().into()
}

/// The error of a script that does not compile.
pub(super) fn of_parsing(error: &ParseError) -> GenerateError {
    script(
        ScriptFault::Syntax,
        error.position(),
        1,
        error.err_type().to_string(),
    )
}

/// Whether the engine loses the position of such an error within a function, although the same call
/// would fail there again.
pub(super) fn loses_its_place(error: &EvalAltResult) -> bool {
    let error = error.unwrap_inner();
    let ended = matches!(error, EvalAltResult::ErrorTerminated(..));
    error.is_system_exception() && !ended
}

/// The error of a script that ended with `error`: the innermost error at its position, or at `line`
/// if the position is unknown.
pub(super) fn of_running(mut error: Box<EvalAltResult>, line: u32) -> GenerateError {
    use EvalAltResult as E;
    while let E::ErrorInFunctionCall(_, _, inner, _) = *error {
        error = inner;
    }
    let lost = error.is_system_exception();
    let place = error.take_position();
    // The position of the outermost call, if any.
    let place = if lost { Position::NONE } else { place };
    let (fault, message) = match &*error {
        E::ErrorTooManyOperations(_) => (
            ScriptFault::Operations,
            format!("more than {} operations", limits::OPERATIONS),
        ),
        E::ErrorTerminated(..) => (ScriptFault::Stopped, "stopped by its caller".to_owned()),
        E::ErrorStackOverflow(_) => (
            ScriptFault::Depth,
            format!("more than {} functions call one another", limits::CALLS),
        ),
        E::ErrorDataTooLarge(what, _) => (
            ScriptFault::Memory,
            format!(
                "{what} is over the limit: a string or the strings of an array may have {} bytes, \
                 an array {} items, a map {} fields; a haystack may have more",
                limits::STRING_BYTES,
                limits::ITEMS,
                limits::FIELDS
            ),
        ),
        E::ErrorTooManyVariables(_) => (
            ScriptFault::Memory,
            format!("more than {} variables", limits::VARIABLES),
        ),
        E::ErrorParsing(..) => (ScriptFault::Syntax, error.to_string()),
        E::ErrorRuntime(thrown, _) => (ScriptFault::Runtime, thrown.to_string()),
        E::Exit(..) => (ScriptFault::Runtime, "`exit` was called".to_owned()),
        other => (ScriptFault::Runtime, other.to_string()),
    };
    script(fault, place, line, message)
}

/// The error of a function that returned the wrong shape; `line` is the function's line.
pub(super) fn of_shape(line: u32, message: String) -> GenerateError {
    GenerateError::Script {
        fault: ScriptFault::Shape,
        line,
        column: 1,
        message,
    }
}

fn script(fault: ScriptFault, place: Position, line: u32, message: String) -> GenerateError {
    let number = |n: Option<usize>| n.and_then(|n| u32::try_from(n).ok());
    GenerateError::Script {
        fault,
        line: number(place.line()).unwrap_or(line),
        // Column 0 is the start of a line.
        column: number(place.position()).unwrap_or_default().max(1),
        message,
    }
}
