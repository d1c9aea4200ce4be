//! How much work to submit at once: enough to keep the adapter busy, little enough that a
//! cancel takes effect quickly and no system considers the adapter hung.

use web_time::Duration;

const TARGET: Duration = Duration::from_millis(150);

/// Layers per submission, learnt from the last one.
#[derive(Clone, Copy, Debug)]
pub(super) struct SubmissionPace {
    layers: usize,
}

impl SubmissionPace {
    pub(super) fn new() -> Self {
        Self { layers: 1 }
    }

    pub(super) fn layers(self) -> usize {
        self.layers
    }

    /// `layers` took `time`. Grows at most fourfold: the next chunk may be costlier.
    pub(super) fn learn(&mut self, layers: usize, time: Duration) {
        let fit = TARGET.as_secs_f64() / time.as_secs_f64().max(1e-6) * layers as f64;
        self.layers = (fit.round() as usize).clamp(1, 4 * layers.max(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_the_target() {
        let mut pace = SubmissionPace::new();
        pace.learn(1, Duration::from_millis(10));
        assert_eq!(pace.layers(), 4);
        pace.learn(4, Duration::from_millis(50));
        assert_eq!(pace.layers(), 12);
        pace.learn(12, Duration::from_secs(9));
        assert_eq!(pace.layers(), 1);
    }
}
