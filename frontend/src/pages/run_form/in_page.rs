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

/// What of a run spec this browser cannot do with the model that is loaded.
///
/// # Errors
/// A sentence for each field at fault.
pub(super) fn checked(new: NewRun, model: &LoadedModel) -> Result<NewRun, FieldErrors> {
    let mut faults = FieldErrors::new();
    let mode = model.mode_fault(new.run_spec.mode);
    faults.extend(mode.map(|message| (RunField::Mode, message)));
    if new.run_spec.rope.is_some() {
        let message =
            "A run in this browser uses the model's own positions and does not support RoPE scaling."
                .to_owned();
        faults.push((RunField::Positions, message));
    }
    match faults.is_empty() {
        true => Ok(new),
        false => Err(faults),
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

#[cfg(test)]
mod tests {
    use fathom_shared::tokens::Tokens;
    use fathom_shared::transcript::EngineInfo;

    use super::super::draft::RunDraft;
    use super::*;

    fn loaded(has_template: bool) -> LoadedModel {
        LoadedModel {
            engine: EngineInfo {
                engine: EngineKind::Wgpu.to_string(),
                model: "base".to_owned(),
                ..EngineInfo::default()
            },
            why: String::new(),
            context: Tokens(4096),
            has_template,
            size_bytes: 0,
            load_ms: 0.0,
        }
    }

    #[test]
    fn a_model_without_a_chat_template_is_asked_without_one() {
        let run_of = |chat: bool, has_template: bool| {
            let model = loaded(has_template);
            let plan = RunDraft {
                chat,
                ..RunDraft::default()
            };
            let new = plan.new_run(&[engine(&model)], &[]).unwrap();
            checked(new, &model)
        };
        let faults = run_of(true, false).unwrap_err();
        let [(RunField::Mode, message)] = &faults[..] else {
            panic!("{faults:?}")
        };
        assert!(message.contains("base has no chat template"), "{message}");
        for (chat, has_template) in [(false, false), (true, true), (false, true)] {
            assert!(run_of(chat, has_template).is_ok());
        }
    }
}
