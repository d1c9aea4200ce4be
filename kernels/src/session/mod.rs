//! A loaded model that answers: chunked prefill, decode, cancel, progress.

mod answer; // what comes of a prompt
mod error; // why there is no session or no answer
mod kv_cache; // what earlier tokens left for later ones
mod llama; // the llama family on the kernels
mod loader; // brings tensors from the file onto the adapter
mod pace; // how much work to hand over at once
#[cfg(test)]
mod tests;

use std::io::{Read, Seek};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::{Map, Value as Json};
use web_time::Instant;

use crate::cancel::CancelFlag;
use crate::gpu::Gpu;
use crate::model::config::ModelConfig;
use crate::model::gguf::Gguf;
use crate::model::sampler::{Sampler, are_numbers};
use crate::model::tokenizer::Tokenizer;
pub use crate::ops::{KernelTuning, KernelVariant, KvPrecision};
pub use answer::{Generation, GenerationEnd, GenerationEvent};
pub use error::SessionError;
use llama::{Llama, WeightFile};

/// A model on an adapter.
#[derive(Debug)]
pub struct Session {
    gpu: Gpu,
    gguf: Gguf,
    config: ModelConfig,
    tokenizer: Arc<Tokenizer>,
    tuning: KernelTuning,
    llama: Llama,
    /// The tokens whose keys and values the cache holds.
    read: Vec<u32>,
    /// How many of them, from the first, were read in whole chunks: in pieces that every text with
    /// this beginning is read in.
    whole: usize,
}

/// Hears the logits after one token after the other.
pub type EachLogits<'a> = &'a mut (dyn FnMut(&[f32]) + 'a);

impl Session {
    /// Tokens that are read together. A beginning that is read in whole chunks is the same to the
    /// bit in every text that has it.
    pub const CHUNK: usize = llama::CHUNK;

    /// The sizes of a model that the kernels run, with the positions of `rope` as
    /// [`ModelConfig::with_rope`] takes them, or its own.
    ///
    /// # Errors
    /// A family that is not known, or positions that are not understood.
    pub fn config_of(
        gguf: &Gguf,
        rope: Option<&Map<String, Json>>,
    ) -> Result<ModelConfig, SessionError> {
        let config = ModelConfig::from_gguf(gguf)?;
        Ok(match rope {
            Some(rope) => config.with_rope(rope)?,
            None => config,
        })
    }

    /// Reads the GGUF `file` onto the adapter, to run with the positions of `rope` or its own and
    /// keys and values in f16, and reports bytes done and bytes in all. `tuning` is what an earlier
    /// load measured; another adapter's, or none, is measured anew.
    ///
    /// # Errors
    /// [`SessionError`]; nothing is left behind.
    pub async fn load<R: Read + Seek>(
        gpu: Gpu,
        file: &mut R,
        rope: Option<&Map<String, Json>>,
        tuning: Option<KernelTuning>,
        cancel: &CancelFlag,
        report: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, SessionError> {
        let kv = KvPrecision::default();
        Self::load_keeping(gpu, file, rope, kv, tuning, cancel, report).await
    }

    /// The same with keys and values kept as `kv` says.
    ///
    /// # Errors
    /// [`SessionError`]; nothing is left behind.
    pub async fn load_keeping<R: Read + Seek>(
        gpu: Gpu,
        file: &mut R,
        rope: Option<&Map<String, Json>>,
        kv: KvPrecision,
        tuning: Option<KernelTuning>,
        cancel: &CancelFlag,
        report: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, SessionError> {
        let gguf = Gguf::read(file)?;
        let config = Self::config_of(&gguf, rope)?;
        let tokenizer = Arc::new(Tokenizer::from_gguf(&gguf)?);
        let tuning = match tuning.filter(|tuning| tuning.adapter == gpu.adapter()) {
            Some(tuning) => tuning,
            None => KernelTuning::measure(&gpu).await?,
        };
        let source = WeightFile {
            gguf: &gguf,
            config: &config,
            file,
        };
        let mut llama = Llama::load(&gpu, source, (&tuning, kv), cancel, report).await?;
        llama.warm_up(&gpu, &config, cancel.flag()).await?;
        Ok(Self {
            gpu,
            gguf,
            config,
            tokenizer,
            tuning,
            llama,
            read: Vec::new(),
            whole: 0,
        })
    }

    /// The adapter's name.
    pub fn adapter(&self) -> &str {
        self.gpu.adapter()
    }

    /// The model's sizes, with the positions it was loaded with.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// The model's tokenizer.
    pub fn tokenizer(&self) -> &Arc<Tokenizer> {
        &self.tokenizer
    }

    /// The file's metadata.
    pub fn gguf(&self) -> &Gguf {
        &self.gguf
    }

    /// The variants in use.
    pub fn tuning(&self) -> &KernelTuning {
        &self.tuning
    }

    /// Dispatches since the adapter was opened.
    pub fn dispatches(&self) -> u64 {
        self.gpu.dispatches()
    }

    /// Whether the adapter is gone, or has refused a command, as when its memory was full: it
    /// answers nothing any more, and the model has to be loaded again.
    pub fn is_lost(&self) -> bool {
        self.gpu.fault().is_some()
    }

    /// Completes `prompt` with at most `max_tokens`.
    ///
    /// # Errors
    /// [`SessionError`]; but for a lost adapter the session can be asked again.
    pub async fn generate(
        &mut self,
        prompt: &str,
        max_tokens: u32,
        sampler: &mut Sampler,
        cancel: &CancelFlag,
        report: &mut dyn FnMut(GenerationEvent<'_>),
    ) -> Result<Generation, SessionError> {
        let ids = self.tokenizer.encode(prompt);
        let started = Instant::now();
        let mut logits = self.prefill(&ids, max_tokens, cancel, report).await?;
        let prefill_ms = ms(started);

        let started = Instant::now();
        let (mut text, mut tokens, mut finish) = (String::new(), 0, GenerationEnd::Length);
        let tokenizer = Arc::clone(&self.tokenizer);
        let mut decoder = tokenizer.decoder();
        while tokens < max_tokens {
            let id = sampler.sample(&logits);
            if tokenizer.is_end(id) {
                finish = GenerationEnd::Stop;
                break;
            }
            tokens += 1;
            if let Some(new) = decoder.push(id) {
                report(GenerationEvent::Text(&new));
                text.push_str(&new);
            }
            if tokens < max_tokens {
                logits = self.step(id, cancel).await?;
            }
        }
        if let Some(new) = decoder.finish() {
            report(GenerationEvent::Text(&new));
            text.push_str(&new);
        }
        let prompt_tokens = count(ids.len());
        let decode_ms = ms(started);
        Ok(Generation {
            text,
            prompt_tokens,
            tokens,
            finish,
            prefill_ms,
            decode_ms,
        })
    }

    /// Reads `ids` and returns the logits of the next token, with room for `answer` more. What the
    /// cache holds of an equal beginning is not read again.
    ///
    /// # Errors
    /// [`SessionError`].
    pub async fn prefill(
        &mut self,
        ids: &[u32],
        answer: u32,
        cancel: &CancelFlag,
        report: &mut dyn FnMut(GenerationEvent<'_>),
    ) -> Result<Vec<f32>, SessionError> {
        let (prompt, answer) = (ids.len(), answer as usize);
        if ids.is_empty() {
            return Err(SessionError::Empty);
        }
        let context = self.config.context;
        if prompt.saturating_add(answer) > context {
            return Err(SessionError::Context {
                prompt,
                answer,
                context,
            });
        }
        self.reserve(prompt + answer)?;
        let same = self.read.iter().zip(ids).take_while(|(a, b)| a == b);
        // The last token is always read: its logits are asked for. Chunks that are begun are read
        // anew: a text in other pieces has other roundings.
        let same = same.count().min(prompt - 1).min(self.whole);
        let same = same / Self::CHUNK * Self::CHUNK;
        self.rewind(same);
        let total = count(prompt);
        let mut tell = |read: usize| {
            report(GenerationEvent::Prefill {
                done: count(same + read),
                total,
            });
        };
        tell(0);
        self.read(&ids[same..], cancel.flag(), &mut tell, None)
            .await
    }

    /// Makes room for `tokens` in all; `true` when what was read is gone.
    ///
    /// # Errors
    /// An adapter without that much memory in one piece.
    pub fn reserve(&mut self, tokens: usize) -> Result<bool, SessionError> {
        let gone = self.llama.reserve(&self.gpu, &self.config, tokens)?;
        if gone {
            self.rewind(0);
        }
        Ok(gone)
    }

    /// Forgets all but the first `len` tokens read.
    pub fn rewind(&mut self, len: usize) {
        self.read.truncate(len);
        self.whole = self.whole.min(len) / Self::CHUNK * Self::CHUNK;
    }

    /// Reads `ids`, for which there is room, after what was read, and returns the logits that
    /// follow the last of them; reports how many are read. Where `each` is given, it gets the
    /// logits after every token, the last one's too.
    ///
    /// # Errors
    /// [`SessionError`]; what was read of `ids` until then stays read.
    pub async fn read(
        &mut self,
        ids: &[u32],
        cancel: &AtomicBool,
        done: &mut dyn FnMut(usize),
        mut each: Option<EachLogits<'_>>,
    ) -> Result<Vec<f32>, SessionError> {
        let Self {
            gpu,
            llama,
            read,
            whole,
            ..
        } = self;
        let (mut last, mut count) = (Vec::new(), 0);
        for chunk in ids.chunks(Self::CHUNK) {
            last = llama.forward(gpu, chunk, read, cancel).await?;
            let mut good = are_numbers(&last);
            if let Some(each) = &mut each {
                for row in 0..chunk.len() - 1 {
                    let logits = llama.logits_at(gpu, row).await?;
                    good &= are_numbers(&logits);
                    each(&logits);
                }
                each(&last);
            }
            if !good {
                let place = llama
                    .first_without_numbers(gpu, chunk.len(), read.len())
                    .await?;
                // What the cache holds is none either.
                read.clear();
                *whole = 0;
                return Err(SessionError::NotNumbers { place });
            }
            if chunk.len() == Self::CHUNK && *whole + Self::CHUNK == read.len() {
                *whole = read.len();
            }
            count += chunk.len();
            done(count);
        }
        Ok(last)
    }

    /// The logits that follow one more token.
    ///
    /// # Errors
    /// [`SessionError`].
    pub async fn step(&mut self, id: u32, cancel: &CancelFlag) -> Result<Vec<f32>, SessionError> {
        self.read(&[id], cancel.flag(), &mut |_| (), None).await
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
