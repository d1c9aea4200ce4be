//! From figures to a decision: keep the model, let it reason longer, retrieve passages, fix its
//! positions, extend its window, continue its pretraining, take another model or retrain.
//!
//! ```text
//! run | published line | typed in --Evidence--> Facts --Rules, Thresholds--> Decision
//!     --redrawn within the intervals--> Advice --> text, Markdown, JSON
//! ```
//!
//! The rules are data (`shared/data/advise/*.toml`), each with the section of the article it comes
//! from, or marked as the field's evidence. Shares are in percent throughout, as papers print them.

mod adaptation_paths; // the article's paths: costs, and what to validate
mod advice; // the whole advice: verdict, reasons, next step, costs
mod advisor; // gives advice: from evidence to a verdict with its reasons
mod assumed_samples; // figures with an assumed number of samples
mod benchmarks; // how many tasks RULER has, and how many questions LongBench v2
mod chain_probability; // the joint probability of a chain
mod condition; // conditions that rules can test
mod cost_items; // the cost of each next step
mod cost_options; // the cost of each possible verdict, where the evidence does not decide
pub mod costs; // what evaluating and running a model costs
mod decide; // applies the rules and picks a step
mod decision_map; // the verdicts drawn over retrieval and over hops and counting
mod derived_facts; // the facts that rules test, derived from the evidence
mod draws; // redraws the evidence to find out how sure a verdict is
pub mod evidence; // what is known of the model and the work
mod explain; // renders advice as text, Markdown and JSON
mod extension_method; // how positions are rescaled
mod feasible_steps; // which steps are possible at all
mod further_targets; // what the verdict means for further target lengths
mod headline; // the verdict in one sentence
mod held_back; // verdicts that rest on figures that cannot carry one
mod inconsistent_evidence; // evidence that contradicts itself
mod memory_limit; // advice for a model that does not fit into memory
mod missing; // missing evidence, and what it would change
mod next; // the recommended next step
mod plan; // the plan: what to do and validate, in order
mod published_fix_gains; // what position fixes gained elsewhere, and what none restores
mod reasons; // the rules that fired, with their figures
mod rules; // the rule tables
mod sensitivity; // the smallest change that flips the verdict
mod sentences; // lengths, hours, ranges and names in sentences
mod step; // what can be done with a model
mod thresholds; // the thresholds at which rules turn
pub mod training; // the cost of extending, continued pretraining and retraining
mod uncertain_figures; // figures that need more samples
mod unmentioned_figures; // figures that no reason mentions
mod untried_fixes; // position fixes that are left to try
mod verdict; // the verdict: a step with its figures
mod window_end; // where the window ends, and how certain that is

#[cfg(test)]
mod tests;

pub use adaptation_paths::{AdaptationPath, ValidationBurden, burdens, paths};
pub use advice::{Advice, VerdictCertainty};
pub use advisor::advise;
pub use assumed_samples::AssumedSamples;
pub use chain_probability::chain_success;
pub use condition::{Condition, MeasuredValue};
pub use cost_items::CostItem;
pub use cost_options::OptionCost;
pub use decision_map::{DecisionMap, decision_map};
pub use derived_facts::AccuracyCliff;
pub use draws::{VerdictShare, shares};
pub use evidence::{Evidence, EvidenceError};
pub use feasible_steps::InfeasibleStep;
pub use missing::{AnswerEffect, MissingEvidence, MissingKind};
pub use next::{NextRun, NextStep};
pub use reasons::{Contradiction, VerdictReason};
pub use rules::{Rule, RuleOrigin, RuleTable, tables};
pub use sensitivity::VerdictFlip;
pub use step::AdaptationStep;
pub use thresholds::Thresholds;
pub use uncertain_figures::UnsettledFigure;
pub use verdict::{ExtensionMethod, Verdict};
pub use window_end::WindowEnd;
