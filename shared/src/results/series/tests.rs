use std::collections::BTreeMap;

use super::super::testing::{cell, set, share};
use super::*;
use crate::formats::RowId;
use crate::results::conclude;
use crate::results::{ComparisonPlan, compare};
use crate::stats::IntervalMethod;
use crate::stats::random::SplitMix;
use crate::stats::simulated::SHORT;
use crate::task::ruler;

#[test]
fn losses_are_flagged_by_tests_and_only_in_what_is_watched() {
    let baseline = set(vec![
        share("niah_single_1", 4096, 60, 60),
        share("vt", 4096, 58, 60),
        share("niah_single_1", 32768, 60, 60),
        share("vt", 32768, 50, 60),
    ]);
    let fine = set(vec![
        share("niah_single_1", 4096, 59, 60),
        share("vt", 4096, 56, 60),
    ]);
    let mut lost = vec![
        share("vt", 4096, 40, 60),
        share("niah_single_1", 32768, 45, 60),
        share("vt", 32768, 1, 60),
    ];
    // Different samples, which do not pair.
    for (at, sample) in lost[1].samples.iter_mut().enumerate() {
        sample.id = RowId::Text(format!("other {at}"));
    }
    let all = series(&baseline, &[fine, set(lost)], &DegradationWatch::default());
    assert!(!all[0].degraded() && all[0].changes.len() == 2);
    let told: Vec<_> = all[1]
        .changes
        .iter()
        .map(|change| {
            (
                change.cell.as_str(),
                change.why,
                change.paired,
                change.degraded,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("niah_single_1 at 32K", WatchReason::Easy, false, true),
            ("vt at 4K", WatchReason::Short, true, true),
        ]
    );
    assert!(all[1].changes.iter().all(|change| change.holm >= change.p));
    // Paired or not, both means and their difference have intervals.
    for change in &all[1].changes {
        let CellChange {
            before,
            after,
            difference,
            ..
        } = change;
        for estimate in [before, after, difference] {
            let interval = estimate.interval.unwrap();
            let (low, high) = (interval.low - 1e-9, interval.high + 1e-9);
            let holds = low <= estimate.value && estimate.value <= high;
            assert!(holds && interval.high - interval.low > 0.01, "{change:?}");
        }
        assert_eq!(before.interval.unwrap().method, IntervalMethod::Wilson);
        assert!((after.value - before.value - difference.value).abs() < 1e-12);
        assert!(difference.interval.unwrap().high < 0.0, "{change:?}");
    }
    // All scores were 1 before: resampling them shows no variation.
    let apart = &all[1].changes[0];
    assert_eq!(
        (apart.n, apart.difference.interval.unwrap().method),
        (120, IntervalMethod::Newcombe)
    );
}

/// The checkpoints of `tests/golden/stats/series.json`: the last one lost variable tracking
/// completely, up to 32K. A digit is the number of parts that a sample's answer contains.
fn handed_over() -> Vec<ResultSet> {
    #[derive(serde::Deserialize)]
    struct Golden {
        parts: BTreeMap<String, f64>,
        sets: BTreeMap<String, BTreeMap<String, BTreeMap<u32, String>>>,
    }
    let golden = include_str!("../../../../tests/golden/stats/series.json");
    let golden: Golden = serde_json::from_str(golden).unwrap();
    let sets = golden.sets.into_iter().map(|(name, tasks)| {
        let cells = tasks.iter().flat_map(|(task, lengths)| {
            let parts = golden.parts[task];
            lengths.iter().map(move |(length, digits)| {
                let digits = digits.chars().map(|digit| digit.to_digit(11).unwrap());
                let scores: Vec<_> = digits.map(|hits| Some(f64::from(hits) / parts)).collect();
                cell(task, *length, &scores)
            })
        });
        let mut set = set(cells.collect());
        (set.about.name, set.about.model) = (name, String::new());
        set
    });
    sets.collect()
}

#[test]
fn a_task_that_was_lost_wholly_is_said_to_be_lost() {
    let sets = handed_over();
    assert_eq!(sets.len(), 6);
    let all = series(&sets[0], &sets[1..], &DegradationWatch::default());
    for fine in &all[..4] {
        assert!(!fine.degraded(), "{:?}", fine.lost().collect::<Vec<_>>());
    }
    let last = &all[4];
    let lost: Vec<&str> = last.lost().map(|change| change.cell.as_str()).collect();
    assert_eq!(
        lost,
        [
            "RULER at 4K",
            "vt at 4K",
            "vt at 8K",
            "vt at 16K",
            "vt at 32K"
        ]
    );
    let vt = last
        .changes
        .iter()
        .find(|change| change.cell == "vt at 4K")
        .unwrap();
    assert!(vt.p < 1e-12 && vt.holm < 1e-9, "{vt:?}");
    let told = conclude::series(&sets[0].about, &all);
    // Names the row, and says that single cells leave more possible.
    assert_eq!(
        told[0],
        "c1: no loss against base is shown; RULER at 4K changed by -0.3 points (95% -1.9 to +1.4, 650 pairs), so a loss of up to 1.9 points there is not ruled out. What stands out: qa_2 at 16K fell by 16.0 points (70.0 to 54.0; 95% 1.7 to 30.1, 50 pairs: 11 worse, 3 better); cwe at 64K fell by 3.6 points (42.0 to 38.4; 95% 0.3 to 6.6, 50 pairs: 24 worse, 12 better). Taken alone each would count, but with 390 cells tested some may be chance; about 199 more samples of qa_2 at 16K would tell whether its change is real. Single cells leave more open, most of all qa_2 at 4K, which changed by -8.0 points (95% -20.7 to +4.5, 50 pairs)."
    );
    // Complete losses come first.
    assert!(
        told[4]
            .starts_with("c5 is worse than base. Lost: vt at 4K by 92.8 points (92.8 to 0.0; 95% ")
            && told[4].contains(" 50 pairs); vt at 8K by 88.4 points (88.4 to 0.0; 95% ")
            && told[4].ends_with("; RULER at 4K by 7.9 points (95% 6.3 to 9.6, 650 pairs)."),
        "{}",
        told[4]
    );
    // The text says over how many tests p-values are corrected: 5 checkpoints, RULER and 4
    // categories at 4K and the needles at 5 longer lengths; 78 cells each.
    assert_eq!(
        conclude::corrected_series(&all),
        "“Corrected” p-values use Holm’s method, over all 50 rows that combine cells and, separately, over all 390 cells. Shares of the level: rows of a whole length or of all questions 40% (5), rows of single needles at longer lengths 40% (25), rows of a category or a group of questions 20% (20); tracked cells 80% (140), other cells 20% (250). The tests of a group divide its share equally. To reproduce a corrected p-value, divide each p by its own share, sort by that quotient, and multiply each by the shares that it and all later tests have together; it is never below the one before it, and at most 1. For a row that combines several cells, p is twice the smaller of two p-values: one for their mean, and one for a mean that gives more weight to cells whose pairs vary less. It can therefore exceed 0.05 even though the interval excludes 0."
    );
    // The comparison says the same.
    let compared = compare(&sets[0], &sets[5..], &ComparisonPlan::default());
    let told = conclude::comparison(&compared[0], 0.05, None);
    assert!(
        told.starts_with("c5 is worse than base. Lost: vt at 4K by 92.8 points (92.8 to 0.0; 95% ")
            && told.contains("; RULER at 4K by 7.9 points (95% 6.3 to 9.6, 650 pairs)"),
        "{told}"
    );
    let compared = compare(&sets[0], &sets[1..2], &ComparisonPlan::default());
    let told = conclude::comparison(&compared[0], 0.05, Some(0.02));
    assert!(
        told.starts_with("No difference between base and c1 is shown; RULER at ")
            && told.contains(" points there is not ruled out; 2 points would matter.")
            && told.contains(" What stands out: qa_2 at 16K fell by 16.0 points"),
        "{told}"
    );
}

/// What is ruled out is the same for `track`, for the gate and by the intervals of both.
#[test]
fn a_loss_is_ruled_out_by_one_rule() {
    use crate::results::gate::{GateOutcome, GatePolicy, judge};
    let sets = handed_over();
    let all = series(&sets[0], &sets[1..], &DegradationWatch::default());
    let policy = "[[check]]\nkind = \"no_worse_than_baseline\"\nlengths = [4096]\nmargin = 2";
    let policy = GatePolicy::read(policy).unwrap();
    for (set, checkpoint) in sets[1..].iter().zip(&all) {
        let found = judge(&policy, &sets[0], set).checks.remove(0);
        let ends = checkpoint.rows[0].difference.interval.unwrap();
        let outcome = match (ends.low > -0.02, ends.high < -0.02) {
            (true, _) => GateOutcome::Passed,
            (_, true) => GateOutcome::Failed,
            _ => GateOutcome::Undecided,
        };
        assert_eq!(found.outcome, outcome, "{}", found.says);
    }
    // Equally close to the bound in both checks; 16K, which cannot decide, is left out.
    let policy = "[[check]]\nkind = \"at_least\"\nlengths = [8192]\npercent = 85.6
        [[check]]\nkind = \"effective_length_at_least\"\nlength = 8192";
    let verdict = judge(&GatePolicy::read(policy).unwrap(), &sets[0], &sets[4]);
    assert_eq!(verdict.checks[0].needs, verdict.checks[1].needs);
    let says = &verdict.checks[1].says;
    assert!(
        says.contains("; none of 3 lengths from 32K to 128K reaches it"),
        "{says}"
    );
}

/// RULER's tasks at 4K with 50 samples each: a baseline, a checkpoint that is as good, and one with
/// every sample's rate lowered by `loss`.
fn made(seed: u64, loss: f64) -> [ResultSet; 3] {
    let mut chance = SplitMix::new(seed * 0x9e37_79b9);
    let mut cells: [Vec<ResultCell>; 3] = Default::default();
    for (task, ruler) in SHORT.iter().zip(ruler::tasks()) {
        let rates: Vec<f64> = (0..50).map(|_| task.difficulty(&mut chance)).collect();
        for (number, cells) in cells.iter_mut().enumerate() {
            let left = if number == 2 { loss } else { 0.0 };
            let scores = rates
                .iter()
                .map(|rate| Some(task.score(&mut chance, rate - left)));
            cells.push(cell(ruler.id(), 4096, &scores.collect::<Vec<_>>()));
        }
    }
    cells.map(set)
}

#[test]
fn three_points_at_4k_are_found_and_nothing_is_not() {
    let (mut tracked, mut compared, mut alarms, mut different) = (0, 0, 0, 0);
    for seed in 1..=20 {
        let [base, same, lost] = made(seed, 0.03);
        let all = series(
            &base,
            &[same.clone(), lost.clone()],
            &DegradationWatch::default(),
        );
        tracked += usize::from(all[1].rows[0].degraded);
        alarms += usize::from(all[0].degraded());
        let shown = |other: ResultSet| {
            let all = compare(&base, &[other], &ComparisonPlan::default()).remove(0);
            let row = &all.lengths[0];
            let any = all.rows().chain(&all.cells).any(|one| one.holm <= 0.05);
            (row.holm <= 0.05 && row.paired.difference.value < 0.0, any)
        };
        compared += usize::from(shown(lost).0);
        different += usize::from(shown(same).1);
    }
    assert!(
        tracked >= 18 && compared >= 18,
        "{tracked} and {compared} of 20 found"
    );
    assert!(
        alarms <= 1 && different <= 1,
        "{alarms} and {different} false alarms"
    );
}
