//! Tests of the advisor.

mod better_figures; // better figures never cost more
mod clear_sentences; // sentences must be clear
mod conditions; // every condition is used
mod costs; // cost formulas against figures computed by hand
mod expert_situations; // the suite of situations in `tests/golden/advice`
mod held_back; // verdicts that rest on too few, void or contradicted figures
mod known_evidence; // known evidence decides; unknown evidence is never assumed
mod measured_where; // the length at which a figure was measured, and what is low at every length
mod memory; // model shapes, memory estimates, models that do not fit
mod misreported_figures; // regressions: intervals, prices and figures that were wrong or left out
mod newcomer_situations; // right outcomes of situations that a newcomer brought
mod next_steps; // the next step never asks for what is known or impossible
mod overconfident_verdicts; // regressions: verdicts that were too sure or too expensive for their evidence
mod parsing; // parsing evidence as people write it
mod position_fixes; // position fixes that were tried
mod properties; // property tests: invariants for any evidence
mod published; // twelve published models, each with a sensible workload
mod remedies_in_order; // which remedy comes first
mod results; // evidence from measured results
mod rows; // every row of every rule table
mod sample_sizes; // small sample counts: ask for more, and show each figure once
mod situations; // builders of test situations
mod wording; // wording: what must be said, and what must never be
