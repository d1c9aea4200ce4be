//! Reading a log.

use serde_json::{Map, Value};

use super::sample::{EvalTask, sample};
use crate::formats::error::{FormatError, FormatProblem};
use crate::formats::loss::LossReport;
use crate::formats::object::{JsonObject, unexpected, whole};
use crate::formats::row::{EvalRow, ImportedRows};
use crate::formats::unreadable_rows::UnreadRows;
use crate::formats::zip::{ArchiveReader, WHOLE_ARCHIVE, ZipLimits};
use crate::json::parse;
use crate::tokens::Tokens;

/// Reads a log: an archive (`.eval`), finished or still running, of any compression that Inspect
/// has used, with samples whole or in chunks; or JSON. A sample that cannot be read is left out and
/// reported.
///
/// # Errors
/// A damaged archive, no member that is a sample, more unpacked bytes than [`ZipLimits::default`].
pub fn read(bytes: &[u8]) -> Result<ImportedRows, FormatError> {
    read_within(bytes, ZipLimits::default())
}

/// As [`read`], within other limits.
///
/// # Errors
/// As [`read`].
pub fn read_within(bytes: &[u8], limits: ZipLimits) -> Result<ImportedRows, FormatError> {
    let begins = bytes.trim_ascii_start();
    if begins.starts_with(b"{") || begins.starts_with(b"\xef\xbb\xbf") {
        return json(bytes).map_err(FormatProblem::in_file);
    }
    let mut archive = ArchiveReader::open(bytes, limits).map_err(FormatProblem::in_file)?;
    let mut imported = ImportedRows::default();
    let (member, mut header) = header(&mut archive)?;
    let head = head(&mut header, &mut imported.report).map_err(|e| e.in_member(member))?;
    let mut unread = UnreadRows::of("sample");
    for name in samples(&archive, &mut imported.report) {
        match row(&mut archive, &name, &head.task, &mut imported.report) {
            Ok(row) => imported.rows.push(row),
            Err(problem) if is_of_sample(&problem) => unread.add(problem.in_member(&name)),
            Err(problem) => return Err(problem.in_member(&name)),
        }
    }
    unread.tell(!imported.rows.is_empty(), &mut imported.report)?;
    Ok(finished(imported, head))
}

/// Whether the beginning of a JSON file is that of a log; other programs write JSON as well.
///
/// # Example
/// ```
/// use fathom_shared::formats::inspect::is_log;
/// assert!(is_log(br#"{"version": 2, "status": "success", "eval": {"eval_id": "x", "task": "vt"}}"#));
/// assert!(!is_log(br#"{"results": {"ruler_vt": {"alias": "ruler_vt"}}}"#));
/// ```
pub fn is_log(beginning: &[u8]) -> bool {
    let text = String::from_utf8_lossy(beginning);
    let opens = |text: &str| text.trim_start().starts_with('{');
    let is_eval = |rest: &str| rest.trim_start().strip_prefix(':').is_some_and(opens);
    let mut keys = text.split(r#""eval""#);
    opens(text.trim_start_matches('\u{feff}'))
        && keys
            .next()
            .is_some_and(|before| before.contains(r#""version""#))
        && keys.any(is_eval)
}

/// A log as one JSON object.
fn json(bytes: &[u8]) -> Result<ImportedRows, FormatProblem> {
    let mut log = JsonObject::parse(bytes)?;
    let mut imported = ImportedRows::default();
    let samples = log.take_some("samples");
    // What the samples come to; it is worked out again.
    log.take("reductions");
    let head = head(&mut log, &mut imported.report)?;
    let samples = match samples {
        None => Vec::new(),
        Some(Value::Array(samples)) => samples,
        other => return Err(unexpected("samples".to_owned(), other.as_ref(), "a list")),
    };
    let mut unread = UnreadRows::of("sample");
    for (at, one) in samples.into_iter().enumerate() {
        let size = size(&one);
        let object = JsonObject::at(&format!("samples[{at}]"), one);
        let report = &mut imported.report;
        match object.and_then(|object| sample(object, size, &head.task, report)) {
            Ok(row) => imported.rows.push(row),
            Err(problem) if is_of_sample(&problem) => unread.add(problem),
            Err(problem) => return Err(problem),
        }
    }
    unread.tell(!imported.rows.is_empty(), &mut imported.report)?;
    Ok(finished(imported, head))
}

/// Whether one sample is at fault and not the file: then it is left out and reported. Once the limit
/// of unpacked bytes is reached, no other sample can be read either.
fn is_of_sample(problem: &FormatProblem) -> bool {
    !matches!(problem, FormatProblem::TooLarge { what, .. } if *what == WHOLE_ARCHIVE)
}

/// The bytes of the texts in a value.
fn size(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.len() as u64,
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(map) => map.values().map(size).sum(),
        _ => 0,
    }
}

/// The rows in order, and how many of those that were asked for are not there.
fn finished(mut imported: ImportedRows, head: EvalHeader) -> ImportedRows {
    imported.model = head.model;
    imported
        .rows
        .sort_by(|a, b| (a.epoch, &a.id).cmp(&(b.epoch, &b.id)));
    let asked = head.asked.unwrap_or(0);
    let missing = asked.saturating_sub(imported.rows.len() as u64);
    let rows = u32::try_from(missing).unwrap_or(u32::MAX);
    let missing = (missing > 0).then(|| {
        let (samples, are) = match (asked, missing) {
            (1, _) => ("sample", "is"),
            (_, 1) => ("samples", "is"),
            _ => ("samples", "are"),
        };
        format!("{missing} of {asked} {samples} {are} missing")
    });
    let told: Vec<String> = head.unfinished.into_iter().chain(missing).collect();
    if !told.is_empty() {
        let report = &mut imported.report;
        report.note_sentence("samples", &told.join(": "), rows);
    }
    imported
}

/// The member of each sample: `samples/{id}_epoch_{n}.json`, or, in chunks,
/// `samples/{id}_epoch_{n}/sample.json`. An id may hold `/`.
fn samples(archive: &ArchiveReader<'_>, report: &mut LossReport) -> Vec<String> {
    let mut found = Vec::new();
    for name in archive.names() {
        let Some(stem) = name.strip_prefix("samples/") else {
            continue;
        };
        let of_sample = |stem: &str| {
            let epoch = stem.rsplit_once("_epoch_").map(|(_, epoch)| epoch);
            epoch.is_some_and(|epoch| epoch.parse::<u32>().is_ok())
        };
        let whole = stem.strip_suffix(".json").is_some_and(of_sample);
        let chunked = stem.strip_suffix(SHELL).is_some_and(of_sample);
        // What belongs to a sample in chunks is read with it.
        let is_part = || stem.split('/').any(of_sample);
        if whole || chunked {
            found.push(name);
        } else if !stem.is_empty() && !is_part() {
            report.note("samples", "a member that is no sample; not read");
        }
    }
    found
}

const SHELL: &str = "/sample.json";

fn row(
    archive: &mut ArchiveReader<'_>,
    name: &str,
    task: &EvalTask,
    report: &mut LossReport,
) -> Result<EvalRow, FormatProblem> {
    let bytes = archive.read(name)?.unwrap_or_default();
    let mut object = JsonObject::parse(&bytes)?;
    let mut size = bytes.len() as u64;
    if let Some(folder) = name.strip_suffix(SHELL) {
        if let Some(metadata) = archive.read(&format!("{folder}/metadata.json"))? {
            object.put("metadata", parse(&metadata)?);
        }
        let refers = bytes.windows(ATTACHED.len()).any(|at| at == ATTACHED);
        if refers {
            let texts = attached(archive, folder)?;
            size += texts.values().map(self::size).sum::<u64>();
            object.put("attachments", Value::Object(texts));
        }
    }
    sample(object, size, task, report)
}

const ATTACHED: &[u8] = b"attachment://";

/// The texts that stand apart from a sample in chunks, by their number: each chunk is a list and
/// named by the number of its first.
fn attached(
    archive: &mut ArchiveReader<'_>,
    folder: &str,
) -> Result<Map<String, Value>, FormatProblem> {
    let prefix = format!("{folder}/attachments/");
    let chunk = |name: &str| {
        let start = name.strip_prefix(&prefix)?.strip_suffix(".json")?;
        start.parse::<u64>().ok()
    };
    let mut starts: Vec<u64> = archive
        .names()
        .iter()
        .filter_map(|name| chunk(name))
        .collect();
    starts.sort_unstable();
    let mut texts = Map::new();
    for start in starts {
        let bytes = archive.read(&format!("{prefix}{start}.json"))?;
        if let Value::Array(items) = parse(&bytes.unwrap_or_default())? {
            let numbered = (start..).zip(items);
            texts.extend(numbered.map(|(number, text)| (number.to_string(), text)));
        }
    }
    Ok(texts)
}

/// `header.json`, or what replaces it while the evaluation is still running.
fn header(archive: &mut ArchiveReader<'_>) -> Result<(&'static str, JsonObject), FormatError> {
    for name in ["header.json", "_journal/start.json"] {
        let read = archive.read(name).map_err(|e| e.in_member(name))?;
        if let Some(bytes) = read {
            let object = JsonObject::parse(&bytes).map_err(|e| e.in_member(name))?;
            return Ok((name, object));
        }
    }
    let why = "neither `header.json` nor `_journal/start.json` is there: not a log of Inspect";
    Err(FormatProblem::Archive(why.to_owned()).in_file())
}

struct EvalHeader {
    task: EvalTask,
    model: Option<String>,
    /// Samples times epochs.
    asked: Option<u64>,
    /// What it says of its end, where that is not a success.
    unfinished: Option<String>,
}

fn head(header: &mut JsonObject, report: &mut LossReport) -> Result<EvalHeader, FormatProblem> {
    if let Some(version) = header.opt_int("version")?.filter(|version| *version > 3) {
        let why =
            format!("{version} is newer than this reader, which knows 1 to 3; read all the same");
        report.note("version", &why);
    }
    let unfinished = match header.take("status") {
        Some(Value::String(status)) => match status.as_str() {
            "success" => None,
            "cancelled" => Some("the log says it was cancelled".to_owned()),
            "error" => Some("the log says it ended with an error".to_owned()),
            "started" => Some("the log is not finished".to_owned()),
            other => Some(format!("the log says its status is `{other}`")),
        },
        _ => Some("the log is not finished".to_owned()),
    };
    let eval = header.opt_object("eval")?;
    let mut eval = eval.ok_or_else(|| unexpected("eval".to_owned(), None, "an object"))?;
    let task = eval.string("task")?;
    // A task of a package is `package/task`.
    let name = task
        .rsplit_once('/')
        .map_or(task.as_str(), |(_, name)| name);
    let mut arguments = eval.opt_object("task_args")?;
    let length = arguments.as_mut().and_then(|arguments| {
        let keys = ["max_seq_length", "max_length", "context_length", "length"];
        let mut values = keys.iter().filter_map(|key| arguments.take(key)?.as_u64());
        values.find_map(|value| u32::try_from(value).ok())
    });
    let asked = asked(&mut eval)?;
    let model = eval.opt_string("model")?;
    header.take("version");
    eval.note_rest(report, "about the run; not kept");
    header.note_rest(report, "about the run; not kept");
    Ok(EvalHeader {
        task: EvalTask {
            name: name.to_owned(),
            length: length.map(Tokens),
        },
        model,
        asked,
        unfinished,
    })
}

/// Whether a sample's id stands for several.
fn is_pattern(id: &Value) -> bool {
    let text = id.as_str().unwrap_or_default();
    text.contains(['*', '?', '[', ','])
}

/// Samples times epochs, of the samples that `--limit` and `--sample-id` left.
fn asked(eval: &mut JsonObject) -> Result<Option<u64>, FormatProblem> {
    let mut dataset = eval.opt_object("dataset")?;
    let mut taken = |key: &str| dataset.as_mut().and_then(|dataset| dataset.take(key));
    let samples = taken("samples").and_then(|count| count.as_u64());
    // The names of those that were asked, where the log has them.
    let named = match taken("sample_ids") {
        Some(Value::Array(ids)) if !ids.is_empty() => Some(ids.len() as u64),
        _ => None,
    };
    let mut config = eval.opt_object("config")?;
    let mut set = |key: &str| config.as_mut().and_then(|config| config.take_some(key));
    let epochs = set("epochs").and_then(|count| count.as_u64()).unwrap_or(1);
    let number = |value: &Value| whole(value).and_then(|number| u64::try_from(number).ok());
    // A number of samples, or the first and the one after the last.
    let limit = match set("limit") {
        Some(Value::Array(range)) => match &range[..] {
            [from, to] => number(to).zip(number(from)).map(|(to, from)| {
                let to = samples.map_or(to, |samples| to.min(samples));
                to.saturating_sub(from)
            }),
            _ => None,
        },
        Some(limit) => number(&limit),
        None => None,
    };
    // `--sample-id`: it is not known how many samples a pattern matches.
    let chosen = match set("sample_id") {
        Some(Value::Array(ids)) if ids.iter().any(is_pattern) => return Ok(None),
        Some(Value::Array(ids)) => Some(ids.len() as u64),
        Some(id) if is_pattern(&id) => return Ok(None),
        Some(_) => Some(1),
        None => None,
    };
    let least = [samples, named, limit, chosen].into_iter().flatten().min();
    Ok(least.map(|samples| samples.saturating_mul(epochs)))
}
