//! Reading samples.

use std::collections::BTreeMap;

use serde_json::Value;

use super::to_ruler;
use crate::formats::error::{FormatError, FormatProblem};
use crate::formats::loss::LossReport;
use crate::formats::object::{JsonObject, lines, spelled, strings, unexpected};
use crate::formats::row::{EvalRow, ImportedRows, RowAnswer, RowOrigin};
use crate::formats::ruler::{index, row_id};
use crate::formats::thinking;
use crate::formats::unreadable_rows::UnreadRows;
use crate::tokens::Tokens;

/// The task in the name of a samples file, as that program spells it.
///
/// # Example
/// ```
/// use fathom_shared::formats::lm_eval::task_of_file;
/// let name = "samples_ruler_vt_2026-11-25T07-31-07.070607.jsonl";
/// assert_eq!(task_of_file(name), Some("ruler_vt"));
/// ```
pub fn task_of_file(name: &str) -> Option<&str> {
    let stem = name.strip_prefix("samples_")?.strip_suffix(".jsonl")?;
    match stem.rsplit_once('_') {
        Some((task, time))
            if time.starts_with(|c: char| c.is_ascii_digit()) && time.contains('T') =>
        {
            Some(task)
        }
        _ => Some(stem),
    }
}

/// Reads samples. The task is in the file's name, and `origin` says it; a length that the rows
/// do not say is taken from there too.
///
/// A line that is not a sample is left out and reported.
///
/// # Errors
/// The first line that is no sample of a generated text, with its field, where no line is one.
pub fn read(bytes: &[u8], origin: &RowOrigin) -> Result<ImportedRows, FormatError> {
    let mut imported = ImportedRows::default();
    let mut unread = UnreadRows::of("line");
    let mut filter = None;
    for line in lines(bytes) {
        let (number, mut row) = match line {
            Ok(row) => row,
            Err(error) => {
                let number = error.line();
                match error.problem.is_broken() {
                    true => unread.add_broken(error, number, bytes),
                    false => unread.add(error),
                }
                continue;
            }
        };
        let its = match row.opt_string("filter") {
            Ok(its) => its,
            Err(problem) => {
                unread.add(problem.on_line(number));
                continue;
            }
        };
        // Each filter repeats every document.
        if filter.get_or_insert_with(|| its.clone()) != &its {
            imported
                .report
                .note("filter", "rows of further filters of the same answers");
            continue;
        }
        match sample(row, origin, &mut imported.report) {
            Ok(row) => imported.rows.push(row),
            Err(problem) => unread.add(problem.on_line(number)),
        }
    }
    unread.tell(!imported.rows.is_empty(), &mut imported.report)?;
    Ok(imported)
}

fn sample(
    mut row: JsonObject,
    origin: &RowOrigin,
    report: &mut LossReport,
) -> Result<EvalRow, FormatProblem> {
    let id = row_id(&mut row, "doc_id")?;
    let id = id.ok_or_else(|| row.expected("doc_id", None, "a whole number"))?;
    let answer = answer(&mut row, report)?;
    let stated = stated(&mut row, report)?;
    let prompt = prompt(&mut row, report)?;
    let target = row.take("target");
    for hash in ["doc_hash", "prompt_hash", "target_hash"] {
        if row.take(hash).is_some() {
            report.note(
                hash,
                "not kept; made again from the text when samples are written",
            );
        }
    }
    let doc = row.opt_object("doc")?;
    let mut doc = doc.ok_or_else(|| row.expected("doc", None, "an object"))?;
    row.note_rest(report, "a field that samples do not have");
    let (references, by_doc) = match doc.take("outputs") {
        Some(outputs @ (Value::Array(_) | Value::String(_) | Value::Number(_))) => {
            (strings(&doc.path("outputs"), spelled(outputs))?, true)
        }
        _ => match &target {
            Some(target) => (strings("target", spelled(target.clone()))?, false),
            None => return Err(unexpected("target".to_owned(), None, "a string")),
        },
    };
    if references.is_empty() {
        return Err(unexpected(
            "doc.outputs".to_owned(),
            Some(&Value::Array(vec![])),
            "at least one reference",
        ));
    }
    report.note_references(&references);
    if by_doc
        && target
            .clone()
            .is_some_and(|target| spelled(target) != references[0])
    {
        report.note("target", "`doc.outputs` is taken instead");
    }
    // There the prefix follows after one space.
    let prefix = doc
        .opt_string("gen_prefix")?
        .filter(|prefix| !prefix.is_empty());
    let prefix = prefix.map(|prefix| format!(" {prefix}"));
    let input = match doc.take("input") {
        Some(Value::String(input)) => Some(input),
        _ => None,
    };
    let (input, answer_prefix) = match (input, prompt) {
        (Some(input), prompt) => {
            let read = input.clone() + prefix.as_deref().unwrap_or_default();
            if prompt.is_some_and(|prompt| prompt != read) {
                report.note(
                    "arguments.gen_args_0.arg_0",
                    "the prompt as rendered; `doc.input` is taken instead",
                );
            }
            (Some(input), prefix)
        }
        (None, prompt) => (prompt, None),
    };
    let length = doc
        .opt_int("max_length")?
        .and_then(|n| u32::try_from(n).ok());
    let row = EvalRow {
        task: to_ruler(&origin.task).to_owned(),
        length: length
            .or_else(|| only_length(&stated))
            .map(Tokens)
            .or(origin.length),
        id: row_id(&mut doc, "id")?.unwrap_or(id),
        epoch: 1,
        index: index(&mut doc, report),
        input,
        answer_prefix,
        references,
        answer,
        prompt_and_answer: crate::formats::ruler::tokens(&mut doc, "length")?,
        stated,
    };
    doc.note_rest(report, "a field of the document that is not RULER's");
    Ok(row)
}

/// The text that was scored: the first of `filtered_resps` where that is a text, else the first
/// of `resps`. None at all is a failure.
fn answer(row: &mut JsonObject, report: &mut LossReport) -> Result<RowAnswer, FormatProblem> {
    let responses = row
        .take("resps")
        .ok_or_else(|| row.expected("resps", None, "a list of responses"))?;
    let response = first_text("resps", responses, report)?;
    let filtered = row.take_some("filtered_resps").map(|filtered| {
        // The loss of `resps` is already reported; what is not text was made for another metric.
        let first = first_text("filtered_resps", filtered, &mut LossReport::default());
        first.ok().flatten()
    });
    let text = match (response, filtered) {
        (Some(response), Some(Some(filtered))) => {
            if filtered != response {
                let why = "not kept; `filtered_resps`, which was scored, is taken instead";
                report.note("resps", why);
            }
            Some(filtered)
        }
        (Some(response), Some(None)) => {
            report.note("filtered_resps", "no text; `resps` is taken instead");
            Some(response)
        }
        (response, filtered) => response.or(filtered.flatten()),
    };
    Ok(text.map_or_else(
        || RowAnswer::Failed("the file has no response".to_owned()),
        |text| thinking::answer(text, report),
    ))
}

/// Lists within lists within `resps`; more are nothing that a program means.
const DEEPEST: usize = 16;

/// The first text in a list of texts, or of lists of texts however deep: one list for each request,
/// one for each repetition.
fn first_text(
    key: &str,
    mut value: Value,
    report: &mut LossReport,
) -> Result<Option<String>, FormatProblem> {
    let mut path = key.to_owned();
    for _ in 0..DEEPEST {
        let Value::Array(items) = value else {
            break;
        };
        if is_likelihood(&items) {
            let expected = "a text (log-likelihoods are not read)";
            return Err(unexpected(path, Some(&Value::Array(items)), expected));
        }
        if items.len() > 1 {
            report.note(&path, "responses after the first");
        }
        value = items.into_iter().next().unwrap_or_default();
        path.push_str("[0]");
    }
    match value {
        Value::String(text) => Ok(Some(text)),
        Value::Null => Ok(None),
        other @ Value::Number(_) => {
            let expected = "a text (log-likelihoods are not read)";
            Err(unexpected(path, Some(&other), expected))
        }
        other => Err(unexpected(path, Some(&other), "a text")),
    }
}

/// Whether a list is a log-likelihood, with whether the text is the likeliest one: `[-1.5, false]`,
/// or as newer versions write it, `["-1.5", "False"]`.
fn is_likelihood(items: &[Value]) -> bool {
    let [value, greedy] = items else {
        return false;
    };
    let is_number = match value {
        Value::Number(_) => true,
        Value::String(text) => text.trim().parse::<f64>().is_ok(),
        _ => false,
    };
    let is_flag = match greedy {
        Value::Bool(_) => true,
        Value::String(text) => ["True", "False"].contains(&text.as_str()),
        _ => false,
    };
    is_number && is_flag
}

/// The prompt as it was sent.
fn prompt(row: &mut JsonObject, report: &mut LossReport) -> Result<Option<String>, FormatProblem> {
    match row.take("arguments") {
        // Older versions: a list of argument lists.
        Some(Value::Array(requests)) => {
            let first = requests.into_iter().next();
            let prompt = first.as_ref().and_then(|request| request.get(0)?.as_str());
            Ok(prompt.map(str::to_owned))
        }
        Some(value @ Value::Object(_)) => {
            let mut arguments = JsonObject::at("arguments", value)?;
            let Some(mut first) = arguments.opt_object("gen_args_0")? else {
                return Ok(None);
            };
            // The messages of a chat come as one text in a list of their own.
            let prompt = match first.take("arg_0") {
                Some(Value::Array(mut parts)) if parts.len() == 1 => parts.pop(),
                prompt => prompt,
            };
            let prompt = match prompt {
                Some(Value::String(prompt)) => Some(prompt),
                None | Some(Value::Null) => None,
                Some(_) => {
                    report.note("arguments.gen_args_0.arg_0", "no text; not kept");
                    None
                }
            };
            first.note_rest(report, "settings of the generation");
            arguments.note_rest(report, "requests after the first");
            Ok(prompt)
        }
        _ => Ok(None),
    }
}

/// The scores that the row states. A length's metric is -1 in rows of other lengths.
fn stated(
    row: &mut JsonObject,
    report: &mut LossReport,
) -> Result<BTreeMap<String, f64>, FormatProblem> {
    let names = match row.take("metrics") {
        Some(names) => strings("metrics", names)?,
        None => Vec::new(),
    };
    let mut stated = BTreeMap::new();
    for name in names {
        let value = match row.take(&name) {
            Some(Value::Bool(value)) => Some(f64::from(u8::from(value))),
            Some(value) => value.as_f64(),
            None => continue,
        };
        let other_length = value == Some(-1.0) && name.parse::<u32>().is_ok();
        match value {
            Some(_) if other_length => {}
            Some(value) => {
                stated.insert(name, value);
            }
            None => report.note(&name, "a score that is no number"),
        }
    }
    Ok(stated)
}

/// The one metric that is a length.
fn only_length(stated: &BTreeMap<String, f64>) -> Option<u32> {
    let mut lengths = stated.keys().filter_map(|name| name.parse().ok());
    let first = lengths.next();
    first.filter(|_| lengths.next().is_none())
}
