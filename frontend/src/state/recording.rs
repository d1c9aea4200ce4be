//! The recorded run that comes with the page, fetched once as a whole.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client;
use crate::protocol::{RECORDED_SAMPLES, Recording};

/// The recording, as far as it is here.
#[derive(Clone, Copy)]
pub(crate) struct RecordingState {
    /// The recording, or why it is not here.
    pub(crate) got: RwSignal<Option<Result<Arc<Recording>, String>>>,
    asked: StoredValue<bool>,
}

impl RecordingState {
    pub(crate) fn new() -> Self {
        Self {
            got: RwSignal::new(None),
            asked: StoredValue::new(false),
        }
    }

    /// Wants it here, unless it is or is on its way.
    pub(crate) fn want(self) {
        if self.asked.get_value() {
            return;
        }
        self.asked.set_value(true);
        spawn_local(async move {
            let text = client::page_text(RECORDED_SAMPLES).await;
            let read = text.and_then(|text| {
                let read = serde_json::from_str(&text).map(Arc::new);
                read.map_err(|error| format!("{RECORDED_SAMPLES} cannot be read: {error}."))
            });
            if read.is_err() {
                // Another visit of the page may ask again.
                self.asked.set_value(false);
            }
            self.got.set(Some(read));
        });
    }
}
