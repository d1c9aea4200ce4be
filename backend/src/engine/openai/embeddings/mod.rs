//! Embeddings of texts, by a server with OpenAI's `/embeddings`.

use std::sync::Arc;

use fathom_shared::longbench::Embedder;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::json;
use tokio::runtime::Handle;

use super::error::short;
use crate::config::{ApiKey, EmbeddingsConfig};
use crate::errors::chain;
use crate::http_client;
use crate::work_cancellation;

/// A reply is no longer than this: a batch of long vectors, spelled out.
const MOST: usize = 256 << 20;

/// Whoever is named in the configuration.
#[derive(Clone, Debug)]
pub struct EndpointEmbedder {
    table: Arc<EmbeddingsConfig>,
    handle: Handle,
}

#[derive(Deserialize)]
struct EmbeddingsResponse {
    data: Vec<EmbeddingItem>,
}

#[derive(Deserialize)]
struct EmbeddingItem {
    index: usize,
    embedding: Vec<f32>,
}

impl EndpointEmbedder {
    /// `handle` runs the connections.
    pub fn new(table: Arc<EmbeddingsConfig>, handle: Handle) -> Self {
        Self { table, handle }
    }

    async fn ask(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, String> {
        let key = self.table.key(|name| std::env::var(name).ok());
        let key = key.map_err(|error| chain(&error))?;
        let scrub = |text: String| key.as_ref().map_or(text.clone(), |key| key.scrub(&text));
        let client = http_client::builder()
            // Texts and key go to the address of the configuration and nowhere else.
            .redirect(Policy::none())
            .timeout(self.table.timeout_s.duration())
            .build()
            .map_err(|error| chain(&error))?;
        let bearer = key.as_ref().map(ApiKey::bearer);
        let bearer = bearer.and_then(|bearer| HeaderValue::try_from(bearer).ok());
        let mut all = Vec::with_capacity(texts.len());
        for part in texts.chunks(self.table.batch.get() as usize) {
            let url = self.table.base_url.join("embeddings");
            let body = json!({ "model": self.table.model, "input": part });
            let mut request = client.post(url).json(&body);
            if let Some(bearer) = &bearer {
                request = request.header(AUTHORIZATION, bearer);
            }
            let mut answer = request.send().await.map_err(|error| scrub(chain(&error)))?;
            let (status, mut bytes) = (answer.status(), Vec::new());
            while let Some(more) = answer.chunk().await.map_err(|error| scrub(chain(&error)))? {
                if bytes.len() + more.len() > MOST {
                    return Err(format!(
                        "{} answered with more than {MOST} bytes",
                        self.name()
                    ));
                }
                bytes.extend_from_slice(&more);
            }
            let text = String::from_utf8_lossy(&bytes);
            if !status.is_success() {
                let said = scrub(short(&text));
                return Err(format!("{} answered {status}: {said}", self.name()));
            }
            let reply: EmbeddingsResponse = serde_json::from_str(&text).map_err(|error| {
                format!(
                    "{} gave something that is no list of embeddings: {error}",
                    self.name()
                )
            })?;
            all.extend(in_order(reply.data, part.len(), &self.name())?);
        }
        Ok(all)
    }
}

/// Servers need not keep the order; they say it.
fn in_order(
    mut data: Vec<EmbeddingItem>,
    expected: usize,
    name: &str,
) -> Result<Vec<Vec<f32>>, String> {
    data.sort_by_key(|one| one.index);
    let got = data.len();
    if got != expected || data.iter().enumerate().any(|(at, one)| one.index != at) {
        return Err(format!(
            "{name} gave {got} embeddings, expected {expected}, one for each text"
        ));
    }
    Ok(data.into_iter().map(|one| one.embedding).collect())
}

impl Embedder for EndpointEmbedder {
    fn name(&self) -> String {
        self.table.model.clone()
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, String> {
        self.handle.block_on(async {
            tokio::select! {
                made = self.ask(texts) => made,
                () = work_cancellation::left() => Err("nobody waits for them any more".to_owned()),
            }
        })
    }
}

#[cfg(test)]
mod tests;
