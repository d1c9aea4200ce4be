//! A model on an adapter: loading it, and tokens to logits, in chunks that a cancel can stop.

mod error; // errors of loading and running a session
mod held_tokens; // which tokens the cache holds, and how they were read
mod kv_cache; // the KV cache on the adapter
mod llama; // the llama family on our kernels
mod loader; // uploads tensors from a file to the adapter
mod pace; // how much work to submit at once
mod reading; // reads tokens, and what is asked of the logits that follow
mod recovery; // opens a lost adapter again
#[cfg(test)]
mod tests;

use std::io::{Read, Seek};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::{Map, Value as Json};

use crate::cancel::CancelFlag;
use crate::generation::{
    EachLogits, LanguageModel, LogitsFuture, LogprobsFuture, ModelStop, TextGenerator, TokensFuture,
};
use crate::gpu::Gpu;
use crate::model::config::ModelConfig;
use crate::model::gguf::Gguf;
use crate::model::tokenizer::Tokenizer;
pub use crate::ops::{KernelTuning, KernelVariant, KvPrecision};
pub use error::SessionError;
use held_tokens::HeldTokens;
use llama::{Llama, WeightFile};
pub use recovery::{ModelFile, OpenedModelFile, ReadSeek};

/// A model on an adapter.
#[derive(Debug)]
pub struct Session {
    gpu: Gpu,
    gguf: Gguf,
    config: ModelConfig,
    tokenizer: Arc<Tokenizer>,
    tuning: KernelTuning,
    kv: KvPrecision,
    llama: Llama,
    held: HeldTokens,
    /// Tokens for which there was last asked to be room.
    reserved: usize,
    /// Where the file lies, to be read again when the adapter is lost.
    file: Option<Box<dyn ModelFile>>,
}

impl Session {
    /// Tokens of a block. A beginning that is read in whole blocks is the same to the bit in every text
    /// that has it, however many of them, or of their tokens, are read at once.
    pub const CHUNK: usize = 64;

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
        let cancel = cancel.flag();
        let mut llama = Llama::load(&gpu, source, (&tuning, kv), cancel, report).await?;
        llama.warm_up(&gpu, &config, cancel).await?;
        Ok(Self {
            gpu,
            gguf,
            config,
            tokenizer,
            tuning,
            kv,
            llama,
            held: HeldTokens::default(),
            reserved: 0,
            file: None,
        })
    }

    /// The same, which opens the adapter again when it is lost, reads the weights from `file`, and goes
    /// on with half as much at once.
    #[must_use]
    pub fn recovering(self, file: Box<dyn ModelFile>) -> Self {
        let file = Some(file);
        Self { file, ..self }
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

    /// The loop that answers prompts with this model.
    pub fn into_generator(self) -> TextGenerator<Self> {
        let tokenizer = Arc::clone(&self.tokenizer);
        TextGenerator::new(Box::new(self), tokenizer)
    }
}

impl LanguageModel for Session {
    fn context(&self) -> usize {
        self.config.context
    }

    fn chunk(&self) -> usize {
        Self::CHUNK
    }

    fn reserve(&mut self, room: usize) -> Result<bool, ModelStop> {
        self.reserved = room;
        let gone = self.llama.reserve(&self.gpu, &self.config, room)?;
        if gone {
            self.rewind(0);
        }
        Ok(gone)
    }

    fn rewind(&mut self, len: usize) {
        self.held.truncate(len);
    }

    fn read<'a>(
        &'a mut self,
        ids: &'a [u32],
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
        each: Option<EachLogits<'a>>,
    ) -> LogitsFuture<'a> {
        Box::pin(self.read_logits(ids, cancel, done, each))
    }

    fn read_greedy<'a>(
        &'a mut self,
        ids: &'a [u32],
        order: (usize, usize),
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
    ) -> TokensFuture<'a> {
        Box::pin(self.next_tokens(ids, order, cancel, done))
    }

    fn read_logprobs<'a>(
        &'a mut self,
        ids: &'a [u32],
        next: &'a [u32],
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
    ) -> LogprobsFuture<'a> {
        Box::pin(self.next_logprobs((ids, next), cancel, done))
    }
}
