use super::*;
use crate::results::series::{Checkpoint, DegradationWatch};
use crate::results::testing::{set, share};
use crate::results::{ComparisonPlan, ResultSet, compare};
use crate::task::ruler;

/// RULER's tasks at 4K and 32K, 20 samples each and all right, except for a cell.
fn tasks(name: &str, (task, length, right): (&str, u32, usize)) -> ResultSet {
    let cells = [4096, 32_768].into_iter().flat_map(|at| {
        ruler::tasks().map(move |one| {
            let lost = one.id() == task && at == length;
            share(one.id(), at, if lost { right } else { 20 }, 20)
        })
    });
    let mut set = set(cells.collect());
    (set.about.name, set.about.model) = (name.to_owned(), String::new());
    set
}

fn base() -> ResultSet {
    tasks("base", ("", 0, 0))
}

fn tracked(other: ResultSet) -> (Checkpoint, String) {
    let all = crate::results::series::series(&base(), &[other], &DegradationWatch::default());
    let told = series(&base().about, &all).remove(0);
    (all.into_iter().next().unwrap(), told)
}

#[test]
fn a_fall_that_may_be_chance_does_not_stand_under_no_loss() {
    let needles = tasks("s1", ("niah_single_1", 32_768, 13));
    let (found, told) = tracked(needles.clone());
    assert!(!found.degraded());
    assert!(
        told.starts_with("s1: it is not clear whether anything was lost against base. What stands out: niah_single_1 at 32K fell by 35.0 points (100.0 to 65.0; 95% ")
            && told.contains(", 20 pairs: 7 worse, none better). Taken alone it would count, but with 26 cells tested it may be chance; about ")
            && told.contains(" more samples there would tell. RULER at 4K changed by 0.0 points (95% "),
        "{told}"
    );
    assert!(!told.contains("no loss"), "{told}");
    let line = found.changes.iter().find(|one| one.suspect).unwrap();
    assert_eq!(crate::results::figures::verdict(line), "may be lost");
    // The comparison says the same of the same samples.
    let compared = compare(&base(), &[needles], &ComparisonPlan::default());
    let told = comparison(&compared[0], 0.05, None);
    assert!(
        told.starts_with("It is not clear whether base and s1 differ. What stands out: niah_single_1 at 32K fell by 35.0 points (100.0 to 65.0; 95% ")
            && told.contains(", 20 pairs: 7 worse, none better). Taken alone it would count, but with 26 cells tested it may be chance; about "),
        "{told}"
    );
    let cell = compared[0]
        .cells
        .iter()
        .find(|one| one.paired.lost > 0)
        .unwrap();
    assert!(cell.detectable.unwrap() > 0.35, "{cell:?}");
    let plan = ComparisonPlan {
        margin: Some(0.4),
        ..ComparisonPlan::default()
    };
    let compared = compare(
        &base(),
        &[tasks("s1", ("niah_single_1", 32_768, 13))],
        &plan,
    );
    let told = comparison(&compared[0], 0.05, plan.margin);
    assert!(
        told.starts_with("On average, s1 is as good as base to within 40 points: ")
            && told.contains(" What stands out: niah_single_1 at 32K fell by 35.0 points"),
        "{told}"
    );
}

#[test]
fn a_fall_in_a_cell_that_is_not_tracked_is_mentioned() {
    let (found, told) = tracked(tasks("mk", ("niah_multikey_2", 32_768, 13)));
    assert!(found.elsewhere.len() == 1 && found.elsewhere[0].suspect && !found.degraded());
    assert!(
        told.contains(
            "What stands out: niah_multikey_2 at 32K fell by 35.0 points (100.0 to 65.0; "
        ),
        "{told}"
    );
}

#[test]
fn single_needles_at_longer_lengths_are_not_held_back_by_other_categories() {
    // Two tasks of single needles lost five samples each: the row shows it, not the cells.
    let mut lost = tasks("s", ("niah_single_1", 32_768, 15));
    let second = lost
        .cells
        .iter_mut()
        .find(|cell| cell.name() == "niah_single_2 at 32K");
    *second.unwrap() = share("niah_single_2", 32_768, 15, 20);
    let (found, told) = tracked(lost);
    let row = found
        .rows
        .iter()
        .find(|row| row.cell == "single needle at 32K")
        .unwrap();
    assert!(
        row.degraded && (row.holm / row.p - 2.5).abs() < 0.01,
        "{row:?}"
    );
    assert!(
        told.starts_with("s is worse than base. Lost: single needle at 32K by "),
        "{told}"
    );
    let all = [found];
    let told = corrected_series(&all);
    assert!(
        told.contains("over all 6 rows that combine cells and, separately, over all 26 cells. Shares of the level: rows of a whole length or of all questions 40% (1), rows of single needles at longer lengths 40% (1), rows of a category or a group of questions 20% (4); tracked cells 80% (16), other cells 20% (10)."),
        "{told}"
    );
}

/// Of several sets that are compared together, all tests are counted, and a row that says more than the
/// cells stands out beside them.
#[test]
fn what_stands_out_counts_all_tests_and_names_rows() {
    let plain = || tasks("plain", ("", 0, 0));
    let lost = tasks("mk", ("niah_multikey_2", 32_768, 14));
    let all = compare(
        &base(),
        &[lost, plain(), plain()],
        &ComparisonPlan::default(),
    );
    let told = comparison(&all[0], 0.05, None);
    assert!(told.contains("with 78 cells tested"), "{told}");
    assert!(
        corrected(&all).contains("all 78 cells"),
        "{}",
        corrected(&all)
    );
    // One right answer fewer in each of eight tasks at 32K: no cell shows it, the row does.
    let cells = [4096, 32_768].into_iter().flat_map(|at| {
        ruler::tasks().enumerate().map(move |(place, one)| {
            let right = if at == 32_768 && place < 8 { 19 } else { 20 };
            share(one.id(), at, right, 20)
        })
    });
    let weak = set(cells.collect());
    let others: Vec<ResultSet> = std::iter::once(weak)
        .chain((0..12).map(|_| plain()))
        .collect();
    let all = compare(&base(), &others, &ComparisonPlan::default());
    let told = comparison(&all[0], 0.05, None);
    assert!(told.contains("RULER at 32K fell by"), "{told}");
    let tested = format!("with {} rows tested", all[0].tested.0);
    assert!(told.contains(&tested), "{tested}: {told}");
}
