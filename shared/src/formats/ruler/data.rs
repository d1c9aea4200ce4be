//! Rows of `validation.jsonl`.

use serde::{Deserialize, Serialize};

use crate::formats::error::{FormatError, FormatProblem};
use crate::formats::loss::LossReport;
use crate::formats::object::{JsonObject, lines, spelled, strings, unexpected};
use crate::task::Sample;
use crate::tokens::Tokens;

/// One row of RULER's `validation.jsonl`, fields in the original's order.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RulerDataRow {
    /// NIAH: character position of the first answer; other tasks: the sample's number.
    pub index: i64,
    /// The prompt without the answer prefix.
    pub input: String,
    /// The references.
    pub outputs: Vec<String>,
    /// Prompt, answer prefix and room for the answer, in tokens.
    pub length: Tokens,
    /// The same with the tokens set aside for a model's template.
    pub length_w_model_temp: Tokens,
    /// How the answer begins.
    pub answer_prefix: String,
    /// NIAH: tokens before the first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_position_answer: Option<Tokens>,
}

impl From<&Sample> for RulerDataRow {
    fn from(sample: &Sample) -> Self {
        Self {
            index: sample.index,
            input: sample.input.clone(),
            outputs: sample.references.clone(),
            length: sample.length,
            length_w_model_temp: sample.length_w_model_temp,
            answer_prefix: sample.answer_prefix.clone(),
            token_position_answer: sample.token_position_answer,
        }
    }
}

/// Reads `validation.jsonl`, old or new.
///
/// Files from before May 2025 have no `answer_prefix`: it ends the input there. Where
/// `length_w_model_temp` is absent, no tokens were set aside and it equals `length`.
///
/// # Errors
/// The first line that is no row, with its field.
pub fn read_data(bytes: &[u8]) -> Result<(Vec<RulerDataRow>, LossReport), FormatError> {
    let mut report = LossReport::default();
    let mut rows = Vec::new();
    for line in lines(bytes) {
        let (number, row) = line?;
        let row = data_row(row, &mut report).map_err(|problem| problem.on_line(number))?;
        rows.push(row);
    }
    Ok((rows, report))
}

fn data_row(mut row: JsonObject, report: &mut LossReport) -> Result<RulerDataRow, FormatProblem> {
    let outputs = references(&mut row)?;
    let length = tokens(&mut row, "length")?;
    let length = length.ok_or_else(|| row.expected("length", None, "a number of tokens"))?;
    let prefix = row.opt_string("answer_prefix")?;
    if prefix.is_none() {
        report.note("answer_prefix", "absent; an old file, the input ends in it");
    }
    let index = row.opt_int("index")?;
    let data = RulerDataRow {
        index: index.ok_or_else(|| row.expected("index", None, "a whole number"))?,
        input: row.string("input")?,
        outputs,
        length,
        length_w_model_temp: tokens(&mut row, "length_w_model_temp")?.unwrap_or(length),
        answer_prefix: prefix.unwrap_or_default(),
        token_position_answer: tokens(&mut row, "token_position_answer")?,
    };
    row.note_rest(report, "a field that RULER's data does not have");
    Ok(data)
}

/// `outputs`, else `output` of old files: at least one reference.
pub(super) fn references(row: &mut JsonObject) -> Result<Vec<String>, FormatProblem> {
    let new = row.take_some("outputs");
    let key = if new.is_some() { "outputs" } else { "output" };
    let path = row.path(key);
    let value = new
        .or_else(|| row.take(key))
        .ok_or_else(|| row.expected("outputs", None, "a list of strings"))?;
    let references = strings(&path, spelled(value.clone()))?;
    if references.is_empty() {
        return Err(unexpected(path, Some(&value), "at least one reference"));
    }
    if key == "outputs" {
        // The original does not look at it either.
        row.take("output");
    }
    Ok(references)
}

/// A number of tokens; -1 stands for none.
pub(in crate::formats) fn tokens(
    row: &mut JsonObject,
    key: &str,
) -> Result<Option<Tokens>, FormatProblem> {
    match row.opt_int(key)? {
        None | Some(-1) => Ok(None),
        Some(number) => match u32::try_from(number) {
            Ok(tokens) => Ok(Some(Tokens(tokens))),
            Err(_) => Err(row.expected(key, Some(&number.into()), "a number of tokens")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_and_old_data_are_read() {
        let new = RulerDataRow {
            index: 7,
            input: "q".to_owned(),
            outputs: vec!["a".to_owned()],
            length: Tokens(4000),
            length_w_model_temp: Tokens(4050),
            answer_prefix: " Answer:".to_owned(),
            token_position_answer: Some(Tokens(12)),
        };
        let old = r#"{"index": 8, "input": "q Answer:", "outputs": ["b"], "length": 90, "x": 1}"#;
        let text = format!("{}\n{old}\n", serde_json::to_string(&new).unwrap());
        let (rows, report) = read_data(text.as_bytes()).unwrap();
        assert_eq!(rows[0], new);
        assert_eq!(rows[1].answer_prefix, "");
        assert_eq!(rows[1].length_w_model_temp, Tokens(90));
        let lost: Vec<&str> = report
            .losses()
            .iter()
            .map(|loss| loss.what.as_str())
            .collect();
        assert_eq!(lost, ["answer_prefix", "x"]);
    }

    #[test]
    fn a_bad_row_is_named() {
        let text = r#"{"index": 8, "input": "q", "outputs": ["b"], "length": -5}"#;
        assert_eq!(
            read_data(text.as_bytes()).unwrap_err().to_string(),
            "line 1: field `length`: got the number -5, expected a number of tokens"
        );
    }
}
