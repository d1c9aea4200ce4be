//! Writing samples and results.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::from_ruler;
use crate::formats::error::{FormatError, FormatProblem};
use crate::formats::export::{ExportInfo, mean_and_error, metric_name, sha256};
use crate::formats::loss::LossReport;
use crate::formats::row::{EvalRow, ExportFile, ExportedFiles, RowAnswer, RowId, path_part};
use crate::json::JsonError;

/// A document with the fields of that program's RULER tasks, in their order.
#[derive(Serialize)]
struct LmEvalDoc<'a> {
    index: i64,
    input: &'a str,
    outputs: &'a [String],
    length: Option<u32>,
    max_length: Option<u32>,
    gen_prefix: &'a str,
    /// Where it is neither the index nor `doc_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a RowId>,
}

/// A row of a samples file, fields in that program's order.
#[derive(Serialize)]
struct LmEvalSample<'a> {
    doc_id: i64,
    doc: LmEvalDoc<'a>,
    target: &'a str,
    arguments: Value,
    resps: [Vec<&'a str>; 1],
    filtered_resps: Vec<&'a str>,
    filter: &'a str,
    metrics: &'a BTreeSet<String>,
    doc_hash: String,
    prompt_hash: String,
    target_hash: String,
    #[serde(flatten)]
    scores: BTreeMap<&'a str, f64>,
}

/// Writes one samples file for each task, and one results file.
///
/// The scores are ours. A failure is written without a response and with -1 in every metric,
/// which is how that program's RULER tasks exclude a row from a mean.
///
/// # Errors
/// A row whose task has no metric.
pub fn write(rows: &[EvalRow], writing: &ExportInfo) -> Result<ExportedFiles, FormatError> {
    let model = path_part(&writing.model.replace('/', "__"));
    let time = writing.at.in_name();
    let mut exported = ExportedFiles::default();
    let mut tasks = BTreeMap::<&str, Vec<&EvalRow>>::new();
    for row in rows {
        tasks.entry(&row.task).or_default().push(row);
    }
    let mut results = LmEvalResultsFile::default();
    for (task, rows) in tasks {
        let theirs = from_ruler(task);
        let bytes =
            samples(&rows, writing, &mut exported.report).map_err(FormatProblem::in_file)?;
        exported.files.push(ExportFile {
            path: format!("{model}/samples_{}_{time}.jsonl", path_part(theirs)),
            bytes,
        });
        results.add(theirs, &rows, writing);
    }
    exported.files.push(ExportFile {
        path: format!("{model}/results_{time}.json"),
        bytes: results.finish(writing).into_bytes(),
    });
    Ok(exported)
}

/// A row's metric: its length, else the scorer's own name.
fn metric_of(row: &EvalRow, writing: &ExportInfo) -> Option<String> {
    let scorer = metric_name(writing.metric(row)?);
    Some(
        row.length
            .map_or_else(|| scorer.to_owned(), |length| length.0.to_string()),
    )
}

fn samples(
    rows: &[&EvalRow],
    writing: &ExportInfo,
    report: &mut LossReport,
) -> Result<Vec<u8>, FormatProblem> {
    let metric = |row: &EvalRow| {
        metric_of(row, writing).ok_or_else(|| FormatProblem::Field {
            field: "task".to_owned(),
            got: format!("`{}`, which is not RULER's", row.task),
            expected: "a metric for it",
        })
    };
    let metrics: BTreeSet<String> = rows
        .iter()
        .map(|row| metric(row))
        .collect::<Result<_, _>>()?;
    let mut out = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let sample = sample(number, row, &metric(row)?, &metrics, writing, report);
        serde_json::to_writer(&mut out, &sample)
            .map_err(|e| FormatProblem::from(JsonError::Syntax(e.to_string())))?;
        out.push(b'\n');
    }
    Ok(out)
}

fn sample<'a>(
    number: i64,
    row: &'a EvalRow,
    metric: &str,
    metrics: &'a BTreeSet<String>,
    writing: &ExportInfo,
    report: &mut LossReport,
) -> LmEvalSample<'a> {
    if row.epoch != 1 {
        report.note("epoch", "samples know no repetitions");
    }
    if row.stated.keys().any(|name| name != metric) {
        report.note("stated scores", "the scores written are ours");
    }
    if let RowAnswer::Failed(_) = row.answer {
        report.note(
            "the reason of a failure",
            "written as no response and metrics of -1",
        );
    }
    let input = row.input.as_deref().unwrap_or_default();
    let prefix = row.answer_prefix.as_deref().unwrap_or_default();
    let doc = LmEvalDoc {
        index: row.index.unwrap_or(number),
        input,
        outputs: &row.references,
        length: row.prompt_and_answer.map(|tokens| tokens.0),
        max_length: row.length.map(|tokens| tokens.0),
        gen_prefix: prefix.trim_start(),
        id: (row.id != RowId::Number(number)).then_some(&row.id),
    };
    let prompt = format!("{input}{prefix}");
    let target = row.references.first().map_or("", String::as_str);
    let texts: Vec<&str> = row.answer.text().into_iter().collect();
    // Python's `json.dumps(indent=2)` and this agree on everything that a document holds.
    let doc_text = serde_json::to_string_pretty(&doc).unwrap_or_default();
    let score = |name: &str| {
        writing
            .score(row)
            .filter(|_| name == metric)
            .unwrap_or(-1.0)
    };
    LmEvalSample {
        doc_id: number,
        target,
        arguments: json!({"gen_args_0": {"arg_0": prompt, "arg_1": {}}}),
        resps: [texts.clone()],
        filtered_resps: texts,
        filter: "none",
        metrics,
        doc_hash: sha256(&doc_text),
        prompt_hash: sha256(&prompt),
        target_hash: sha256(target),
        scores: metrics
            .iter()
            .map(|name| (name.as_str(), score(name)))
            .collect(),
        doc,
    }
}

#[derive(Default)]
struct LmEvalResultsFile {
    results: Map<String, Value>,
    configs: Map<String, Value>,
    versions: Map<String, Value>,
    shots: Map<String, Value>,
    higher: Map<String, Value>,
    counts: Map<String, Value>,
}

impl LmEvalResultsFile {
    fn add(&mut self, task: &str, rows: &[&EvalRow], writing: &ExportInfo) {
        let mut by_metric = BTreeMap::<String, Vec<f64>>::new();
        for row in rows {
            let scores = metric_of(row, writing).zip(writing.score(row));
            if let Some((metric, score)) = scores {
                by_metric.entry(metric).or_default().push(score);
            }
        }
        let mut numbers = json!({"alias": task, "sample_len": rows.len()});
        let mut higher = Map::new();
        for (metric, values) in by_metric {
            if let Some((mean, error)) = mean_and_error(&values) {
                numbers[format!("{metric},none")] = json!(mean);
                let error = error.map_or_else(|| json!("N/A"), |error| json!(error));
                numbers[format!("{metric}_stderr,none")] = error;
            }
            higher.insert(metric, json!(true));
        }
        let config = json!({
            "task": task,
            "output_type": "generate_until",
            "repeats": 1,
            "metadata": {"version": 1.0},
        });
        self.results.insert(task.to_owned(), numbers);
        self.configs.insert(task.to_owned(), config);
        self.versions.insert(task.to_owned(), json!(1.0));
        self.shots.insert(task.to_owned(), json!(0));
        self.higher.insert(task.to_owned(), higher.into());
        let count = json!({"original": rows.len(), "effective": rows.len()});
        self.counts.insert(task.to_owned(), count);
    }

    fn finish(self, writing: &ExportInfo) -> String {
        let file = json!({
            "results": self.results,
            "group_subtasks": {},
            "configs": self.configs,
            "versions": self.versions,
            "n-shot": self.shots,
            "higher_is_better": self.higher,
            "n-samples": self.counts,
            "config": {"model": "fathom", "model_args": {"pretrained": writing.model}},
            "git_hash": null,
            "date": f64::from(writing.at.0),
            "model_source": "fathom",
            "model_name": writing.model,
            "model_name_sanitized": path_part(&writing.model.replace('/', "__")),
        });
        format!("{file:#}")
    }
}
