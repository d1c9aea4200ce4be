//! What to do next with its cost, and what the verdict costs.

use fathom_shared::advise::{Advice, CostItem, OptionCost, Verdict};
use leptos::prelude::*;

use super::AdviceShown;

/// What to do next, why, and what it costs.
#[component]
pub(super) fn MondayPanel(advised: AdviceShown) -> impl IntoView {
    let of = move |tell: fn(&Advice) -> String| {
        move || advised.with(|one| one.as_ref().map(|one| tell(&one.advice)))
    };
    let price = move || advised.with(|one| one.as_ref().map(|one| lines(price(&one.advice))));
    view! {
        <section class="panel monday" aria-labelledby="monday-title">
            <h2 id="monday-title">"What to do next"</h2>
            <p class="step" data-testid="next">{of(|advice| format!("{}.", advice.next.what))}</p>
            <p class="hint">{of(|advice| format!("Why: {}.", advice.next.why))}</p>
            <ul class="prices" aria-label="What the next step costs" data-testid="next-price">{price}</ul>
        </section>
    }
}

/// What the next step takes.
fn price(advice: &Advice) -> Vec<String> {
    let priced = advice.bill.iter().filter(|item| item.next);
    let mut told: Vec<String> = priced.map(CostItem::says).collect();
    if told.is_empty() {
        let runs = advice.next.runs.iter();
        told.extend(runs.map(|run| {
            let (tasks, samples) = (run.plan.tasks, run.plan.samples);
            format!(
                "{}: tasks {tasks}, samples {samples} each. Enter the model’s size below to see how long it takes.",
                run.what
            )
        }));
    }
    if told.is_empty() {
        told.push("This step needs no computing.".to_owned());
    }
    told
}

/// What the verdict costs beyond the next step.
#[component]
pub(super) fn PricePanel(advised: AdviceShown) -> impl IntoView {
    let told = move || advised.with(|one| one.as_ref().map(|one| lines(costs(&one.advice))));
    view! {
        <section class="panel price" aria-labelledby="price-title">
            <h2 id="price-title">"What it costs"</h2>
            <ul class="prices" data-testid="cost-summary">{told}</ul>
        </section>
    }
}

/// What the verdict takes, beside the next step.
fn costs(advice: &Advice) -> Vec<String> {
    let mut told: Vec<String> = advice.options.iter().map(OptionCost::says).collect();
    match (&advice.cost, advice.action) {
        (Some(cost), _) => told.push(format!("The training: {}.", cost.says())),
        (None, Verdict::Undecided) if told.is_empty() => {
            told.push("Nothing that costs anything has been decided yet.".to_owned());
        }
        (None, Verdict::Undecided) => {}
        (None, _) => told.push("No weights are trained.".to_owned()),
    }
    // The training is told by its hours.
    let checks = advice.bill.iter();
    let checks = checks.filter(|item| !item.next && item.what != "the training");
    told.extend(checks.map(CostItem::says));
    told.extend(advice.memory.iter().map(|memory| memory.says()));
    told
}

fn lines(told: Vec<String>) -> impl IntoView {
    let told = told.into_iter();
    told.map(|line| view! { <li>{line}</li> }).collect_view()
}
