//! Evidence, as it is asked for: where it comes from, what the model is wanted for, figures.

use fathom_shared::advise::Evidence;
use fathom_shared::advise::evidence::{
    Adaptation, Corpus, Depth, FixMethod, Positions, Tolerance, Weights, Workload,
};
use leptos::prelude::*;

use super::Typed;
use super::limits::Limits;
use super::model::word;
use super::rows::{Depths, Fixed, LongBench, Ruler};
use crate::state::results::Results;
use crate::ui::field::TextField;

#[component]
pub(super) fn Fields(typed: Typed) -> impl IntoView {
    let names = Evidence::published_names()
        .into_iter()
        .map(|name| (name.clone(), name));
    let workloads = Workload::ALL.map(|one| (word(one), one.name().to_owned()));
    let clear = move |_| typed.set.run(super::model::Form::default());
    view! {
        <section class="panel asked" aria-labelledby="advisor-title">
            <div class="head">
                <h1 id="advisor-title">"Advisor"</h1>
                <p class="hint">"Keep the model, let it reason longer, retrieve passages, try a position fix, extend its window, continue its pretraining, take another model or retrain? Enter what you know: what is missing is named, with what it could change. The address keeps all of it."</p>
            </div>
            <fieldset>
                <legend>"The model"</legend>
                <Choice typed key="model" label="Published figures" none="none" options=names.collect() />
                <Sets typed />
                <Text typed key="name" label="Its name in the verdict" />
            </fieldset>
            <fieldset>
                <legend>"What it is for"</legend>
                <Choice typed key="for" label="Workload" options=workloads.to_vec() />
                <Choice typed key="errors" label="Error tolerance" options=vec![
                    (word(Tolerance::SomeMisses), "some misses".to_owned()),
                    (word(Tolerance::HumanLevel), "no more than people make".to_owned()),
                    (word(Tolerance::None), "none".to_owned()),
                ] />
                <Text typed key="target" label="Length of the texts, tokens (128K)" />
                <Choice typed key="depth" label="Reasoning depth" none="as the workload has it" options=vec![
                    (word(Depth::Low), "low: retrieval".to_owned()),
                    (word(Depth::Medium), "medium: a few passages together".to_owned()),
                    (word(Depth::High), "high: step by step".to_owned()),
                ] />
            </fieldset>
            <fieldset>
                <legend>"What you have"</legend>
                <Choice typed key="tried" label="Already done to its window" options=vec![
                    (word(Adaptation::None), "nothing".to_owned()),
                    (word(Adaptation::Extended), "extended: positions rescaled".to_owned()),
                    (word(Adaptation::Continued), "pretraining continued on long documents".to_owned()),
                ] />
                <Choice typed key="corpus" label="Long documents to train on" options=vec![
                    (word(Corpus::None), "none".to_owned()),
                    (word(Corpus::General), "some, of other kinds".to_owned()),
                    (word(Corpus::Domain), "of the work's own kind".to_owned()),
                ] />
                <Text typed key="budget" label="Budget, GPU-hours" />
                <Choice typed key="weights" label="Weights" none="can be changed" options=vec![
                    (word(Weights::Fixed), "fixed: an API".to_owned()),
                    (word(Weights::Open), "can be changed".to_owned()),
                ] />
                <Choice typed key="positions" label="Positions" none="rotary (RoPE)" options=vec![
                    (word(Positions::Rope), "rotary (RoPE)".to_owned()),
                    (word(Positions::Alibi), "ALiBi".to_owned()),
                    (word(Positions::None), "none: a state-space model".to_owned()),
                ] />
                <Text typed key="targets" label="Further lengths, tokens (64K 256K)" />
            </fieldset>
            <details open=!typed.form.with_untracked(|form| form.get("ruler").is_empty())>
                <summary>"RULER, typed in"</summary>
                <Ruler typed />
            </details>
            <details open=!typed.form.with_untracked(|form| form.get("longbench").is_empty())>
                <summary>"LongBench v2, typed in"</summary>
                <LongBench typed />
            </details>
            <details open=!typed.form.with_untracked(|form| form.get("fixed").is_empty())>
                <summary>"A position fix that was tried"</summary>
                <p class="hint">"RULER measured again with positions changed and nothing trained."</p>
                <Choice typed key="fix" label="Which" none="another one" options=FixMethod::ALL.map(|one| (word(one), one.name().to_owned())).to_vec() />
                <Fixed typed />
            </details>
            <details open=!typed.form.with_untracked(|form| form.get("depths").is_empty())>
                <summary>"What was found, by depth in the text"</summary>
                <p class="hint">"Depth is the percentage of the text that stands before the needle: 0 is the beginning, 100 the end."</p>
                <Depths typed />
            </details>
            <details>
                <summary>"Windows, own figures, before the adaptation"</summary>
                <p class="hint">"An empty window is taken from the run's model or the published table. Shares in percent, with the number of samples where it is known: 61.5/500."</p>
                <Text typed key="claimed" label="Claimed window, tokens" />
                <Text typed key="trained" label="Trained window, tokens" />
                <Text typed key="own" label="Own hold-outs" />
                <Text typed key="human" label="People on the same questions (default 53.7)" />
                <Text typed key="short" label="Short texts, today" />
                <Text typed key="before-short" label="Short texts, before" />
                <Text typed key="before-retrieval" label="Single needle, before" />
                <Text typed key="before-hard" label="Multi-hop or aggregation, before" />
                <Text typed key="before-longbench" label="LongBench v2 direct, before" />
            </details>
            <details>
                <summary>"The model's size, for costs"</summary>
                <p class="hint">"An empty field is taken from the published table, or estimated from the parameters. For a mixture of experts, enter the active ones. Attention width: query heads times their width."</p>
                <Text typed key="parameters" label="Parameters, billions" />
                <Text typed key="layers" label="Layers with attention" />
                <Text typed key="width" label="Attention width" />
                <Text typed key="devices" label="Devices to run it on" />
            </details>
            <details open=!typed.form.with_untracked(|form| form.get("limits").is_empty())>
                <summary>"Thresholds"</summary>
                <Limits typed />
            </details>
            <button class="quiet" type="button" data-testid="clear-advisor" on:click=clear>"Clear all"</button>
        </section>
    }
}

/// A field of the address.
#[component]
pub(super) fn Text(typed: Typed, key: &'static str, label: &'static str) -> impl IntoView {
    view! { <TextField label id=key value=typed.text(key) fault=typed.fault(key) on_input=move |text| typed.put(key, text) /> }
}

/// A choice of the address; none is one of them.
#[component]
pub(super) fn Choice(
    typed: Typed,
    key: &'static str,
    label: &'static str,
    #[prop(default = "not given")] none: &'static str,
    options: Vec<(String, String)>,
) -> impl IntoView {
    let value = Memo::new(move |_| typed.form.with(|form| form.get(key).to_owned()));
    let option = |(word, told): (String, String)| {
        let its = word.clone();
        view! { <option value=word selected=move || value.with(|value| *value == its)>{told}</option> }
    };
    let options = std::iter::once((String::new(), none.to_owned())).chain(options);
    view! {
        <div class="field">
            <label for=key>{label}</label>
            <select id=key data-testid=key prop:value=value on:change:target=move |event| typed.put(key, event.target().value())>
                {options.map(option).collect_view()}
            </select>
        </div>
    }
}

/// The sets that are asked about.
#[component]
fn Sets(typed: Typed) -> impl IntoView {
    let results: Results = expect_context();
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
        <Text typed key="run" label="Runs of the server, by number" />
        <ul class="held" aria-label="Own results that are asked about">{lines}</ul>
        <p class="hint"><a href="/results">"Results"</a>" holds files and runs; “Ask the advisor” there brings them here."</p>
    }
}
