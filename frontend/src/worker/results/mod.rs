//! Holds result sets and reckons with them, so that the page need not wait.

mod advisor; // gathers evidence and asks the advisor
mod digest; // summarises a result set for the page
mod files; // reads files as result sets

use std::collections::BTreeMap;

use fathom_shared::formats::RowId;
use fathom_shared::results::series::{DegradationWatch, series};
use fathom_shared::results::{
    Comparison, ComparisonPlan, ComparisonSubject, ResultOrigin, ResultSet, compare, report,
};
use fathom_shared::run::SampleKey;
use js_sys::{Array, JsString, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, FileReaderSync};

use crate::protocol::results::{
    FromResults, ResultsCall, ResultsReply, SetComparison, SetKey, ToResults,
};
use crate::worker_host::say as said;
use advisor::advised;
use digest::digest;

/// How many differing samples are listed; their number is always given.
const TOLD: usize = 60;

#[derive(Default)]
struct HeldSets {
    sets: BTreeMap<SetKey, ResultSet>,
}

pub(super) fn start() {
    let mut held = HeldSets::default();
    super::listen(move |ToResults { ticket, call }, beside| {
        let outcome = held.hear(call, &beside).map(Box::new);
        super::say(&FromResults::Done { ticket, outcome }, &JsValue::UNDEFINED);
    });
    super::say(&FromResults::Hello, &JsValue::UNDEFINED);
}

impl HeldSets {
    fn hear(&mut self, call: ResultsCall, came: &JsValue) -> Result<ResultsReply, String> {
        match call {
            ResultsCall::Files { paths, length } => {
                let read = files::read(&paths, length, &bytes(came)?)?;
                let digests = read.into_iter().map(|(mut set, losses)| {
                    self.tell_apart(&mut set.about.name);
                    let key = format!("file:{}", set.about.name);
                    if let Some(before) = self.sets.remove(&key) {
                        set = join(before, set);
                    }
                    let digest = digest(&key, &set, losses);
                    self.sets.insert(key, set);
                    digest
                });
                Ok(ResultsReply::Sets(digests.collect()))
            }
            ResultsCall::Hold { key } => {
                let text = came.dyn_ref::<JsString>().map(String::from);
                let set: ResultSet = serde_json::from_str(&text.unwrap_or_default())
                    .map_err(|error| format!("This is no result set: {error}."))?;
                let digest = digest(&key, &set, Vec::new());
                self.sets.insert(key, set);
                Ok(ResultsReply::Sets(vec![digest]))
            }
            ResultsCall::Drop { key } => {
                self.sets.remove(&key);
                Ok(ResultsReply::Done)
            }
            ResultsCall::Compare {
                first,
                others,
                margin,
            } => {
                let (first, others) = (self.set(&first)?, self.all(&others)?);
                let plan = ComparisonPlan {
                    margin: Some(margin / 100.0),
                    wanted: Some(margin / 100.0),
                    ..ComparisonPlan::default()
                };
                let compared = compare(first, &others, &plan).into_iter().zip(&others);
                let each = compared.map(|(comparison, second)| versus(comparison, first, second));
                Ok(ResultsReply::Compared(each.collect()))
            }
            ResultsCall::Series { keys, short } => {
                let sets = self.all(&keys)?;
                let (baseline, others) = sets.split_first().ok_or("There is no baseline.")?;
                let watch = DegradationWatch {
                    short,
                    ..DegradationWatch::default()
                };
                Ok(ResultsReply::Series(series(baseline, others, &watch)))
            }
            ResultsCall::Report { keys, made, beside } => {
                let version = env!("CARGO_PKG_VERSION").to_owned();
                let stamp = report::ReportHead { made, version };
                let (ruler, longbench) = (&beside.ruler, &beside.longbench);
                let beside = report::PublishedModels::named(ruler, longbench, &beside.ranked);
                let page = report::html(&self.all(&keys)?, &stamp, &beside);
                Ok(ResultsReply::Report(page))
            }
            ResultsCall::Advise { question } => {
                let sets = question.sets.iter().map(|key| self.set(key));
                let sets = sets.collect::<Result<Vec<_>, _>>()?;
                Ok(ResultsReply::Advised(Box::new(advised(&question, &sets)?)))
            }
        }
    }

    /// Sets that nothing names get a number; of those with a name the last counts.
    fn tell_apart(&self, name: &mut String) {
        if files::UNNAMED.contains(&name.as_str()) {
            let is_held = |name: &str| self.sets.contains_key(&format!("file:{name}"));
            let numbered = (2..).map(|number| format!("{name} {number}"));
            let mut names = std::iter::once(name.clone()).chain(numbered);
            if let Some(free) = names.find(|name| !is_held(name)) {
                *name = free;
            }
        }
    }

    fn set(&self, key: &str) -> Result<&ResultSet, String> {
        let set = self.sets.get(key);
        set.ok_or_else(|| format!("`{key}` is not loaded here. Reload the page."))
    }

    fn all(&self, keys: &[SetKey]) -> Result<Vec<ResultSet>, String> {
        keys.iter().map(|key| self.set(key).cloned()).collect()
    }
}

/// Files of the same name belong to one model: what was read again replaces what was there, and the
/// rest stays.
fn join(before: ResultSet, mut set: ResultSet) -> ResultSet {
    if let (ResultOrigin::File { format: old }, ResultOrigin::File { format }) =
        (&before.about.origin, &mut set.about.origin)
    {
        *format = match old.contains(format.as_str()) {
            true => old.clone(),
            false => format!("{old} and {format}"),
        };
    }
    let kept = before.cells.into_iter();
    let kept = kept.filter(|cell| !set.cells.iter().any(|new| new.is_like(cell)));
    let mut cells: Vec<_> = kept.collect();
    cells.append(&mut set.cells);
    ResultSet::new(set.about, cells)
}

/// A comparison as the page shows it.
fn versus(mut comparison: Comparison, first: &ResultSet, second: &ResultSet) -> SetComparison {
    let lengths = comparison.lengths.iter_mut();
    let rows = lengths.chain(&mut comparison.categories);
    for one in rows.chain(&mut comparison.questions) {
        // These are in the cells already.
        one.discordant.clear();
    }
    let cells = comparison.cells.iter_mut();
    let pages = cells.map(|one| {
        one.discordant.truncate(TOLD);
        let (here, there) = (places(first, &one.subject), places(second, &one.subject));
        let page = |set: &ResultSet, places: &BTreeMap<&RowId, SampleKey>, id: &RowId| {
            let run = set.about.origin.href()?;
            let SampleKey { cell, sample } = places.get(id)?;
            Some(format!("{run}?cell={cell}&sample={sample}"))
        };
        let pages = one.discordant.iter().map(|sample| {
            [
                page(first, &here, &sample.id),
                page(second, &there, &sample.id),
            ]
        });
        pages.collect()
    });
    SetComparison {
        pages: pages.collect(),
        comparison,
    }
}

/// The keys of a cell's samples in their run.
fn places<'a>(set: &'a ResultSet, subject: &ComparisonSubject) -> BTreeMap<&'a RowId, SampleKey> {
    let ComparisonSubject::Cell {
        task,
        length,
        variant,
    } = subject
    else {
        return BTreeMap::new();
    };
    let cells = set.cells.iter();
    let cells = cells
        .filter(|cell| cell.task == *task && cell.length == *length && cell.variant == *variant);
    let samples = cells.flat_map(|cell| &cell.samples);
    samples
        .filter_map(|sample| Some((&sample.id, sample.place?)))
        .collect()
}

/// The bytes of files.
fn bytes(files: &JsValue) -> Result<Vec<Vec<u8>>, String> {
    let cannot = |error: JsValue| format!("A file could not be read: {}.", said(&error));
    let reader = FileReaderSync::new().map_err(cannot)?;
    let files = Array::from(files);
    let each = files.iter().map(|file| {
        let file: Blob = file.dyn_into().map_err(cannot)?;
        let buffer = reader.read_as_array_buffer(&file).map_err(cannot)?;
        Ok(Uint8Array::new(&buffer).to_vec())
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::results::{ResultCell, ResultSetInfo};
    use fathom_shared::tokens::Tokens;

    #[test]
    fn files_of_one_name_complete_one_another() {
        let set = |format: &str, cells: &[(&str, u32)]| {
            let cells = cells.iter();
            let cells = cells.map(|(task, length)| {
                ResultCell::new(task, Some(Tokens(*length)), "", Default::default())
            });
            let about = ResultSetInfo {
                name: "a".to_owned(),
                model: String::new(),
                origin: ResultOrigin::File {
                    format: format.to_owned(),
                },
            };
            ResultSet::new(about, cells.collect())
        };
        let ruler = set("RULER predictions", &[("vt", 4096), ("cwe", 4096)]);
        let more = set("RULER predictions", &[("vt", 4096), ("vt", 8192)]);
        let both = join(
            join(ruler, more),
            set("LongBench v2 predictions", &[("x", 1)]),
        );
        assert_eq!(both.cells.len(), 4);
        let told = ResultOrigin::File {
            format: "RULER predictions and LongBench v2 predictions".to_owned(),
        };
        assert_eq!(both.about.origin, told);
    }
}
