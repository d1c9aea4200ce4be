//! What the next steps cost on the user's hardware: operations, hours, money.

use serde::{Deserialize, Serialize};

use super::costs::{AdaptationCost, CostRange, EvaluationPlan, hardware, named};
use super::evidence::Evidence;
use super::next::NextStep;
use crate::tokens::Tokens;

/// One item.
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
    /// Whether it is a measurement of the next step; these come first, in its order.
    #[serde(default)]
    pub next: bool,
}

/// Each measurement of the next step, the evaluations of a path (RULER's tasks at 4,096 tokens, at the target and
/// at every further target with 100 samples, all questions of LongBench v2; before and after), and
/// its training. Nothing where the model's size is not known.
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
    evaluation(&what, &plan(13, lengths, 100), false);
    let questions = plan(1, vec![Tokens(target.0.min(131_072))], 503);
    evaluation("LongBench v2 before and after", &questions, false);
    if let (Some(weights), Some(attention), Some(hours)) =
        (cost.weight_flops, cost.attention_flops, cost.hours)
    {
        let flops = CostRange {
            low: weights.low + attention.low,
            high: weights.high + attention.high,
        };
        items.push(item("the training", flops, hours));
    }
    items
}
