//! What is asked for next: nothing already known, nothing that cannot be had.

use super::situations::{CHAINS_LOST, GOOD, told, with_own, work};
use crate::advise::evidence::Workload::{
    DocumentLookup, DomainShifted, LegalScientific, MultiDocumentSynthesis,
};
use crate::advise::evidence::{
    ErrorTolerance, LongBenchMode, PositionEncoding, PositionFixMethod, PriorAdaptation,
    TrainingCorpus,
};
use crate::advise::missing::MissingKind;
use crate::advise::{Evidence, Verdict};
use crate::tokens::Tokens;

fn domain() -> Evidence {
    let base = work(DomainShifted, 128, 128).at(4, GOOD).at(128, GOOD);
    base.answers(38.0, 39.0).with(TrainingCorpus::General)
}

#[test]
fn hold_outs_that_are_known_are_not_asked_for_again() {
    let memory = work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, GOOD)
        .answers(50.0, 50.5)
        .asked(LongBenchMode::NoContext, 49.0);
    for base in [domain(), memory] {
        let before = told(&base).next.what;
        assert!(before.starts_with("Measure your own hold-outs"), "{before}");
        for own in [0.0, 20.0, 30.0, 45.0, 60.0] {
            let next = told(&with_own(&base, own, None)).next;
            assert!(next.what.starts_with("Say how people score"), "{next:?}");
            let advice = told(&with_own(&base, own, Some(80.0)));
            let next = &advice.next;
            assert!(!next.what.contains("Measure your own"), "{next:?}");
            if advice.action == Verdict::Undecided {
                let own = format!("own hold-outs {own:.1} (95% interval");
                assert!(next.why.contains(&own), "{next:?}");
                assert!(next.why.contains("questions 80.0"), "{next:?}");
            }
        }
    }
}

#[test]
fn own_hold_outs_are_not_held_to_other_questions() {
    let said = told(&with_own(&domain(), 55.0, None)).text();
    assert!(!said.contains("at least as well as people"), "{said}");
    let held = told(&with_own(&domain(), 75.0, Some(60.0))).text();
    assert!(
        held.contains("people on the same questions: 60.0"),
        "{held}"
    );
}

#[test]
fn a_corpus_at_hand_is_checked_and_not_gathered() {
    let base = work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, CHAINS_LOST)
        .answers(36.0, 37.0)
        .asked(LongBenchMode::NoContext, 26.0)
        .asked(LongBenchMode::Rag, 28.0)
        .holdouts(40.0)
        .fixed(128, CHAINS_LOST);
    let advice = told(&base.clone().with(TrainingCorpus::Domain));
    assert!(
        advice.next.what.starts_with("Check the corpus"),
        "{:?}",
        advice.next
    );
    assert!(!advice.text().contains("Gather"), "{}", advice.text());
    assert!(told(&base).next.what.starts_with("Gather the corpus"));
}

#[test]
fn real_questions_are_asked_first_where_chains_are_lost() {
    let extended = work(MultiDocumentSynthesis, 128, 32)
        .at(4, GOOD)
        .at(32, GOOD)
        .at(128, CHAINS_LOST)
        .after(PriorAdaptation::Extended);
    let advice = told(&extended);
    let next = &advice.next.what;
    assert!(next.starts_with("Measure LongBench v2, direct"), "{next}");
    let said = advice.text();
    assert!(
        !said.contains("0.0: ") && !said.contains("100.0: "),
        "{said}"
    );
    // What only two answers together move is named too.
    let mut alibi = work(DocumentLookup, 32, 4)
        .at(2, GOOD)
        .at(4, GOOD)
        .at(32, [35.0, 30.0, 22.0, 30.0]);
    alibi.positions = Some(PositionEncoding::Alibi);
    let missing = told(&alibi).missing;
    let direct = missing.iter().find(|one| one.gap == MissingKind::Direct);
    assert!(direct.is_some(), "{missing:?}");
}

#[test]
fn a_size_that_decides_is_asked_for() {
    let base = work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, CHAINS_LOST)
        .answers(36.0, 37.0)
        .asked(LongBenchMode::NoContext, 26.0)
        .asked(LongBenchMode::Rag, 28.0)
        .fixed(128, CHAINS_LOST)
        .with(TrainingCorpus::Domain)
        .budget(7_000.0);
    let advice = told(&base);
    assert_eq!(
        advice.next.what,
        "Say the model's size",
        "{}",
        advice.text()
    );
    let mut sized = base;
    sized.model = Some(crate::advise::costs::ModelDimensions::of_size(8e9));
    let next = told(&sized).next.what;
    assert!(!next.contains("size"), "{next}");
}

#[test]
fn a_level_model_about_as_good_as_people_is_not_retrained() {
    let level = work(LegalScientific, 128, 128)
        .at(4, GOOD)
        .at(128, GOOD)
        .bearing(ErrorTolerance::HumanLevel)
        .answers(52.0, 53.0)
        .asked(LongBenchMode::NoContext, 27.0);
    for evidence in [level.clone(), with_own(&level, 75.0, Some(74.0))] {
        let advice = told(&evidence);
        assert_eq!(advice.action, Verdict::Keep, "{}", advice.text());
        let said = advice.text();
        assert!(said.contains("hold-outs"), "{said}");
    }
    let far = told(&with_own(&level, 60.0, Some(74.0)));
    assert_ne!(far.action, Verdict::Keep, "{}", far.text());
}

#[test]
fn no_more_questions_are_asked_for_than_there_are() {
    let advice = told(
        &work(MultiDocumentSynthesis, 128, 128)
            .at(4, GOOD)
            .at(128, CHAINS_LOST)
            .answers(44.0, 44.5)
            .fixed(128, CHAINS_LOST),
    );
    let of_it = advice.unsettled.iter();
    let of_it: Vec<_> = of_it
        .filter(|one| one.what.starts_with("LongBench"))
        .collect();
    assert!(!of_it.is_empty(), "{}", advice.text());
    for one in of_it {
        assert_eq!((one.wanted, one.limit), (None, Some(503)), "{one:?}");
        assert!(
            one.says().contains("LongBench v2 has only 503"),
            "{}",
            one.says()
        );
    }
    // 75 of 400 against 74: (4.2 / 1)² times as many.
    let close = with_own(&domain().at(64, GOOD), 75.0, Some(74.0));
    let own = told(&close).unsettled.into_iter();
    let own = own.filter(|one| one.what == "own hold-outs");
    for one in own {
        assert!(one.wanted.is_none_or(|wanted| wanted > 5_000), "{one:?}");
    }
}

#[test]
fn a_fix_that_brings_little_is_told() {
    let base = || {
        work(MultiDocumentSynthesis, 128, 128)
            .at(4, GOOD)
            .at(128, CHAINS_LOST)
            .answers(36.0, 37.0)
    };
    let little = told(&base().fixed(128, [99.5, 93.0, 61.0, 50.0])).text();
    assert!(
        little.contains("positions are probably not the cause"),
        "{little}"
    );
    // Scaling alone rules nothing out.
    let mut scaled = base().fixed(128, CHAINS_LOST);
    for one in &mut scaled.position_fix {
        one.method = PositionFixMethod::Yarn;
    }
    let advice = told(&scaled);
    let said = advice.text();
    assert!(!said.contains("probably not the cause"), "{said}");
    assert!(
        advice.next.what.contains("STRING or dual chunk"),
        "{:?}",
        advice.next
    );
    // What a fix leaves as it was is not what it brings back.
    let helped = told(&base().fixed(128, [99.5, 93.0, 92.0, 46.0]));
    let reason = helped
        .reasons
        .iter()
        .find(|one| one.rule == "positions.fix_helps");
    let figures = reason.map(|one| one.figures.join("; ")).unwrap_or_default();
    assert!(
        figures.contains("multi-hop") && !figures.contains("aggregation"),
        "{figures}"
    );
}

#[test]
fn thinking_that_costs_answers_is_not_within_reach() {
    let advice = told(
        &work(MultiDocumentSynthesis, 128, 128)
            .at(4, GOOD)
            .at(128, CHAINS_LOST)
            .answers(38.0, 30.0)
            .budget(100.0),
    );
    let plan = advice.plan.join(" ");
    assert!(!plan.contains("within reach: a chain of thought"), "{plan}");
}

#[test]
fn what_is_lost_at_the_shortest_length_is_said() {
    let broken = [99.5, 97.0, 0.0, 93.0];
    let advice = told(
        &work(MultiDocumentSynthesis, 128, 128)
            .at(4, broken)
            .at(128, [99.5, 93.0, 0.0, 93.0])
            .answers(36.0, 37.0),
    );
    let said = advice.text();
    assert!(
        said.contains("already lost at the shortest length"),
        "{said}"
    );
    assert!(
        said.contains("multi-hop tracing at 4K: 0.0, below 85.6"),
        "{said}"
    );
    assert!(said.contains("roll it back"), "{said}");
    assert!(
        !advice.next.what.contains("position fix"),
        "{:?}",
        advice.next
    );
}

#[test]
fn a_number_of_tokens_is_read_as_it_is_printed() {
    let read: Evidence = toml::from_str("target_window = \"131,072\"").unwrap();
    assert_eq!(read.target_window, Some(Tokens(131_072)));
}

#[test]
fn a_further_target_that_stays_unread_is_said() {
    let mut evidence = work(DocumentLookup, 128, 32).at(4, GOOD).at(32, GOOD);
    evidence.window_targets = vec![Tokens(65_536), Tokens(262_144)];
    let advice = told(&evidence);
    assert!(matches!(advice.action, Verdict::Extend { .. }));
    assert_eq!(
        advice.verdict(),
        "The advice for this model, at the main target of 128K tokens: extend the window from 32K to 128K tokens by YaRN (factor 4.0). For 64K tokens, a further target, the same extension reaches it. For 256K tokens, a further target, this is not enough: texts beyond 128K stay unread, and it takes a factor of 8.0 instead of 4.0."
    );
    // A model that is kept at its main target does not read a longer one.
    let mut kept = work(DocumentLookup, 32, 32).at(4, GOOD).at(32, GOOD);
    kept.window_targets = vec![Tokens(16_384), Tokens(131_072)];
    let said = told(&kept).verdict();
    assert!(
        said.contains("at the main target of 32K tokens: keep the model"),
        "{said}"
    );
    assert!(
        said.contains("For 16K tokens, a further target, the same applies."),
        "{said}"
    );
    assert!(
        said.contains(
            "For 128K tokens, a further target, the verdict would be different: extend the window."
        ),
        "{said}"
    );
}
