//! Options that most runs leave unchanged: the first sample, the profile, the positions.

use fathom_shared::task::Profile;
use leptos::prelude::*;

use super::super::form::profile_says;
use super::draft::{KINDS, RopeKind, RopeNumber};
use super::{RunField, RunForm};
use crate::ui::coded_text::coded_message;
use crate::ui::field::TextField;

/// The fields that most runs leave alone, folded.
#[component]
pub(super) fn AdvancedFields(form: RunForm) -> impl IntoView {
    let plan = form.plan;
    // It unfolds for what it says; what is unfolded stays so.
    let unfolded = Memo::new(move |before: Option<&bool>| {
        before == Some(&true)
            || plan.with(super::RunDraft::says_more)
            || form.checked.with(|checked| {
                let faults = checked.as_ref().err();
                faults.is_some_and(|faults| faults.iter().any(|(part, _)| part.is_folded()))
            })
    });
    let first = Signal::derive(move || plan.with(|plan| plan.first.clone()));
    view! {
        <details class="more" data-testid="more" open=unfolded>
            <summary>"More options: first sample, profile, RoPE scaling"</summary>
            <div class="choices">
                <div class="row">
                    <TextField label="First sample" id="run-first" numeric=true value=first
                        fault=form.fault(RunField::First)
                        on_input=move |text: String| form.edit(|plan| plan.first = text) />
                    <div class="field wide">
                        <label for="run-profile">"Profile for RULER tasks"</label>
                        <select id="run-profile" data-testid="run-profile" on:change:target=move |event| {
                            let name = event.target().value();
                            form.edit(|plan| plan.profile = name);
                        }>
                            {Profile::ALL.map(|known| view! {
                                <option value=known.name() selected=move || plan.with(|plan| plan.profile == known.name())>
                                    {profile_says(known)}
                                </option>
                            }).collect_view()}
                        </select>
                        <p class="fault" role="alert" data-testid="run-profile-fault">{coded_message(form.fault(RunField::Profile))}</p>
                    </div>
                </div>
                <PositionsField form />
            </div>
        </details>
    }
}

/// The kind of RoPE scaling and its parameters.
#[component]
fn PositionsField(form: RunForm) -> impl IntoView {
    let plan = form.plan;
    let takes = Memo::new(move |_| {
        form.engines.with(|engines| {
            plan.with(|plan| {
                let engine = plan.engine(engines.as_deref()?);
                engine.map(|view| view.engine.takes_positions() && !form.in_page.get())
            })
        })
    });
    let is_own = Memo::new(move |_| plan.with(|plan| plan.positions.kind.is_empty()));
    let kind = Memo::new(move |_| plan.with(|plan| plan.positions.kind().map(|kind| kind.name)));
    let numbers = move || {
        let kind = kind.get()?;
        let kind = KINDS.iter().find(|known| known.name == kind)?;
        Some(numbers(kind, form))
    };
    let option = move |kind: &'static RopeKind| {
        let name = kind.name;
        view! {
            <option value=name selected=move || plan.with(|plan| plan.positions.kind == name)>
                {kind.about} " (" {name} ")"
            </option>
        }
    };
    view! {
        <Show when=move || takes.get() != Some(false) || !is_own.get()
            fallback=|| view! { <p class="hint">"This engine uses the model's own positions and does not support RoPE scaling."</p> }>
            <div class="field">
                <label for="run-rope">"Positions (RoPE)"</label>
                <select id="run-rope" data-testid="run-rope" on:change:target=move |event| {
                    let kind = event.target().value();
                    form.edit(|plan| plan.positions.choose(kind));
                }>
                    <option value="" selected=is_own>"the model's own"</option>
                    {KINDS.iter().map(option).collect_view()}
                </select>
                <p class="fault" role="alert" data-testid="run-rope-fault">{coded_message(form.fault(RunField::Positions))}</p>
            </div>
            {numbers}
        </Show>
    }
}

fn numbers(kind: &'static RopeKind, form: RunForm) -> impl IntoView {
    let plan = form.plan;
    let field = move |number: &'static RopeNumber| {
        let name = number.name;
        let value = Signal::derive(move || {
            plan.with(|plan| plan.positions.set.get(name).cloned().unwrap_or_default())
        });
        let put = move |text: String| {
            form.edit(move |plan| drop(plan.positions.set.insert(name.to_owned(), text)));
        };
        view! {
            <TextField label=number.label id=name value fault=form.fault(RunField::Number(name)) on_input=put />
        }
    };
    view! { <div class="row who">{kind.numbers.iter().map(field).collect_view()}</div> }
}
