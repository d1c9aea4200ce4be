//! Regressions: verdicts that were once surer, or more expensive, than their evidence.

use super::situations::{CHAINS_LOST, GOOD, work};
use crate::advise::decide::verdict;
use crate::advise::evidence::PriorAdaptation;
use crate::advise::evidence::Workload::{
    DocumentLookup, DomainShifted, LegalScientific, MultiDocumentSynthesis, SafetyCritical,
};
use crate::advise::{AdaptationStep, Evidence, Thresholds, Verdict, advise};
use crate::task::RulerCategory;
use crate::tokens::Tokens;

fn few() -> Thresholds {
    Thresholds {
        draws: 200,
        ..Thresholds::default()
    }
}

fn step(evidence: &Evidence) -> Option<AdaptationStep> {
    verdict(evidence, &Thresholds::default())
}

/// Of two models that reach the same by thinking, the one whose direct answers are better is not
/// told to train.
#[test]
fn a_better_direct_answer_makes_nothing_dearer() {
    for workload in [MultiDocumentSynthesis, LegalScientific, DomainShifted] {
        for cot in [46.0, 50.1, 54.0] {
            let direct = (23..46).map(f64::from).filter(|direct| *direct < cot);
            let told = direct.map(|direct| {
                let base = work(workload, 128, 128).at(4, GOOD).at(128, GOOD);
                step(&base.answers(direct, cot))
            });
            let told: Vec<_> = told.collect();
            assert!(
                told.iter()
                    .all(|one| one.is_none_or(|one| one <= AdaptationStep::ReasonLonger)),
                "{workload:?} {cot}: {told:?}"
            );
        }
        // Where it ends materially below half, thinking was not all that is missing.
        let base = work(workload, 128, 128).at(4, GOOD).at(128, GOOD);
        let told = step(&base.answers(30.0, 40.0));
        assert_eq!(
            told,
            Some(AdaptationStep::ContinuePretraining),
            "{workload:?}"
        );
    }
}

/// For lookup needles count, and a mean of all tasks says little of them: measure, do not train.
#[test]
fn a_mean_alone_is_no_reason_to_train_for_lookup() {
    let at = |mean| work(DocumentLookup, 128, 128).mean(4, 95.0).mean(128, mean);
    assert_eq!(step(&at(86.0)), Some(AdaptationStep::Keep));
    for mean in [53.0, 77.0, 85.0] {
        let advice = advise(&at(mean), &few());
        assert_eq!(advice.action, Verdict::Undecided, "{mean}");
        assert_eq!(
            advice.next.what, "Measure RULER by category at the target",
            "{mean}"
        );
    }
    // Eight of thirteen tasks are needles: 13 · 52 / 8 is under the threshold.
    let lost = advise(&at(52.0), &few());
    assert_eq!(step(&at(52.0)), Some(AdaptationStep::FixPositions));
    let reason = &lost.reasons[0];
    assert_eq!(reason.rule, "positions.needles_lost");
    assert!(
        reason.measured.iter().any(|one| one.value == 52.0),
        "{reason:?}"
    );
    // Told by category it is decided either way.
    let lookup = || work(DocumentLookup, 128, 128);
    assert_eq!(
        step(&lookup().at(128, CHAINS_LOST)),
        Some(AdaptationStep::Keep)
    );
    let needles_lost = lookup().at(4, GOOD).at(128, [70.0, 60.0, 90.0, 90.0]);
    assert_eq!(step(&needles_lost), Some(AdaptationStep::FixPositions));
}

/// What is lost at one length may be lost at any: positions are to blame only for what shorter
/// texts do not lose.
#[test]
fn needles_lost_at_the_only_length_are_no_matter_of_positions_yet() {
    for (length, figures) in [
        (128, [70.0, 60.0, 90.0, 90.0]),
        (64, [40.0, 30.0, 20.0, 20.0]),
    ] {
        let advice = advise(
            &work(DocumentLookup, length, length).at(length, figures),
            &few(),
        );
        assert_eq!(advice.action, Verdict::Undecided, "{}", advice.text());
        assert!(advice.next.what.contains("at 4K"), "{:?}", advice.next);
        assert!(
            advice.next.why.contains("no shorter length"),
            "{:?}",
            advice.next
        );
    }
    let mut tiny = work(DocumentLookup, 4, 4).at(4, [40.0, 30.0, 20.0, 20.0]);
    for one in &mut tiny.ruler {
        one.length = Tokens(400);
    }
    tiny.target_window = Some(Tokens(400));
    let advice = advise(&tiny, &few());
    assert_ne!(advice.action, Verdict::FixPositions, "{}", advice.text());
    // As bad at a short length: not a matter of length.
    let flat = work(DocumentLookup, 128, 128)
        .at(4, [70.0, 60.0, 90.0, 90.0])
        .at(128, [70.0, 60.0, 90.0, 90.0]);
    assert_ne!(step(&flat), Some(AdaptationStep::FixPositions));
}

/// What is known as well without the text is neither drawn nor asked for again.
#[test]
fn figures_that_carry_no_verdict_move_none() {
    use crate::advise::evidence::LongBenchMode::NoContext;
    let advice = advise(
        &work(MultiDocumentSynthesis, 128, 128)
            .at(4, GOOD)
            .at(128, GOOD)
            .answers(50.0, 50.5)
            .asked(NoContext, 48.0),
        &few(),
    );
    assert_eq!(advice.certainty.shares.len(), 1, "{:?}", advice.certainty);
    assert!(advice.unsettled.is_empty(), "{:?}", advice.unsettled);
    assert!(
        advice.next.what.contains("own hold-outs"),
        "{:?}",
        advice.next
    );
    let hurt = advise(
        &work(MultiDocumentSynthesis, 128, 128)
            .at(4, GOOD)
            .at(128, CHAINS_LOST)
            .answers(38.0, 39.0)
            .asked(NoContext, 46.0),
        &few(),
    );
    let said = hurt.text();
    assert!(said.contains("the text hurts"), "{said}");
    assert!(
        said.contains("Without the text 8.0 points more (95% interval"),
        "{said}"
    );
    assert!(!said.contains("memory or guessing"), "{said}");
}

/// A tenth of a point closes no gap, and points lost by thinking are said.
#[test]
fn thinking_that_adds_nothing_closes_no_gap() {
    let asked = |direct, cot| {
        let base = work(MultiDocumentSynthesis, 128, 128)
            .at(4, GOOD)
            .at(128, GOOD);
        advise(&base.answers(direct, cot), &few())
    };
    let flat = asked(49.9, 50.0);
    assert!(!flat.text().contains("closes the gap"), "{}", flat.text());
    assert_ne!(flat.action, Verdict::ReasonLonger, "{}", flat.text());
    let worse = asked(49.0, 40.0).text();
    let said = "With a chain of thought 9.0 points fewer (95% interval";
    assert!(
        worse.contains("With a chain of thought, fewer answers are right"),
        "{worse}"
    );
    assert!(worse.contains(said), "{worse}");
    assert_eq!(asked(42.0, 54.0).action, Verdict::ReasonLonger);
}

/// After an extension whose needles are not known, extending again is not the answer.
#[test]
fn an_extension_that_was_made_is_not_made_again_unseen() {
    for evidence in [
        work(MultiDocumentSynthesis, 128, 32)
            .at(4, GOOD)
            .mean(128, 75.0)
            .after(PriorAdaptation::Extended),
        work(DocumentLookup, 128, 32)
            .at(4, GOOD)
            .at(128, [99.0, 97.0, 60.0, 50.0])
            .after(PriorAdaptation::Extended),
    ] {
        let advice = advise(&evidence, &few());
        let extends = matches!(advice.action, Verdict::Extend { .. });
        assert!(!extends, "{}", advice.text());
    }
}

/// The same where the window is short: the present window's mean leaves its needles open.
#[test]
fn a_mean_inside_the_window_neither_extends_nor_trains_for_lookup() {
    let lookup = |mean| work(DocumentLookup, 64, 32).mean(4, 88.0).mean(32, mean);
    assert_eq!(step(&lookup(90.0)), Some(AdaptationStep::Extend));
    assert_eq!(
        step(&lookup(50.0)),
        Some(AdaptationStep::ContinuePretraining)
    );
    let advice = advise(&lookup(70.0), &few());
    assert_eq!(advice.action, Verdict::Undecided);
    let inside = advice.missing.iter();
    let inside = inside
        .filter(|one| one.what == "RULER at the present window")
        .flat_map(|one| one.outcomes.iter().map(|one| one.verdict));
    assert_eq!(
        inside.collect::<Vec<_>>(),
        [
            Some(AdaptationStep::ContinuePretraining),
            Some(AdaptationStep::Extend)
        ]
    );
    let plan = advice.next.plan().unwrap();
    assert_eq!(plan.lengths, [Tokens(32 * 1_024)]);
}

/// Article, "Why vanilla needle-in-a-haystack is not enough": told with any verdict and with none.
#[test]
fn a_needle_that_disagrees_is_told_whatever_the_verdict() {
    let trained = work(MultiDocumentSynthesis, 128, 128)
        .at(128, CHAINS_LOST)
        .answers(38.0, 41.0);
    let kept = work(DocumentLookup, 128, 128).at(128, CHAINS_LOST);
    for evidence in [trained, kept] {
        let advice = advise(&evidence, &few());
        let rules: Vec<_> = advice.warnings.iter().map(|one| &one.reason.rule).collect();
        assert_eq!(rules, ["vanilla.needle_disagrees"]);
        let said = advice.markdown();
        assert!(
            said.contains("## Warnings\n\n- RULER and the vanilla needle test disagree"),
            "{said}"
        );
        let plain = advice.text();
        assert!(
            plain.contains("multi-hop tracing at 128K: 55.0, below 85.6"),
            "{plain}"
        );
        assert!(
            plain.contains("\n  - RULER multi-hop tracing at 128K: 55.0"),
            "{plain}"
        );
        assert!(!plain.contains(['*', '#', '`']), "{plain}");
    }
    let mut alone = work(MultiDocumentSynthesis, 128, 128).at(128, GOOD);
    alone
        .ruler
        .retain(|one| one.category == Some(RulerCategory::SingleNeedle));
    let advice = advise(&alone, &few());
    assert_eq!(advice.action, Verdict::Undecided);
    assert_eq!(advice.warnings[0].reason.rule, "vanilla.needle_only");
    assert!(!advice.warnings[0].against);
    let fine = work(DocumentLookup, 128, 128).at(4, GOOD).at(128, GOOD);
    assert!(advise(&fine, &few()).warnings.is_empty());
}

/// A better chain of thought, or better retrieval, makes nothing dearer.
#[test]
fn what_helps_already_goes_before_training() {
    use crate::advise::evidence::LongBenchMode::{Cot, Direct, Rag};
    let base = || {
        work(MultiDocumentSynthesis, 128, 128)
            .at(4, GOOD)
            .at(128, CHAINS_LOST)
            .asked(Direct, 38.0)
    };
    assert_eq!(
        step(&base().asked(Cot, 60.0)),
        Some(AdaptationStep::ReasonLonger)
    );
    assert_eq!(
        step(&base().asked(Rag, 45.0)),
        Some(AdaptationStep::Retrieve)
    );
    let both = base().asked(Rag, 45.0).asked(Cot, 46.0);
    assert_eq!(step(&both), Some(AdaptationStep::Retrieve));
    let good = base().asked(Rag, 56.0).asked(Cot, 55.0);
    assert_eq!(step(&good), Some(AdaptationStep::ReasonLonger));
}

/// One bad length between good ones is to be measured again, and is no end of the window.
#[test]
fn a_length_that_longer_ones_contradict_is_no_cliff() {
    let evidence = work(MultiDocumentSynthesis, 128, 128)
        .mean(4, 95.0)
        .mean(8, 94.0)
        .mean(16, 40.0)
        .mean(32, 93.0)
        .mean(64, 92.0)
        .mean(128, 90.0);
    let advice = advise(&evidence, &few());
    assert_eq!(advice.window_end, None);
    assert!(
        !matches!(advice.action, Verdict::Extend { .. }),
        "{:?}",
        advice.action
    );
}

/// Models whose makers keep the weights are not sent to training.
#[test]
fn closed_models_are_not_trained() {
    for name in ["GPT-4o", "Gemini-1.5-pro", "o1-preview"] {
        let Ok(mut evidence) = Evidence::published(name) else {
            continue;
        };
        evidence.workload = Some(SafetyCritical);
        evidence.target_window = Some(Tokens(131_072));
        let advice = advise(&evidence, &few());
        assert_eq!(advice.path, None, "{name}: {:?}", advice.action);
    }
    let open = Evidence::published("Llama3.1 8B").unwrap();
    assert_eq!(open.weights, None);
}

/// What was continued already is not simply continued again.
#[test]
fn continued_before_asks_what_it_brought() {
    let evidence = work(MultiDocumentSynthesis, 128, 128)
        .after(PriorAdaptation::Continued)
        .at(4, GOOD)
        .at(128, CHAINS_LOST)
        .answers(38.0, 39.0);
    assert_ne!(step(&evidence), Some(AdaptationStep::ContinuePretraining));
}

#[test]
fn fewer_right_than_by_guessing_carries_no_verdict() {
    let evidence = work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, GOOD)
        .answers(20.0, 21.0);
    let advice = advise(&evidence, &few());
    let warned = advice.warnings.iter();
    let mut warned = warned.map(|one| one.reason.rule.as_str());
    assert!(
        warned.any(|rule| rule == "positions.below_chance"),
        "{}",
        advice.text()
    );
    assert!(advice.path.is_none());
}

#[test]
fn questions_alone_do_not_decide_a_training() {
    let evidence = work(MultiDocumentSynthesis, 128, 128).answers(38.0, 39.0);
    assert_eq!(step(&evidence), None);
}
