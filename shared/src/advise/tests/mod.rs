//! Tests of the advisor.

mod asks; // the next step never asks for what is known or impossible
mod conditions; // every condition is used
mod costs; // cost formulas against figures computed by hand
mod doubts; // regressions: verdicts that were too sure or too expensive for their evidence
mod fixes; // position fixes that were tried
mod honest; // regressions: intervals, prices and figures that were wrong or left out
mod known; // known evidence decides; unknown evidence is never assumed
mod ladder; // better figures never cost more
mod memory; // model shapes, memory estimates, models that do not fit
mod outcomes; // right outcomes of situations that a newcomer brought
mod plain; // sentences must be clear
mod properties; // property tests: invariants for any evidence
mod published; // twelve published models, each with a sensible workload
mod results; // evidence from measured results
mod rows; // every row of every rule table
mod samples; // small sample counts: ask for more, and show each figure once
mod situations; // builders of test situations
mod suite; // the suite of situations in `tests/golden/advice`
mod words; // wording: what must be said, and what must never be
mod written; // parsing evidence as people write it
