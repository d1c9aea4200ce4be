//! A gate: what a candidate must show before it goes on, as a list of checks.

mod judge;
mod policy;

pub use judge::{Checked, Outcome, Verdict, judge};
pub use policy::{Basis, Check, Kind, Policy, PolicyError, Suite};
