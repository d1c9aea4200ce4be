//! Tests of the advisor.

mod asks; // what is asked for next
mod costs; // the formulas of costs against figures reckoned by hand
mod doubts; // verdicts that were once surer, or dearer, than their evidence
mod fixes; // a position fix that was tried
mod honest; // what was told wrongly once
mod known; // what is known decides, and what is not is not asserted
mod memory; // shapes, estimates, and what does not fit
mod plain; // sentences that a reader takes for what they are
mod properties; // what holds for any evidence
mod published; // twelve published models, each for a sensible workload
mod results; // evidence of what was measured
mod rows; // every row of every table
mod samples; // few samples ask for more, and each figure stands once
mod situations; // situations, put together from a few words
mod suite; // situations as a team lead would bring them
mod words; // what is said, and what is never said
mod written; // evidence as people write it
