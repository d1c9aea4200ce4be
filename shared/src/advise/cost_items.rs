//! What the next steps cost on the user's hardware: operations, hours, money.

use serde::{Deserialize, Serialize};

use super::benchmarks::{questions, ruler_tasks};
use super::costs::{CostRange, EvaluationPlan, hardware, named};
use super::evidence::Evidence;
use super::next::NextStep;
use super::sentences::{capital, hours, span, two_digits};
use super::training::AdaptationCost;
use crate::numbers::count;
use crate::tokens::Tokens;

/// The cost of one measurement, evaluation or training.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CostItem {
    /// What is done.
    pub what: String,
    /// Operations.
    pub flops: CostRange,
    /// The hardware.
    pub hardware: String,
    /// Hours of one piece of it; an evaluation's are one figure, at the assumed utilisation.
    pub hours: CostRange,
    /// Hours times the price of one; nothing without a price.
    pub money: Option<CostRange>,
    /// Whether it is a measurement of the next step; these come first, in the step's order.
    #[serde(default)]
    pub next: bool,
}

impl CostItem {
    /// In words.
    pub fn says(&self) -> String {
        let money = self.money.map_or_else(String::new, |money| {
            format!(", {} at your price", span(money, two_digits))
        });
        format!(
            "{}: {} of one {}{money} ({} operations).",
            capital(&self.what),
            span(self.hours, hours),
            self.hardware,
            span(self.flops, |one| format!("{one:.2e}"))
        )
    }
}

/// Which part of a budget the measurements of the next step take, if it is a tenth of it or more.
pub(super) fn part_of_budget(bill: &[CostItem], evidence: &Evidence) -> Option<String> {
    let budget = evidence.budget_gpu_hours?;
    let hours: f64 = bill
        .iter()
        .filter(|one| one.next)
        .map(|one| one.hours.low)
        .sum();
    let much = hours > 0.0 && hours >= budget * MUCH;
    let over = hours > budget;
    let (takes, budget) = (two_digits(hours), count(budget.round() as u64));
    let told = match over {
        true => format!(
            "it takes about {takes} GPU-hours, which is above your budget of {budget} GPU-hours"
        ),
        false => format!("it takes about {takes} of your {budget} GPU-hours"),
    };
    much.then_some(told)
}

/// From this part of a budget on, a measurement's cost is named beside it. Chosen.
const MUCH: f64 = 0.1;

/// The name of a training's item.
pub(super) const TRAINING: &str = "the training";

/// The costs of each measurement of the next step, of a path's evaluations (RULER's tasks at 4,096
/// tokens, at the target and at every further target with 100 samples, all questions of LongBench
/// v2; before and after), and of its training. Empty if the model's size is not known.
pub(super) fn bill(
    evidence: &Evidence,
    next: &NextStep,
    cost: Option<&AdaptationCost>,
) -> Vec<CostItem> {
    let chosen = evidence.hardware.as_deref().and_then(named);
    let (Some(on), Some(model)) = (chosen.or(hardware().first()), &evidence.model) else {
        return Vec::new();
    };
    let one = |value: f64| CostRange {
        low: value,
        high: value,
    };
    let item = |what: &str, flops: CostRange, hours: CostRange| CostItem {
        what: what.to_owned(),
        flops,
        hardware: on.name.clone(),
        hours,
        money: evidence.price_per_hour.map(|price| CostRange {
            low: hours.low * price,
            high: hours.high * price,
        }),
        next: false,
    };
    let mut items = Vec::new();
    let mut evaluation = |what: &str, plan: &EvaluationPlan, next: bool| {
        let cost = plan.cost(model);
        let flops = one(cost.prefill_flops + cost.decode_flops);
        let item = item(what, flops, one(cost.hours(on)));
        items.push(CostItem { next, ..item });
    };
    for run in &next.runs {
        evaluation(&run.what, &run.plan, true);
    }
    let Some(cost) = cost else {
        return items;
    };
    let target = evidence.target().unwrap_or(Tokens(32_768));
    let plan = |tasks, lengths, samples| EvaluationPlan {
        tasks,
        lengths,
        samples,
        checkpoints: 2,
        answer_tokens: 128,
    };
    let mut lengths = vec![Tokens(4_096), target];
    lengths.extend(&evidence.window_targets);
    lengths.sort_unstable();
    lengths.dedup();
    let what = match lengths.len() {
        2 => "RULER before and after".to_owned(),
        _ => format!("RULER before and after, at {} lengths", lengths.len()),
    };
    evaluation(&what, &plan(ruler_tasks(), lengths, 100), false);
    let questions = plan(1, vec![Tokens(target.0.min(131_072))], questions());
    evaluation("LongBench v2 before and after", &questions, false);
    if let (Some(weights), Some(attention), Some(hours)) =
        (cost.weight_flops, cost.attention_flops, cost.hours)
    {
        let flops = CostRange {
            low: weights.low + attention.low,
            high: weights.high + attention.high,
        };
        items.push(item(TRAINING, flops, hours));
    }
    items
}
