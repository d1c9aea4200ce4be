//! The llama family on the kernels.
//!
//! ```text
//! ids -embed-> x   per layer: x += out(attention(rope(q), rope(k), v)),  x += down(silu(gate) · up)
//!                  each on rms_norm(x);   logits = head(rms_norm(last x))
//! ```

mod load; // loads a model file onto the adapter

use std::sync::atomic::{AtomicBool, Ordering};

use web_time::Instant;

use super::SessionError;
use super::kv_cache::GpuKvCache;
use super::pace::SubmissionPace;
use crate::gpu::{
    BoundBuffers, Buffer, Chunk, CommandEncoder, ComputePass, Gpu, GpuError, UniformWords,
};
use crate::model::config::ModelConfig;
use crate::model::gguf::Gguf;
use crate::model::rope::rotations;
use crate::ops::{
    AttentionBuffers, AttentionKernel, EmbedKernel, MatmulDispatch, NormedProducts, RmsNormKernel,
    RopeStoreBuffers, RopeStoreKernel,
};

/// Tokens that pass through the model together.
pub(super) const CHUNK: usize = 64;

/// What a model is loaded from.
pub(super) struct WeightFile<'a, R> {
    pub(super) gguf: &'a Gguf,
    pub(super) config: &'a ModelConfig,
    pub(super) file: &'a mut R,
}

#[derive(Debug)]
pub(super) struct Llama {
    state: ChunkState,
    embed: EmbedKernel,
    norm: RmsNormKernel,
    rope: RopeStoreKernel,
    attention: AttentionKernel,
    layers: Vec<LayerWeights>,
    cache: GpuKvCache,
    /// Per layer of the cache: storing into it, and attending to it.
    cached: Vec<(BoundBuffers, AttentionBuffers)>,
    head: NormedProducts,
    logits: Buffer,
    frequencies: Vec<f32>,
    /// What cosine and sine are multiplied by.
    turn_scale: f64,
    width: usize,
    vocab: usize,
    prefill_pace: SubmissionPace,
    decode_pace: SubmissionPace,
}

/// What a chunk of tokens is made of on its way, each `(tokens, …)`.
#[derive(Debug)]
struct ChunkState {
    chunk: Buffer,
    ids: Buffer,
    rope_cos_sin: Buffer,
    x: Buffer,
    normed: Buffer,
    qkv: Buffer,
    q: Buffer,
    attention_output: Buffer,
    opened: Buffer,
    last: Buffer,
}

#[derive(Debug)]
struct LayerWeights {
    qkv: NormedProducts,
    head_inputs: [Buffer; 2],
    out: MatmulDispatch,
    gate_up: NormedProducts,
    down: MatmulDispatch,
}

impl Llama {
    /// Makes room for `tokens`; true where the keys that the cache holds were turned otherwise: some
    /// kinds of stretch turn all of a text as its length asks.
    pub(super) fn reserve(
        &mut self,
        gpu: &Gpu,
        config: &ModelConfig,
        tokens: usize,
    ) -> Result<bool, GpuError> {
        let frequencies = config.rope.frequencies(tokens);
        let turned = self.frequencies != frequencies;
        self.frequencies = frequencies;
        if self.cache.grow(gpu, config, tokens)? {
            self.bind_cache(gpu);
        }
        Ok(turned)
    }

    fn bind_cache(&mut self, gpu: &Gpu) {
        let state = &self.state;
        let bind = |([keys, values], layer): (&[Buffer; 2], &LayerWeights)| {
            let cache = [keys, values];
            let buffers = RopeStoreBuffers {
                qkv: &state.qkv,
                q: &state.q,
                cache,
            };
            let (chunk, turns, inputs) = (&state.chunk, &state.rope_cos_sin, &layer.head_inputs);
            let store = self.rope.bind(gpu, chunk, turns, inputs, &buffers);
            let output = &state.attention_output;
            (
                store,
                self.attention.bind(gpu, chunk, &state.q, cache, output),
            )
        };
        self.cached = self
            .cache
            .layers
            .iter()
            .zip(&self.layers)
            .map(bind)
            .collect();
    }

    /// Reads `tokens`, at most [`CHUNK`], after the first `start` that the cache holds, and returns
    /// the logits that follow the last one.
    pub(super) async fn forward(
        &mut self,
        gpu: &Gpu,
        tokens: &[u32],
        start: usize,
        cancel: &AtomicBool,
    ) -> Result<Vec<f32>, SessionError> {
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

        let mut next = 0;
        while next < self.layers.len() {
            if cancel.load(Ordering::Relaxed) {
                return Err(SessionError::Cancelled);
            }
            let mut pace = *self.pace(count);
            let end = (next + pace.layers()).min(self.layers.len());
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
            let started = Instant::now();
            if end == self.layers.len() {
                // The head is a submission's worth of work on a slow adapter and rides along.
                return Ok(self.read_head(gpu, commands, count - 1).await?);
            }
            gpu.finish(commands).await?;
            pace.learn(end - next, started.elapsed());
            *self.pace(count) = pace;
            next = end;
        }
        Ok(Vec::new())
    }

    /// Has the driver compile what reading and writing take, so that the first prompt does not wait
    /// for it, and a cancel is heard.
    pub(super) async fn warm_up(
        &mut self,
        gpu: &Gpu,
        config: &ModelConfig,
        cancel: &AtomicBool,
    ) -> Result<(), SessionError> {
        const TOKENS: usize = 8;
        self.reserve(gpu, config, TOKENS + 1)?;
        self.forward(gpu, &[0; TOKENS], 0, cancel).await?;
        self.forward(gpu, &[0], TOKENS, cancel).await?;
        // So few tokens, and their compiling, say nothing of the pace of many.
        self.prefill_pace = SubmissionPace::new();
        self.decode_pace = SubmissionPace::new();
        Ok(())
    }

    fn pace(&mut self, tokens: usize) -> &mut SubmissionPace {
        match tokens {
            1 => &mut self.decode_pace,
            _ => &mut self.prefill_pace,
        }
    }

    /// The logits that follow token `row` of the chunk read last.
    pub(super) async fn logits_at(&self, gpu: &Gpu, row: usize) -> Result<Vec<f32>, GpuError> {
        self.read_head(gpu, gpu.commands(), row).await
    }

    async fn read_head(
        &self,
        gpu: &Gpu,
        mut commands: CommandEncoder,
        row: usize,
    ) -> Result<Vec<f32>, GpuError> {
        let ChunkState { x, last, .. } = &self.state;
        commands.copy(x, row * self.width, last, self.width);
        self.head.run(&mut commands.pass(), &self.norm, 1);
        gpu.read(commands, &self.logits, 0, self.vocab).await
    }

    /// The first part of the model that gives something other than numbers for the `tokens` tokens
    /// read last, of `keys` in all.
    pub(super) async fn first_without_numbers(
        &self,
        gpu: &Gpu,
        tokens: usize,
        keys: usize,
    ) -> Result<String, GpuError> {
        let size = tokens * self.width;
        for number in 0..=self.layers.len() {
            let mut commands = gpu.commands();
            {
                let mut pass = commands.pass();
                match number.checked_sub(1) {
                    None => self.embed.run(&mut pass, tokens),
                    Some(layer) => self.layer(&mut pass, layer, tokens, keys),
                }
            }
            let x = gpu.read(commands, &self.state.x, 0, size).await?;
            if !x.iter().all(|value| value.is_finite()) {
                return Ok(match number.checked_sub(1) {
                    None => "the embedding (`token_embd.weight`)".to_owned(),
                    Some(layer) => format!("layer {layer} (`blk.{layer}.…`)"),
                });
            }
        }
        Ok("the head (`output_norm.weight`, `output.weight`)".to_owned())
    }

    /// One layer over the last `tokens` of `keys`.
    fn layer(&self, pass: &mut ComputePass<'_>, number: usize, tokens: usize, keys: usize) {
        let (layer, (store, attend)) = (&self.layers[number], &self.cached[number]);
        layer.qkv.run(pass, &self.norm, tokens);
        self.rope.run(pass, store, tokens);
        self.attention.run(pass, attend, tokens, keys);
        layer.out.run(pass, tokens);
        layer.gate_up.run(pass, &self.norm, tokens);
        layer.down.run(pass, tokens);
    }
}
