//! Right outcomes of situations that a newcomer brought: each stands for its kind.

use super::situations::work;
use crate::advise::costs::ModelDimensions;
use crate::advise::evidence::LongBenchMode::{Cot, Direct, Rag};
use crate::advise::evidence::Workload::{
    DocumentLookup, DomainShifted, LegalScientific, MultiDocumentSynthesis, SafetyCritical,
};
use crate::advise::evidence::{
    ErrorTolerance, PercentFigure, PositionEncoding, PositionFixFigure, PositionFixMethod,
    PriorAdaptation, RulerFigure, TrainingCorpus, WeightAccess,
};
use crate::advise::{Advice, Evidence, Thresholds, Verdict, advise};
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// Single needle, several, chains, counts, answers: good at any length.
const GOOD: [f64; 5] = [99.0, 95.0, 92.0, 90.0, 80.0];
const CHAINS_LOST: [f64; 5] = [99.0, 93.0, 60.0, 55.0, 70.0];
/// The samples behind each.
const N: [u32; 5] = [300, 500, 100, 200, 200];

fn told(evidence: &Evidence) -> Advice {
    advise(evidence, &Thresholds::default())
}

impl Evidence {
    fn all(self, thousands: u32, values: [f64; 5]) -> Self {
        self.of_samples(thousands, values, N)
    }

    fn of_samples(mut self, thousands: u32, values: [f64; 5], n: [u32; 5]) -> Self {
        let figures = RulerCategory::ALL.into_iter().zip(values).zip(n);
        self.ruler.extend(figures.map(|((category, value), n)| {
            let figure = PercentFigure::new(value, n);
            RulerFigure::of(Some(category), Tokens(thousands * 1_024), figure)
        }));
        self
    }

    fn with_string(mut self, thousands: u32, values: [f64; 5]) -> Self {
        let figures = RulerCategory::ALL.into_iter().zip(values).zip(N);
        self.position_fix
            .extend(figures.map(|((category, value), n)| {
                let figure = PercentFigure::new(value, n);
                let length = Tokens(thousands * 1_024);
                PositionFixFigure::of(PositionFixMethod::String, Some(category), length, figure)
            }));
        self
    }

    fn sized(mut self, parameters: f64) -> Self {
        self.model = Some(ModelDimensions::of_size(parameters));
        self
    }
}

/// Unchanged from 4K to 128K, and above people with a chain of thought: nothing is retrained.
#[test]
fn what_is_low_at_every_length_is_no_degradation() {
    let unchanged = |values: [f64; 5], n: [u32; 5], adaptation, cot: f64| {
        let base = work(SafetyCritical, 128, 128)
            .bearing(ErrorTolerance::None)
            .after(adaptation)
            .with(TrainingCorpus::Domain)
            .budget(5e6)
            .sized(8e9)
            .of_samples(4, values, n)
            .of_samples(128, values, n);
        told(&base.answers(50.0, cot))
    };
    let counts = |value| [99.0, 95.0, 92.0, value, 80.0];
    let chains = [99.0, 95.0, 84.0, 90.0, 80.0];
    let (none, continued) = (PriorAdaptation::None, PriorAdaptation::Continued);
    for (advice, low) in [
        (unchanged(counts(82.0), N, continued, 60.0), "aggregation"),
        (
            unchanged(counts(84.0), [2_000; 5], none, 62.0),
            "aggregation",
        ),
        (
            unchanged(chains, [1_000; 5], none, 62.0),
            "multi-hop tracing",
        ),
    ] {
        let said = advice.text();
        assert_eq!(advice.action, Verdict::ReasonLonger, "{said}");
        assert!(
            said.contains(&format!("RULER {low} is low at every length")),
            "{said}"
        );
        for part in ["still degrades", "and the model makes more"] {
            assert!(!said.contains(part), "{part}: {said}");
        }
    }
}

/// A model that does not read short texts is replaced, however bad its other figures are.
#[test]
fn a_model_that_does_not_read_short_texts_is_replaced() {
    let short = [80.0, 45.0, 20.0, 30.0, 40.0];
    let small = work(DocumentLookup, 128, 32)
        .sized(0.5e9)
        .budget(500.0)
        .all(4, short)
        .all(32, [30.0, 15.0, 5.0, 10.0, 25.0]);
    let half = work(DocumentLookup, 64, 128)
        .all(4, [70.0, 55.0, 30.0, 40.0, 40.0])
        .all(64, [66.0, 52.0, 28.0, 35.0, 38.0]);
    let nothing = [40.0, 20.0, 5.0, 10.0, 20.0];
    let everywhere = |workload| {
        let base = work(workload, 32, 32).with(TrainingCorpus::Domain);
        base.budget(5e5).all(4, nothing).all(32, nothing)
    };
    for evidence in [
        small,
        half,
        everywhere(DocumentLookup),
        everywhere(MultiDocumentSynthesis),
    ] {
        let advice = told(&evidence);
        assert_eq!(advice.action, Verdict::SwitchModel, "{}", advice.text());
    }
}

/// Fewer needles inside the window never lead from another model to a training.
#[test]
fn worse_needles_inside_the_window_do_not_lead_to_training() {
    for several in [84.0, 86.0, 88.0, 92.0] {
        let mut evidence = work(DocumentLookup, 32, 2)
            .with(TrainingCorpus::General)
            .budget(20_000.0)
            .of_samples(2, [99.0, several, 88.0, 87.0, 70.0], [2_000; 5])
            .of_samples(32, [5.0, 1.0, 0.0, 10.0, 10.0], [2_000; 5]);
        evidence.positions = Some(PositionEncoding::Alibi);
        let advice = told(&evidence);
        assert_eq!(
            advice.action,
            Verdict::SwitchModel,
            "{several}: {}",
            advice.text()
        );
    }
}

/// Passages that leave the answers as bad as they are replace nothing.
#[test]
fn passages_that_gain_nothing_are_no_remedy() {
    let degraded = [99.0, 93.0, 80.0, 78.0, 70.0];
    let mut fixed = work(SafetyCritical, 128, 128)
        .all(4, GOOD)
        .all(128, degraded)
        .answers(30.0, 31.0)
        .asked(Rag, 31.0);
    fixed.weights = Some(WeightAccess::Fixed);
    let advice = told(&fixed);
    assert_eq!(advice.action, Verdict::SwitchModel, "{}", advice.text());
    let plan = advice.plan.join("\n");
    assert!(!plan.contains("retrieved passages"), "{plan}");
    let dear = work(SafetyCritical, 128, 128)
        .after(PriorAdaptation::Continued)
        .with(TrainingCorpus::Domain)
        .budget(200_000.0)
        .sized(70e9)
        .all(4, GOOD)
        .all(128, degraded)
        .answers(40.0, 42.0)
        .asked(Rag, 41.0);
    let advice = told(&dear);
    let said = advice.text();
    assert_ne!(advice.action, Verdict::Retrieve, "{said}");
    for part in [
        "take another base model",
        "With retrieved passages, too, answers are worse",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let values = [95.0, 82.0, 60.0, 55.0, 62.0];
    let domain = work(DomainShifted, 64, 128)
        .with(TrainingCorpus::Domain)
        .budget(60_000.0)
        .sized(8e9)
        .all(64, values)
        .with_string(64, values)
        .answers(34.0, 35.0)
        .asked(Rag, 34.0);
    let advice = told(&domain);
    let trains = Verdict::ContinuePretraining {
        reason_longer: false,
    };
    assert_eq!(advice.action, trains, "{}", advice.text());
    assert!(
        !advice.next.what.starts_with("Measure more samples"),
        "{:?}",
        advice.next
    );
}

/// With everything cheap tried, passages as bad as the whole text move nothing.
#[test]
fn passages_as_bad_as_the_text_leave_the_training() {
    for rag in [33.0, 35.0, 36.0, 37.0, 38.0] {
        let evidence = work(MultiDocumentSynthesis, 128, 128)
            .with(TrainingCorpus::General)
            .budget(40_000.0)
            .sized(8e9)
            .all(4, GOOD)
            .all(128, CHAINS_LOST)
            .with_string(128, CHAINS_LOST.map(|value| value + 1.0))
            .answers(38.0, 39.0)
            .asked(Rag, rag);
        let advice = told(&evidence);
        let trains = matches!(advice.action, Verdict::ContinuePretraining { .. });
        assert!(trains, "{rag}: {}", advice.text());
    }
}

/// Where most draws lead nowhere, no price decides between the few that lead somewhere.
#[test]
fn no_price_decides_where_most_draws_lead_nowhere() {
    let evidence = work(MultiDocumentSynthesis, 128, 128)
        .with(TrainingCorpus::General)
        .budget(40_000.0)
        .sized(8e9)
        .all(4, GOOD)
        .all(128, [99.0, 94.0, 88.0, 87.0, 78.0])
        .answers(47.0, 49.0)
        .asked(Rag, 40.0);
    let advice = told(&evidence);
    assert_eq!(advice.action, Verdict::Undecided, "{}", advice.text());
    assert!(
        !advice.next.what.starts_with("Decide by cost"),
        "{:?}",
        advice.next
    );
}

/// Training is out of reach of devices that cannot hold it.
#[test]
fn devices_that_cannot_hold_a_training_do_not_train() {
    let mut evidence = work(DocumentLookup, 16, 8)
        .budget(20_000.0)
        .sized(8e9)
        .all(4, GOOD)
        .all(8, GOOD)
        .all(16, [30.0, 10.0, 5.0, 10.0, 20.0]);
    evidence.hardware = Some("RTX 4090".to_owned());
    let advice = told(&evidence);
    assert!(
        advice.text().contains("at least 6 × RTX 4090"),
        "{}",
        advice.text()
    );
    evidence.devices = Some(1);
    let advice = told(&evidence);
    let said = advice.text();
    assert!(!matches!(advice.action, Verdict::Extend { .. }), "{said}");
    assert!(
        said.contains("about 128 GB for weights, gradients and Adam's state"),
        "{said}"
    );
    assert!(!said.contains("The budget covers it"), "{said}");
}

/// RULER alone keeps no model that has to answer questions.
#[test]
fn ruler_alone_leads_to_real_questions() {
    let evidence = work(MultiDocumentSynthesis, 128, 128)
        .all(4, GOOD)
        .all(128, GOOD);
    let advice = told(&evidence);
    assert_eq!(advice.action, Verdict::Undecided, "{}", advice.text());
    assert!(
        advice.next.what.starts_with("Measure LongBench v2, direct"),
        "{:?}",
        advice.next
    );
}

/// Hold-outs far below people come before the question of what a training costs.
#[test]
fn hold_outs_far_below_people_are_measured_with_the_remedies() {
    let mut evidence = work(LegalScientific, 128, 128)
        .bearing(ErrorTolerance::HumanLevel)
        .budget(2_000.0)
        .all(4, GOOD)
        .all(128, GOOD);
    evidence.production = Some(PercentFigure::new(60.0, 300));
    evidence.human = Some(PercentFigure::new(90.0, 300));
    let next = told(&evidence).next;
    for part in ["hold-outs", "a chain of thought", "retrieved passages"] {
        assert!(next.what.contains(part), "{part}: {next:?}");
    }
}

/// Limits hold for shares as they are shown.
#[test]
fn limits_hold_for_shares_as_they_are_shown() {
    let large = work(MultiDocumentSynthesis, 128, 128)
        .sized(405e9)
        .all(4, GOOD)
        .all(128, [100.0, 93.0, 89.0, 87.0, 78.0])
        .answers(49.0, 55.0);
    let advice = told(&large);
    let rare = advice.reasons.iter().filter(|one| one.share < 0.5);
    assert!(rare.count() <= 1, "{}", advice.text());
    let mut safety = work(SafetyCritical, 128, 128).all(4, GOOD).all(128, GOOD);
    safety.tolerance = None;
    safety.adaptation = None;
    let advice = told(&safety.answers(50.0, 60.0));
    let said = advice.verdict();
    assert_eq!(
        said,
        "The advice for this model: let it reason longer at inference."
    );
}

#[test]
fn a_fraction_among_percentages_is_said() {
    let evidence = work(MultiDocumentSynthesis, 128, 128)
        .all(4, GOOD)
        .all(128, [99.0, 95.0, 0.62, 90.0, 80.0]);
    let said = told(&evidence).text();
    assert!(
        said.contains("If it is a fraction, write 62 instead"),
        "{said}"
    );
}

/// A plan names no training that is out of reach, and a measurement names its part of the budget.
#[test]
fn a_plan_keeps_to_what_is_within_reach() {
    let poor = work(MultiDocumentSynthesis, 128, 128)
        .with(TrainingCorpus::None)
        .budget(500.0)
        .all(4, GOOD)
        .all(128, [99.0, 93.0, 62.0, 55.0, 70.0]);
    let advice = told(&poor);
    let plan = advice.plan.join("\n");
    assert!(!plan.contains("Consider training"), "{plan}");
    assert!(plan.contains("Training is out of reach"), "{plan}");
    // Eight times the window is more than a fix without training carries.
    let far = work(DocumentLookup, 1_024, 128)
        .budget(500.0)
        .sized(7e9)
        .all(4, GOOD)
        .all(128, GOOD);
    let advice = told(&far);
    assert_ne!(advice.action, Verdict::FixPositions, "{}", advice.text());
    let mut near = far.clone();
    near.target_window = Some(Tokens(262_144));
    near.budget_gpu_hours = Some(100.0);
    let next = told(&near).next;
    assert!(next.why.contains("of your 100 GPU-hours"), "{next:?}");
}

/// An extended model that lost chains is kept for lookup only, and that is said.
#[test]
fn an_extended_model_that_lost_chains_is_for_lookup_only() {
    let evidence = work(DocumentLookup, 128, 32)
        .after(PriorAdaptation::Extended)
        .all(32, GOOD)
        .all(128, CHAINS_LOST);
    let advice = told(&evidence);
    let said = advice.text();
    assert!(advice.verdict().contains("single facts only"), "{said}");
    assert!(
        !said.contains("nothing that was measured calls for a change"),
        "{said}"
    );
    assert!(
        advice.next.what.starts_with("Ask questions like your own"),
        "{said}"
    );
}

/// Documents of the domain may be had: what follows then is named.
#[test]
fn a_general_corpus_names_what_domain_documents_would_change() {
    let evidence = work(DomainShifted, 128, 128)
        .with(TrainingCorpus::General)
        .all(4, GOOD)
        .all(128, GOOD)
        .asked(Direct, 38.0)
        .asked(Cot, 39.0);
    let advice = told(&evidence);
    assert_eq!(advice.action, Verdict::Undecided);
    assert!(
        advice.sureness().contains("continue pretraining"),
        "{}",
        advice.sureness()
    );
}
