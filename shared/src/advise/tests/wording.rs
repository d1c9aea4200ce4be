//! Wording: what must be said, and what must never be.

use super::situations::{CHAINS_LOST, GOOD, K, work};
use crate::advise::evidence::Workload::{DocumentLookup, MultiDocumentSynthesis, SafetyCritical};
use crate::advise::evidence::{LongBenchMode, PercentFigure, TrainingCorpus, WeightAccess};
use crate::advise::{AdaptationStep, Evidence, Thresholds, Verdict, advise};
use crate::task::RulerCategory;
use crate::tokens::Tokens;

fn say(evidence: &Evidence) -> String {
    assert_eq!(evidence.check(), Ok(()));
    advise(evidence, &Thresholds::default()).text()
}

/// The article: a chain fails because all of its retrievals have to succeed together.
#[test]
fn a_chain_is_as_good_as_its_hops_together() {
    let evidence = work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, CHAINS_LOST)
        .answers(38.0, 40.0);
    let said = say(&evidence);
    // 0.995⁵ = 0.975.
    let expected = "a chain of 4 hops would succeed in 97.5 of 100 texts if finding single needles were the only limit";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn safety_critical_work_is_validated() {
    let evidence = work(SafetyCritical, 128, 128)
        .at(4, GOOD)
        .at(128, GOOD)
        .answers(50.0, 62.0);
    let advice = advise(&evidence, &Thresholds::default());
    assert_eq!(advice.action, Verdict::ReasonLonger);
    for part in [
        "hold-outs from production",
        "people review",
        "both benchmarks",
    ] {
        assert!(
            advice.plan.iter().any(|line| line.contains(part)),
            "{part}: {:?}",
            advice.plan
        );
    }
}

#[test]
fn a_tenth_of_a_point_turns_no_verdict_into_another() {
    let at = |hop: f64, direct: f64| {
        let mut evidence = work(MultiDocumentSynthesis, 128, 128)
            .at(4, GOOD)
            .at(128, [99.5, 97.0, hop, 93.0])
            .answers(direct, direct + 1.0);
        for one in &mut evidence.ruler {
            one.n = Some(6_500);
        }
        advise(&evidence, &Thresholds::default()).action
    };
    let decided = |one: &Verdict| *one != Verdict::Undecided;
    for tenth in 840..870 {
        for direct in [38.0, 44.9, 45.0, 49.9, 50.1, 52.0] {
            let hop = f64::from(tenth) / 10.0;
            let both = [at(hop, direct), at(hop + 0.1, direct)];
            let turned = both.iter().all(decided) && both[0] != both[1];
            assert!(!turned, "{hop} {direct}: {both:?}");
        }
    }
}

#[test]
fn few_samples_ask_for_more_samples_with_their_number_and_price() {
    let mut evidence = work(DocumentLookup, 32, 32).at(32, [88.0, 86.0, 80.0, 80.0]);
    for one in &mut evidence.ruler {
        one.n = Some(20);
    }
    evidence.model = Some(crate::advise::costs::ModelDimensions::of_size(8e9));
    let advice = advise(&evidence, &Thresholds::default());
    assert_eq!(advice.action, Verdict::Undecided, "{}", advice.text());
    assert!(
        advice
            .next
            .what
            .starts_with("Measure more samples of RULER"),
        "{:?}",
        advice.next
    );
    let plan = advice.next.plan().unwrap();
    assert!(
        plan.samples >= 20 && plan.lengths == [Tokens(32 * K)],
        "{plan:?}"
    );
    assert!(advice.next.runs.iter().all(|run| run.cost.is_some()));
    let shares: f64 = advice.certainty.shares.iter().map(|one| one.share).sum();
    assert!((shares - 1.0).abs() < 1e-9);
    assert!(
        advice.sureness().contains("of 100 draws"),
        "{}",
        advice.sureness()
    );
}

#[test]
fn what_is_out_of_reach_is_named_with_by_how_much() {
    let base = work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, CHAINS_LOST)
        .answers(38.0, 40.0);
    let poor = base.clone().budget(500.0).with(TrainingCorpus::None);
    let advice = advise(&poor, &Thresholds::default());
    assert_eq!(advice.action, Verdict::FixPositions);
    let first = &advice.out_of_reach[0];
    assert_eq!(first.step, AdaptationStep::ContinuePretraining);
    let why = first.why.join(" ");
    assert!(
        why.contains("500 GPU-hours") && why.contains("at least 9,500 too few"),
        "{why}"
    );
    assert!(why.contains("corpus"), "{why}");
    assert!(
        advice
            .plan
            .iter()
            .any(|line| line.contains("Also within reach")),
        "{:?}",
        advice.plan
    );
    let mut api = base;
    api.weights = Some(WeightAccess::Fixed);
    // What nobody measured is measured before it is advised.
    let open = advise(&api, &Thresholds::default());
    assert_eq!(open.action, Verdict::Undecided, "{}", open.text());
    assert!(
        open.next.what.contains("with retrieved passages"),
        "{:?}",
        open.next
    );
    let tried = api.asked(LongBenchMode::Rag, 42.0);
    let advice = advise(&tried, &Thresholds::default());
    assert_eq!(advice.action, Verdict::Retrieve, "{}", advice.text());
    assert!(advice.text().contains("weights cannot be changed"));
}

#[test]
fn contradictions_are_refused_by_name() {
    let mut evidence = work(MultiDocumentSynthesis, 128, 128)
        .at(128, [80.0, 80.0, 75.0, 78.0])
        .mean(128, 95.0);
    let error = evidence.check().unwrap_err().to_string();
    for part in ["RULER mean at 128K", "95.0", "correct one of them"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    evidence.ruler.pop();
    let again = evidence.ruler[0].clone();
    evidence.ruler.push(again);
    let error = evidence.check().unwrap_err().to_string();
    assert!(
        error.contains("single needle at 128K is given twice"),
        "{error}"
    );
}

#[test]
fn people_have_an_interval_of_their_own() {
    let said = say(&work(SafetyCritical, 128, 128)
        .at(4, GOOD)
        .at(128, GOOD)
        .answers(50.0, 62.0));
    assert!(
        said.contains("people, 15 minutes a question: 53.7 (95% interval 49.3 to 58.0, n = 503"),
        "{said}"
    );
}

#[test]
fn a_window_is_read_as_people_write_it() {
    let evidence: Evidence = toml::from_str(
        "target_window = \"128K\"\nwindow_targets = [\"64K\", 262144]\n[[ruler]]\nlength = \"1M\"\nvalue = 50.0\n",
    )
    .unwrap();
    assert_eq!(evidence.target_window, Some(Tokens(131_072)));
    assert_eq!(evidence.window_targets, [Tokens(65_536), Tokens(262_144)]);
    assert_eq!(evidence.ruler[0].length, Tokens(1_048_576));
    let error = toml::from_str::<Evidence>("target_window = \"far\"").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("got `far`, expected a number of tokens"),
        "{error}"
    );
}

/// Each figure once, five reasons at most, nothing in the dialect of old.
#[test]
fn the_words_are_few_and_plain() {
    let evidence = work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, CHAINS_LOST)
        .answers(38.0, 40.0);
    let advice = advise(&evidence, &Thresholds::default());
    assert!(advice.reasons.len() <= 5);
    let mut figures: Vec<&String> = advice.reasons.iter().flat_map(|one| &one.figures).collect();
    let all = figures.len();
    figures.sort();
    figures.dedup();
    assert_eq!(figures.len(), all);
    let said = advice.text();
    for never in ["certainty", "borne", "Go on", "what was measured alone"] {
        assert!(!said.contains(never), "{never}: {said}");
    }
    let hop = RulerCategory::MultiHop.name();
    assert!(
        said.contains(&format!(
            "RULER {hop} loses 40.0 points from 4K to 128K tokens (95% interval 35.1 to 44.7)"
        )),
        "{said}"
    );
}

#[test]
fn hold_outs_without_the_text_carry_no_verdict() {
    let evidence = work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, GOOD)
        .answers(51.0, 53.0)
        .asked(LongBenchMode::NoContext, 50.0);
    let advice = advise(&evidence, &Thresholds::default());
    assert_eq!(advice.action, Verdict::Undecided);
    assert!(
        advice.next.what.contains("own hold-outs"),
        "{:?}",
        advice.next
    );
    let mut own = evidence;
    own.production = Some(PercentFigure::new(72.0, 300));
    own.human = Some(PercentFigure::new(60.0, 200));
    let advice = advise(&own, &Thresholds::default());
    assert_eq!(advice.action, Verdict::Keep, "{}", advice.text());
}

/// Hold-outs are explained where they are first named, and there alone.
#[test]
fn hold_outs_are_explained_once() {
    let evidence = work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, GOOD)
        .answers(50.0, 50.5)
        .asked(LongBenchMode::NoContext, 49.0);
    let advice = advise(&evidence, &Thresholds::default());
    let means = "hold-outs (your own questions with known answers, never used for training)";
    assert!(advice.next.what.contains(means), "{:?}", advice.next);
    let said = advice.text();
    assert_eq!(said.matches(means).count(), 1, "{said}");
    assert_eq!(said.find("hold-outs"), said.find(means), "{said}");
}
