use std::collections::BTreeMap;

use super::super::testing::{cell, set, share};
use super::*;
use crate::formats::RowId;
use crate::results::conclude;
use crate::results::{ComparisonPlan, compare};
use crate::stats::IntervalMethod;
use crate::stats::random::SplitMix;
use crate::stats::simulated::SHORT;

#[test]
fn losses_are_flagged_by_tests_and_only_where_nobody_looks() {
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
    // Other samples: they do not pair.
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
            ("niah_single_1 at 32768", WatchReason::Easy, false, true),
            ("vt at 4096", WatchReason::Short, true, true),
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
    // Nothing but ones before: drawing them again would show nothing.
    let apart = &all[1].changes[0];
    assert_eq!(
        (apart.n, apart.difference.interval.unwrap().method),
        (120, IntervalMethod::Newcombe)
    );
}

/// The checkpoints of `tests/golden/stats/series.json`: the last lost variable tracking wholly, up
/// to 32K. A digit is the parts that a sample's answer holds.
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
            "RULER at 4096",
            "vt at 4096",
            "vt at 8192",
            "vt at 16384",
            "vt at 32768"
        ]
    );
    let vt = last
        .changes
        .iter()
        .find(|change| change.cell == "vt at 4096")
        .unwrap();
    assert!(vt.p < 1e-12 && vt.holm < 1e-9, "{vt:?}");
    let told = conclude::series(&sets[0].about, &all);
    assert!(
        told[0].starts_with("c1: no loss against base is shown"),
        "{}",
        told[0]
    );
    assert!(
        told[4].starts_with(
            "c5 is worse than base: RULER at 4096 by 7.9 points (95% 6.3 to 9.6, 650 pairs). Cells that lost: "
        ),
        "{}",
        told[4]
    );
    assert!(told[4].contains("vt at 4096 (92.8 to 0.0)"), "{}", told[4]);
    // Over what p-values are corrected is said: 5 checkpoints, RULER and 4 categories at 4K and the
    // needles at 5 longer lengths; 78 cells each.
    assert_eq!(
        conclude::corrected_series(&all),
        "“Corrected” is p by Holm’s method, over all 50 rows that pool cells and, apart from these, over all 390 cells."
    );
    // The comparison says the same.
    let compared = compare(&sets[0], &sets[5..], &ComparisonPlan::default());
    let told = conclude::comparison(&compared[0], 0.05, None);
    assert!(
        told.starts_with(
            "c5 is worse than base: RULER at 4096 by 7.9 points (95% 6.3 to 9.6, 650 pairs)"
        ),
        "{told}"
    );
    assert!(
        told.contains("Cells that lost: vt at 4096 (92.8 to 0.0)"),
        "{told}"
    );
}

/// RULER's tasks at 4K with 50 samples each: a baseline, a checkpoint that is as good, and one that
/// lost `loss` of every sample's rate.
fn made(seed: u64, loss: f64) -> [ResultSet; 3] {
    let mut chance = SplitMix::new(seed * 0x9e37_79b9);
    let mut cells: [Vec<ResultCell>; 3] = Default::default();
    for task in SHORT {
        let rates: Vec<f64> = (0..50).map(|_| task.difficulty(&mut chance)).collect();
        for (number, cells) in cells.iter_mut().enumerate() {
            let left = if number == 2 { loss } else { 0.0 };
            let scores = rates
                .iter()
                .map(|rate| Some(task.score(&mut chance, rate - left)));
            cells.push(cell(task.name, 4096, &scores.collect::<Vec<_>>()));
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
