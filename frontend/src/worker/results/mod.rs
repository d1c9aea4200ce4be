//! Holds result sets and reckons with them, so that the page need not wait.

mod digest;
mod files;

use std::collections::BTreeMap;

use fathom_shared::results::series::{Watch, series};
use fathom_shared::results::{Comparison, Plan, ResultSet, compare};
use js_sys::{Array, JsString, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, FileReaderSync};

use super::host::say as said;
use super::protocol::results::{Call, FromResults, Reply, SetKey, ToResults};
use digest::digest;

/// Samples that differ are told one by one up to here; their number is told in any case.
const TOLD: usize = 60;

#[derive(Default)]
struct Held {
    sets: BTreeMap<SetKey, ResultSet>,
}

pub(super) fn start() {
    let mut held = Held::default();
    super::listen(move |ToResults { ticket, call }, beside| {
        let outcome = held.hear(call, &beside).map(Box::new);
        super::say(&FromResults::Done { ticket, outcome }, &JsValue::UNDEFINED);
    });
    super::say(&FromResults::Hello, &JsValue::UNDEFINED);
}

impl Held {
    fn hear(&mut self, call: Call, came: &JsValue) -> Result<Reply, String> {
        match call {
            Call::Files { paths, length } => {
                let read = files::read(&paths, length, &bytes(came)?)?;
                let digests = read.into_iter().map(|(set, losses)| {
                    let key = format!("file:{}", set.about.name);
                    let digest = digest(&key, &set, losses);
                    self.sets.insert(key, set);
                    digest
                });
                Ok(Reply::Sets(digests.collect()))
            }
            Call::Hold { key } => {
                let text = came.dyn_ref::<JsString>().map(String::from);
                let set: ResultSet = serde_json::from_str(&text.unwrap_or_default())
                    .map_err(|error| format!("This is no result set: {error}."))?;
                let digest = digest(&key, &set, Vec::new());
                self.sets.insert(key, set);
                Ok(Reply::Sets(vec![digest]))
            }
            Call::Drop { key } => {
                self.sets.remove(&key);
                Ok(Reply::Done)
            }
            Call::Compare {
                first,
                others,
                margin,
            } => {
                let others = self.all(&others)?;
                let plan = Plan {
                    margin: Some(margin / 100.0),
                    wanted: Some(margin / 100.0),
                    ..Plan::default()
                };
                let mut compared = compare(self.set(&first)?, &others, &plan);
                compared.iter_mut().for_each(shorten);
                Ok(Reply::Compared(compared))
            }
            Call::Series { keys } => {
                let sets = self.all(&keys)?;
                let (baseline, others) = sets.split_first().ok_or("There is no baseline.")?;
                Ok(Reply::Series(series(baseline, others, &Watch::default())))
            }
        }
    }

    fn set(&self, key: &str) -> Result<&ResultSet, String> {
        let set = self.sets.get(key);
        set.ok_or_else(|| format!("`{key}` is not held here. Reload the page."))
    }

    fn all(&self, keys: &[SetKey]) -> Result<Vec<ResultSet>, String> {
        keys.iter().map(|key| self.set(key).cloned()).collect()
    }
}

fn shorten(comparison: &mut Comparison) {
    for one in &mut comparison.cells {
        one.discordant.truncate(TOLD);
    }
    // These are in the cells already.
    let more = comparison.lengths.iter_mut();
    for one in more.chain(&mut comparison.questions) {
        one.discordant.clear();
    }
}

/// The bytes of files.
fn bytes(files: &JsValue) -> Result<Vec<Vec<u8>>, String> {
    let cannot = |error: JsValue| format!("A file cannot be read: {}.", said(&error));
    let reader = FileReaderSync::new().map_err(cannot)?;
    let files = Array::from(files);
    let each = files.iter().map(|file| {
        let file: Blob = file.dyn_into().map_err(cannot)?;
        let buffer = reader.read_as_array_buffer(&file).map_err(cannot)?;
        Ok(Uint8Array::new(&buffer).to_vec())
    });
    each.collect()
}
