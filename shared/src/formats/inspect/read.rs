//! Reading a log.

use serde_json::Value;

use super::sample::{Task, sample};
use crate::formats::error::{FormatError, Problem};
use crate::formats::json::{Object, unexpected};
use crate::formats::loss::LossReport;
use crate::formats::row::Imported;
use crate::formats::zip::{Archive, Limits};
use crate::tokens::Tokens;

/// Reads a log, finished or still running, of any compression that Inspect has used.
///
/// # Errors
/// A damaged archive, a member that is no sample, more unpacked bytes than [`Limits::default`].
pub fn read(bytes: &[u8]) -> Result<Imported, FormatError> {
    read_within(bytes, Limits::default())
}

/// As [`read`], within other limits.
///
/// # Errors
/// As [`read`].
pub fn read_within(bytes: &[u8], limits: Limits) -> Result<Imported, FormatError> {
    let mut archive = Archive::open(bytes, limits).map_err(Problem::in_file)?;
    let mut imported = Imported::default();
    let (member, mut header) = header(&mut archive)?;
    let head = head(&mut header, &mut imported.report).map_err(|e| e.in_member(member))?;
    imported.model = head.model;
    let names: Vec<String> = archive
        .names()
        .filter(|name| name.starts_with("samples/"))
        .map(str::to_owned)
        .collect();
    for name in names {
        if !name.ends_with("json") || name.matches('/').count() > 1 {
            let why = "a sample in pieces, which is not read; write the log with samples as one member each";
            return Err(Problem::Archive(why.to_owned()).in_member(&name));
        }
        let bytes = archive.read(&name).map_err(|e| e.in_member(&name))?;
        let bytes = bytes.unwrap_or_default();
        let row = Object::parse(&bytes).and_then(|object| {
            sample(object, bytes.len() as u64, &head.task, &mut imported.report)
        });
        imported.rows.push(row.map_err(|e| e.in_member(&name))?);
    }
    imported
        .rows
        .sort_by(|a, b| (a.epoch, &a.id).cmp(&(b.epoch, &b.id)));
    let asked = head.asked.unwrap_or(0);
    let missing = asked.saturating_sub(imported.rows.len() as u64);
    let missing = u32::try_from(missing).unwrap_or(u32::MAX);
    imported
        .report
        .note_rows("samples", "asked for but not in the file", missing);
    Ok(imported)
}

/// `header.json`, or what stands for it while a log is still running.
fn header(archive: &mut Archive<'_>) -> Result<(&'static str, Object), FormatError> {
    for name in ["header.json", "_journal/start.json"] {
        let read = archive.read(name).map_err(|e| e.in_member(name))?;
        if let Some(bytes) = read {
            let object = Object::parse(&bytes).map_err(|e| e.in_member(name))?;
            return Ok((name, object));
        }
    }
    let why = "neither `header.json` nor `_journal/start.json` is there: not a log of Inspect";
    Err(Problem::Archive(why.to_owned()).in_file())
}

struct Head {
    task: Task,
    model: Option<String>,
    /// Samples times epochs.
    asked: Option<u64>,
}

fn head(header: &mut Object, report: &mut LossReport) -> Result<Head, Problem> {
    if let Some(version) = header.opt_int("version")?.filter(|version| *version != 2) {
        return Err(unexpected("version".to_owned(), Some(&version.into()), "2"));
    }
    match header.take("status") {
        Some(Value::String(status)) if status == "success" => {}
        Some(Value::String(status)) => report.note("status", &format!("the log is `{status}`")),
        _ => report.note("status", "the log is not finished"),
    }
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
    let samples = match eval.opt_object("dataset")? {
        Some(mut dataset) => dataset.take("samples").and_then(|count| count.as_u64()),
        None => None,
    };
    let epochs = match eval.opt_object("config")? {
        Some(mut config) => config.take("epochs").and_then(|count| count.as_u64()),
        None => None,
    };
    let model = eval.opt_string("model")?;
    header.take("version");
    eval.note_rest(report, "about the run; not kept");
    header.note_rest(report, "about the run; not kept");
    Ok(Head {
        task: Task {
            name: name.to_owned(),
            length: length.map(Tokens),
        },
        model,
        asked: samples.map(|samples| samples.saturating_mul(epochs.unwrap_or(1))),
    })
}
