//! Hugging Face's candle on the processor: weights dequantised to f32 once, chunked prefill, a
//! cache written in place.

mod attention;
mod kv_cache;
mod llama;
mod load;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use fathom_shared::transcript::EngineInfo;

use super::local::Local;
use super::model::{Model, Stop};
use kv_cache::KvCache;
use llama::Llama;
pub use load::LoadError;

/// Tokens read at a time: enough for a fast product, few enough that the scores stay small.
const CHUNK: usize = 128;

/// A model on the processor.
#[derive(Debug)]
struct Candle {
    llama: Llama,
    context: usize,
    cache: Option<KvCache>,
}

/// Loads the GGUF file at `path`; `info` says which model it is.
///
/// # Errors
/// [`LoadError`], naming the file and what does not fit.
pub(super) fn open(path: &Path, info: EngineInfo) -> Result<Local, LoadError> {
    load::open(path, info)
}

impl Model for Candle {
    fn context(&self) -> usize {
        self.context
    }

    fn reserve(&mut self, room: usize) -> Result<bool, Stop> {
        match &self.cache {
            Some(cache) if cache.room() >= room => Ok(false),
            _ => {
                // Two caches at once may not fit the memory.
                self.cache = None;
                self.cache = Some(self.llama.cache(room)?);
                Ok(true)
            }
        }
    }

    fn rewind(&mut self, len: usize) {
        if let Some(cache) = &mut self.cache {
            cache.rewind(len);
        }
    }

    fn read(
        &mut self,
        ids: &[u32],
        cancel: &AtomicBool,
        done: &mut dyn FnMut(usize),
        mut each: Option<&mut dyn FnMut(&[f32])>,
    ) -> Result<Vec<f32>, Stop> {
        let Some(cache) = &mut self.cache else {
            return Err(Stop::Failed("candle was given no room".to_owned()));
        };
        let (mut read, mut last) = (0, Vec::new());
        for chunk in ids.chunks(CHUNK) {
            if cancel.load(Ordering::Relaxed) {
                return Err(Stop::Cancelled);
            }
            let all = each.is_some();
            let logits = self.llama.forward(chunk, cache, all, cancel)?;
            let mut rows = logits.ok_or(Stop::Cancelled)?;
            if let Some(each) = &mut each {
                rows.iter().for_each(|row| each(row));
            }
            last = rows.pop().unwrap_or_default();
            read += chunk.len();
            done(read);
        }
        Ok(last)
    }
}

#[cfg(test)]
mod golden;
