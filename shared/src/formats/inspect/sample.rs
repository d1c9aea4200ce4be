//! One sample of a log.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use crate::formats::error::FormatProblem;
use crate::formats::loss::LossReport;
use crate::formats::object::{JsonObject, strings, unexpected};
use crate::formats::row::{EvalRow, RowAnswer, RowId};
use crate::formats::ruler::row_id;
use crate::formats::thinking;
use crate::tokens::Tokens;

/// What the header says for every sample.
pub(super) struct EvalTask {
    pub(super) name: String,
    pub(super) length: Option<Tokens>,
}

/// Long texts that stand apart, by name. One may be named many times, so what is copied has an
/// end: twice the size of the sample itself.
struct EvalAttachments {
    texts: HashMap<String, String>,
    left: u64,
    most: u64,
}

/// `size` is that of the member in bytes.
pub(super) fn sample(
    mut row: JsonObject,
    size: u64,
    task: &EvalTask,
    report: &mut LossReport,
) -> Result<EvalRow, FormatProblem> {
    let mut attachments = attachments(&mut row, size.saturating_mul(2))?;
    let attachments = &mut attachments;
    let id = row_id(&mut row, "id")?;
    let id = id.ok_or_else(|| row.expected("id", None, "a string or a whole number"))?;
    let epoch = row.opt_int("epoch")?.unwrap_or(1);
    let epoch = u32::try_from(epoch)
        .map_err(|_| row.expected("epoch", Some(&epoch.into()), "a number from 1"))?;
    let input = match row.take("input") {
        Some(Value::String(text)) => Some(attachments.resolve(text)?),
        Some(Value::Array(messages)) => last_of_user(messages, attachments, report)?,
        None | Some(Value::Null) => {
            report.note("input", "the log does not have it");
            None
        }
        other => return Err(row.expected("input", other.as_ref(), "a text or messages")),
    };
    let target = match row.take("target") {
        Some(target) => strings(&row.path("target"), target)?,
        None => return Err(row.expected("target", None, "a text or texts")),
    };
    if target.is_empty() {
        let got = Value::Array(Vec::new());
        return Err(row.expected("target", Some(&got), "at least one reference"));
    }
    report.note_references(&target);
    let answer = answer(&mut row, attachments, report)?;
    let mut stated = scores(row.take_some("scores"), report);
    // Logs of version 1 have one score.
    if let Some(score) = row.take_some("score") {
        stated.extend(scores(Some(serde_json::json!({ "score": score })), report));
    }
    let ours = ours(&mut row, report)?;
    // What they hold is in `input` and `output`.
    for known in ["messages", "message_refs", "uuid"] {
        row.take(known);
    }
    row.note_rest(report, "Inspect's record of the sample; not kept");
    Ok(EvalRow {
        task: task.name.clone(),
        length: ours.tokens("max_length").or(task.length),
        id: ours.id().unwrap_or(id),
        epoch,
        index: ours.int("index"),
        input,
        answer_prefix: ours.text("answer_prefix"),
        references: target,
        answer,
        prompt_and_answer: ours.tokens("length"),
        stated,
    })
}

fn attachments(row: &mut JsonObject, most: u64) -> Result<EvalAttachments, FormatProblem> {
    let texts = row.opt_object("attachments")?.map(JsonObject::into_rest);
    let texts = texts.into_iter().flatten();
    let texts = texts.filter_map(|(name, value)| match value {
        Value::String(text) => Some((name, text)),
        _ => None,
    });
    Ok(EvalAttachments {
        texts: texts.collect(),
        left: most,
        most,
    })
}

impl EvalAttachments {
    /// The text itself, or the one that it names.
    fn resolve(&mut self, text: String) -> Result<String, FormatProblem> {
        let name = text
            .strip_prefix("attachment://")
            .or_else(|| text.strip_prefix("tc://"));
        let Some(attached) = name.and_then(|name| self.texts.get(name)) else {
            return Ok(text);
        };
        let size = attached.len() as u64;
        self.left = self.left.checked_sub(size).ok_or(FormatProblem::TooLarge {
            what: "the text of a sample's attachments",
            most: self.most,
        })?;
        Ok(attached.clone())
    }
}

/// The text of the last message of the user; nothing where there is none.
fn last_of_user(
    messages: Vec<Value>,
    attachments: &mut EvalAttachments,
    report: &mut LossReport,
) -> Result<Option<String>, FormatProblem> {
    let count = messages.len();
    let is_user = |message: &Value| message.get("role").and_then(Value::as_str) == Some("user");
    let last = messages.into_iter().rfind(is_user);
    if count > 1 {
        report.note("input", "messages beside the last of the user");
    }
    let Some(Value::Object(mut message)) = last else {
        report.note("input", "no message of the user");
        return Ok(None);
    };
    let content = message.remove("content");
    content
        .map(|content| text_of(content, attachments, report))
        .transpose()
}

/// A message's content: a text, or parts of which the texts are joined.
fn text_of(
    content: Value,
    attachments: &mut EvalAttachments,
    report: &mut LossReport,
) -> Result<String, FormatProblem> {
    match content {
        Value::String(text) => attachments.resolve(text),
        Value::Array(parts) => {
            let mut texts = Vec::new();
            for part in parts {
                match part {
                    Value::Object(mut part) if part.contains_key("text") => {
                        if let Some(Value::String(text)) = part.remove("text") {
                            texts.push(attachments.resolve(text)?);
                        }
                    }
                    _ => report.note("content", "parts that are no text"),
                }
            }
            Ok(texts.join("\n"))
        }
        other => Err(unexpected(
            "content".to_owned(),
            Some(&other),
            "a text or parts",
        )),
    }
}

/// The completion, or the failure that stands in its place.
fn answer(
    row: &mut JsonObject,
    attachments: &mut EvalAttachments,
    report: &mut LossReport,
) -> Result<RowAnswer, FormatProblem> {
    let error = match row.take_some("error") {
        None => None,
        Some(Value::String(message)) => Some(message),
        Some(Value::Object(mut error)) => {
            if error.get("traceback").is_some_and(|text| text != "") {
                report.note("error.traceback", "the message alone is kept");
            }
            match error.remove("message") {
                Some(Value::String(message)) => Some(message),
                _ => Some("the sample failed, and the log does not say why".to_owned()),
            }
        }
        Some(other) => return Err(row.expected("error", Some(&other), "an object")),
    };
    let output = row.opt_object("output")?;
    if let Some(limit) = row.take_some("limit") {
        let kind = limit
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or("unknown");
        report.note_answer(
            "limit",
            &format!("the sample was stopped by its limit `{kind}`"),
        );
    }
    if let Some(message) = error {
        return Ok(RowAnswer::Failed(message));
    }
    let Some(mut output) = output else {
        return Ok(RowAnswer::Failed("the sample has no output".to_owned()));
    };
    if let Some(refused) = output.opt_string("error")? {
        return Ok(RowAnswer::Failed(refused));
    }
    let completion = output.opt_string("completion")?;
    let mut choices = match output.take_some("choices") {
        Some(Value::Array(choices)) => choices,
        _ => Vec::new(),
    };
    if choices.len() > 1 {
        report.note("output.choices", "choices after the first");
    }
    output.take("model");
    output.note_rest(report, "about the answer; not kept");
    let Some(Value::Object(mut choice)) = choices.drain(..).next() else {
        return Ok(match completion.filter(|text| !text.is_empty()) {
            Some(text) => thinking::answer(attachments.resolve(text)?, report),
            None => RowAnswer::Failed("the output has no choice".to_owned()),
        });
    };
    if choice
        .get("stop_reason")
        .is_some_and(|reason| reason != "stop")
    {
        report.note(
            "output.choices[0].stop_reason",
            "why the answer ended is not kept",
        );
    }
    let message = choice.remove("message");
    let content = message.and_then(|mut message| Some(message.get_mut("content")?.take()));
    let (thought, text) = match content {
        Some(Value::Null) | None => (false, attachments.resolve(completion.unwrap_or_default())?),
        Some(content) => {
            let (thought, content) = without_reasoning(content);
            (thought, text_of(content, attachments, report)?)
        }
    };
    Ok(thinking::answer_beside(thought, text, report))
}

/// A message's content without the parts that are reasoning, and whether any of these says or hides
/// something.
fn without_reasoning(content: Value) -> (bool, Value) {
    let Value::Array(mut parts) = content else {
        return (false, content);
    };
    let mut thought = false;
    parts.retain(|part| {
        let kind = part.get("type").and_then(Value::as_str);
        let is_reasoning = matches!(kind, Some("reasoning" | "thinking"));
        let said = ["reasoning", "thinking", "summary", "text"]
            .iter()
            .any(|name| {
                part[*name]
                    .as_str()
                    .is_some_and(|text| !text.trim().is_empty())
            });
        thought |= is_reasoning && (said || part["redacted"] == true);
        !is_reasoning
    });
    (thought, Value::Array(parts))
}

/// The scores as numbers, letters as Inspect counts them.
fn scores(scores: Option<Value>, report: &mut LossReport) -> BTreeMap<String, f64> {
    let mut stated = BTreeMap::new();
    let Some(Value::Object(scores)) = scores else {
        return stated;
    };
    for (name, mut score) in scores {
        let value = score.get_mut("value").map(Value::take).unwrap_or_default();
        let number = match &value {
            Value::Number(number) => number.as_f64(),
            Value::Bool(value) => Some(f64::from(u8::from(*value))),
            Value::String(letter) => match letter.as_str() {
                "C" => Some(1.0),
                "P" => Some(0.5),
                "I" | "N" => Some(0.0),
                other => other.parse().ok().filter(|number: &f64| number.is_finite()),
            },
            _ => None,
        };
        match number {
            Some(number) => {
                stated.insert(name, number);
            }
            None => report.note(&format!("scores.{name}"), "a score that is no number"),
        }
    }
    stated
}

/// What our own writer left in `metadata.fathom`.
struct FathomMetadata(Map<String, Value>);

fn ours(row: &mut JsonObject, report: &mut LossReport) -> Result<FathomMetadata, FormatProblem> {
    let Some(mut metadata) = row.opt_object("metadata")? else {
        return Ok(FathomMetadata(Map::new()));
    };
    let ours = match metadata.take("fathom") {
        Some(Value::Object(ours)) => ours,
        _ => Map::new(),
    };
    metadata.note_rest(report, "the task's own; not kept");
    Ok(FathomMetadata(ours))
}

impl FathomMetadata {
    fn int(&self, key: &str) -> Option<i64> {
        self.0.get(key)?.as_i64()
    }

    fn tokens(&self, key: &str) -> Option<Tokens> {
        u32::try_from(self.int(key)?).ok().map(Tokens)
    }

    fn text(&self, key: &str) -> Option<String> {
        Some(self.0.get(key)?.as_str()?.to_owned())
    }

    fn id(&self) -> Option<RowId> {
        self.int("id")
            .map(RowId::Number)
            .or_else(|| self.text("id").map(RowId::Text))
    }
}
