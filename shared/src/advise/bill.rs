//! What the next steps cost on the user's hardware: operations, hours, money.

use serde::{Deserialize, Serialize};

use super::costs::{AdaptationCost, EvaluationPlan, Hardware, hardware};
use super::evidence::Evidence;
use super::next::Next;
use crate::tokens::Tokens;

/// One item.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Item {
    /// What is done.
    pub what: String,
    /// Operations.
    pub flops: f64,
    /// The hardware.
    pub hardware: String,
    /// Hours of one piece of it, at the assumed utilisation.
    pub hours: f64,
    /// Hours times the price of one; nothing without a price.
    pub money: Option<f64>,
}

/// The hardware of a name, whatever its case and spaces.
pub(super) fn named(name: &str) -> Option<&'static Hardware> {
    let plain = |name: &str| name.replace([' ', '-'], "").to_ascii_lowercase();
    hardware()
        .iter()
        .find(|one| plain(&one.name) == plain(name))
}

/// The next experiment, the evaluations of a path (RULER's tasks at 4,096 tokens and at the target
/// with 100 samples, all questions of LongBench v2; before and after), and its training. Nothing
/// where the model's size is not known.
pub(super) fn bill(evidence: &Evidence, next: &Next, cost: Option<&AdaptationCost>) -> Vec<Item> {
    let chosen = evidence.hardware.as_deref().and_then(named);
    let (Some(on), Some(model)) = (chosen.or(hardware().first()), &evidence.model) else {
        return Vec::new();
    };
    let item = |what: &str, flops: f64, hours: f64| Item {
        what: what.to_owned(),
        flops,
        hardware: on.name.clone(),
        hours,
        money: evidence.price_per_hour.map(|price| hours * price),
    };
    let mut items = Vec::new();
    let mut evaluation = |what: &str, plan: &EvaluationPlan| {
        let cost = plan.cost(model);
        items.push(item(
            what,
            cost.prefill_flops + cost.decode_flops,
            cost.hours(on),
        ));
    };
    if let Some(plan) = &next.plan {
        evaluation("the next experiment", plan);
    }
    if let Some(cost) = cost {
        let target = evidence.target().unwrap_or(Tokens(32_768));
        let plan = |tasks, lengths, samples| EvaluationPlan {
            tasks,
            lengths,
            samples,
            checkpoints: 2,
            answer_tokens: 128,
        };
        let ruler = plan(13, vec![Tokens(4_096), target], 100);
        evaluation("RULER before and after", &ruler);
        let questions = plan(1, vec![Tokens(target.0.min(131_072))], 503);
        evaluation("LongBench v2 before and after", &questions);
        if let Some(flops) = cost.training_flops {
            let hours = flops / (on.teraflops * 1e12 * on.utilisation) / 3_600.0;
            items.push(item("training, 6 N D", flops, hours));
        }
    }
    items
}
