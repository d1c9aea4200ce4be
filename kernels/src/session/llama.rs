//! The llama family on the kernels.
//!
//! ```text
//! ids -embed-> x   per layer: x += out(attention(rope(q), rope(k), v)),  x += down(swiglu(gate, up))
//!                  each on rms_norm(x);   logits = head(rms_norm(last x))
//! ```

use std::io::{Read, Seek};
use std::sync::atomic::{AtomicBool, Ordering};

use web_time::Instant;

use super::SessionError;
use super::kv_cache::GpuKvCache;
use super::loader::WeightLoader;
use super::pace::SubmissionPace;
use crate::cancel::CancelFlag;
use crate::cpu::HeadLayout;
use crate::gpu::{
    BoundBuffers, Buffer, Chunk, CommandEncoder, ComputePass, Gpu, GpuError, UniformWords,
};
use crate::model::config::ModelConfig;
use crate::model::dtype::BLOCK;
use crate::model::gguf::Gguf;
use crate::model::rope::rotations;
use crate::ops::{
    AttentionKernel, EmbedKernel, GpuMatrix, KernelTuning, MatmulDispatch, MatmulKernels,
    RmsNormKernel, RopeKernel, StoreKvKernel, SwigluKernel, head_dims,
};

/// Tokens that pass through the model together.
pub(super) const CHUNK: usize = 64;

#[derive(Debug)]
pub(super) struct Llama {
    chunk: Buffer,
    ids: Buffer,
    rope_cos_sin: Buffer,
    state: ChunkState,
    embed: EmbedKernel,
    norm: RmsNormKernel,
    matmul: MatmulKernels,
    rope: RopeKernel,
    store: StoreKvKernel,
    attention: AttentionKernel,
    swiglu: SwigluKernel,
    layers: Vec<LayerWeights>,
    cache: GpuKvCache,
    /// Per layer of the cache: storing into it, and attending to it.
    cached: Vec<[BoundBuffers; 2]>,
    head: [BoundBuffers; 1],
    logits: (MatmulDispatch, Buffer, usize),
    frequencies: Vec<f32>,
    /// What cosine and sine are multiplied by.
    turn_scale: f64,
    width: usize,
    prefill_pace: SubmissionPace,
    decode_pace: SubmissionPace,
}

/// What a chunk of tokens is made of on its way, each `(tokens, …)`.
#[derive(Debug)]
struct ChunkState {
    x: Buffer,
    q: Buffer,
    k: Buffer,
    v: Buffer,
    attention_output: Buffer,
    last: Buffer,
}

#[derive(Debug)]
struct LayerWeights {
    attention_norm: BoundBuffers,
    q: MatmulDispatch,
    k: MatmulDispatch,
    v: MatmulDispatch,
    out: MatmulDispatch,
    ffn_norm: BoundBuffers,
    gate: MatmulDispatch,
    up: MatmulDispatch,
    down: MatmulDispatch,
}

impl Llama {
    pub(super) async fn load<R: Read + Seek>(
        gpu: &Gpu,
        gguf: &Gguf,
        config: &ModelConfig,
        file: &mut R,
        tuning: &KernelTuning,
        cancel: &CancelFlag,
        report: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, SessionError> {
        let ModelConfig {
            width,
            heads,
            kv_heads,
            head_dim,
            ffn,
            vocab,
            ..
        } = *config;
        for (what, got) in [("width", width), ("feed-forward width", ffn)] {
            if !got.is_multiple_of(BLOCK) {
                return Err(SessionError::Block { what, got });
            }
        }
        let shape = HeadLayout {
            heads,
            kv_heads,
            head_dim,
        };
        let attention = AttentionKernel::new(gpu, shape, tuning).ok_or_else(|| {
            let want: Vec<_> = head_dims().map(|dim| dim.to_string()).collect();
            SessionError::HeadDim {
                got: head_dim,
                want: want.join(", "),
            }
        })?;
        let norm = RmsNormKernel::new(gpu, width, config.norm_eps, tuning);
        let dtypes = gguf.tensors().iter().filter(|info| info.shape.len() == 2);
        let matmul = MatmulKernels::new(gpu, dtypes.map(|info| info.dtype), tuning);

        let room = |label: &str, width: usize| gpu.words(label, CHUNK * width);
        let chunk = gpu.uniform(&Chunk {
            tokens: 0,
            start: 0,
        });
        let (ids, rope_cos_sin) = (room("ids", 1), room("turns", head_dim));
        let (gate, up, normed) = (room("gate", ffn), room("up", ffn), room("normed", width));
        let state = ChunkState {
            x: room("x", width),
            q: room("q", heads * head_dim),
            k: room("k", kv_heads * head_dim),
            v: room("v", kv_heads * head_dim),
            attention_output: room("mixed", heads * head_dim),
            last: gpu.words("last", width),
        };

        let mut loader = WeightLoader::new(gpu, gguf, file, cancel, report);
        let embedding = loader.matrix("token_embd.weight").await?;
        let embed = EmbedKernel::new(gpu, &chunk, &embedding, &ids, &state.x);
        let mut layers = Vec::with_capacity(config.layers);
        for number in 0..config.layers {
            let name = |part: &str| format!("blk.{number}.{part}.weight");
            let bind =
                |w: &GpuMatrix, x: &Buffer, y: &Buffer, add| matmul.bind(gpu, &chunk, w, x, y, add);
            let (x, normed) = (&state.x, &normed);
            let attention_norm = loader.vector(&name("attn_norm")).await?;
            let ffn_norm = loader.vector(&name("ffn_norm")).await?;
            layers.push(LayerWeights {
                attention_norm: norm.bind(gpu, &chunk, &attention_norm, x, normed),
                q: bind(
                    &loader.matrix(&name("attn_q")).await?,
                    normed,
                    &state.q,
                    false,
                ),
                k: bind(
                    &loader.matrix(&name("attn_k")).await?,
                    normed,
                    &state.k,
                    false,
                ),
                v: bind(
                    &loader.matrix(&name("attn_v")).await?,
                    normed,
                    &state.v,
                    false,
                ),
                out: bind(
                    &loader.matrix(&name("attn_output")).await?,
                    &state.attention_output,
                    x,
                    true,
                ),
                ffn_norm: norm.bind(gpu, &chunk, &ffn_norm, x, normed),
                gate: bind(
                    &loader.matrix(&name("ffn_gate")).await?,
                    normed,
                    &gate,
                    false,
                ),
                up: bind(&loader.matrix(&name("ffn_up")).await?, normed, &up, false),
                down: bind(&loader.matrix(&name("ffn_down")).await?, &gate, x, true),
            });
        }
        let last_norm = loader.vector("output_norm.weight").await?;
        let head = if config.tied() {
            embedding
        } else {
            loader.matrix(config.head()).await?
        };
        let one = gpu.uniform(&Chunk {
            tokens: 1,
            start: 0,
        });
        let logits = gpu.words("logits", vocab);
        let head_norm = norm.bind(gpu, &one, &last_norm, &state.last, &normed);
        let product = matmul.bind(gpu, &one, &head, &normed, &logits, false);

        let store = StoreKvKernel::new(gpu, kv_heads, head_dim);
        let cache = GpuKvCache::new(gpu, config, 1)?;
        let mut llama = Self {
            rope: RopeKernel::new(gpu, &chunk, &rope_cos_sin, &state.q, (heads, head_dim)),
            swiglu: SwigluKernel::new(gpu, &chunk, &gate, &up, ffn),
            cached: Vec::new(),
            head: [head_norm],
            logits: (product, logits, vocab),
            frequencies: config.rope.frequencies(config.context),
            turn_scale: config.rope.attention(),
            prefill_pace: SubmissionPace::new(),
            decode_pace: SubmissionPace::new(),
            chunk,
            ids,
            rope_cos_sin,
            state,
            embed,
            norm,
            matmul,
            store,
            attention,
            layers,
            cache,
            width,
        };
        llama.bind_cache(gpu);
        Ok(llama)
    }

    /// Makes room for `tokens`; true where what the cache held is gone with the old room, or its
    /// keys were turned otherwise: some kinds of stretch turn all of a text as its length asks.
    pub(super) fn reserve(
        &mut self,
        gpu: &Gpu,
        config: &ModelConfig,
        tokens: usize,
    ) -> Result<bool, GpuError> {
        let frequencies = config.rope.frequencies(tokens);
        let turned = self.frequencies != frequencies;
        self.frequencies = frequencies;
        if self.cache.has(tokens) {
            return Ok(turned);
        }
        self.cache = GpuKvCache::new(gpu, config, tokens)?;
        self.bind_cache(gpu);
        Ok(true)
    }

    fn bind_cache(&mut self, gpu: &Gpu) {
        let ChunkState {
            q,
            k,
            v,
            attention_output,
            ..
        } = &self.state;
        let bind = |[keys, values]: &[Buffer; 2]| {
            let cache = [keys, values];
            [
                self.store
                    .bind(gpu, &self.chunk, &self.rope_cos_sin, [k, v], cache),
                self.attention
                    .bind(gpu, &self.chunk, q, cache, attention_output),
            ]
        };
        self.cached = self.cache.layers.iter().map(bind).collect();
    }

    /// Reads `tokens`, at most [`CHUNK`], after those in `read`, to which they are added, and
    /// returns the logits that follow the last one. A failure leaves `read` as it was.
    pub(super) async fn forward(
        &mut self,
        gpu: &Gpu,
        tokens: &[u32],
        read: &mut Vec<u32>,
        cancel: &AtomicBool,
    ) -> Result<Vec<f32>, SessionError> {
        let count = tokens.len();
        let chunk = Chunk {
            tokens: count,
            start: read.len(),
        };
        gpu.write(&self.chunk, &chunk.words());
        gpu.write(&self.ids, tokens);
        gpu.write(
            &self.rope_cos_sin,
            &rotations(&self.frequencies, self.turn_scale, read.len(), count),
        );

        let mut next = 0;
        while next < self.layers.len() {
            if cancel.load(Ordering::Relaxed) {
                return Err(SessionError::Cancelled);
            }
            let pace = if count == 1 {
                &mut self.decode_pace
            } else {
                &mut self.prefill_pace
            };
            let mut pace = *pace;
            let end = (next + pace.layers()).min(self.layers.len());
            let mut commands = gpu.commands();
            {
                let mut pass = commands.pass();
                if next == 0 {
                    self.embed.run(&mut pass, count);
                }
                for number in next..end {
                    self.layer(&mut pass, number, count);
                }
            }
            let started = Instant::now();
            if end == self.layers.len() {
                // The head is a submission's worth of work on a slow adapter and rides along.
                let logits = self.read_head(gpu, commands, count - 1).await?;
                read.extend_from_slice(tokens);
                return Ok(logits);
            }
            gpu.finish(commands).await?;
            pace.learn(end - next, started.elapsed());
            *(if count == 1 {
                &mut self.decode_pace
            } else {
                &mut self.prefill_pace
            }) = pace;
            next = end;
        }
        Ok(Vec::new())
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
        {
            let mut pass = commands.pass();
            self.norm.run(&mut pass, &self.head[0], 1);
            self.matmul.run(&mut pass, &self.logits.0, 1);
        }
        gpu.read(commands, &self.logits.1, 0, self.logits.2).await
    }

    /// The first part of the model that gives something other than numbers for the `tokens` tokens
    /// read last.
    pub(super) async fn first_without_numbers(
        &self,
        gpu: &Gpu,
        tokens: usize,
    ) -> Result<String, GpuError> {
        let size = tokens * self.width;
        for number in 0..=self.layers.len() {
            let mut commands = gpu.commands();
            {
                let mut pass = commands.pass();
                match number.checked_sub(1) {
                    None => self.embed.run(&mut pass, tokens),
                    Some(layer) => self.layer(&mut pass, layer, tokens),
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

    fn layer(&self, pass: &mut ComputePass<'_>, number: usize, tokens: usize) {
        let (layer, [store, attend]) = (&self.layers[number], &self.cached[number]);
        let Self { norm, matmul, .. } = self;
        norm.run(pass, &layer.attention_norm, tokens);
        matmul.run(pass, &layer.q, tokens);
        matmul.run(pass, &layer.k, tokens);
        matmul.run(pass, &layer.v, tokens);
        self.rope.run(pass, tokens);
        self.store.run(pass, store, tokens);
        self.attention.run(pass, attend, tokens);
        matmul.run(pass, &layer.out, tokens);
        norm.run(pass, &layer.ffn_norm, tokens);
        matmul.run(pass, &layer.gate, tokens);
        matmul.run(pass, &layer.up, tokens);
        self.swiglu.run(pass, tokens);
        matmul.run(pass, &layer.down, tokens);
    }
}
