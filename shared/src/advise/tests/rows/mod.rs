//! Every row of every table: the situation it describes yields its recommendation.

use std::collections::BTreeSet;

use crate::advise::condition::ConditionContext;
use crate::advise::decide::decide;
use crate::advise::rules::TEXTS;
use crate::advise::{AdaptationStep, Evidence, RuleTable, Thresholds, burdens, paths, tables};

mod cases; // situations shared by several rows
mod decision_factors; // decision factors
mod failure_patterns; // failure patterns
mod field; // the field's evidence
mod framework; // the decision framework
mod path_costs; // rows on when each path is worth its cost
mod positions; // positions before training, retrieval instead of length
mod steps; // the three steps
mod tables_of_facts; // tables of facts
mod tiers; // tiers and scenarios
mod vanilla_needle_test; // the vanilla needle test
mod workload_baseline; // workload against the human baseline

/// The rule, the verdict of its situation, the situation.
type Row = (&'static str, AdaptationStep, Evidence);

/// Rules that lean away from the verdict of their situation, and are told beside it.
const CONTRARY: [&str; 2] = [
    "earns.gap_after_adaptation",
    "failure_patterns.reasoning_gap",
];

fn situations() -> Vec<Row> {
    let tables = [
        steps::rows(),
        workload_baseline::rows(),
        tiers::rows(),
        vanilla_needle_test::rows(),
        failure_patterns::rows(),
        framework::rows(),
        path_costs::rows(),
        decision_factors::rows(),
        field::rows(),
        positions::rows(),
    ];
    tables.into_iter().flatten().collect()
}

#[test]
fn every_row_s_situation_yields_its_recommendation() {
    let thresholds = Thresholds::default();
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for (name, expected, evidence) in situations() {
        assert_eq!(evidence.check(), Ok(()), "{name}");
        let judged = decide(&ConditionContext::new(&evidence, &thresholds));
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
            _ if !rule.favours.is_empty() && !CONTRARY.contains(&name) => {
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
        let read: Result<RuleTable, _> = toml::from_str(text);
        assert_eq!(read.as_ref().err(), None, "{name}");
    }
    for rule in tables().iter().flat_map(|table| &table.rules) {
        let speaks = rule.then.len() + rule.favours.len() + rule.against.len();
        assert!(
            (speaks > 0 || rule.warns) && !rule.when.is_empty(),
            "{}",
            rule.id
        );
        assert_eq!(rule.rank > 0, !rule.then.is_empty(), "{}: rank", rule.id);
    }
    assert_eq!((paths().len(), burdens().len()), (3, 5));
}
