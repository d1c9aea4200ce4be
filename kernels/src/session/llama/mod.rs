//! The llama family on the kernels.
//!
//! ```text
//! ids -embed-> x   per layer: x += out(attention(rope(q), rope(k), v)),  x += down(silu(gate) · up)
//!                  each on rms_norm(x);   logits = head(rms_norm(last x))
//! ```

mod decode; // writes several tokens in one submission
mod forward; // reads tokens, in submissions of bounded time
mod load; // loads a model file onto the adapter

use std::sync::atomic::AtomicBool;

use super::SessionError;
use super::kv_cache::GpuKvCache;
use super::pace::{SubmissionPace, WorkSizes};
use crate::gpu::{BoundBuffers, Buffer, ComputePass, Gpu, GpuError};
use crate::model::config::ModelConfig;
use crate::model::gguf::Gguf;
use crate::ops::{
    AttentionBuffers, AttentionKernel, EmbedKernel, LogprobsKernel, MatmulDispatch, NormedProducts,
    RmsNormKernel, RopeStoreBuffers, RopeStoreKernel, TopKKernel,
};
use decode::DecodeSteps;
pub(super) use forward::PendingTokens;

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
    top_k: TopKKernel,
    logprobs: LogprobsKernel,
    steps: DecodeSteps,
    frequencies: Vec<f32>,
    /// What cosine and sine are multiplied by.
    turn_scale: f64,
    width: usize,
    vocab: usize,
    sizes: WorkSizes,
    pub(super) prefill_pace: SubmissionPace,
    pub(super) decode_pace: SubmissionPace,
}

/// What a chunk of tokens is made of on its way, each `(tokens, …)`.
#[derive(Debug)]
struct ChunkState {
    /// The most tokens that there is room for.
    most: usize,
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
        let many = self.forward(gpu, &[0; TOKENS], 0, cancel).await?;
        self.logprobs(gpu, many, &[0]).await?;
        let one = self.forward(gpu, &[0], TOKENS, cancel).await?;
        self.likeliest(gpu, one, 0).await?;
        // So few tokens, and their compiling, say nothing of the pace of many.
        self.prefill_pace = SubmissionPace::new();
        self.decode_pace = SubmissionPace::new();
        Ok(())
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
            let x: Vec<f32> = gpu.read(commands, &self.state.x, 0, size).await?;
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
