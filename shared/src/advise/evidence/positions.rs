//! What a position fix does, and whether one could be tried.

use super::{Evidence, PositionEncoding, PositionFixMethod, WeightAccess};

impl Evidence {
    /// Whether a position fix without training could be tried, and was not: STRING or dual chunk
    /// attention.
    pub(in crate::advise) fn fix_untried(&self) -> bool {
        let mut tried = self.position_fix.iter();
        !tried.any(|one| one.method.moves_positions()) && self.positions_can_change()
    }

    fn positions_can_change(&self) -> bool {
        let rotary = self
            .positions
            .is_none_or(|one| one == PositionEncoding::Rope);
        rotary && self.weights != Some(WeightAccess::Fixed)
    }
}

impl PositionFixMethod {
    /// Whether it moves distant positions to well-trained ones instead of scaling all of them. Where
    /// scaling alone restores nothing, this still may.
    pub(in crate::advise) fn moves_positions(self) -> bool {
        match self {
            Self::String | Self::DualChunk | Self::Other => true,
            Self::Yarn | Self::PositionInterpolation | Self::Ntk | Self::LongRope => false,
        }
    }
}
