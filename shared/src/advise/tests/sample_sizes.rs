//! Few samples ask for more, what is assumed is said to be, and each figure stands once.

use super::situations::{CHAINS_LOST, GOOD, K, work};
use crate::advise::costs::ModelDimensions;
use crate::advise::evidence::Workload::{DocumentLookup, MultiDocumentSynthesis};
use crate::advise::evidence::{LongBenchMode, PercentFigure, RulerFigure};
use crate::advise::{Advice, Evidence, Thresholds, Verdict, advise};
use crate::task::RulerCategory;
use crate::tokens::Tokens;

fn told(evidence: &Evidence) -> Advice {
    assert_eq!(evidence.check(), Ok(()));
    advise(evidence, &Thresholds::default())
}

fn of(mut evidence: Evidence, n: Option<u32>) -> Evidence {
    evidence.ruler.iter_mut().for_each(|one| one.n = n);
    evidence.longbench.iter_mut().for_each(|one| one.n = n);
    evidence
}

fn chains_lost() -> Evidence {
    work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, CHAINS_LOST)
        .answers(38.0, 40.0)
}

/// A chain of thought tried on 30 questions: more of them come before anything else.
#[test]
fn thirty_questions_ask_for_more_of_them() {
    let level = || {
        work(MultiDocumentSynthesis, 128, 128)
            .at(4, GOOD)
            .at(128, GOOD)
    };
    for (direct, cot) in [(40.0, 50.0), (43.3, 53.3), (46.7, 53.3)] {
        let mut few = level().answers(direct, cot);
        few.longbench.iter_mut().for_each(|one| one.n = Some(30));
        few.model = Some(ModelDimensions::of_size(8e9));
        let advice = told(&few);
        let next = &advice.next;
        assert!(
            next.what
                .starts_with("Measure more samples of LongBench v2"),
            "{direct} {cot}: {}",
            advice.text()
        );
        assert!(next.what.contains("in all instead of 30"), "{next:?}");
        assert!(!next.runs.is_empty() && next.runs.iter().all(|run| run.cost.is_some()));
        assert!(
            advice.verdict().contains("more samples first")
                || advice
                    .verdict()
                    .contains("there are too few samples; measure more first"),
            "{}",
            advice.verdict()
        );
    }
    let many = told(&level().answers(40.0, 56.0));
    assert_eq!(many.action, Verdict::ReasonLonger);
    assert!(!many.next.what.contains("more samples"), "{:?}", many.next);
}

#[test]
fn a_loss_that_sampling_may_explain_is_no_loss_told_flatly() {
    let at = |length| work(DocumentLookup, 128, 128).at(length, GOOD);
    let mut few = at(4);
    few.ruler.extend(at(128).ruler);
    few.ruler[4].value = 90.0;
    let few = told(&of(few, Some(10))).text();
    assert!(!few.contains("single needle loses"), "{few}");
    let many = told(&of(chains_lost(), Some(500))).text();
    assert!(
        many.contains("multi-hop tracing loses 40.0 points"),
        "{many}"
    );
    let wide = told(&of(
        work(MultiDocumentSynthesis, 128, 128)
            .at(4, GOOD)
            .at(128, [99.5, 97.0, 80.0, 78.0])
            .answers(38.0, 40.0),
        Some(8),
    ))
    .text();
    assert!(!wide.contains("loses"), "{wide}");
    assert!(
        wide.contains("which sampling error alone may explain"),
        "{wide}"
    );
}

#[test]
fn an_assumed_number_of_samples_is_said_to_be_assumed() {
    let advice = told(&of(chains_lost(), None));
    let said = advice.text();
    assert!(
        said.contains("No n was given, so n = 100 is assumed for RULER single needle"),
        "{said}"
    );
    for line in said.lines().filter(|line| line.contains("n = 100")) {
        assert!(line.contains("assumed"), "{line}");
    }
    for one in &advice.unsettled {
        assert!(one.assumed && one.says().contains("assumed"), "{one:?}");
    }
    let given = told(&chains_lost()).text();
    assert!(!given.contains("assumed:"), "{given}");
}

/// Several measurements are several prices.
#[test]
fn each_measurement_of_the_next_step_has_its_price() {
    let mut evidence = work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, CHAINS_LOST);
    evidence.model = Some(ModelDimensions::of_size(8e9));
    evidence.price_per_hour = Some(2.5);
    let advice = told(&evidence);
    let runs: Vec<&str> = advice
        .next
        .runs
        .iter()
        .map(|run| run.what.as_str())
        .collect();
    assert_eq!(
        runs,
        [
            "LongBench v2 direct",
            "RULER at 128K with the position fix",
            "RULER at 8K, 16K, 32K, 64K, as the model is today"
        ],
        "{}",
        advice.text()
    );
    let said = advice.text();
    for run in &advice.next.runs {
        let line = said
            .lines()
            .find(|line| line.starts_with(&format!("- {}: ", run.what)));
        let line = line.unwrap_or_default();
        assert!(
            line.contains("prompts of") && line.contains("at your price"),
            "{line}"
        );
    }
}

/// No value of the list stands in the sentence above it, and no line is told twice.
#[test]
fn each_figure_stands_once() {
    let evidences = [
        chains_lost(),
        chains_lost().asked(LongBenchMode::Rag, 45.0),
        chains_lost().fixed(128, [99.5, 95.0, 92.0, 90.0]),
        work(DocumentLookup, 128, 128)
            .mean(4, 95.0)
            .mean(64, 90.0)
            .mean(128, 52.0),
    ];
    for evidence in evidences {
        let advice = told(&evidence);
        let said = advice.text();
        let warnings = advice.warnings.iter().map(|one| &one.reason);
        for one in advice.reasons.iter().chain(warnings) {
            for figure in one.beside() {
                for listed in &one.measured {
                    let both = format!("{} {:.1}", listed.what, listed.value);
                    assert!(!figure.contains(&both), "{both}: {said}");
                }
            }
        }
        let mut lines: Vec<&str> = said.lines().filter(|one| one.starts_with("  - ")).collect();
        let all = lines.len();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), all, "{said}");
    }
}

#[test]
fn what_holds_in_fewer_than_half_of_the_draws_is_no_reason() {
    let mut evidences = vec![chains_lost()];
    for hop in [84.0, 85.0, 86.0, 87.0] {
        for direct in [44.0, 46.0, 49.0] {
            let base = work(MultiDocumentSynthesis, 128, 128).at(4, GOOD);
            let base = base
                .at(128, [99.5, 97.0, hop, 90.0])
                .answers(direct, direct + 2.0);
            evidences.push(of(base, Some(60)));
        }
    }
    for evidence in evidences {
        let advice = told(&evidence);
        let deciding = advice.reasons.iter().filter(|one| one.decides).count();
        for one in &advice.reasons {
            assert!(
                one.share >= 0.5 || (one.decides && deciding == 1),
                "{one:?}"
            );
        }
    }
}

#[test]
fn a_measured_gain_is_no_as_many() {
    let base = || chains_lost().fixed(128, CHAINS_LOST);
    let gained = told(&base().asked(LongBenchMode::Rag, 46.0)).text();
    assert!(
        gained.contains("more questions are answered correctly than with the whole text"),
        "{gained}"
    );
    let equal = told(&base().asked(LongBenchMode::Rag, 38.0)).text();
    assert!(
        equal.contains("about as many questions are answered correctly as with the whole text"),
        "{equal}"
    );
    for said in [gained, equal] {
        assert!(!said.contains('{'), "{said}");
    }
}

/// One length: what to run at a short one and what that tells, and what can be said without it.
#[test]
fn one_length_says_what_to_measure_and_what_is_known() {
    let alone = work(MultiDocumentSynthesis, 128, 128)
        .at(128, CHAINS_LOST)
        .answers(38.0, 40.0);
    let said = told(&alone).text();
    for part in [
        "Nothing was measured at 4K. Run the same tasks there",
        "what is equally low there is not lost with length",
        "Already known from RULER at 128K: good enough on single needle, multi needle; too low on multi-hop tracing, aggregation.",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// A mean of fewer than RULER's thirteen tasks is not called RULER's mean.
#[test]
fn a_mean_of_fewer_tasks_says_so() {
    let advice = told(&chains_lost());
    let said = advice.text();
    assert!(said.contains("RULER mean of 11 of its 13 tasks"), "{said}");
    assert!(!said.contains("RULER mean loses"), "{said}");
    let broken = work(DocumentLookup, 128, 128)
        .at(32, GOOD)
        .at(64, [60.0, 50.0, 40.0, 40.0])
        .at(128, [40.0, 30.0, 20.0, 20.0]);
    let advice = told(&broken);
    let end = advice
        .window_end
        .as_ref()
        .map(|end| end.says())
        .unwrap_or_default();
    assert!(
        end.contains("RULER's mean of its 8 tasks with needles falls"),
        "{end}"
    );
    let one = RulerFigure {
        tasks: Some(1),
        ..RulerFigure::of(
            Some(RulerCategory::SingleNeedle),
            Tokens(4 * K),
            PercentFigure::new(99.0, 100),
        )
    };
    assert_eq!(one.what(), "RULER single needle (1 of 3 tasks) at 4K");
}
