//! A second task beside the first, of the same length, seed and number.

use std::sync::Arc;

use fathom_shared::task::{self, TaskSpec};
use leptos::prelude::*;

use super::super::answer::linked;
use super::super::form::groups;
use super::super::reading::{DepthPanel, PromptLayout, SampleFacts};
use super::super::sample_query::{SampleQuery, SetSampleQuery};
use super::super::script::is_script;
use super::answers_panel::{SampleSignal, answer_here, strings_of};
use crate::protocol::{BuildError, BuildRequest, BuiltSample};
use crate::state::answer::AnswerState;
use crate::state::builder::BuilderState;
use crate::state::engine::{EngineState, ModelState};
use crate::ui::coded_text::coded;

/// The same request for another task, with that task's own options.
fn beside(request: &BuildRequest, task: &str) -> BuildRequest {
    let spec = &request.spec;
    BuildRequest {
        spec: TaskSpec {
            profile: spec.profile,
            ..TaskSpec::new(task, spec.max_seq_length, spec.random_seed)
        },
        ..request.clone()
    }
}

/// What a reader calls a task.
pub(super) fn title(id: &str) -> &'static str {
    task::find(id).map_or("", |task| task.title())
}

/// The piece of evidence that is looked at in `built`, the first gold one at first, and how to look
/// at another. What was looked at belongs to its sample.
pub(super) fn looked_at(built: SampleSignal) -> (Signal<Option<usize>>, Callback<Option<usize>>) {
    let hash = Memo::new(move |_| {
        built.with(|built| built.as_ref().map(|built| built.prompt_hash.clone()))
    });
    let chosen = RwSignal::new((None, None));
    let piece = Signal::derive(move || match (hash.get(), chosen.get()) {
        (hash, (of, piece)) if hash.is_some() && hash == of => piece,
        _ => built.with(|built| {
            let mut evidence = built.as_ref()?.sample.evidence.iter();
            evidence.position(|piece| piece.gold)
        }),
    });
    let set_piece = Callback::new(move |at| chosen.set((hash.get_untracked(), at)));
    (piece, set_piece)
}

/// The choice of a second task to compare with the first.
#[component]
pub(super) fn SecondTask(ask: Memo<SampleQuery>, set_ask: SetSampleQuery) -> impl IntoView {
    let groups = groups().into_iter().map(|(name, tasks)| {
        let tasks = tasks.into_iter().filter(|task| !is_script(task.id()));
        let options = tasks.map(|task| {
            let id = task.id();
            let chosen = move || ask.with(|ask| ask.beside.as_deref() == Some(id));
            view! { <option value=id selected=chosen>{task.title()}</option> }
        });
        view! { <optgroup label=name>{options.collect_view()}</optgroup> }
    });
    let choose = move |id: String| {
        set_ask.run(SampleQuery {
            beside: Some(id).filter(|id| !id.is_empty()),
            ..ask.get_untracked()
        });
    };
    view! {
        <label class="inline">
            <span>"Compare with"</span>
            <select class="short" data-testid="beside-task" on:change:target=move |event| choose(event.target().value())>
                <option value="" selected=move || ask.with(|ask| ask.beside.is_none())>"no second task"</option>
                {groups.collect_view()}
            </select>
        </label>
    }
}

/// The sample of the second task, with this browser's answer to it.
#[component]
pub(super) fn SecondSample(ask: Memo<SampleQuery>) -> impl IntoView {
    let (builder, lab): (BuilderState, EngineState) = (expect_context(), expect_context());
    let task = Memo::new(move |_| ask.with(|ask| ask.beside.clone()).unwrap_or_default());
    // It follows from the first one that is shown, so that both are of one length.
    let request = Memo::new(move |_| {
        let first = builder.built;
        first.with(|first| Some(beside(&first.as_ref()?.request, &task.get())))
    });
    // Towards the worker.
    Effect::new(move |_| {
        if let Some(request) = request.get() {
            builder.glances.build(request);
        }
    });
    let built: SampleSignal = Memo::new(move |_| {
        builder.glances.whole.with(|whole| {
            let built = whole.as_ref()?.as_ref().ok()?;
            (built.request.spec.task == task.get()).then(|| built.clone())
        })
    })
    .into();
    let late =
        move || built.with(|built| built.as_ref().map(|b| &b.request) != request.get().as_ref());
    let fault = move || {
        let message = |whole: &Result<Arc<BuiltSample>, BuildError>| {
            Some(whole.as_ref().err()?.message.clone())
        };
        builder.glances.whole.with(|whole| message(whole.as_ref()?))
    };
    let state = move || match (fault(), late()) {
        (Some(fault), _) => fault,
        (None, true) => "Building the sample…".to_owned(),
        (None, false) => String::new(),
    };
    let laid = Memo::new(move |_| {
        let lay = |built: &Arc<BuiltSample>| PromptLayout::new(&built.sample, &built.prompt);
        built.with(|built| built.as_ref().map(lay).unwrap_or_default())
    });
    let (piece, set_piece) = looked_at(built);
    let answer = answer_here(built);
    let strings = strings_of(built, answer);
    let lead = RwSignal::new(None);
    let go = Callback::new(move |at: usize| lead.set(Some(at)));
    let idle = move || {
        let loaded = lab
            .model
            .with(|model| matches!(model, ModelState::Ready(_)));
        loaded && lab.answer.with(|(_, answer)| !answer.is_running()) && !late()
    };
    let run = move |_| {
        if let Some(built) = built.get_untracked() {
            lab.ask(&built);
        }
    };
    view! {
        <article class="column" data-testid="second" aria-labelledby="second-title">
            <h3 id="second-title">{move || title(&task.get())}</h3>
            <p class="hint" role="status" data-testid="second-state">{move || coded(&state())}</p>
            <Show when=move || built.with(Option::is_some)>
                <SampleFacts built />
                <DepthPanel laid piece set_piece busy=Signal::derive(late) answered=strings lead label="The prompt of the second task" />
                <div class="answer">
                    <div class="inline off-stage">
                        <button class="primary" data-testid="run-second" disabled=move || !idle() on:click=run>"Run here"</button>
                        <button data-testid="cancel-second" disabled=move || !answer.with(AnswerState::is_running) on:click=move |_| lab.cancel()>"Cancel"</button>
                    </div>
                    {linked(answer, "second", strings.into(), go)}
                </div>
            </Show>
        </article>
    }
}

#[cfg(test)]
mod tests {
    use fathom_shared::tokens::Tokens;

    use super::*;

    #[test]
    fn the_second_is_of_the_same_length_seed_and_number() {
        let ask = SampleQuery {
            length: "2048".to_owned(),
            seed: "7".to_owned(),
            sample: "3".to_owned(),
            profile: "stratified".to_owned(),
            set: [("num_hops".to_owned(), "2".to_owned())].into(),
            ..SampleQuery::default().with_task("vt")
        };
        let first = ask.request().unwrap();
        let second = beside(&first, "niah_single_1");
        assert_eq!((second.sample, second.mode), (3, first.mode));
        let spec = second.spec;
        assert_eq!(spec.task, "niah_single_1");
        assert_eq!((spec.max_seq_length, spec.random_seed), (Tokens(2048), 7));
        assert_eq!(spec.profile, first.spec.profile);
        // An option of the first is none of the second's.
        assert!(spec.set.is_empty());
        assert!(!title("vt").is_empty() && title("nothing").is_empty());
    }
}
