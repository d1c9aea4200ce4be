//! Standard errors of figures, and of differences between figures of the same samples.

use super::PercentFigure;

/// Half the width of a 95% interval in standard deviations.
pub(in crate::advise) const Z_95: f64 = 1.959_963_984_540_054;

/// The correlation between two ways of answering the same questions, or two runs of the same texts,
/// whose pairs are not known: a question that is easy one way is mostly easy the other way too.
/// Assumed.
pub(in crate::advise) const ALIKE: f64 = 0.5;

impl PercentFigure {
    /// The standard error, points: half of the 95% interval over 1.96. A figure without a number of
    /// samples counts as one of `assumed`.
    pub(in crate::advise) fn standard_error(self, assumed: u32) -> f64 {
        let (low, high) = self.interval(assumed);
        (high - low) / (2.0 * Z_95)
    }
}

/// The standard error of the difference between two figures of the same samples, points.
///
/// # Formula
/// `√(s₁² + s₂² − 2 ρ s₁ s₂)` with `ρ` = [`ALIKE`].
pub(in crate::advise) fn paired_error(a: PercentFigure, b: PercentFigure, assumed: u32) -> f64 {
    let (a, b) = (a.standard_error(assumed), b.standard_error(assumed));
    libm::sqrt((a * a + b * b - 2.0 * ALIKE * a * b).max(0.0))
}
