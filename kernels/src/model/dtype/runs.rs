//! What the quants of neighbouring weights share.

use super::Dtype;
use super::blocks::{half, six};

impl Dtype {
    /// How many neighbours of a block share a scale and a shift, and these of each such run: a
    /// weight is `scale·q + shift` with a small whole number `q`. Nothing where weights are floats.
    pub(crate) fn runs(self, block: &[u8]) -> Option<(usize, Vec<[f32; 2]>)> {
        let at = |place: usize| half(block[place], block[place + 1]);
        let sixteen = |run: &dyn Fn(usize) -> [f32; 2]| (16, (0..16).map(run).collect());
        Some(match self {
            Self::F32 | Self::F16 | Self::Bf16 => return None,
            Self::Q4_0 => (32, vec![[at(0), -8.0 * at(0)]]),
            Self::Q5_0 | Self::Q8_0 => (32, vec![[at(0), 0.0]]),
            Self::Q4_1 | Self::Q5_1 => (32, vec![[at(0), at(2)]]),
            Self::Q2K => sixteen(&|run| {
                let [scale, least] = [block[run] & 15, block[run] >> 4].map(f32::from);
                [at(80) * scale, -at(82) * least]
            }),
            Self::Q3K => sixteen(&|run| {
                let scales = &block[96..108];
                let low = scales[run % 8] >> (4 * (run / 8)) & 15;
                let high = scales[8 + run % 4] >> (2 * (run / 4)) & 3;
                [at(108) * (f32::from(low | high << 4) - 32.0), 0.0]
            }),
            Self::Q4K | Self::Q5K => {
                let run = |run| {
                    let [scale, least] = six(&block[4..16], run);
                    [at(0) * scale, -at(2) * least]
                };
                (32, (0..8).map(run).collect())
            }
            Self::Q6K => sixteen(&|run| [at(208) * f32::from(block[192 + run].cast_signed()), 0.0]),
        })
    }
}
