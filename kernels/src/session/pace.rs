//! How much work to submit at once: enough to keep the adapter busy, little enough that a cancel is
//! heard within 300 ms and no system considers the adapter hung. Work is counted in multiply-adds, of
//! which attention takes more at each position, so submissions shrink with depth.

use web_time::Duration;

use super::Session;
use crate::model::config::ModelConfig;
use crate::ops::FEW;

/// What the next submission should take at most. Layers are whole, so it takes more than half of this;
/// and it may be costlier than the last one was, so it takes less than 200 ms.
const TARGET: Duration = Duration::from_millis(120);
/// Below this, a submission's time is mostly its way there and back.
const TELLING: Duration = Duration::from_millis(25);
/// Seconds per multiply-add before anything was measured: a slow processor that plays an adapter.
const FIRST_RATE: f64 = 1e-9;
/// The fewest tokens that a block is split into: a tile of the products, and more than attention
/// reads in slices, so that the split does not change what is computed.
const PIECE: usize = 8;
const _: () = assert!(PIECE > FEW);

/// Multiply-adds of a model's parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct WorkSizes {
    /// Of one token in a layer's products.
    products: f64,
    /// Of one token's attention to one key in a layer.
    key: f64,
    /// Of one token's logits.
    head: f64,
    layers: usize,
}

impl WorkSizes {
    pub(super) fn of(config: &ModelConfig) -> Self {
        let ModelConfig { width, ffn, .. } = *config;
        let (queries, keys) = (
            config.heads * config.head_dim,
            config.kv_heads * config.head_dim,
        );
        let rows = 2 * queries + 2 * keys + 3 * ffn;
        Self {
            products: (width * rows) as f64,
            key: 2.0 * queries as f64,
            head: (width * config.vocab) as f64,
            layers: config.layers,
        }
    }

    /// Of a layer over `tokens`, the last of which attends to `keys` keys.
    pub(super) fn layer(&self, tokens: usize, keys: usize) -> f64 {
        tokens as f64 * (self.products + self.key * keys as f64)
    }

    /// Of the logits of one token.
    pub(super) fn head(&self) -> f64 {
        self.head
    }

    /// Of one token from its id to the next.
    pub(super) fn token(&self, keys: usize) -> f64 {
        self.layers as f64 * self.layer(1, keys) + self.head
    }
}

/// The size of submissions, learnt from the time of the last one.
#[derive(Clone, Copy, Debug)]
pub(super) struct SubmissionPace {
    /// Seconds per multiply-add.
    rate: f64,
    /// Multiplies the time and the tokens of a submission: halved at each loss of the adapter.
    share: f64,
}

impl SubmissionPace {
    pub(super) fn new() -> Self {
        Self {
            rate: FIRST_RATE,
            share: 1.0,
        }
    }

    /// A pace that was learnt.
    #[cfg(test)]
    pub(super) fn at(rate: f64, share: f64) -> Self {
        Self { rate, share }
    }

    /// For an adapter that was lost at this pace: half as much at once.
    pub(super) fn halved(self) -> Self {
        Self {
            rate: FIRST_RATE,
            share: self.share / 2.0,
        }
    }

    /// Multiply-adds of one submission.
    fn work(self) -> f64 {
        TARGET.as_secs_f64() * self.share / self.rate
    }

    /// How often `work` fits one submission; at least once.
    pub(super) fn times(self, work: f64) -> usize {
        ((self.work() / work) as usize).max(1)
    }

    /// How many of the next `left` tokens, at most `most`, go through a layer together, `read` tokens
    /// after the first of their text and `start` tokens after the first of the cache. Blocks of
    /// [`Session::CHUNK`] go together where they pass all layers in one submission; a block is split
    /// where one of its layers takes longer than one.
    pub(super) fn tokens(
        self,
        sizes: &WorkSizes,
        (left, most): (usize, usize),
        read: usize,
        start: usize,
    ) -> usize {
        let most = ((most as f64 * self.share) as usize).max(PIECE);
        let block = Session::CHUNK - read % Session::CHUNK;
        let fits = |tokens: usize, layers: usize| {
            layers as f64 * sizes.layer(tokens, start + tokens) <= self.work()
        };
        if block == Session::CHUNK {
            let blocks = (1..=left.min(most) / block).map(|blocks| blocks * block);
            let together = blocks.take_while(|tokens| fits(*tokens, sizes.layers));
            if let Some(tokens) = together.last() {
                return tokens;
            }
        }
        let block = block.min(left);
        if block < 2 * PIECE || (block <= most && fits(block, 1)) {
            return block;
        }
        // What is left over has a piece's length at least.
        let pieces = (1..=(block - PIECE) / PIECE).map(|pieces| pieces * PIECE);
        let fitting = pieces.take_while(|tokens| *tokens <= most && fits(*tokens, 1));
        fitting.last().unwrap_or(PIECE)
    }

    /// `work` took `time`. The next is at most four times as large, because it may be costlier.
    pub(super) fn learn(&mut self, work: f64, time: Duration) {
        let measured = time.as_secs_f64().max(1e-6) / work;
        if time >= TELLING || measured < self.rate {
            self.rate = measured.max(self.rate / 4.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: WorkSizes = WorkSizes {
        products: 1e6,
        key: 10.0,
        head: 1e7,
        layers: 10,
    };

    fn at(rate: f64) -> SubmissionPace {
        SubmissionPace::at(rate, 1.0)
    }

    #[test]
    fn the_next_takes_between_50_and_200_ms() {
        // Attention and products take different times here, unlike what the pace assumes.
        let time = |tokens: usize, start: usize, layers: usize| {
            let keys = (start + tokens) as f64 * 30.0;
            Duration::from_secs_f64(2e-10 * (layers * tokens) as f64 * (1e6 + keys))
        };
        let (mut pace, mut start, mut sizes) = (SubmissionPace::new(), 0, Vec::new());
        while start < 100_000 {
            let tokens = pace.tokens(&SIZES, (100_000 - start, 512), start, start);
            let work = SIZES.layer(tokens, start + tokens);
            let mut layer = 0;
            while layer < SIZES.layers {
                let layers = pace.times(work).min(SIZES.layers - layer);
                let took = time(tokens, start, layers);
                // The first ones find the pace; the last of a batch may have few layers left.
                if start > 1000 {
                    assert!(took < Duration::from_millis(200), "{start}: {took:?}");
                    let whole = layers < SIZES.layers - layer;
                    assert!(
                        !whole || took > Duration::from_millis(50),
                        "{start}: {took:?}"
                    );
                }
                pace.learn(layers as f64 * work, took);
                layer += layers;
            }
            sizes.push(tokens * pace.times(work).min(SIZES.layers));
            start += tokens;
        }
        assert!(sizes.last().unwrap() * 3 < sizes[5], "{sizes:?}");
    }

    #[test]
    fn a_slow_adapter_reads_pieces_of_a_block() {
        // A layer of eight tokens takes 80 ms.
        assert_eq!(at(1e-8).tokens(&SIZES, (200, 512), 0, 0), 8);
        assert_eq!(at(1e-6).tokens(&SIZES, (200, 512), 0, 100_000), 8);
        assert_eq!(at(4e-9).tokens(&SIZES, (200, 512), 64, 64), 24);
        // 21 tokens are one of 8 and one of 13: fewer than 8 would be computed otherwise.
        assert_eq!(at(1e-8).tokens(&SIZES, (21, 512), 64, 64), 8);
        assert_eq!(at(1e-8).tokens(&SIZES, (13, 512), 72, 72), 13);
        assert_eq!(at(1e-8).tokens(&SIZES, (3, 512), 128, 128), 3);
    }

    #[test]
    fn a_fast_adapter_reads_blocks_together() {
        assert_eq!(at(1e-13).tokens(&SIZES, (1000, 512), 0, 0), 512);
        assert_eq!(at(1e-13).tokens(&SIZES, (200, 512), 64, 64), 192);
        // Within a block its rest comes first.
        assert_eq!(at(1e-13).tokens(&SIZES, (1000, 512), 24, 24), 40);
        // Fewer of them where the context is deep.
        let blocks = |start| at(2e-11).tokens(&SIZES, (1000, 512), 0, start);
        assert_eq!((blocks(0), blocks(200_000)), (512, 192));
    }

    #[test]
    fn a_loss_halves_what_is_submitted() {
        let pace = at(1e-13).halved();
        let mut slow = pace;
        slow.rate = 1e-13;
        assert_eq!(slow.tokens(&SIZES, (1000, 512), 0, 0), 256);
        let half = at(1e-13).times(1e8) / 2;
        assert!(slow.times(1e8).abs_diff(half) <= 1, "{half}");
        // What was measured before does not count any more.
        assert_eq!(pace.times(1.1e7), 5);
    }

    #[test]
    fn a_short_submission_tells_little() {
        let mut pace = at(1e-10);
        pace.learn(1e6, Duration::from_millis(5));
        assert_eq!(pace.rate, 1e-10);
        pace.learn(1e9, Duration::from_secs(9));
        assert_eq!(pace.rate, 9e-9);
        pace.learn(1e9, Duration::from_millis(1));
        assert_eq!(pace.rate, 9e-9 / 4.0);
    }
}
