//! Writing logs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::formats::error::{FormatError, FormatProblem};
use crate::formats::export::{ExportInfo, mean_and_error, metric_name, sha256};
use crate::formats::loss::LossReport;
use crate::formats::row::{EvalRow, ExportFile, ExportedFiles, RowAnswer, RowId, path_part};
use crate::formats::zip::ArchiveWriter;
use crate::score::string_match::clean;
use crate::tokens::Tokens;

/// Writes one log for each task and length, as Inspect names them. The scores are ours.
///
/// # Errors
/// A log too large for a plain zip archive.
pub fn write(rows: &[EvalRow], writing: &ExportInfo) -> Result<ExportedFiles, FormatError> {
    let mut logs = BTreeMap::<(&str, Option<Tokens>), Vec<&EvalRow>>::new();
    for row in rows {
        logs.entry((&row.task, row.length)).or_default().push(row);
    }
    let mut exported = ExportedFiles::default();
    for ((task, length), rows) in logs {
        let log = EvalLog::new(task, length, &rows, writing);
        let name = path_part(&task.replace('_', "-"));
        let time = writing.at.in_name();
        exported.files.push(ExportFile {
            path: format!("{time}-00-00_{name}_{}.eval", log.id("task")),
            bytes: log
                .write(&mut exported.report)
                .map_err(FormatProblem::in_file)?,
        });
    }
    Ok(exported)
}

struct EvalLog<'a> {
    task: &'a str,
    length: Option<Tokens>,
    rows: &'a [&'a EvalRow],
    writing: &'a ExportInfo,
    /// What the log's ids are made of.
    seed: String,
    /// Whether the rows' own ids are usable as member names.
    own_ids: bool,
}

impl<'a> EvalLog<'a> {
    fn new(
        task: &'a str,
        length: Option<Tokens>,
        rows: &'a [&'a EvalRow],
        writing: &'a ExportInfo,
    ) -> Self {
        let mut seed = format!("{task} {length:?} {} {}", writing.model, writing.at.0);
        for row in rows {
            let text = row.answer.text().unwrap_or_default();
            seed = sha256(&format!("{seed} {} {} {text}", row.id, row.epoch));
        }
        let safe = |id: &RowId| match id {
            RowId::Number(_) => true,
            RowId::Text(text) => path_part(text) == *text,
        };
        let ids: BTreeSet<(String, u32)> = rows
            .iter()
            .filter(|row| safe(&row.id))
            .map(|row| (row.id.to_string(), row.epoch))
            .collect();
        Self {
            task,
            length,
            rows,
            writing,
            seed,
            own_ids: ids.len() == rows.len(),
        }
    }

    /// An id of 22 letters and digits, like those that Inspect draws.
    fn id(&self, of: &str) -> String {
        const LETTERS: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        let hash = sha256(&format!("{} {of}", self.seed));
        let letter = |byte: u8| char::from(LETTERS[usize::from(byte) % LETTERS.len()]);
        let bytes = hex::decode(hash).unwrap_or_default();
        bytes.into_iter().take(22).map(letter).collect()
    }

    fn sample_id(&self, at: usize) -> RowId {
        match self.rows.get(at) {
            Some(row) if self.own_ids => row.id.clone(),
            _ => RowId::Number(i64::try_from(at + 1).unwrap_or(i64::MAX)),
        }
    }

    fn scorer(&self) -> Option<&'static str> {
        let row = self.rows.first()?;
        Some(metric_name(self.writing.metric(row)?))
    }

    fn write(&self, report: &mut LossReport) -> Result<Vec<u8>, FormatProblem> {
        let mut archive = ArchiveWriter::default();
        let (mut summaries, mut reduced) = (Vec::new(), Vec::new());
        let start = json!({"version": 2, "eval": self.spec(), "plan": plan()});
        archive.add("_journal/start.json", text(&start).as_bytes())?;
        for (at, row) in self.rows.iter().enumerate() {
            let id = self.sample_id(at);
            let sample = self.sample(&id, at, row, report);
            let name = format!("samples/{id}_epoch_{}.json", row.epoch);
            archive.add(&name, text(&sample).as_bytes())?;
            summaries.push(summary(&sample));
            if let Some(value) = self.writing.score(row) {
                reduced.push(json!({"sample_id": id, "value": value}));
            }
        }
        archive.add("summaries.json", text(&json!(summaries)).as_bytes())?;
        if let Some(scorer) = self.scorer() {
            let reductions = json!([{"scorer": scorer, "samples": reduced}]);
            archive.add("reductions.json", text(&reductions).as_bytes())?;
        }
        archive.add("header.json", text(&self.header()).as_bytes())?;
        archive.finish()
    }

    fn spec(&self) -> Value {
        let ids: Vec<RowId> = (0..self.rows.len()).map(|at| self.sample_id(at)).collect();
        let distinct: BTreeSet<&RowId> = ids.iter().collect();
        let epochs = self.rows.iter().map(|row| row.epoch).max().unwrap_or(1);
        let arguments = match self.length {
            Some(length) => json!({"max_seq_length": length}),
            None => json!({}),
        };
        json!({
            "eval_id": self.id("eval"),
            "run_id": self.id("run"),
            "created": self.writing.at.iso(),
            "task": self.task,
            "task_id": self.id("task"),
            "task_version": 0,
            "task_attribs": {},
            "task_args": arguments,
            "task_args_passed": arguments,
            "dataset": {
                "name": self.task,
                "samples": distinct.len(),
                "sample_ids": distinct,
                "shuffled": false,
            },
            "model": self.writing.model,
            "model_generate_config": {},
            "model_args": {},
            "config": {"epochs": epochs},
            "packages": {},
        })
    }

    fn header(&self) -> Value {
        let scores: Vec<f64> = self
            .rows
            .iter()
            .filter_map(|row| self.writing.score(row))
            .collect();
        let answered = self
            .rows
            .iter()
            .filter(|row| row.answer.text().is_some())
            .count();
        let mut metrics = Map::new();
        if let Some((mean, error)) = mean_and_error(&scores) {
            let numbers = [("mean", Some(mean)), ("stderr", error)];
            for (name, value) in numbers {
                if let Some(value) = value {
                    let metric = json!({"name": name, "value": value, "params": {}});
                    metrics.insert(name.to_owned(), metric);
                }
            }
        }
        let scorers: Vec<Value> = self
            .scorer()
            .map(|scorer| {
                json!({
                    "name": scorer,
                    "scorer": scorer,
                    "scored_samples": scores.len(),
                    "unscored_samples": self.rows.len() - scores.len(),
                    "params": {},
                    "metrics": metrics,
                })
            })
            .into_iter()
            .collect();
        let at = self.writing.at.iso();
        json!({
            "version": 2,
            "status": "success",
            "eval": self.spec(),
            "plan": plan(),
            "results": {
                "total_samples": self.rows.len(),
                "completed_samples": answered,
                "scores": scorers,
            },
            "stats": {"started_at": at, "completed_at": at, "model_usage": {}},
        })
    }

    fn sample(&self, id: &RowId, at: usize, row: &EvalRow, report: &mut LossReport) -> Value {
        if !row.stated.is_empty() {
            report.note("stated scores", "the scores written are ours");
        }
        if row.input.is_none() {
            report.note("input", "the row has none; written as an empty string");
        }
        let input = row.input.as_deref().unwrap_or_default();
        let message = |role: &str, source: &str, content: &str| {
            let id = self.id(&format!("{role} {at}"));
            json!({"id": id, "content": content, "source": source, "role": role})
        };
        let mut messages = vec![message("user", "input", input)];
        let mut choices = Vec::new();
        if let Some(text) = row.answer.text() {
            let mut answer = message("assistant", "generate", text);
            answer["model"] = json!(self.writing.model);
            choices.push(json!({"message": answer, "stop_reason": "unknown"}));
            messages.push(answer);
        }
        let target = match &row.references[..] {
            [only] => json!(only),
            several => json!(several),
        };
        let mut scores = Map::new();
        if let (Some(scorer), Some(value)) = (self.scorer(), self.writing.score(row)) {
            let answer = row.answer.text().map(clean);
            scores.insert(scorer.to_owned(), json!({"value": value, "answer": answer}));
        }
        let mut sample = json!({
            "id": id,
            "epoch": row.epoch,
            "input": input,
            "target": target,
            "messages": messages,
            "output": {
                "model": self.writing.model,
                "completion": row.answer.text().unwrap_or_default(),
                "choices": choices,
            },
            "scores": scores,
            "metadata": {"fathom": self.ours(id, row)},
            "store": {},
            "events": [],
            "model_usage": {},
            "uuid": self.id(&format!("sample {at}")),
            "attachments": {},
        });
        if let RowAnswer::Failed(message) = &row.answer {
            sample["error"] = json!({"message": message, "traceback": "", "traceback_ansi": ""});
        }
        sample
    }

    /// What Inspect has no place for.
    fn ours(&self, id: &RowId, row: &EvalRow) -> Value {
        let mut ours = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            value.map(|value| ours.insert(key.to_owned(), value));
        };
        put("max_length", row.length.map(|length| json!(length)));
        put("index", row.index.map(|index| json!(index)));
        put("length", row.prompt_and_answer.map(|tokens| json!(tokens)));
        put(
            "answer_prefix",
            row.answer_prefix.as_ref().map(|prefix| json!(prefix)),
        );
        put("id", (row.id != *id).then(|| json!(row.id)));
        ours.into()
    }
}

fn plan() -> Value {
    json!({"name": "plan", "steps": [], "config": {}})
}

fn text(value: &Value) -> String {
    value.to_string()
}

/// The parts of a sample that a list of samples shows.
fn summary(sample: &Value) -> Value {
    let mut summary = Map::new();
    for key in [
        "id", "epoch", "input", "target", "scores", "metadata", "uuid",
    ] {
        summary.insert(key.to_owned(), sample[key].clone());
    }
    if let Some(input) = sample["input"].as_str() {
        let short: String = input.chars().take(1_000).collect();
        summary.insert("input".to_owned(), json!(short));
    }
    if let Some(message) = sample["error"]["message"].as_str() {
        summary.insert("error".to_owned(), json!(message));
    }
    let messages = sample["messages"].as_array().map_or(0, Vec::len);
    summary.insert("message_count".to_owned(), json!(messages));
    summary.insert("completed".to_owned(), json!(true));
    Value::Object(summary)
}
