//! The learning rate over a stage: a rise, a plateau, a fall.

use super::OptimizerSettings;

/// The share of the learning rate after `tokens` of a `budget`.
///
/// # Formula
/// `min(1, tokens / warm-up)`, and from the share `decay_from` of the budget on a straight line down to
/// `final_share` at its end.
pub(crate) fn schedule(settings: &OptimizerSettings, tokens: u64, budget: u64) -> f64 {
    let rise = match settings.warm_up_tokens {
        0 => 1.0,
        warm_up => (tokens as f64 / warm_up as f64).min(1.0),
    };
    let progress = (tokens as f64 / budget as f64).min(1.0);
    let left = match progress > settings.decay_from {
        true => (1.0 - progress) / (1.0 - settings.decay_from),
        false => 1.0,
    };
    rise * left.max(settings.final_share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_stays_and_falls() {
        let settings = OptimizerSettings {
            muon: 0.02,
            adamw: 0.003,
            weight_decay: 0.0,
            clip: 1.0,
            warm_up_tokens: 100,
            decay_from: 0.5,
            final_share: 0.1,
        };
        let at = |tokens| schedule(&settings, tokens, 1000);
        assert_eq!([0, 50, 100, 500].map(at), [0.0, 0.5, 1.0, 1.0]);
        assert!((at(750) - 0.5).abs() < 1e-9);
        assert!((at(1000) - 0.1).abs() < 1e-9 && (at(2000) - 0.1).abs() < 1e-9);
    }
}
