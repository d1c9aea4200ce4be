//! This browser among the engines: what the model that is loaded in it can answer.

use fathom_shared::api::{EngineView, NewRun};
use fathom_shared::engine::EngineKind;

use super::{FieldErrors, RunField};
use crate::protocol::{LoadedModel, PageRunCall, PageRunReply, RunKey};
use crate::state::engine::EngineState;

/// The word in the address.
pub(super) const NAME: &str = "page";

/// The loaded model as one of the engines.
pub(super) fn engine(model: &LoadedModel) -> EngineView {
    EngineView {
        engine: model.engine.engine.parse().unwrap_or(EngineKind::Wgpu),
        models: vec![model.engine.model.clone()],
        context: Some(model.context),
    }
}

/// What of a run spec this browser cannot do.
///
/// # Errors
/// A sentence for the field at fault.
pub(super) fn checked(new: NewRun) -> Result<NewRun, FieldErrors> {
    match new.run_spec.rope {
        Some(_) => {
            let message =
                "A run in this browser uses the model's own positions and does not support RoPE scaling."
                    .to_owned();
            Err(vec![(RunField::Positions, message)])
        }
        None => Ok(new),
    }
}

/// Has this browser answer; `then` gets the run, or the sentence why there is none.
pub(super) fn start(
    lab: EngineState,
    new: NewRun,
    then: impl FnOnce(Result<RunKey, String>) + 'static,
) {
    let new = Box::new(new);
    lab.call(PageRunCall::Start { new }, move |outcome| {
        then(outcome.and_then(|reply| match reply {
            PageRunReply::Run(run) => Ok(RunKey::Page(run.id)),
            _ => Err("The worker did not return a run.".to_owned()),
        }));
    });
}
