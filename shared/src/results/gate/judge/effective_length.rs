//! Whether an effective length is reached.

use super::{GateCheck, GateJudgement, GateOutcome, against, undecided};
use crate::results::ResultSet;
use crate::stats::lengths::{RULER_TASKS, RULER_THRESHOLD};
use crate::tokens::Tokens;

/// RULER's lengths: below an effective length each has to be measured.
const LADDER: [u32; 6] = [4096, 8192, 16_384, 32_768, 65_536, 131_072];

pub(super) fn effective(check: &GateCheck, set: &ResultSet) -> GateJudgement {
    let wanted = check.length.unwrap_or_default();
    let percent = check.percent.unwrap_or(RULER_THRESHOLD);
    let measured = set.lengths();
    let lengths = measured.iter().filter(|length| length.0 >= wanted);
    let means = set.means();
    let each: Vec<GateJudgement> = lengths
        .map(|length| {
            let mut judged = against(check, means.at(*length), percent);
            let reaches = match judged.outcome {
                GateOutcome::Passed => "reaches",
                GateOutcome::Undecided => "may or may not reach",
                GateOutcome::Failed => "does not reach",
            };
            judged.says = format!("at {length} tokens {} {reaches} {percent}", judged.says);
            let tasks = RULER_TASKS - set.missing_at(*length).len();
            let mut open = Vec::new();
            if tasks < RULER_TASKS {
                let was = if tasks == 1 { "was" } else { "were" };
                open.push(format!(
                    "only {tasks} of RULER's {RULER_TASKS} tasks {was} asked"
                ));
            }
            let left_out = LADDER.into_iter().filter(|at| {
                let at = Tokens(*at);
                at < *length && !measured.contains(&at)
            });
            let left_out: Vec<String> = left_out.map(|at| at.to_string()).collect();
            if !left_out.is_empty() {
                open.push(format!("nothing was asked at {}", left_out.join(", ")));
            }
            if !open.is_empty() {
                judged
                    .says
                    .push_str(&format!(", but {}", open.join(" and ")));
                if !check.partial && judged.outcome == GateOutcome::Passed {
                    judged.outcome = GateOutcome::Undecided;
                }
            }
            judged
        })
        .collect();
    // One length that passes is enough; none may still come of those that are undecided.
    let Some(outcome) = each.iter().map(|one| one.outcome).min() else {
        return undecided(&format!(
            "no length of {wanted} tokens or more was measured"
        ));
    };
    let more = each.iter().filter_map(|one| one.more);
    let more = more.min_by_key(|more| more.more);
    // Where one passes, what the others say does not matter.
    let told = each.into_iter();
    let told = told.filter(|one| outcome != GateOutcome::Passed || one.outcome == outcome);
    let says: Vec<String> = told.map(|one| one.says).collect();
    GateJudgement {
        outcome,
        says: says.join("; "),
        more: more.filter(|_| outcome == GateOutcome::Undecided),
    }
}
