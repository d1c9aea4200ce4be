//! Earlier versions of the page kept answers to questions beside all runs, in the browser's local
//! storage. They become rows of runs once.

use super::engine::EngineState;
use super::settings::storage;
use crate::protocol::{EarlierAnswer, PageRunCall};

const KEY: &str = "fathom.longbench";

/// Sends the worker what an earlier version kept, if there is any.
pub(crate) fn adopt(lab: EngineState) {
    let Some(storage) = storage() else {
        return;
    };
    let Ok(Some(kept)) = storage.get_item(KEY) else {
        return;
    };
    let Ok(answers) = serde_json::from_str::<Vec<EarlierAnswer>>(&kept) else {
        return;
    };
    // Taken out first, so that another tab does not hand them over as well.
    if storage.remove_item(KEY).is_err() {
        return;
    }
    lab.call(PageRunCall::Adopt { answers }, move |adopted| {
        if adopted.is_err() {
            // They wait for the next visit; what a full store loses was told as not kept.
            let _kept = storage.set_item(KEY, &kept);
        }
    });
}
