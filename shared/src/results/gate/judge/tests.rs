use super::*;
use crate::results::testing::{set, share};
use crate::task::{Metric, longbench_v2};

fn gate(
    checks: &str,
    baseline: Vec<ResultCell>,
    candidate: Vec<ResultCell>,
) -> Vec<GateCheckReport> {
    let policy = GatePolicy::read(checks).unwrap();
    judge(&policy, &set(baseline), &set(candidate)).checks
}

#[test]
fn a_mean_passes_fails_or_needs_more_samples() {
    let check = |right, n| {
        let cells = vec![share("vt", 4096, right, n)];
        let text = "[[check]]\nkind = \"at_least\"\npercent = 90";
        gate(text, Vec::new(), cells).remove(0)
    };
    assert_eq!(check(100, 100).outcome, GateOutcome::Passed);
    assert_eq!(check(50, 100).outcome, GateOutcome::Failed);
    let open = check(95, 100);
    assert_eq!(open.outcome, GateOutcome::Undecided);
    assert!(
        open.says.contains("95.0 (95% ") && open.says.contains("n = 100"),
        "{}",
        open.says
    );
    // With that many more samples at the same share, it is settled.
    let more = open.more.unwrap() as usize;
    let n = 100 + more;
    let settled = check((n + 20) * 95 / 100 + 1, n + 20);
    assert_eq!(
        settled.outcome,
        GateOutcome::Passed,
        "{more} {}",
        settled.says
    );
    assert_eq!(check(0, 0).outcome, GateOutcome::Undecided);
    // All right: 35 of 35 are above 90, 34 of 34 are not.
    let all = check(10, 10);
    assert_eq!((all.outcome, all.more), (GateOutcome::Undecided, Some(25)));
    assert_eq!(check(35, 35).outcome, GateOutcome::Passed);
    assert_eq!(check(34, 34).outcome, GateOutcome::Undecided);
}

#[test]
fn worse_by_the_margin_fails_and_too_few_pairs_do_not_tell() {
    let check = |before, after, n| {
        let (before, after) = (share("vt", 4096, before, n), share("vt", 4096, after, n));
        let text = "[[check]]\nkind = \"no_worse_than_baseline\"\nmargin = 5";
        gate(text, vec![before], vec![after]).remove(0)
    };
    assert_eq!(check(380, 378, 400).outcome, GateOutcome::Passed);
    assert_eq!(check(380, 300, 400).outcome, GateOutcome::Failed);
    let few = check(38, 37, 40);
    assert_eq!(few.outcome, GateOutcome::Undecided);
    assert!(few.more.is_some(), "{few:?}");
    // Two lost pairs show little: their interval extends up to +31.
    let lost = check(2, 0, 2);
    assert_eq!(lost.outcome, GateOutcome::Undecided, "{}", lost.says);
    assert_eq!(check(40, 0, 40).outcome, GateOutcome::Failed);
    // Ten pairs that agree do not show that fewer than one in twenty differs.
    assert_eq!(check(10, 10, 10).outcome, GateOutcome::Undecided);
    assert_eq!(check(100, 100, 100).outcome, GateOutcome::Passed);
    assert_eq!(check(10, 10, 10).more, Some(63));
    assert_eq!(check(73, 73, 73).outcome, GateOutcome::Passed);
}

#[test]
fn other_samples_are_compared_without_pairs() {
    let before = share("vt", 4096, 380, 400);
    let mut after = share("vt", 4096, 385, 400);
    for sample in &mut after.samples {
        sample.id = crate::formats::RowId::Text(format!("other {}", sample.id));
    }
    let text = "[[check]]\nkind = \"no_worse_than_baseline\"\nmargin = 5";
    let found = gate(text, vec![before], vec![after]).remove(0);
    assert_eq!(found.outcome, GateOutcome::Passed);
    assert!(
        found
            .says
            .starts_with("no sample is in both; baseline 95.0"),
        "{}",
        found.says
    );
}

#[test]
fn lengths_failures_and_letters() {
    let mut letters = share(longbench_v2::ID, 4096, 60, 90);
    letters.metric = Metric::Letter;
    letters
        .samples
        .iter_mut()
        .skip(80)
        .for_each(|sample| sample.score = None);
    let cells = vec![
        share("vt", 4096, 200, 200),
        share("vt", 8192, 100, 200),
        letters,
    ];
    let text = r#"
        [[check]]
        kind = "effective_length_at_least"
        length = 4096
        partial = true
        [[check]]
        kind = "effective_length_at_least"
        length = 8192
        partial = true
        [[check]]
        kind = "effective_length_at_least"
        length = 16384
        [[check]]
        kind = "longbench_at_least"
        percent = 50
        [[check]]
        kind = "failures_at_most"
        percent = 1
        [[check]]
        kind = "failures_at_most"
        suite = "ruler"
        percent = 0
    "#;
    let found = gate(text, Vec::new(), cells);
    let outcomes: Vec<GateOutcome> = found.iter().map(|check| check.outcome).collect();
    use GateOutcome::{Failed, Passed, Undecided};
    assert_eq!(
        outcomes,
        [Passed, Failed, Undecided, Passed, Failed, Passed]
    );
    // 60 of 90 questions, not of the 80 that were answered.
    assert!(found[3].says.starts_with("66.7"), "{}", found[3].says);
    assert_eq!(found[4].says, "10 of 490 failed, 2.0%");
}

#[test]
fn equal_scores_are_not_certain() {
    // Two answers of 0.9 do not show a mean of 88.
    let two = crate::results::testing::cell("cwe", 4096, &[Some(0.9), Some(0.9)]);
    let text = "[[check]]\nkind = \"at_least\"\npercent = 88";
    let found = gate(text, Vec::new(), vec![two]).remove(0);
    assert_eq!(found.outcome, GateOutcome::Undecided, "{}", found.says);
    assert!(
        found.says.starts_with("90.0 (95% 29.9–95.1 bootstrap"),
        "{}",
        found.says
    );
    assert!(found.more.is_some());
}

#[test]
fn an_effective_length_of_some_tasks_or_lengths_is_undecided() {
    let of = |tasks: &[&str], lengths: &[u32]| {
        let cells = lengths
            .iter()
            .flat_map(|at| tasks.iter().map(|task| share(task, *at, 60, 60)));
        cells.collect::<Vec<ResultCell>>()
    };
    let check = |more: &str, cells: Vec<ResultCell>| {
        let text =
            format!("[[check]]\nkind = \"effective_length_at_least\"\nlength = 8192\n{more}");
        gate(&text, Vec::new(), cells).remove(0)
    };
    let all: Vec<&str> = crate::task::ruler::tasks().map(|task| task.id()).collect();
    assert_eq!(
        check("", of(&all, &[4096, 8192])).outcome,
        GateOutcome::Passed
    );
    let one = of(&["niah_single_1"], &[4096, 8192]);
    let found = check("", one.clone());
    assert_eq!(found.outcome, GateOutcome::Undecided);
    assert!(
        found
            .says
            .contains(" reaches 85.6, but only 1 of RULER's 13 tasks was asked"),
        "{}",
        found.says
    );
    assert_eq!(check("partial = true", one).outcome, GateOutcome::Passed);
    let high = of(&all, &[8192]);
    let found = check("", high.clone());
    assert_eq!(found.outcome, GateOutcome::Undecided);
    assert!(
        found.says.ends_with(", but nothing was asked at 4K"),
        "{}",
        found.says
    );
    assert_eq!(check("partial = true", high).outcome, GateOutcome::Passed);
    assert!(!found.says.contains("not reach"), "{}", found.says);
    // A mean below the threshold fails, whatever else was left out.
    let low = vec![share("niah_single_1", 8192, 10, 60)];
    assert_eq!(check("", low).outcome, GateOutcome::Failed);
}

#[test]
fn what_is_named_and_was_not_measured_is_undecided() {
    let cells = || vec![share("vt", 4096, 200, 200)];
    let outcome = |more: &str| {
        let text = format!("[[check]]\nkind = \"at_least\"\npercent = 90\n{more}");
        let found = gate(&text, cells(), cells()).remove(0);
        (found.outcome, found.says)
    };
    assert_eq!(outcome("lengths = [4096]").0, GateOutcome::Passed);
    let (found, says) = outcome("lengths = [4096, 32768]");
    assert_eq!(found, GateOutcome::Undecided);
    assert!(says.ends_with("; not measured: 32K tokens"), "{says}");
    let (found, says) = outcome("tasks = [\"vt\", \"cwe\"]");
    assert_eq!(found, GateOutcome::Undecided);
    assert!(says.ends_with("; not measured: cwe"), "{says}");
    let text = "[[check]]\nkind = \"no_worse_than_baseline\"\nmargin = 5\nlengths = [4096, 8192]";
    assert_eq!(
        gate(text, cells(), cells()).remove(0).outcome,
        GateOutcome::Undecided
    );
}

#[test]
fn what_is_missing_is_said_in_words_that_can_be_repeated() {
    let words = |n, more, what| MissingSamples { n, more, what }.words();
    assert_eq!(
        words(2, 1802, "sample"),
        "at these figures, about 1,900 samples in total would settle it, and there are 2"
    );
    assert_eq!(
        words(1, 1, "pair"),
        "at these figures, about 2 pairs in total would settle it, and there is 1"
    );
    assert_eq!(
        words(650, 199_350, "sample"),
        "the figure is so close to the bound that more samples are unlikely to settle it"
    );
    let check = "[[check]]\nkind = \"no_worse_than_baseline\"\nmargin = 1";
    let (before, after) = (share("vt", 4096, 30, 40), share("vt", 4096, 29, 40));
    let policy = GatePolicy::read(check).unwrap();
    let verdict = judge(&policy, &set(vec![before]), &set(vec![after]));
    let says = &verdict.checks[0].says;
    assert!(
        says.contains("; a loss of 1 point or more is neither shown nor ruled out (one-sided p "),
        "{says}"
    );
    assert_eq!(
        verdict.words(),
        "gate undecided: none failed, but these samples do not decide the one check"
    );
}

#[test]
fn a_failed_gate_tells_what_is_undecided_too() {
    let text = "[[check]]\nkind = \"at_least\"\npercent = 90
        [[check]]\nkind = \"at_least\"\npercent = 99
        [[check]]\nkind = \"at_least\"\npercent = 10";
    let policy = GatePolicy::read(text).unwrap();
    let words = |right, n| {
        let cells = vec![share("vt", 4096, right, n)];
        judge(&policy, &set(Vec::new()), &set(cells)).words()
    };
    assert_eq!(
        words(88, 100),
        "gate failed: 1 of 3 checks does not hold, and 1 is undecided"
    );
    assert_eq!(words(60, 100), "gate failed: 2 of 3 checks do not hold");
}

/// The same mean has the same interval in gate checks, comparison, checkpoints and report.
#[test]
fn one_mean_has_one_interval_everywhere() {
    use crate::results::series::{DegradationWatch, series};
    use crate::results::{ComparisonPlan, compare};
    use crate::stats::random::SplitMix;
    use crate::stats::simulated::SHORT;
    use crate::task::ruler;
    let mut chance = SplitMix::new(5);
    let mut both: [Vec<ResultCell>; 2] = Default::default();
    for length in [4096, 8192] {
        for (task, ruler) in SHORT.iter().zip(ruler::tasks()) {
            let pairs = task.pairs(&mut chance, 0.02, 20);
            for (at, cells) in both.iter_mut().enumerate() {
                let score = |pair: &(f64, f64)| Some(if at == 0 { pair.0 } else { pair.1 });
                let scores: Vec<_> = pairs.iter().map(score).collect();
                cells.push(crate::results::testing::cell(ruler.id(), length, &scores));
            }
        }
    }
    let [first, second] = both.map(set);
    let mean = second.means().at(Tokens(4096)).estimate().unwrap();
    let row = compare(
        &first,
        std::slice::from_ref(&second),
        &ComparisonPlan::default(),
    )
    .remove(0);
    let row = &row.lengths[0].paired;
    let change = series(
        &first,
        std::slice::from_ref(&second),
        &DegradationWatch::default(),
    )
    .remove(0);
    let change = &change.rows[0];
    assert_eq!((row.second, change.after), (mean, mean));
    assert_eq!(row.difference, change.difference);
    let text = "[[check]]\nkind = \"no_worse_than_baseline\"\nmargin = 3\nlengths = [4096]
        [[check]]\nkind = \"at_least\"\npercent = 80\nlengths = [4096]
        [[check]]\nkind = \"no_worse_than_baseline\"\nmargin = 3
        [[check]]\nkind = \"at_least\"\npercent = 80";
    let verdict = judge(&GatePolicy::read(text).unwrap(), &first, &second);
    let says: Vec<&str> = verdict
        .checks
        .iter()
        .map(|check| check.says.as_str())
        .collect();
    assert!(
        says[0].contains(&format!(
            "candidate {}, difference {}",
            mean.percent(),
            row.difference.points()
        )),
        "{}",
        says[0]
    );
    let told = mean.percent();
    assert!(
        says[1].starts_with(told.trim_end_matches(')')),
        "{} {told}",
        says[1]
    );
    // Also over two lengths.
    let told = says[3].split(", n = ").next().unwrap();
    assert!(
        says[2].contains(&format!("candidate {told})")),
        "{} {told}",
        says[2]
    );
}
