//! Every row of every table: the situation it describes yields its recommendation.

use std::collections::BTreeSet;

use super::situations::{ALL_LOST, CHAINS_LOST, GOOD, work};
use crate::advise::advice::judge;
use crate::advise::condition::Context;
use crate::advise::evidence::Adaptation::{Continued, Extended};
use crate::advise::evidence::Corpus::{Domain, None as NoCorpus};
use crate::advise::evidence::Reading::{Direct, NoContext, TailOnly};
use crate::advise::evidence::Tolerance::{HumanLevel, None as NoErrors};
use crate::advise::evidence::Workload::{
    DocumentLookup, DomainShifted, LegalScientific, MultiDocumentSynthesis, SafetyCritical,
};
use crate::advise::rules::{Step, TEXTS};
use crate::advise::{Evidence, Table, Thresholds, advise, burdens, paths, tables};
use crate::results::Category;

/// The rule, the verdict of its situation, the situation.
fn situations() -> Vec<(&'static str, Step, Evidence)> {
    let lookup = |target, window| work(DocumentLookup, target, window);
    let synthesis = || work(MultiDocumentSynthesis, 128, 128);
    let legal = || work(LegalScientific, 128, 128);
    let domain = || work(DomainShifted, 128, 128);
    let safety = || work(SafetyCritical, 128, 128);
    let long_lost = || {
        lookup(128, 32)
            .at(4, GOOD)
            .at(32, GOOD)
            .at(128, ALL_LOST)
            .asked(Direct, 42.0)
            .long(25.0)
    };
    let chains_lost = || {
        synthesis()
            .at(4, GOOD)
            .at(128, CHAINS_LOST)
            .answers(38.0, 41.0)
    };
    let nowhere_read = || {
        synthesis()
            .at(16, ALL_LOST)
            .at(32, ALL_LOST)
            .at(128, ALL_LOST)
            .answers(33.0, 34.0)
    };
    let foreign = || {
        domain()
            .at(32, ALL_LOST)
            .at(64, ALL_LOST)
            .at(128, ALL_LOST)
            .answers(36.0, 38.0)
    };
    let ceiling = || synthesis().at(4, GOOD).at(128, GOOD).answers(42.0, 55.0);
    let adapted = || {
        synthesis()
            .after(Continued)
            .at(128, GOOD)
            .had(90.0, 60.0, 40.0)
    };
    let degraded = || safety().at(4, GOOD).at(128, CHAINS_LOST);
    vec![
        (
            "steps.step_1_extend",
            Step::Extend,
            synthesis_beyond().at(4, GOOD).at(32, GOOD),
        ),
        (
            "steps.step_1_enough",
            Step::Keep,
            synthesis().at(4, GOOD).at(128, GOOD).answers(54.0, 55.0),
        ),
        (
            "steps.step_2_continue",
            Step::ContinuePretraining,
            chains_lost(),
        ),
        (
            "steps.step_3_reason",
            Step::ReasonLonger,
            adapted().answers(41.0, 52.0),
        ),
        (
            "steps.step_3_retrain",
            Step::Retrain,
            adapted().answers(41.0, 43.0),
        ),
        (
            "workload_baseline.lookup_enough",
            Step::Keep,
            lookup(64, 128).at(4, GOOD).at(64, GOOD),
        ),
        (
            "workload_baseline.lookup_extend",
            Step::Extend,
            lookup(128, 32).at(32, GOOD),
        ),
        (
            "workload_baseline.synthesis_direct",
            Step::Keep,
            synthesis().at(128, GOOD).answers(51.0, 52.0),
        ),
        (
            "workload_baseline.synthesis_reason",
            Step::ReasonLonger,
            synthesis().at(128, GOOD).answers(44.0, 54.0),
        ),
        (
            "workload_baseline.synthesis_continue",
            Step::ContinuePretraining,
            synthesis().at(128, GOOD).answers(40.0, 42.0),
        ),
        (
            "workload_baseline.legal_reason",
            Step::ReasonLonger,
            legal().at(128, GOOD).answers(44.0, 54.0),
        ),
        (
            "workload_baseline.legal_retrain",
            Step::Retrain,
            legal()
                .after(Continued)
                .at(128, GOOD)
                .had(95.0, 70.0, 39.0)
                .answers(40.0, 42.0),
        ),
        (
            "workload_baseline.safety_reason",
            Step::ReasonLonger,
            safety().at(4, GOOD).at(128, GOOD).answers(50.0, 58.0),
        ),
        (
            "workload_baseline.safety_retrain",
            Step::Retrain,
            degraded().answers(48.0, 50.0),
        ),
        (
            "workload_baseline.safety_ceiling",
            Step::Retrain,
            safety().at(4, GOOD).at(128, GOOD).answers(50.0, 51.0),
        ),
        (
            "tiers.retrieval_extend",
            Step::Extend,
            lookup(64, 16).at(16, GOOD),
        ),
        (
            "tiers.retrieval_enough",
            Step::Keep,
            lookup(64, 128).at(64, [99.0, 95.0, 70.0, 60.0]),
        ),
        (
            "tiers.retrieval_enough_mean",
            Step::Keep,
            lookup(64, 128).mean(4, 95.0).mean(64, 88.0),
        ),
        (
            "tiers.gaps_continue",
            Step::ContinuePretraining,
            chains_lost(),
        ),
        (
            "tiers.gaps_retrain",
            Step::Retrain,
            synthesis()
                .after(Continued)
                .at(128, CHAINS_LOST)
                .had(99.0, 44.0, 38.0)
                .answers(38.0, 40.0),
        ),
        (
            "tiers.domain_extend",
            Step::Extend,
            work(DomainShifted, 128, 32).at(32, GOOD),
        ),
        (
            "tiers.domain_continue",
            Step::ContinuePretraining,
            domain().with(Domain).at(128, GOOD).answers(38.0, 39.0),
        ),
        (
            "tiers.domain_retrain",
            Step::Retrain,
            domain()
                .with(Domain)
                .after(Continued)
                .at(128, GOOD)
                .had(98.0, 80.0, 37.0)
                .answers(38.0, 39.0),
        ),
        (
            "tiers.safety_not_extend",
            Step::Retrain,
            degraded().answers(48.0, 50.0),
        ),
        (
            "tiers.safety_continue",
            Step::ContinuePretraining,
            degraded().answers(56.0, 60.0),
        ),
        (
            "tiers.safety_after_continue",
            Step::Retrain,
            degraded().after(Continued).answers(56.0, 60.0),
        ),
        (
            "failure_patterns.window_too_short",
            Step::Extend,
            long_lost(),
        ),
        (
            "failure_patterns.chains_fail",
            Step::ContinuePretraining,
            chains_lost().asked_of(Direct, Some("Multi-Document QA"), None, 33.0),
        ),
        (
            "failure_patterns.reasoning_ceiling",
            Step::ReasonLonger,
            ceiling(),
        ),
        (
            "failure_patterns.no_tolerance",
            Step::Retrain,
            synthesis()
                .bearing(NoErrors)
                .at(4, GOOD)
                .at(128, CHAINS_LOST)
                .answers(45.0, 50.0),
        ),
        (
            "framework.lookup",
            Step::Extend,
            lookup(128, 32).at(32, GOOD).at(128, ALL_LOST),
        ),
        (
            "framework.synthesis",
            Step::ContinuePretraining,
            chains_lost(),
        ),
        (
            "framework.legal",
            Step::ContinueAndReason,
            legal()
                .at(4, GOOD)
                .at(128, [99.5, 97.0, 95.0, 40.0])
                .answers(46.0, 54.5),
        ),
        (
            "framework.domain",
            Step::ContinuePretraining,
            foreign().with(Domain),
        ),
        (
            "framework.domain_no_corpus",
            Step::Retrain,
            domain()
                .with(NoCorpus)
                .mean(32, 80.0)
                .mean(64, 70.0)
                .mean(128, 60.0)
                .answers(36.0, 38.0),
        ),
        (
            "framework.safety",
            Step::Retrain,
            degraded().answers(48.0, 50.0),
        ),
        (
            "earns.extension",
            Step::Extend,
            lookup(128, 32).at(32, GOOD),
        ),
        (
            "earns.extension_budget",
            Step::Extend,
            lookup(128, 32).at(32, GOOD).budget(500.0),
        ),
        (
            "earns.budget",
            Step::Keep,
            lookup(32, 32).at(32, GOOD).budget(500.0),
        ),
        (
            "earns.reason_first",
            Step::ReasonLonger,
            synthesis().at(128, GOOD).asked(Direct, 42.0),
        ),
        ("earns.reason_recovers", Step::ReasonLonger, ceiling()),
        (
            "earns.continued_hard",
            Step::ContinuePretraining,
            chains_lost(),
        ),
        (
            "earns.continued_reads",
            Step::ContinuePretraining,
            legal().at(128, GOOD).answers(40.0, 42.0),
        ),
        (
            "earns.continued_no_corpus",
            Step::Keep,
            lookup(32, 32).at(32, GOOD).with(NoCorpus),
        ),
        ("earns.retraining", Step::Retrain, nowhere_read()),
        (
            "earns.not_for_needles",
            Step::Keep,
            synthesis().at(4, GOOD).at(128, GOOD).answers(54.0, 54.0),
        ),
        (
            "earns.gap_after_adaptation",
            Step::ReasonLonger,
            adapted().answers(41.0, 52.0),
        ),
        (
            "decision_factors.mix_adapt",
            Step::Extend,
            lookup(128, 32).at(32, GOOD),
        ),
        (
            "decision_factors.mix_adapt_medium",
            Step::ContinuePretraining,
            chains_lost(),
        ),
        (
            "decision_factors.mix_retrain",
            Step::Retrain,
            degraded().answers(48.0, 50.0),
        ),
        (
            "decision_factors.tolerance_adapt",
            Step::ContinuePretraining,
            chains_lost(),
        ),
        (
            "decision_factors.tolerance_retrain",
            Step::Retrain,
            legal()
                .bearing(HumanLevel)
                .at(4, GOOD)
                .at(128, CHAINS_LOST)
                .answers(45.0, 50.0),
        ),
        (
            "decision_factors.outcome_adapt",
            Step::ContinuePretraining,
            chains_lost().after(Extended).had(60.0, 44.0, 37.0),
        ),
        (
            "decision_factors.outcome_retrain",
            Step::Retrain,
            adapted().answers(41.0, 43.0),
        ),
        (
            "field.short_broken_chance",
            Step::Retrain,
            lookup(32, 32)
                .mean(4, 60.0)
                .mean(32, 40.0)
                .answers(26.0, 27.0),
        ),
        (
            "field.short_broken_guess",
            Step::Retrain,
            lookup(32, 32)
                .mean(4, 60.0)
                .mean(32, 40.0)
                .answers(34.0, 35.0)
                .asked(NoContext, 33.0),
        ),
        (
            "field.short_broken",
            Step::Retrain,
            lookup(32, 32)
                .mean(4, 60.0)
                .mean(32, 40.0)
                .answers(26.0, 27.0),
        ),
        (
            "field.claimed_not_read",
            Step::ContinuePretraining,
            synthesis().mean(4, 95.0).mean(128, 66.0),
        ),
        (
            "field.inside_not_read",
            Step::ContinuePretraining,
            work(MultiDocumentSynthesis, 256, 128)
                .mean(4, 95.0)
                .mean(128, 66.0),
        ),
        (
            "field.safety_met",
            Step::Keep,
            safety()
                .at(4, GOOD)
                .at(128, GOOD)
                .answers(60.0, 61.0)
                .bearing(HumanLevel),
        ),
        (
            "field.memory_or_guess",
            Step::ReasonLonger,
            ceiling().asked(NoContext, 41.0),
        ),
        (
            "field.end_bias",
            Step::ContinuePretraining,
            chains_lost().asked(TailOnly, 37.0),
        ),
        ("field.cliff", Step::Extend, long_lost()),
        ("field.slope", Step::ContinuePretraining, chains_lost()),
        ("field.needle_only", Step::ReasonLonger, needle_only()),
        (
            "field.short_regressed",
            Step::ContinuePretraining,
            chains_lost().after(Extended).shorts(70.0, 64.0),
        ),
    ]
}

fn synthesis_beyond() -> Evidence {
    work(MultiDocumentSynthesis, 128, 32)
}

fn needle_only() -> Evidence {
    let mut evidence = work(MultiDocumentSynthesis, 128, 128)
        .at(128, GOOD)
        .asked(Direct, 40.0);
    evidence
        .ruler
        .retain(|one| one.category == Some(Category::SingleNeedle));
    evidence
}

#[test]
fn every_row_s_situation_yields_its_recommendation() {
    let thresholds = Thresholds::default();
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for (name, expected, evidence) in situations() {
        assert_eq!(evidence.check(), Ok(()), "{name}");
        let judged = judge(&Context::new(&evidence, &thresholds));
        let fired = judged
            .fired
            .iter()
            .find(|(table, rule)| name == format!("{}.{}", table.name, rule.id));
        let Some((_, rule)) = fired else {
            faults.push(format!("{name} does not fire"));
            continue;
        };
        let got = judged.step;
        let fits = match got {
            _ if !rule.then.is_empty() => rule.then.contains(&expected),
            _ if !rule.favours.is_empty() && name != "earns.gap_after_adaptation" => {
                rule.favours.contains(&expected)
            }
            // Speaks against something; what it speaks against is not the verdict, or told.
            _ => true,
        };
        if got != Some(expected) || !fits {
            let fired: Vec<String> = judged
                .fired
                .iter()
                .map(|(table, rule)| format!("{}.{} {}", table.name, rule.id, rule.rank))
                .collect();
            faults.push(format!(
                "{name}: got {got:?}, expected {expected:?}, fits {fits}; fired {fired:?}"
            ));
        }
        seen.insert(name.to_owned());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let all = tables().iter().flat_map(|table| {
        table
            .rules
            .iter()
            .map(move |rule| format!("{}.{}", table.name, rule.id))
    });
    assert_eq!(seen, all.collect::<BTreeSet<_>>());
}

#[test]
fn every_table_can_be_read_and_every_rule_says_something() {
    assert_eq!(tables().len(), TEXTS.len());
    for (name, text) in TEXTS {
        let read: Result<Table, _> = toml::from_str(text);
        assert_eq!(read.as_ref().err(), None, "{name}");
    }
    for rule in tables().iter().flat_map(|table| &table.rules) {
        let speaks = rule.then.len() + rule.favours.len() + rule.against.len();
        assert!(speaks > 0 && !rule.when.is_empty(), "{}", rule.id);
        assert_eq!(rule.rank > 0, !rule.then.is_empty(), "{}: rank", rule.id);
    }
    assert_eq!((paths().len(), burdens().len()), (3, 5));
}

/// Article, tables of paths, investment and cost-risk-validation.
#[test]
fn a_path_shows_its_risk_its_cost_and_what_to_validate() {
    for (step, evidence) in [
        (Step::Extend, synthesis_beyond().at(4, GOOD).at(32, GOOD)),
        (
            Step::ContinuePretraining,
            work(MultiDocumentSynthesis, 128, 128)
                .at(128, CHAINS_LOST)
                .answers(38.0, 40.0),
        ),
        (
            Step::Retrain,
            work(SafetyCritical, 128, 128)
                .at(128, CHAINS_LOST)
                .answers(38.0, 40.0),
        ),
    ] {
        let advice = advise(
            &evidence,
            &Thresholds {
                draws: 20,
                ..Thresholds::default()
            },
        );
        let row = advice.path.as_ref().unwrap();
        assert_eq!(row.step, step);
        let said = advice.markdown();
        for part in [
            &row.risk,
            &row.gpu_hours,
            &row.scarcity,
            &row.effort,
            &row.short_context_risk,
        ] {
            assert!(said.contains(part.as_str()), "{step:?}: {part}");
        }
        let burden = burdens().iter().find(|one| one.step == Some(step)).unwrap();
        for part in &burden.validate {
            assert!(
                said.contains(&format!("- [ ] Validate: {part}.")),
                "{step:?}: {part}"
            );
        }
        let hours = advice.cost.unwrap().gpu_hours;
        let range = match row.gpu_hours.as_str() {
            "hundreds" => 100.0..1_000.0,
            "tens of thousands" => 10_000.0..100_000.0,
            _ => 100_000.0..1_000_000.0,
        };
        assert!(range.contains(&hours), "{step:?}: {hours}");
    }
}

/// Article, "High-confidence production sign-off" and "domain holdouts".
#[test]
fn sign_off_and_domains_need_hold_outs() {
    let few = Thresholds {
        draws: 20,
        ..Thresholds::default()
    };
    let safety = work(SafetyCritical, 128, 128)
        .at(4, GOOD)
        .at(128, GOOD)
        .answers(60.0, 61.0);
    let advice = advise(&safety, &few);
    assert!(
        advice.plan.iter().any(|line| line.contains("production")),
        "{:?}",
        advice.plan
    );
    let domain = work(DomainShifted, 128, 32).at(32, GOOD);
    let advice = advise(&domain, &few);
    assert!(
        advice
            .plan
            .iter()
            .any(|line| line.contains("hold-outs of the domain"))
    );
}

/// Article, "What LongBench v2 says": people, best direct answers, best with thought, chance.
#[test]
fn the_anchors_are_the_leaderboard_s() {
    use crate::published::longbench::{Column, best_direct, best_reasoning, human};
    let percent = |line: crate::published::longbench::Line, cot| {
        line.share(Column::Overall, cot).unwrap() * 100.0
    };
    let limits = Thresholds::default();
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
    near(limits.human, percent(human(), false));
    near(limits.best_direct, percent(best_direct(), false));
    near(
        limits.near_human,
        percent(human(), false) - percent(best_direct(), false),
    );
    near(percent(best_reasoning(), true) - limits.chance, 32.7);
}

/// Article, "What RULER adds": of its categories the vanilla test knows one.
#[test]
fn needles_alone_are_no_evidence_of_reading() {
    let advice = advise(
        &needle_only(),
        &Thresholds {
            draws: 20,
            ..Thresholds::default()
        },
    );
    for category in [Category::MultiHop, Category::Aggregation] {
        assert!(
            advice
                .missing
                .iter()
                .any(|one| one.what.contains(category.name())),
            "{category:?}: {:?}",
            advice.missing
        );
    }
}
