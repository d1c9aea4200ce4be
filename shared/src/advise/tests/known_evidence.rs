//! What is known decides, and what is not is neither asserted nor assumed.

use super::situations::{CHAINS_LOST, GOOD, told, with_own, work};
use crate::advise::evidence::Workload::{
    DocumentLookup, DomainShifted, LegalScientific, MultiDocumentSynthesis,
};
use crate::advise::evidence::{ErrorTolerance, LongBenchMode};
use crate::advise::{Evidence, Thresholds, Verdict};

/// What the own documents ask goes before benchmarks: nothing is kept against it.
#[test]
fn own_hold_outs_far_below_people_block_keep() {
    for workload in [
        DocumentLookup,
        MultiDocumentSynthesis,
        LegalScientific,
        DomainShifted,
    ] {
        let level = work(workload, 64, 128).at(4, GOOD).at(64, GOOD);
        let advice = told(&with_own(&level, 35.0, Some(80.0)));
        let said = advice.text();
        assert_ne!(advice.action, Verdict::Keep, "{said}");
        assert!(
            said.contains("own hold-outs: 35.0") && said.contains("same questions: 80.0"),
            "{said}"
        );
        assert!(
            said.contains("it is not good enough for your work as it is"),
            "{said}"
        );
        let fine = told(&with_own(&level, 79.0, Some(80.0)));
        assert!(
            !fine.text().contains("is not good enough for your work"),
            "{}",
            fine.text()
        );
    }
}

/// What was measured to hurt is no fallback, however bad it is.
#[test]
fn thinking_that_hurts_is_never_what_is_left() {
    for cot in [20.0, 26.0, 33.0, 37.0] {
        let mut api = work(LegalScientific, 128, 128)
            .answers(44.9, cot)
            .asked(LongBenchMode::Rag, 50.0)
            .asked(LongBenchMode::NoContext, 30.0);
        api.weights = Some(crate::advise::evidence::WeightAccess::Fixed);
        let advice = told(&api);
        assert_ne!(advice.action, Verdict::ReasonLonger, "{}", advice.text());
        let nearest = advice.flip.as_ref().and_then(|flip| flip.verdict);
        assert_ne!(
            nearest,
            Some(crate::advise::AdaptationStep::ReasonLonger),
            "{}",
            advice.nearest()
        );
    }
}

#[test]
fn nothing_is_said_of_ruler_where_none_was_measured() {
    let base = work(LegalScientific, 128, 128)
        .bearing(ErrorTolerance::HumanLevel)
        .answers(44.9, 46.0);
    let advice = told(&base);
    assert!(
        !advice.text().contains("Nothing degrades"),
        "{}",
        advice.text()
    );
    assert_ne!(advice.action, Verdict::Retrain, "{}", advice.text());
}

/// LongBench v2 has 503 questions: without a number all of them were asked.
#[test]
fn all_questions_of_longbench_are_503() {
    let mut evidence = work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, GOOD)
        .answers(47.0, 52.5);
    let given = told(&evidence);
    evidence.longbench.iter_mut().for_each(|one| one.n = None);
    let advice = told(&evidence);
    assert_eq!(advice.certainty, given.certainty, "{}", advice.text());
    assert!(
        advice.text().contains("n = 503 assumed, all there are"),
        "{}",
        advice.text()
    );
}

/// One side of a turn is today's verdict.
#[test]
fn uncertain_lines_keep_today_s_verdict_on_one_side() {
    for direct in [31.0, 36.0, 44.0, 47.0, 50.0] {
        let base = work(MultiDocumentSynthesis, 128, 128).at(4, GOOD);
        let base = base.at(128, [99.5, 93.0, 84.0, 80.0]);
        let evidence = base
            .answers(direct, direct + 4.0)
            .asked(LongBenchMode::Rag, direct + 1.0);
        let advice = told(&evidence);
        let now = crate::advise::decide::verdict(&evidence, &Thresholds::default());
        for one in &advice.unsettled {
            let same = |side| crate::advise::AdaptationStep::same(side, now);
            assert!(same(one.below) || same(one.above), "{}", one.says());
        }
    }
}

#[test]
fn a_model_that_always_thinks_is_not_told_to_think() {
    let base = work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, CHAINS_LOST);
    for cot in [46.0, 50.0, 63.0] {
        let advice = told(&base.clone().asked(LongBenchMode::Cot, cot));
        assert_ne!(
            advice.action,
            Verdict::ReasonLonger,
            "{cot}: {}",
            advice.text()
        );
    }
}

#[test]
fn weights_are_closed_only_where_that_is_known() {
    let fixed = |name: &str| Evidence::published(name).unwrap().weights;
    assert_eq!(fixed("Mistral Nemo"), None);
    assert!(fixed("GPT-4o mini").is_some() && fixed("Gemini-1.5-pro").is_some());
}
