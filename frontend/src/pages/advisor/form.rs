//! Evidence beyond the three questions: sources, resources and figures.

use fathom_shared::advise::evidence::{
    PositionEncoding, PositionFixMethod, PriorAdaptation, ReasoningDepth, TrainingCorpus,
    WeightAccess,
};
use leptos::prelude::*;

use super::AdvisorFields;
use super::limits::ThresholdFields;
use super::model::word;
use super::rows::{DepthRows, LongBenchRows, PositionFixRows, RulerRows};
use crate::state::results::ResultsState;
use crate::ui::field::TextField;

/// Everything beyond the three questions that the advice can take into account.
#[component]
pub(super) fn EvidenceFields(typed: AdvisorFields) -> impl IntoView {
    let names = move || {
        let names = typed.published.get().into_iter();
        let options = names.map(|name| (name.clone(), name)).collect::<Vec<_>>();
        view! { <SelectInput typed key="model" id="published" label="Published figures to use alongside your results" none="none" options /> }
    };
    view! {
        <section class="panel asked" aria-labelledby="asked-title">
            <h2 id="asked-title">"What else you know"</h2>
            <p class="hint">"Nothing here is required: the advice names what is missing and what it could change. The link in the address bar holds everything."</p>
            <fieldset>
                <legend>"The model and the work"</legend>
                {names}
                <ResultSetsField typed />
                <TextInput typed key="name" label="Name used in the verdict" />
                <SelectInput typed key="depth" label="Reasoning depth" none="the workload's default" options=vec![
                    (word(ReasoningDepth::Low), "low: retrieval".to_owned()),
                    (word(ReasoningDepth::Medium), "medium: a few passages together".to_owned()),
                    (word(ReasoningDepth::High), "high: step by step".to_owned()),
                ] />
            </fieldset>
            <fieldset>
                <legend>"What you have"</legend>
                <SelectInput typed key="tried" label="What has already been done to its window" options=vec![
                    (word(PriorAdaptation::None), "nothing".to_owned()),
                    (word(PriorAdaptation::Extended), "extended: positions rescaled".to_owned()),
                    (word(PriorAdaptation::Continued), "pretraining continued on long documents".to_owned()),
                ] />
                <SelectInput typed key="corpus" label="Long documents to train on" options=vec![
                    (word(TrainingCorpus::None), "none".to_owned()),
                    (word(TrainingCorpus::General), "some, general".to_owned()),
                    (word(TrainingCorpus::Domain), "some, from the work's own domain".to_owned()),
                ] />
                <TextInput typed key="budget" label="Budget (GPU-hours)" />
                <SelectInput typed key="weights" label="Weights" none="not given: assumed changeable" options=vec![
                    (word(WeightAccess::Fixed), "fixed: an API".to_owned()),
                    (word(WeightAccess::Open), "can be changed".to_owned()),
                ] />
                <SelectInput typed key="positions" label="Position encoding" none="not given: assumed rotary (RoPE)" options=vec![
                    (word(PositionEncoding::Rope), "rotary (RoPE)".to_owned()),
                    (word(PositionEncoding::Alibi), "ALiBi".to_owned()),
                    (word(PositionEncoding::None), "none: a state-space model".to_owned()),
                ] />
                <TextInput typed key="targets" label="Other lengths in tokens (64K 256K)" />
            </fieldset>
            <details open=!typed.form.with_untracked(|form| form.get("ruler").is_empty())>
                <summary>"RULER, entered by hand"</summary>
                <RulerRows typed />
            </details>
            <details open=!typed.form.with_untracked(|form| form.get("longbench").is_empty())>
                <summary>"LongBench v2, entered by hand"</summary>
                <LongBenchRows typed />
            </details>
            <details open=!typed.form.with_untracked(|form| form.get("fixed").is_empty())>
                <summary>"A position fix that was tried"</summary>
                <p class="hint">"RULER measured again after changing the positions, without training."</p>
                <SelectInput typed key="fix" label="Method" none="another method" options=PositionFixMethod::ALL.map(|one| (word(one), one.name().to_owned())).to_vec() />
                <PositionFixRows typed />
            </details>
            <details open=!typed.form.with_untracked(|form| form.get("depths").is_empty())>
                <summary>"Retrieval by depth in the text"</summary>
                <p class="hint">"Depth is the percentage of the text that comes before the needle: 0 is the beginning, 100 the end."</p>
                <DepthRows typed />
            </details>
            <details>
                <summary>"Windows, your own measurements, scores before adaptation"</summary>
                <p class="hint">"An empty window is filled in from the run's model or the published table. Enter scores in percent, with the number of samples if you know it: 61.5/500."</p>
                <TextInput typed key="claimed" label="Claimed window (tokens)" />
                <TextInput typed key="trained" label="Trained window (tokens)" />
                <TextInput typed key="own" label="Your own hold-out set (%)" />
                <TextInput typed key="human" label="People on the same questions (%; 53.7 on LongBench v2)" />
                <TextInput typed key="short" label="Short contexts, now (%)" />
                <TextInput typed key="before-short" label="Short contexts, before (%)" />
                <TextInput typed key="before-retrieval" label="Single needle, before (%)" />
                <TextInput typed key="before-hard" label="Multi-hop or aggregation, before (%)" />
                <TextInput typed key="before-longbench" label="LongBench v2 direct, before (%)" />
            </details>
            <details>
                <summary>"The model's size, for the costs"</summary>
                <p class="hint">"An empty field is filled in from the published table, or estimated from the number of parameters. For a mixture of experts, enter the active parameters. The attention width is the number of query heads times the width of each."</p>
                <TextInput typed key="parameters" label="Parameters (billions)" />
                <TextInput typed key="layers" label="Layers with attention" />
                <TextInput typed key="width" label="Attention width" />
                <TextInput typed key="devices" label="Number of devices to run it on" />
            </details>
            <details open=!typed.form.with_untracked(|form| form.get("limits").is_empty())>
                <summary>"Thresholds"</summary>
                <ThresholdFields typed />
            </details>
        </section>
    }
}

/// A text field whose value is a parameter of the address.
#[component]
pub(super) fn TextInput(
    typed: AdvisorFields,
    key: &'static str,
    label: &'static str,
) -> impl IntoView {
    view! { <TextField label id=key value=typed.text(key) fault=typed.fault(key) on_input=move |text| typed.put(key, text) /> }
}

/// A choice that is a parameter of the address; an empty one stands for `none`.
#[component]
pub(super) fn SelectInput(
    typed: AdvisorFields,
    key: &'static str,
    label: &'static str,
    /// Its name on the page, where that is not its key.
    #[prop(optional)]
    id: Option<&'static str>,
    #[prop(into, default = "not given".to_owned())] none: String,
    options: Vec<(String, String)>,
) -> impl IntoView {
    let id = id.unwrap_or(key);
    let value = Memo::new(move |_| typed.form.with(|form| form.get(key).to_owned()));
    let option = |(word, told): (String, String)| {
        let its = word.clone();
        view! { <option value=word selected=move || value.with(|value| *value == its)>{told}</option> }
    };
    let options = std::iter::once((String::new(), none)).chain(options);
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select id=id data-testid=id prop:value=value on:change:target=move |event| typed.put(key, event.target().value())>
                {options.map(option).collect_view()}
            </select>
        </div>
    }
}

/// The result sets that the advice takes into account.
#[component]
fn ResultSetsField(typed: AdvisorFields) -> impl IntoView {
    let results: ResultsState = expect_context();
    let asked = move || typed.read.with(|read| read.question.sets.clone());
    let name = move |key: &str| {
        let held = results.held;
        held.with(|held| {
            let set = held.iter().find(|one| one.key == key);
            set.map_or_else(
                || key.to_owned(),
                |set| format!("{} ({key})", set.about.model),
            )
        })
    };
    let lines = move || {
        let lines = asked()
            .into_iter()
            .map(|key| view! { <li data-testid="asked-set">{name(&key)}</li> });
        lines.collect_view()
    };
    view! {
        <TextInput typed key="run" label="Runs on the server, by number" />
        <ul class="held" aria-label="Your own results to include">{lines}</ul>
        <p class="hint"><a href="/results">"Results"</a>" holds files and runs; “Ask the advisor” there brings them here."</p>
    }
}
