//! A gate: what a candidate must show before it goes on, as a list of checks.

mod judge; // checks held against figures
mod policy; // the gate file

pub use judge::{GateCheckReport, GateOutcome, GateReport, judge};
pub use policy::{GateBasis, GateCheck, GateCheckKind, GatePolicy, GatePolicyError, GateSuite};
