//! A gate: a list of checks that a candidate must pass before sign-off.

mod judge; // evaluates a gate's checks
mod policy; // parses the gate file

pub use judge::{GateCheckReport, GateOutcome, GateReport, judge};
pub use policy::{GateBasis, GateCheck, GateCheckKind, GatePolicy, GatePolicyError, GateSuite};
