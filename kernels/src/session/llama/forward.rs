//! Tokens through the layers, in submissions of bounded time, and what is read of the last one's logits.

use std::sync::atomic::{AtomicBool, Ordering};

use web_time::Instant;

use super::Llama;
use crate::gpu::{Buffer, Chunk, CommandEncoder, Gpu, GpuError, UniformWords};
use crate::model::rope::rotations;
use crate::model::sampler::GreedyToken;
use crate::session::SessionError;
use crate::session::pace::SubmissionPace;

/// Tokens whose last layers are recorded and not yet submitted: what is read of their logits rides
/// along, because it is a submission's worth of work on a slow adapter.
pub(in crate::session) struct PendingTokens {
    commands: CommandEncoder,
    tokens: usize,
    /// Multiply-adds recorded.
    work: f64,
}

impl Llama {
    /// How many of the next `left` tokens are read together, `read` tokens after the first of their
    /// text and `start` tokens after the first of the cache.
    pub(in crate::session) fn together(&self, left: usize, read: usize, start: usize) -> usize {
        let left = (left, self.state.most);
        self.prefill_pace.tokens(&self.sizes, left, read, start)
    }

    /// Reads `tokens` after the first `start` that the cache holds.
    ///
    /// # Errors
    /// [`SessionError::Cancelled`] between two submissions; the adapter's.
    pub(in crate::session) async fn forward(
        &mut self,
        gpu: &Gpu,
        tokens: &[u32],
        start: usize,
        cancel: &AtomicBool,
    ) -> Result<PendingTokens, SessionError> {
        let count = tokens.len();
        let keys = start + count;
        let chunk = Chunk {
            tokens: count,
            start,
            slice: self.attention.slice(keys),
        };
        gpu.write(&self.state.chunk, &chunk.words());
        gpu.write(&self.state.ids, tokens);
        let turns = rotations(&self.frequencies, self.turn_scale, start, count);
        gpu.write(&self.state.rope_cos_sin, &turns);

        let work = self.sizes.layer(count, keys);
        let mut next = 0;
        loop {
            if cancel.load(Ordering::Relaxed) {
                return Err(SessionError::Cancelled);
            }
            let end = (next + self.pace(count).times(work)).min(self.layers.len());
            let mut commands = gpu.commands();
            {
                let mut pass = commands.pass();
                if next == 0 {
                    self.embed.run(&mut pass, count);
                }
                for number in next..end {
                    self.layer(&mut pass, number, count, keys);
                }
            }
            let pending = PendingTokens {
                commands,
                tokens: count,
                work: work * (end - next) as f64,
            };
            if end == self.layers.len() {
                return Ok(pending);
            }
            self.settle(gpu, pending).await?;
            next = end;
        }
    }

    fn pace(&mut self, tokens: usize) -> &mut SubmissionPace {
        match tokens {
            1 => &mut self.decode_pace,
            _ => &mut self.prefill_pace,
        }
    }

    /// Submits what is pending and waits; the tokens' logits can be asked for still.
    ///
    /// # Errors
    /// The adapter's.
    pub(in crate::session) async fn settle(
        &mut self,
        gpu: &Gpu,
        pending: PendingTokens,
    ) -> Result<PendingTokens, GpuError> {
        let PendingTokens {
            commands,
            tokens,
            work,
        } = pending;
        let settled = PendingTokens {
            commands: gpu.commands(),
            tokens,
            work: 0.0,
        };
        // What is settled already is not measured.
        if work > 0.0 {
            let started = Instant::now();
            gpu.finish(commands).await?;
            self.pace(tokens).learn(work, started.elapsed());
        }
        Ok(settled)
    }

    /// The logits that follow the last of the tokens, `(vocab)`.
    ///
    /// # Errors
    /// The adapter's.
    pub(in crate::session) async fn logits(
        &mut self,
        gpu: &Gpu,
        mut pending: PendingTokens,
    ) -> Result<Vec<f32>, GpuError> {
        self.add_head(&mut pending.commands, pending.tokens - 1);
        let logits = self.logits.clone();
        self.read_out(gpu, pending, &logits, self.vocab).await
    }

    /// The likeliest token after the last of the tokens, with the log-probabilities of the `top`
    /// likeliest; `None` where the logits are no numbers.
    ///
    /// # Errors
    /// The adapter's.
    pub(in crate::session) async fn likeliest(
        &mut self,
        gpu: &Gpu,
        mut pending: PendingTokens,
        top: usize,
    ) -> Result<Option<GreedyToken>, GpuError> {
        self.add_head(&mut pending.commands, pending.tokens - 1);
        let buffers = self.top_k.bind(gpu, &self.logits, top);
        self.top_k.run(&mut pending.commands.pass(), &buffers);
        let count = buffers.words();
        let words = self.read_out(gpu, pending, &buffers.best, count).await?;
        Ok(buffers.token(&words))
    }

    /// The log-probabilities of `ids` after the last of the tokens; `None` where the logits are no
    /// numbers.
    ///
    /// # Errors
    /// The adapter's.
    pub(in crate::session) async fn logprobs(
        &mut self,
        gpu: &Gpu,
        mut pending: PendingTokens,
        ids: &[u32],
    ) -> Result<Option<Vec<f64>>, GpuError> {
        self.add_head(&mut pending.commands, pending.tokens - 1);
        let buffers = self.logprobs.bind(gpu, &self.logits, ids);
        self.logprobs.run(&mut pending.commands.pass(), &buffers);
        let p: Vec<f32> = self
            .read_out(gpu, pending, &buffers.p, 1 + ids.len())
            .await?;
        let values = p[1..].iter().map(|value| f64::from(*value)).collect();
        Ok((p[0] == 1.0).then_some(values))
    }

    /// The logits that follow token `row` of those read last, `(vocab)`.
    ///
    /// # Errors
    /// The adapter's.
    pub(in crate::session) async fn logits_at(
        &self,
        gpu: &Gpu,
        row: usize,
    ) -> Result<Vec<f32>, GpuError> {
        let mut commands = gpu.commands();
        self.add_head(&mut commands, row);
        gpu.read(commands, &self.logits, 0, self.vocab).await
    }

    pub(super) fn add_head(&self, commands: &mut CommandEncoder, row: usize) {
        let (x, last) = (&self.state.x, &self.state.last);
        commands.copy((x, row * self.width), (last, 0), self.width);
        self.head.run(&mut commands.pass(), &self.norm, 1);
    }

    /// Submits what is pending with its head, waits, and reads the first `count` words of `buffer`.
    async fn read_out<T: bytemuck::Pod>(
        &mut self,
        gpu: &Gpu,
        pending: PendingTokens,
        buffer: &Buffer,
        count: usize,
    ) -> Result<Vec<T>, GpuError> {
        let started = Instant::now();
        let words = gpu.read(pending.commands, buffer, 0, count).await?;
        let work = pending.work + self.sizes.head();
        self.pace(pending.tokens).learn(work, started.elapsed());
        Ok(words)
    }
}
