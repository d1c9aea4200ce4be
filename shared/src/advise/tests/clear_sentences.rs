//! Sentences must be clear to the reader.

use super::situations::{CHAINS_LOST, GOOD, work};
use crate::advise::evidence::Workload::MultiDocumentSynthesis;
use crate::advise::training::BudgetFit;
use crate::advise::{Advice, Evidence, Thresholds, Verdict, advise};

fn chains_lost() -> Evidence {
    work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, CHAINS_LOST)
        .answers(38.0, 40.0)
}

fn told(evidence: &Evidence) -> Advice {
    advise(evidence, &Thresholds::default())
}

#[test]
fn a_target_that_was_not_given_is_said_in_the_verdict() {
    let mut evidence = chains_lost();
    evidence.target_window = None;
    let said = told(&evidence).verdict();
    assert!(
        said.contains(
            "for texts of 128K tokens (no target was given: this is the longest length measured)"
        ),
        "{said}"
    );
    assert!(
        !told(&chains_lost()).verdict().contains("no target"),
        "{said}"
    );
}

/// One share on one screen: what sampling error leaves, and beside it what is not known at all.
#[test]
fn one_share_is_told_and_what_is_missing_by_name() {
    let advice = told(&chains_lost());
    let said = advice.sureness();
    assert_eq!(said.matches("of 100").count(), 1, "{said}");
    assert!(
        said.contains("Still unknown, and able to change it:"),
        "{said}"
    );
}

/// The least that a training takes is 10,000 hours here: around it nothing turns silently.
#[test]
fn a_budget_about_the_cost_is_said_and_turns_nothing() {
    let with = |hours| told(&chains_lost().budget(hours));
    for hours in [9_000.0, 9_900.0, 10_000.0, 10_100.0, 12_000.0] {
        let advice = with(hours);
        assert_eq!(
            advice.cost.as_ref().unwrap().budget,
            Some(BudgetFit::About),
            "{hours}"
        );
        let said = advice.text();
        assert!(
            said.contains(
                "is about the least that the training takes; the range is 10,000 to 90,000"
            ),
            "{hours}: {said}"
        );
        let trains = matches!(advice.action, Verdict::ContinuePretraining { .. });
        assert!(trains, "{hours}: {said}");
    }
    assert!(with(30_000.0).text().contains("lies inside the range"));
    let poor = with(5_000.0);
    assert_eq!(poor.action, Verdict::FixPositions, "{}", poor.text());
    // Between the two nothing turns without a word.
    for hours in [7_800.0, 8_000.0, 8_100.0] {
        let advice = with(hours);
        assert_eq!(
            advice.action,
            Verdict::Undecided,
            "{hours}: {}",
            advice.verdict()
        );
    }
}

#[test]
fn an_extension_of_a_model_without_a_size_grows_with_its_factor() {
    let to = |target| {
        let mut evidence = work(MultiDocumentSynthesis, target, 32)
            .at(4, GOOD)
            .at(32, GOOD);
        evidence.hardware = Some("rtx4090".to_owned());
        told(&evidence)
    };
    let (near, far) = (to(64).cost.unwrap(), to(2_048).cost.unwrap());
    assert!(near.planned().low < far.planned().low);
    assert!(!near.says().contains("RTX 4090"), "{}", near.says());
    assert!(
        near.says().contains("for no particular model or GPU"),
        "{}",
        near.says()
    );
    assert!(
        far.tokens_source
            .contains("stretches positions from there to 2M"),
        "{}",
        far.tokens_source
    );
    assert!(!near.tokens_source.contains("2M"), "{}", near.tokens_source);
}

#[test]
fn a_gradual_loss_takes_three_lengths() {
    let base = || work(MultiDocumentSynthesis, 128, 128).mean(4, 95.0);
    let two = told(&base().mean(128, 76.0).answers(33.0, 34.0)).text();
    assert!(!two.contains("The loss grows gradually"), "{two}");
    assert!(
        two.contains("Nothing was measured at 8K, 16K, 32K, 64K"),
        "{two}"
    );
    let four = base().mean(8, 91.5).mean(16, 88.0).mean(32, 85.0);
    let four = four.mean(64, 81.0).mean(128, 76.0);
    let four = told(&four.answers(33.0, 34.0)).text();
    assert!(four.contains("The loss grows gradually"), "{four}");
    assert!(!four.contains("Nothing was measured at"), "{four}");
}

#[test]
fn three_samples_are_too_few_to_be_sure() {
    let mut evidence = chains_lost();
    for one in &mut evidence.ruler {
        one.n = Some(3);
    }
    let said = told(&evidence).text();
    assert!(said.contains("3 samples are too few to be sure"), "{said}");
    assert!(!said.contains("about 1 more"), "{said}");
    let mut many = work(MultiDocumentSynthesis, 128, 128)
        .mean(4, 95.0)
        .mean(128, 85.6);
    many = many.answers(55.0, 56.0);
    let said = told(&many).text();
    assert!(!said.contains("more than 5,000 samples"), "{said}");
}

/// No sentence stands twice, and no reason without a figure beside those that have one.
#[test]
fn nothing_is_said_twice() {
    let evidence = chains_lost()
        .after(crate::advise::evidence::PriorAdaptation::Extended)
        .shorts(70.0, 60.0);
    for evidence in [chains_lost(), evidence] {
        let advice = told(&evidence);
        let warnings = advice.warnings.iter().map(|one| &one.reason);
        let against = advice.contradictions.iter().map(|one| &one.reason);
        let all: Vec<_> = warnings.chain(&advice.reasons).chain(against).collect();
        let mut says: Vec<&str> = all.iter().map(|one| one.says.as_str()).collect();
        let mut figures: Vec<&str> = all
            .iter()
            .flat_map(|one| one.figures.iter().map(String::as_str))
            .collect();
        for told in [&mut says, &mut figures] {
            let count = told.len();
            told.sort_unstable();
            told.dedup();
            assert_eq!(told.len(), count, "{}", advice.text());
        }
        for one in advice.reasons.iter().filter(|one| !one.decides) {
            assert!(!one.figures.is_empty(), "{one:?}");
        }
    }
}
