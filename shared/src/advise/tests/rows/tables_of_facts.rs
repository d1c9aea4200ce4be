//! Tables of facts: the product shows what the row says.

use super::super::situations::{CHAINS_LOST, GOOD, work};
use super::cases::{needle_only, synthesis_beyond};
use crate::advise::evidence::Workload::{DomainShifted, MultiDocumentSynthesis, SafetyCritical};
use crate::advise::{AdaptationStep, Thresholds, advise, burdens};
use crate::task::RulerCategory;

/// Article, tables of paths, investment and cost-risk-validation.
#[test]
fn a_path_shows_its_risk_its_cost_and_what_to_validate() {
    for (step, evidence) in [
        (
            AdaptationStep::Extend,
            synthesis_beyond().at(4, GOOD).at(32, GOOD),
        ),
        (
            AdaptationStep::ContinuePretraining,
            work(MultiDocumentSynthesis, 128, 128)
                .at(128, CHAINS_LOST)
                .answers(38.0, 40.0),
        ),
        (
            AdaptationStep::Retrain,
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

/// Article, table of systems and table of the advantage over random answers.
#[test]
fn systems_score_as_the_leaderboard_shows_them() {
    use crate::published::longbench::{
        LeaderboardColumn, LeaderboardLine, best_direct, best_reasoning, human,
    };
    let percent =
        |line: &LeaderboardLine, cot| line.share(LeaderboardColumn::Overall, cot).unwrap() * 100.0;
    let limits = Thresholds::default();
    let near = |got: f64, row: f64, what: &str| assert!((got - row).abs() < 1e-9, "{what}: {got}");
    let (people, direct, thinking) = (human(), best_direct(), best_reasoning());
    assert_eq!(thinking.model, "o1-preview");
    let rows = [
        ("people", percent(&people, false), 53.7, 28.7),
        ("best direct", percent(&direct, false), 50.1, 25.1),
        ("o1-preview", percent(&thinking, true), 57.7, 32.7),
        ("random", limits.chance, 25.0, 0.0),
    ];
    for (what, got, accuracy, advantage) in rows {
        near(got, accuracy, what);
        near(got - limits.chance, advantage, what);
    }
    near(limits.human, rows[0].1, "threshold");
    near(limits.best_direct, rows[1].1, "threshold");
    near(limits.near_human, rows[0].1 - rows[1].1, "threshold");
}

/// Article, table of sources: the sizes of both benchmarks.
#[test]
fn both_benchmarks_have_the_sizes_that_their_sources_state() {
    use crate::published::{longbench::LeaderboardColumn, ruler};
    assert_eq!(LeaderboardColumn::Overall.questions(), 503);
    let tasks: f64 = crate::advise::benchmarks::TASKS.iter().sum();
    assert!((tasks - 13.0).abs() < f64::EPSILON);
    assert!(ruler::board().len() >= 17);
    // Nearly all lose from their shortest to their longest length.
    let board = ruler::board();
    let losing = board.iter().filter(|line| {
        let shares: Vec<f64> = ruler::LENGTHS
            .iter()
            .filter_map(|one| line.share(*one))
            .collect();
        shares.first() > shares.last()
    });
    assert!(losing.count() * 10 >= board.len() * 9);
}

/// Article, RULER against the vanilla test: of its categories that one measures the first alone.
#[test]
fn the_vanilla_test_measures_one_category_of_four() {
    let thresholds = Thresholds::default();
    let vanilla = needle_only();
    let facts = crate::advise::derived_facts::EvidenceFacts::of(&vanilla, &thresholds);
    let target = facts.at_target.unwrap();
    for (category, can) in [
        (RulerCategory::SingleNeedle, true),
        (RulerCategory::MultiNeedle, false),
        (RulerCategory::MultiHop, false),
        (RulerCategory::Aggregation, false),
    ] {
        assert_eq!(target.of(category).is_some(), can, "{category:?}");
    }
    assert_eq!(target.overall, None, "one category is no mean of RULER");
    let few = Thresholds {
        draws: 20,
        ..thresholds
    };
    let advice = advise(&vanilla, &few);
    for category in [RulerCategory::MultiHop, RulerCategory::Aggregation] {
        let mut missing = advice.missing.iter();
        assert!(
            missing.any(|one| one.what.contains(category.name())),
            "{category:?}"
        );
    }
}

/// Article, decision factors, "Evaluation burden"; the tiers' "Validation burden".
#[test]
fn a_path_s_evaluation_burden_is_its_row_s() {
    let validates = |step| {
        let mut of_path = burdens().iter().filter(|one| one.step == Some(step));
        of_path.next().unwrap().validate.join("; ")
    };
    for (step, needed) in [
        (AdaptationStep::Extend, &["RULER at the target lengths"][..]),
        (
            AdaptationStep::ContinuePretraining,
            &[
                "RULER at the target lengths",
                "LongBench v2",
                "short-text regression",
            ],
        ),
        (
            AdaptationStep::Retrain,
            &[
                "RULER, all tasks",
                "LongBench v2, whole",
                "hold-outs of the domain",
                "regression suite",
            ],
        ),
    ] {
        let all = validates(step);
        for part in needed {
            assert!(all.contains(part), "{step:?}: {part} in {all}");
        }
    }
}
