//! How positions are rescaled.

use super::condition::{Condition, ConditionContext};
use super::derived_facts::factor;
use super::evidence::PositionFixMethod;
use super::verdict::{ExtensionMethod, Verdict};

/// The simplest method that was shown to reach the ratio of target and window.
pub(super) fn extend(at: &ConditionContext<'_>) -> Verdict {
    let factor = factor(&at.facts);
    let hurts = Condition::ScalingHurts.holds(at) == Some(true);
    let tried = |method| {
        at.evidence
            .position_fix
            .iter()
            .any(|fix| fix.method == method)
    };
    let method = match factor {
        factor if factor <= at.thresholds.pi_factor * 1.1 => ExtensionMethod::PositionInterpolation,
        factor if factor <= at.thresholds.yarn_factor * 1.1 => ExtensionMethod::Yarn,
        _ => ExtensionMethod::LongRope,
    };
    // A method that was tried and hurt is not advised again.
    let method = match method {
        ExtensionMethod::PositionInterpolation
            if hurts && tried(PositionFixMethod::PositionInterpolation) =>
        {
            ExtensionMethod::Yarn
        }
        ExtensionMethod::Yarn if hurts && tried(PositionFixMethod::Yarn) => {
            ExtensionMethod::LongRope
        }
        other => other,
    };
    let to = at.facts.target.unwrap_or_default();
    Verdict::Extend {
        method,
        from: at.facts.window.unwrap_or(to),
        to,
        factor,
    }
}
