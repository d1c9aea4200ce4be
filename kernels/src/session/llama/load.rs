//! A model of the llama family from its file onto the adapter.

use std::io::{Read, Seek};
use std::sync::atomic::AtomicBool;

use super::decode::DecodeSteps;
use super::{ChunkState, LayerWeights, Llama, WeightFile};
use crate::cpu::HeadLayout;
use crate::gpu::{Buffer, Chunk, Gpu};
use crate::model::config::{ModelConfig, RopePairing};
use crate::model::dtype::BLOCK;
use crate::ops::{
    AttentionKernel, EmbedKernel, GpuMatrix, HeadInputs, KernelTuning, KvPrecision, LogprobsKernel,
    MatmulKernels, MatmulOutput, NormInput, NormedProducts, ProductUse, RmsNormKernel,
    RopeStoreKernel, TopKKernel, head_dims,
};
use crate::session::kv_cache::GpuKvCache;
use crate::session::loader::WeightLoader;
use crate::session::pace::{SubmissionPace, WorkSizes};
use crate::session::{Session, SessionError};

impl Llama {
    pub(in crate::session) async fn load<R: Read + Seek>(
        gpu: &Gpu,
        WeightFile { gguf, config, file }: WeightFile<'_, R>,
        (tuning, kv): (&KernelTuning, KvPrecision),
        cancel: &AtomicBool,
        report: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, SessionError> {
        let ModelConfig { width, ffn, .. } = *config;
        let queries = config.heads * config.head_dim;
        let widths = [
            ("width", width),
            ("feed-forward width", ffn),
            ("width of all heads", queries),
        ];
        for (what, got) in widths {
            if !got.is_multiple_of(BLOCK) {
                return Err(SessionError::Block { what, got });
            }
        }
        let heads = HeadLayout {
            heads: config.heads,
            kv_heads: config.kv_heads,
            head_dim: config.head_dim,
        };
        let attention = AttentionKernel::new(gpu, heads, kv, tuning).ok_or_else(|| {
            let want: Vec<_> = head_dims().map(|dim| dim.to_string()).collect();
            SessionError::HeadDim {
                got: heads.head_dim,
                want: want.join(", "),
            }
        })?;
        let kernels = Kernels {
            norm: RmsNormKernel::new(gpu, width, config.norm_eps, tuning),
            matmul: MatmulKernels::new(tuning),
            rope: RopeStoreKernel::new(gpu, heads, kv),
        };
        let state = ChunkState::new(gpu, config);
        let mut loader = WeightLoader::new(gpu, gguf, file, cancel, report);
        let mut maker = LayerMaker {
            gpu,
            config,
            state: &state,
            kernels,
        };

        let embedding = loader.matrix("token_embd.weight").await?;
        let embed = EmbedKernel::new(gpu, &state.chunk, &embedding, &state.ids, &state.x);
        let mut layers = Vec::with_capacity(config.layers);
        for number in 0..config.layers {
            layers.push(maker.layer(&mut loader, number).await?);
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
            slice: 1,
        });
        let logits = gpu.words("logits", config.vocab);
        let output = MatmulOutput::whole(&logits, config.vocab, ProductUse::Store);
        let head = maker.normed(&one, (&state.last, &last_norm), &[(&head, output)]);

        let steps = DecodeSteps::new(gpu, config.head_dim);
        let Kernels { norm, rope, .. } = maker.kernels;
        let mut llama = Self {
            cached: Vec::new(),
            head,
            top_k: TopKKernel::new(gpu, config.vocab),
            logprobs: LogprobsKernel::new(gpu, config.vocab),
            logits,
            steps,
            sizes: WorkSizes::of(config),
            frequencies: config.rope.frequencies(config.context),
            turn_scale: config.rope.attention(),
            prefill_pace: SubmissionPace::new(),
            decode_pace: SubmissionPace::new(),
            state,
            embed,
            norm,
            rope,
            attention,
            layers,
            cache: GpuKvCache::new(gpu, config, kv)?,
            width,
            vocab: config.vocab,
        };
        llama.bind_cache(gpu);
        Ok(llama)
    }
}

/// What tokens on their way may take, beyond one block of them.
const STATE_BYTES: usize = 64 << 20;
/// The most blocks of tokens that are read together.
const MOST_BLOCKS: usize = 8;

impl ChunkState {
    fn new(gpu: &Gpu, config: &ModelConfig) -> Self {
        let ModelConfig {
            width,
            ffn,
            heads,
            kv_heads,
            head_dim,
            ..
        } = *config;
        let words = 1 + head_dim + 2 * width + (3 * heads + 2 * kv_heads) * head_dim + ffn;
        let blocks = STATE_BYTES / (4 * words * Session::CHUNK);
        let most = Session::CHUNK * blocks.clamp(1, MOST_BLOCKS);
        let room = |label: &str, width: usize| gpu.words(label, most * width);
        Self {
            most,
            chunk: gpu.uniform(&Chunk {
                tokens: 0,
                start: 0,
                slice: 1,
            }),
            ids: room("ids", 1),
            rope_cos_sin: room("turns", head_dim),
            x: room("x", width),
            normed: room("normed", width),
            qkv: room("queries, keys, values", (heads + 2 * kv_heads) * head_dim),
            q: room("turned queries", heads * head_dim),
            attention_output: room("mixed", heads * head_dim),
            opened: room("opened", ffn),
            last: gpu.words("last", width),
        }
    }
}

struct Kernels {
    norm: RmsNormKernel,
    matmul: MatmulKernels,
    rope: RopeStoreKernel,
}

/// What every layer is made with.
struct LayerMaker<'a> {
    gpu: &'a Gpu,
    config: &'a ModelConfig,
    state: &'a ChunkState,
    kernels: Kernels,
}

impl LayerMaker<'_> {
    fn normed(
        &mut self,
        chunk: &Buffer,
        (x, weights): (&Buffer, &Buffer),
        products: &[(&GpuMatrix, MatmulOutput<'_>)],
    ) -> NormedProducts {
        let input = NormInput {
            x,
            weights,
            normed: &self.state.normed,
            eps: self.config.norm_eps,
        };
        let kernels = (&self.kernels.norm, &mut self.kernels.matmul);
        NormedProducts::new(self.gpu, chunk, kernels, &input, products)
    }

    async fn layer<R: Read + Seek>(
        &mut self,
        loader: &mut WeightLoader<'_, R>,
        number: usize,
    ) -> Result<LayerWeights, SessionError> {
        let (gpu, state, width) = (self.gpu, self.state, self.config.width);
        let name = |part: &str| format!("blk.{number}.{part}.weight");
        let attention_norm = loader.vector(&name("attn_norm")).await?;
        let ffn_norm = loader.vector(&name("ffn_norm")).await?;

        // One product where queries, keys and values are stored alike; else one for each.
        let parts = ["attn_q", "attn_k", "attn_v"].map(name);
        let same = loader
            .layouts(&parts)?
            .windows(2)
            .all(|two| two[0] == two[1]);
        let groups: Vec<&[String]> = if same {
            vec![&parts[..]]
        } else {
            parts.chunks(1).collect()
        };
        let mut matrices = Vec::new();
        for group in groups {
            matrices.push(loader.stacked(group).await?);
        }
        let stride = matrices.iter().map(|matrix| matrix.rows).sum();
        let mut offset = 0;
        let products: Vec<_> = matrices
            .iter()
            .map(|matrix| {
                let y = &state.qkv;
                let output = MatmulOutput {
                    offset,
                    ..MatmulOutput::whole(y, stride, ProductUse::Store)
                };
                offset += matrix.rows;
                (matrix, output)
            })
            .collect();
        let qkv = self.normed(&state.chunk, (&state.x, &attention_norm), &products);

        let inputs = self.head_inputs(loader, number).await?;
        let out = loader.matrix(&name("attn_output")).await?;
        let opened = loader.gated(&name("ffn_gate"), &name("ffn_up")).await?;
        let output = MatmulOutput::whole(&state.opened, self.config.ffn, ProductUse::Swiglu);
        let down = loader.matrix(&name("ffn_down")).await?;
        let add = MatmulOutput::whole(&state.x, width, ProductUse::Add);
        Ok(LayerWeights {
            qkv,
            head_inputs: self.kernels.rope.inputs(gpu, &inputs),
            gate_up: self.normed(&state.chunk, (&state.x, &ffn_norm), &[(&opened, output)]),
            out: {
                let x = &state.attention_output;
                self.kernels.matmul.bind(gpu, &state.chunk, &out, x, add)
            },
            down: {
                let x = &state.opened;
                self.kernels.matmul.bind(gpu, &state.chunk, &down, x, add)
            },
        })
    }

    /// Biases and norms of queries and keys, where the family has them.
    async fn head_inputs<R: Read + Seek>(
        &self,
        loader: &mut WeightLoader<'_, R>,
        number: usize,
    ) -> Result<HeadInputs, SessionError> {
        let mut inputs = HeadInputs {
            halves: self.config.pairs == RopePairing::Halves,
            eps: self.config.norm_eps,
            ..HeadInputs::default()
        };
        if self.config.has_biases() {
            for part in ["attn_q", "attn_k", "attn_v"] {
                let name = format!("blk.{number}.{part}.bias");
                inputs.biases.extend(loader.floats(&name).await?);
            }
        }
        if self.config.norms_heads() {
            for part in ["attn_q_norm", "attn_k_norm"] {
                let name = format!("blk.{number}.{part}.weight");
                inputs.norms.extend(loader.floats(&name).await?);
            }
        }
        Ok(inputs)
    }
}
