//! The joint probability of a chain: why hops fail before needles do.

/// The hops of RULER's variable tracking.
pub(super) const HOPS: u32 = 4;

/// How often a chain of `hops` succeeds, in percent, if each of its pieces on its own is found in
/// `found` percent of cases.
///
/// # Formula
/// `100 · (found / 100)^(hops + 1)`: a chain of `h` hops has `h + 1` assignments, and all of them
/// have to be found. Independence is assumed: a model that tends to lose several at once does better
/// than this, and one that confuses chains does worse.
///
/// # Example
/// ```
/// use fathom_shared::advise::chain_success;
/// assert!((chain_success(99.0, 4) - 95.1).abs() < 0.05);
/// assert!((chain_success(90.0, 4) - 59.0).abs() < 0.1);
/// ```
pub fn chain_success(found: f64, hops: u32) -> f64 {
    let share = (found / 100.0).clamp(0.0, 1.0);
    100.0 * libm::pow(share, f64::from(hops + 1))
}
