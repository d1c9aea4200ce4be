//! Regressions: intervals, prices, ignored figures and options that were once reported wrongly.

use super::situations::{CHAINS_LOST, GOOD, work};
use crate::advise::costs::ModelDimensions;
use crate::advise::evidence::Workload::{DocumentLookup, DomainShifted, MultiDocumentSynthesis};
use crate::advise::evidence::{
    EvidenceError, LongBenchMode, PercentFigure, PositionEncoding, RulerFigure, TrainingCorpus,
    WeightAccess,
};
use crate::advise::{Advice, Evidence, MissingKind, Thresholds, Verdict, advise};
use crate::longbench::LengthClass;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

fn told(evidence: &Evidence) -> Advice {
    advise(evidence, &Thresholds::default())
}

fn of_hundred(mut evidence: Evidence) -> Evidence {
    for one in &mut evidence.ruler {
        one.n = Some(100);
    }
    evidence
}

/// 91.0 and 75.5 of 100 each: Wald's interval is 5.4 to 25.6, Newcombe's lies within half a point.
/// Draws in which it is no cliff count as well.
#[test]
fn the_interval_of_a_cliff_is_that_of_the_drop() {
    let evidence = work(DocumentLookup, 32, 32)
        .mean(4, 93.0)
        .mean(16, 91.0)
        .mean(32, 75.5);
    let advice = told(&of_hundred(evidence));
    let end = advice.window_end.clone().unwrap();
    let (low, high) = end.lost;
    assert!(
        (low - 5.4).abs() < 0.8 && (high - 25.6).abs() < 0.8,
        "{low} {high}"
    );
    assert!(end.share < 0.7, "{}", end.share);
    assert!(
        end.says().contains("there is a cliff there in"),
        "{}",
        end.says()
    );
    // By category the needles decide, each as many times as it has tasks.
    let evidence = work(DocumentLookup, 64, 64)
        .at(32, [98.0, 96.0, 90.0, 90.0])
        .at(64, [70.0, 60.0, 50.0, 50.0]);
    let end = told(&evidence).window_end.unwrap();
    let lost = end.cliff.from - end.cliff.to;
    assert!(
        end.lost.0 < lost && lost < end.lost.1 && end.share > 0.99,
        "{end:?}"
    );
    assert!(!end.says().contains("not certain"), "{}", end.says());
}

/// Where the figures are too close to decide, each option has its price.
#[test]
fn deciding_by_cost_shows_the_costs() {
    let close = |size: Option<f64>| {
        let mut one = work(MultiDocumentSynthesis, 128, 128)
            .at(4, GOOD)
            .at(128, CHAINS_LOST)
            .fixed(128, CHAINS_LOST)
            .answers(36.0, 37.0)
            .asked(LongBenchMode::Rag, 39.0)
            .with(TrainingCorpus::General)
            .budget(25_000.0);
        one.model = size.map(ModelDimensions::of_size);
        told(&one)
    };
    let advice = close(Some(8e9));
    assert_eq!(advice.action, Verdict::Undecided, "{}", advice.text());
    // What was not measured may decide, and comes before the price.
    assert!(
        advice.next.what.starts_with("Measure ") && advice.next.why.contains("too close"),
        "{:?}",
        advice.next
    );
    assert!(advice.options.len() >= 2, "{:?}", advice.options);
    let said = advice.text();
    for part in [
        "What each option costs",
        "Continue pretraining. Once: training",
        "8K tokens read",
        "s of one H100",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// A benchmark as a whole lies between its parts.
#[test]
fn longbench_against_its_parts() {
    let base = work(MultiDocumentSynthesis, 64, 128).asked(LongBenchMode::Direct, 60.0);
    let part = |one: Evidence, length, value| {
        one.asked_of(LongBenchMode::Direct, None, Some(length), value)
    };
    let all = part(base.clone(), LengthClass::Short, 30.0);
    let all = part(all, LengthClass::Medium, 31.0);
    let all = part(all, LengthClass::Long, 29.0);
    let error = all.check().unwrap_err();
    assert!(
        matches!(error, EvidenceError::Parts { part: "length", .. }),
        "{error}"
    );
    assert!(error.to_string().contains("allow 30.2;"), "{error}");
    // Parts of another way of answering, and parts that leave room, say nothing.
    assert_eq!(part(base.clone(), LengthClass::Short, 30.0).check(), Ok(()));
    let thought = base.asked_of(LongBenchMode::Cot, None, Some(LengthClass::Short), 30.0);
    assert_eq!(thought.check(), Ok(()));
}

#[test]
fn no_devices_are_refused() {
    let mut evidence = work(DocumentLookup, 64, 64).at(64, GOOD);
    evidence.devices = Some(0);
    let error = evidence.check().unwrap_err().to_string();
    assert!(
        error.contains("devices") && error.contains("above 0"),
        "{error}"
    );
}

#[test]
fn contradictions_are_said() {
    let mut evidence = work(DocumentLookup, 64, 128).at(64, [60.0, 95.0, 95.0, 90.0]);
    evidence.claimed_window = Some(Tokens(32_768));
    let said = told(&evidence).text();
    for part in [
        "a trained window of 128K tokens and a claimed window of 32K",
        "single needle scores 60.0 and its multi needle 95.0",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let fine = told(&work(DocumentLookup, 64, 128).at(64, GOOD));
    assert!(fine.clashes.is_empty(), "{:?}", fine.clashes);
}

/// No figure of real questions passes unsaid, and no answer leads nowhere.
#[test]
fn a_shifted_domain_tells_its_figures_and_what_follows() {
    let base = || work(DomainShifted, 128, 128).at(4, GOOD).at(128, GOOD);
    let general = base().answers(38.0, 39.0).with(TrainingCorpus::General);
    let advice = told(&general);
    let said = advice.text();
    assert!(said.contains("direct, all questions: 38.0"), "{said}");
    assert!(said.contains("39.0"), "{said}");
    assert!(
        said.contains("not decided, and next: gather documents like yours"),
        "{said}"
    );
    // As good without the text: own questions decide then.
    let known = work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, GOOD)
        .answers(51.0, 53.0)
        .asked(LongBenchMode::NoContext, 50.0);
    let advice = told(&known);
    let own = advice.missing.iter();
    let mut own = own.filter(|one| one.gap == MissingKind::Holdouts);
    let outcomes = &own.next().unwrap().outcomes;
    assert!(
        outcomes
            .iter()
            .all(|one| one.verdict.is_some() || !one.next.is_empty()),
        "{outcomes:?}"
    );
}

#[test]
fn what_cannot_be_done_is_no_objection() {
    let mut evidence = work(DocumentLookup, 128, 4)
        .asked(LongBenchMode::Direct, 25.0)
        .with(TrainingCorpus::None)
        .budget(0.0);
    evidence.weights = Some(WeightAccess::Fixed);
    evidence.positions = Some(PositionEncoding::Alibi);
    for (category, value) in [
        (RulerCategory::SingleNeedle, 60.0),
        (RulerCategory::MultiNeedle, 40.0),
    ] {
        let figure = PercentFigure::new(value, 500);
        evidence
            .ruler
            .push(RulerFigure::of(Some(category), Tokens(4_096), figure));
    }
    let advice = told(&evidence);
    let said = advice.text();
    for part in [
        "It calls for: extend",
        "It calls for: continue",
        "short fine-tune",
    ] {
        assert!(!said.contains(part), "{part}: {said}");
    }
}
