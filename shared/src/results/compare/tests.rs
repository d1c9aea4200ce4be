use super::*;
use crate::results::ResultCell;
use crate::results::testing::{cell, set, share};
use crate::stats::paired::PairedTest;

#[test]
fn samples_pair_by_their_ids() {
    let first = cell("vt", 4096, &[Some(1.0), None, Some(0.5), Some(0.25)]);
    let mut second = cell("vt", 4096, &[Some(0.0), Some(1.0), Some(0.5)]);
    second.samples.reverse();
    let found = pairs(&first, &second);
    let scores: Vec<_> = found.iter().map(|pair| pair.scores).collect();
    assert_eq!(scores, [(1.0, 0.0), (0.5, 0.5)]);
    let letters = |cell: &ResultCell| ResultCell {
        metric: crate::task::Metric::Letter,
        ..cell.clone()
    };
    let (first, second) = (letters(&first), letters(&second));
    assert_eq!(pairs(&first, &second).len(), 3);
}

#[test]
fn cells_lengths_and_p_values_over_all_sets() {
    let first = set(vec![
        share("vt", 4096, 40, 40),
        share("cwe", 4096, 10, 20),
        share("qa_1", 8192, 5, 10),
    ]);
    let worse = set(vec![share("vt", 4096, 30, 40), share("cwe", 4096, 10, 20)]);
    let same = set(vec![share("vt", 4096, 40, 40)]);
    let plan = ComparisonPlan {
        margin: Some(0.05),
        wanted: Some(0.1),
        ..ComparisonPlan::default()
    };
    let all = compare(&first, &[worse, same], &plan);
    let vt = &all[0].cells[0];
    assert_eq!((vt.paired.lost, vt.discordant.len()), (10, 10));
    assert_eq!(vt.discordant[0].id, RowId::Number(30));
    // Three cells in all: 2·2⁻¹⁰ times three.
    assert!((vt.holm - 6.0 / 1024.0).abs() < 1e-12, "{}", vt.holm);
    assert!(vt.needed.unwrap() > 40 && vt.detectable.unwrap() > 0.19);
    let length = &all[0].lengths[0];
    assert_eq!(length.subject.to_string(), "2 of RULER's 13 tasks at 4K");
    assert!((length.paired.first.value - 0.75).abs() < 1e-12);
    assert!((length.paired.second.value - 0.625).abs() < 1e-12);
    let same = &all[1].cells[0];
    assert_eq!(same.paired.p, 1.0);
    // None of forty pairs differs: a share of 9% is still possible.
    assert!(same.detectable.unwrap() > 0.1, "{:?}", same.detectable);
    // A row of a single task would equal its cell.
    assert!(all[1].lengths.is_empty() && all[1].questions.is_empty());
    // None of forty pairs differs: if one in twenty did, the probability of that would be 0.95⁴⁰.
    assert!((same.within.unwrap() - 0.95_f64.powi(40)).abs() < 1e-12);
}

#[test]
fn questions_about_one_text_are_one_source() {
    let mut first = share("qa_1", 4096, 40, 40);
    let mut second = share("qa_1", 4096, 30, 40);
    for (at, sample) in first.samples.iter_mut().enumerate() {
        sample.cluster = Some((at / 10).to_string());
    }
    second
        .samples
        .iter_mut()
        .for_each(|sample| sample.cluster = None);
    let all = compare(
        &set(vec![first]),
        &[set(vec![second])],
        &ComparisonPlan::default(),
    );
    let cell = &all[0].cells[0];
    assert_eq!(
        (cell.sources, cell.paired.test),
        (Some(4), PairedTest::ClusterSignFlip)
    );
    assert!(cell.paired.p > 0.1);
}

#[test]
fn rows_pool_tasks_and_are_tested_first() {
    // Each of eleven tasks loses two samples of fifty: no cell shows it, but the row does.
    let tasks = [
        "niah_single_1",
        "niah_single_2",
        "niah_single_3",
        "niah_multikey_1",
        "niah_multikey_2",
        "niah_multikey_3",
        "niah_multivalue",
        "niah_multiquery",
        "vt",
        "cwe",
        "fwe",
    ];
    let all = |right| set(tasks.map(|task| share(task, 4096, right, 50)).to_vec());
    let all = compare(&all(48), &[all(46)], &ComparisonPlan::default());
    let [row] = all[0].lengths.as_slice() else {
        panic!("{:?}", all[0].lengths)
    };
    assert_eq!(row.paired.n, 550);
    assert!(
        row.holm < 0.001 && row.paired.difference.value < -0.039,
        "{row:?}"
    );
    assert!(all[0].cells.iter().all(|cell| cell.holm > 0.9));
    let names: Vec<String> = all[0]
        .categories
        .iter()
        .map(|c| c.subject.to_string())
        .collect();
    assert_eq!(
        names,
        [
            "single needle at 4K",
            "multi needle at 4K",
            "aggregation at 4K"
        ]
    );
    assert!(all[0].rows().count() == 4 && all[0].rows().all(|row| row.holm >= row.paired.p));
}

#[test]
fn what_would_be_seen_follows_from_the_spread_and_not_from_the_mean() {
    // Every pair lost between 0.4 and 0.6: that is far from zero with little spread.
    let lost: Vec<Option<f64>> = (0..50)
        .map(|i| Some(0.4 + f64::from(i % 3) / 10.0))
        .collect();
    let all = [
        cell("cwe", 4096, &[Some(1.0); 50]),
        cell("cwe", 4096, &lost),
    ];
    let [first, second] = all.map(|cell| set(vec![cell]));
    let plan = ComparisonPlan {
        wanted: Some(0.05),
        ..ComparisonPlan::default()
    };
    let all = compare(&first, &[second], &plan);
    let cell = &all[0].cells[0];
    assert!(cell.detectable.unwrap() < 0.04, "{:?}", cell.detectable);
    assert!(cell.needed.unwrap() < 30, "{:?}", cell.needed);
}

#[test]
fn a_difference_is_smaller_than_the_margin_larger_or_open() {
    let found = |right: usize, n: usize| {
        let plan = ComparisonPlan {
            margin: Some(0.05),
            ..ComparisonPlan::default()
        };
        let sets = [n, right].map(|right| set(vec![share("vt", 4096, right, n)]));
        let all = compare(&sets[0], &sets[1..], &plan);
        all[0].cells[0].against_margin(plan.alpha, 0.05)
    };
    assert_eq!(found(0, 50), Some(MarginOutcome::Larger));
    assert_eq!(found(400, 400), Some(MarginOutcome::Smaller));
    assert_eq!(found(48, 50), Some(MarginOutcome::Open));
    let sets = [50, 40].map(|right| set(vec![share("vt", 4096, right, 50)]));
    let all = compare(&sets[0], &sets[1..], &ComparisonPlan::default());
    assert_eq!(all[0].cells[0].against_margin(0.05, 0.05), None);
}

#[test]
fn a_pair_more_that_differs_never_makes_a_smaller_difference_visible() {
    for n in [5, 10, 20, 50, 200] {
        let seen = |lost: usize| {
            let sets = [n, n - lost].map(|right| set(vec![share("vt", 4096, right, n)]));
            let all = compare(&sets[0], &sets[1..], &ComparisonPlan::default());
            all[0].cells[0].detectable.unwrap_or(1.0)
        };
        for lost in 1..n.div_ceil(2) {
            assert!(seen(lost) >= seen(lost - 1) - 1e-12, "{lost} of {n}");
        }
    }
}

#[test]
fn a_row_says_that_its_p_is_of_two_sums() {
    let tasks = |right| {
        let tasks = ["vt", "cwe"];
        set(tasks.map(|task| share(task, 4096, right, 20)).to_vec())
    };
    let all = compare(&tasks(20), &[tasks(15)], &ComparisonPlan::default());
    assert_eq!(all[0].cells[0].paired.test, PairedTest::McNemar);
    let row = all[0].lengths[0].paired.test;
    assert_eq!(row.name(), "two sign-flip tests, the smaller p doubled");
}

#[test]
fn what_would_be_seen_is_seen_after_the_correction() {
    let sets = |lost: usize| {
        let first = share("niah_single_1", 4096, 20 - lost, 20);
        let others = ["vt", "cwe", "fwe", "qa_1", "qa_2"].into_iter();
        let others = others.flat_map(|task| {
            [4096, 8192, 16_384, 32_768, 65_536].map(|length| share(task, length, 20, 20))
        });
        set(std::iter::once(first).chain(others).collect())
    };
    for lost in 1..=20 {
        let all = compare(&sets(0), &[sets(lost)], &ComparisonPlan::default());
        let cell = all[0].cells.iter().find(|one| one.paired.lost > 0).unwrap();
        let size = -cell.paired.difference.value;
        // 26 cells: what is said to be seen, and was there, is shown.
        if size >= cell.detectable.unwrap() {
            assert!(cell.holm <= 0.05, "{lost} of 20: {cell:?}");
        }
        assert!(cell.more.unwrap() > 0);
    }
    // Four pairs show nothing, whatever their differences.
    let few = [4, 0].map(|right| set(vec![share("vt", 4096, right, 4)]));
    let all = compare(&few[0], &few[1..], &ComparisonPlan::default());
    assert_eq!(
        (all[0].cells[0].detectable, all[0].cells[0].seen()),
        (None, "none".to_owned())
    );
}
