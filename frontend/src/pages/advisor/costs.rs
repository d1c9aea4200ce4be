//! The cost of measuring and adapting: operations, time, money, with the formulas.

use fathom_shared::advise::costs::{EvaluationPlan, Hardware, ModelDimensions};
use fathom_shared::advise::training::BudgetFit;
use fathom_shared::numbers::span;
use fathom_shared::tokens::Tokens;
use leptos::prelude::*;

use super::super::display;
use super::form::{SelectInput, TextInput};
use super::model::{AdvisorForm, TOKENS, WHOLE, of_tokens, positive, whole};
use super::{AdviceShown, AdvisorFields};
use crate::protocol::results::{AdvisorAnswer, ShownEvidence};
use crate::ui::coded_text::coded;

/// The costs of evaluation and adaptation, with the fields they depend on.
#[component]
pub(super) fn CostsPanel(typed: AdvisorFields, advised: AdviceShown) -> impl IntoView {
    let known = Memo::new(move |_| {
        let advised = advised.get()?;
        let names = advised.evidence.hardware.iter();
        Some(names.map(|one| one.name.clone()).collect::<Vec<_>>())
    });
    let choice = move || {
        let mut names = known.get().unwrap_or_default().into_iter();
        let first = names.next().unwrap_or_default();
        let others = names.map(|name| (name.clone(), name)).collect::<Vec<_>>();
        view! { <SelectInput typed key="on" label="Hardware" none=first options=others /> }
    };
    let told = Memo::new(move |_| {
        let advised = advised.get()?;
        Some(typed.form.with(|form| costs(form, &advised)))
    });
    let lines = move |of: fn(&CostText) -> &Vec<(&'static str, String)>| {
        move || {
            let lines = told.with(|told| {
                told.as_ref()
                    .map(|told| of(told).clone())
                    .unwrap_or_default()
            });
            lines
                .into_iter()
                .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{coded(&value)}</dd></div> })
                .collect_view()
        }
    };
    let assumed = move || told.with(|told| told.as_ref().map(|told| told.assumed.clone()));
    view! {
        <section class="panel costs" aria-labelledby="costs-title">
            <h2 id="costs-title">"Costs"</h2>
            <div class="pickers">
                {choice}
                <TextInput typed key="price" label="Price of a GPU-hour (USD)" />
            </div>
            <h3>"Evaluation"</h3>
            <details>
                <summary>"What to evaluate"</summary>
                <p class="hint">"Empty fields take their values from the next experiment. If there is none: all 13 tasks, 100 samples each, at 4K and at the target length."</p>
                <div class="pickers">
                    <TextInput typed key="tasks" label="Tasks" />
                    <TextInput typed key="lengths" label="Lengths, tokens (4K 128K)" />
                    <TextInput typed key="samples" label="Samples per task and length" />
                    <TextInput typed key="checkpoints" label="Checkpoints" />
                    <TextInput typed key="answer" label="Tokens per answer" />
                </div>
            </details>
            <dl class="facts" data-testid="cost-measuring">{lines(|told| &told.measuring)}</dl>
            <h3>"Adaptation"</h3>
            <dl class="facts" data-testid="cost-adapting">{lines(|told| &told.adapting)}</dl>
            <p class="hint">"Operations, with N parameters, L layers and attention width W (arXiv 2001.08361): reading T tokens takes " <code>"2 N T + 2 L W T²"</code> ", writing one more token " <code>"2 N + 4 L W T"</code> ", and training on D tokens " <code>"6 N D"</code> " for the weights and " <code>"6 L W T D"</code> " for attention. Time to read: operations divided by peak × utilisation. Time to write: the same, or the bytes of weights and cache divided by bandwidth × utilisation, whichever is longer. Time to train: at 14% to 35% of the peak, as four public runs reached."</p>
            <p class="hint" data-testid="assumed">{assumed}</p>
        </section>
    }
}

#[derive(Clone, PartialEq, Debug, Default)]
struct CostText {
    measuring: Vec<(&'static str, String)>,
    adapting: Vec<(&'static str, String)>,
    assumed: String,
}

fn costs(form: &AdvisorForm, advised: &AdvisorAnswer) -> CostText {
    let mut told = CostText::default();
    let known = &advised.evidence.hardware;
    let on = known.iter().find(|one| one.name == form.get("on"));
    let Some(on) = on.or(known.first()) else {
        return told;
    };
    let price = positive(form.get("price"));
    told.assumed = format!(
        "Assumed for {}: a peak of {} TFLOP/s and {} GB/s ({}), of which {:.0}% is reached.{}",
        on.name,
        on.teraflops,
        on.gigabytes_per_s,
        on.source,
        on.utilisation * 100.0,
        size(&advised.evidence)
    );
    let (evidence, advice) = (&advised.evidence, &advised.advice);
    match planned(form, evidence, advice.next.plan()) {
        Ok(plan) => told.measuring = measuring(&plan, evidence.model.as_ref(), on, price),
        Err(fault) => told.measuring.push(("Error", fault)),
    }
    let (Some(cost), Some(path)) = (&advice.cost, &advice.path) else {
        told.adapting.push((
            "Training",
            "None: this verdict trains no weights.".to_owned(),
        ));
        return told;
    };
    let mut add = |name, value: String| told.adapting.push((name, value));
    add(
        "The article",
        format!(
            "“{}” of GPU-hours, its authors’ own estimate. {}",
            path.gpu_hours, cost.beside_the_article
        ),
    );
    let planned = cost.planned();
    add("Training", cost.says());
    match price {
        Some(price) => add(
            "Cost",
            format!(
                "{} at {} an hour",
                span(
                    planned.low * price,
                    planned.high * price,
                    display::about_dollars
                ),
                display::dollars(price)
            ),
        ),
        None => add("Cost", "enter the price of a GPU-hour".to_owned()),
    }
    if let Some(budget) = cost.budget {
        let held = match budget {
            BudgetFit::Holds => "covers it",
            BudgetFit::Perhaps => "covers the low estimate, not the high one",
            BudgetFit::About => "is about the low estimate",
            BudgetFit::TooSmall => "does not cover it",
        };
        add("Budget", held.to_owned());
    }
    add(
        "Tokens",
        format!(
            "{:.1e} to {:.1e}, in texts of at least {:#} tokens: {}",
            cost.tokens.low, cost.tokens.high, cost.length, cost.tokens_source
        ),
    );
    match (cost.weight_flops, cost.attention_flops) {
        (Some(weights), Some(attention)) => add(
            "Operations",
            format!(
                "{:.1e} to {:.1e} for the weights, {:.1e} to {:.1e} for attention",
                weights.low, weights.high, attention.low, attention.high
            ),
        ),
        _ => add("Operations", NO_SIZE.to_owned()),
    }
    if let Some(memory) = &advice.memory {
        add("Memory", memory.says());
    }
    add("Data", path.scarcity.clone());
    add("Effort", path.effort.clone());
    add("Risk for short contexts", path.short_context_risk.clone());
    told
}

const NO_SIZE: &str = "enter the model's number of parameters";

/// Which size is reckoned with, and whose word it is.
fn size(evidence: &ShownEvidence) -> String {
    let Some(model) = &evidence.model else {
        return String::new();
    };
    let by = match evidence.model_by.as_str() {
        "" => "typed in",
        by => by,
    };
    let billions = model.parameters / 1e9;
    let (layers, width) = (model.layers, model.attention_width);
    format!(" Model: {billions}B parameters, {layers} layers, attention width {width} ({by}).")
}

fn measuring(
    plan: &EvaluationPlan,
    model: Option<&ModelDimensions>,
    on: &Hardware,
    price: Option<f64>,
) -> Vec<(&'static str, String)> {
    let lengths: Vec<_> = plan.lengths.iter().map(|at| format!("{at:#}")).collect();
    let each = u64::from(plan.tasks) * u64::from(plan.samples) * u64::from(plan.checkpoints);
    let prompts = each.saturating_mul(plan.lengths.len() as u64);
    let mut told = vec![(
        "Prompts",
        format!(
            "{}: tasks {}, samples {}, checkpoints {}, lengths {}",
            display::count(prompts),
            plan.tasks,
            plan.samples,
            plan.checkpoints,
            lengths.join(" and ")
        ),
    )];
    let Some(model) = model else {
        told.push(("Operations, time, money", NO_SIZE.to_owned()));
        return told;
    };
    let cost = plan.cost(model);
    let hours = cost.hours(on);
    told.push((
        "Operations",
        format!(
            "{:.2e} for prefill, {:.2e} for decoding",
            cost.prefill_flops, cost.decode_flops
        ),
    ));
    told.push((
        "Time",
        format!(
            "{} of one {}{}",
            display::time(hours * 3.6e6),
            on.name,
            money(hours, price)
        ),
    ));
    told
}

fn money(hours: f64, price: Option<f64>) -> String {
    price.map_or_else(String::new, |price| {
        format!(
            ", {} at {} an hour",
            display::dollars(hours * price),
            display::dollars(price)
        )
    })
}

/// The evaluation as typed, else as the next experiment has it.
fn planned(
    form: &AdvisorForm,
    evidence: &ShownEvidence,
    next: Option<&EvaluationPlan>,
) -> Result<EvaluationPlan, String> {
    let target = evidence.target.unwrap_or(Tokens(131_072));
    let usual = EvaluationPlan {
        tasks: 13,
        lengths: vec![Tokens(4_096), target],
        samples: 100,
        checkpoints: 1,
        answer_tokens: 128,
    };
    let mut plan = next.cloned().unwrap_or(usual);
    let mut fault = None;
    let mut keep = |key: &str, said: &str| {
        fault.get_or_insert(format!("{key}: {said}"));
    };
    let lengths = |text: &str| {
        text.split_whitespace()
            .map(of_tokens)
            .collect::<Option<Vec<_>>>()
    };
    if let Some(lengths) = form.field("lengths", TOKENS, &mut keep, lengths) {
        plan.lengths = lengths;
    }
    for (key, place) in [
        ("tasks", &mut plan.tasks),
        ("samples", &mut plan.samples),
        ("checkpoints", &mut plan.checkpoints),
        ("answer", &mut plan.answer_tokens),
    ] {
        if let Some(number) = form.field(key, WHOLE, &mut keep, whole) {
            *place = number;
        }
    }
    match fault {
        Some(fault) => Err(fault),
        None => Ok(plan),
    }
}
