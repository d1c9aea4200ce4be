//! The check for a minimum effective length.

use super::{GateCheck, GateJudgement, GateOutcome, MissingSamples, against, undecided};
use crate::results::{ResultSet, length_text};
use crate::stats::lengths::{RULER_TASKS, RULER_THRESHOLD, unmeasured_below};
use crate::tokens::Tokens;

/// One length compared with the threshold.
struct LengthJudgement {
    at: Tokens,
    judged: GateJudgement,
    /// Whether the mean reaches the threshold.
    reaches: bool,
    /// Whether tasks or lengths are missing, so that no number of samples would make it pass.
    incomplete: bool,
}

pub(super) fn effective(check: &GateCheck, set: &ResultSet) -> GateJudgement {
    let wanted = check.length.unwrap_or_default();
    let percent = check.percent.unwrap_or(RULER_THRESHOLD);
    let measured = set.lengths();
    let lengths = measured.iter().filter(|length| length.0 >= wanted);
    let means = set.means();
    let each: Vec<LengthJudgement> = lengths
        .map(|length| {
            let summary = means.at(*length);
            let reaches = summary.mean.is_some_and(|mean| mean >= percent / 100.0);
            let judged = against(check, summary, percent);
            one(check, set, *length, judged, reaches)
        })
        .collect();
    // One length that passes is enough; an undecided one leaves the check open.
    let Some(outcome) = each.iter().map(|one| one.judged.outcome).min() else {
        return undecided(&format!(
            "no length of {} tokens or more was measured",
            length_text(Tokens(wanted))
        ));
    };
    let more = (outcome == GateOutcome::Undecided).then(|| missing(&each));
    let (told, rest): (Vec<_>, Vec<_>) = each
        .into_iter()
        .partition(|one| one.judged.outcome == outcome);
    let mut says: Vec<String> = Vec::new();
    let mut short = rest.iter().map(|one| one.at).collect::<Vec<_>>();
    match outcome {
        // The longest length that reaches it is reported, or the shortest if none does.
        GateOutcome::Passed => {
            says.extend(told.into_iter().next_back().map(|one| one.judged.says));
            short.clear();
        }
        GateOutcome::Undecided => says.extend(told.into_iter().map(|one| one.judged.says)),
        GateOutcome::Failed => {
            let mut told = told.into_iter();
            says.extend(told.next().map(|one| one.judged.says));
            short.extend(told.map(|one| one.at));
        }
    }
    if let Some(others) = match short.as_slice() {
        [] => None,
        [only] => Some(format!("{} does not reach it", length_text(*only))),
        [first, .., last] => Some(format!(
            "none of {} lengths from {} to {} reaches it",
            short.len(),
            length_text(*first),
            length_text(*last)
        )),
    } {
        says.push(others);
    }
    GateJudgement {
        outcome,
        says: says.join("; "),
        more: more.flatten(),
    }
}

/// The samples that would decide the check: the fewest that make one length pass whose mean reaches
/// the threshold; if there is none, those after which no length can reach it any more.
fn missing(each: &[LengthJudgement]) -> Option<MissingSamples> {
    let open = || {
        let is_open = |one: &&LengthJudgement| one.judged.outcome == GateOutcome::Undecided;
        each.iter().filter(is_open)
    };
    if open().any(|one| one.reaches) {
        let passing = open().filter(|one| one.reaches && !one.incomplete);
        return passing
            .filter_map(|one| one.judged.more)
            .min_by_key(|more| more.more);
    }
    let all: Option<Vec<MissingSamples>> = open().map(|one| one.judged.more).collect();
    all?.into_iter().max_by_key(|more| more.more)
}

fn one(
    check: &GateCheck,
    set: &ResultSet,
    at: Tokens,
    mut judged: GateJudgement,
    reaches: bool,
) -> LengthJudgement {
    let percent = check.percent.unwrap_or(RULER_THRESHOLD);
    let does = match judged.outcome {
        GateOutcome::Passed => "reaches",
        GateOutcome::Undecided => "may or may not reach",
        GateOutcome::Failed => "does not reach",
    };
    judged.says = format!(
        "at {} tokens {} {does} {percent}",
        length_text(at),
        judged.says
    );
    let tasks = RULER_TASKS - set.missing_at(at).len();
    let mut open = Vec::new();
    if tasks < RULER_TASKS {
        let was = if tasks == 1 { "was" } else { "were" };
        open.push(format!(
            "only {tasks} of RULER's {RULER_TASKS} tasks {was} asked"
        ));
    }
    let measured = set.lengths();
    let left_out = unmeasured_below(at, |other| measured.contains(&other));
    let left_out: Vec<String> = left_out.into_iter().map(length_text).collect();
    if !left_out.is_empty() {
        open.push(format!("nothing was asked at {}", left_out.join(", ")));
    }
    let incomplete = !open.is_empty() && !check.partial;
    if !open.is_empty() {
        let open = open.join(" and ");
        judged.says.push_str(&format!(", but {open}"));
        if incomplete && judged.outcome == GateOutcome::Passed {
            judged.outcome = GateOutcome::Undecided;
        }
    }
    LengthJudgement {
        at,
        judged,
        reaches,
        incomplete,
    }
}
