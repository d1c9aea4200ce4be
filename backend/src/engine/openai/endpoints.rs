//! All endpoints of the configuration. What is costly is made once for each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use fathom_shared::engine::RopeParameters;
use tokio::runtime::Handle;

use super::OpenAiEngine;
use super::client::{EndpointClient, OpenError};
use crate::config::Config;
use crate::data::models::ModelStore;

/// Makes clients for the endpoints of a configuration. A clone is another handle.
#[derive(Clone, Debug)]
pub struct EndpointClients {
    config: Config,
    models: ModelStore,
    handle: Handle,
    open: Arc<Mutex<HashMap<String, Arc<EndpointClient>>>>,
}

impl EndpointClients {
    /// `models` are the models of this machine, whose tokenizers endpoints may use; `handle` runs
    /// the connections.
    pub fn new(config: Config, models: ModelStore, handle: Handle) -> Self {
        Self {
            config,
            models,
            handle,
            open: Arc::default(),
        }
    }

    /// What is configured.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// As [`open`](Self::open), for a run that names the model and perhaps the positions: what the
    /// server does not do must not stand in its rows.
    ///
    /// # Errors
    /// [`OpenError`], also where the endpoint's model or positions are others.
    pub fn open_for(
        &self,
        id: &str,
        model: &str,
        rope: Option<&RopeParameters>,
    ) -> Result<OpenAiEngine, OpenError> {
        let client = self.open(id)?;
        let endpoint = client.endpoint();
        if endpoint.model != model {
            return Err(OpenError::Model {
                id: id.to_owned(),
                got: model.to_owned(),
                here: endpoint.model.clone(),
            });
        }
        let json = |rope: &RopeParameters| serde_json::to_string(rope).unwrap_or_default();
        match rope {
            Some(got) if endpoint.rope.as_ref() != Some(got) => Err(OpenError::Positions {
                id: id.to_owned(),
                got: json(got),
                here: endpoint
                    .rope
                    .as_ref()
                    .map_or_else(|| "the model's own".to_owned(), json),
            }),
            _ => Ok(client),
        }
    }

    /// A client for the endpoint `id`. The first call reads the tokenizer and blocks for that.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, id: &str) -> Result<OpenAiEngine, OpenError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = open.get(id) {
            return Ok(OpenAiEngine::new(Arc::clone(server), self.handle.clone()));
        }
        let endpoint = self.config.endpoint(id).ok_or_else(|| {
            let ids = self.config.endpoints().iter().map(|e| e.id.as_str());
            let here = ids.collect::<Vec<_>>().join(", ");
            OpenError::Unknown {
                id: id.to_owned(),
                here: if here.is_empty() {
                    "none".to_owned()
                } else {
                    here
                },
            }
        })?;
        let server = EndpointClient::open(endpoint, &self.models, |name| std::env::var(name).ok())?;
        let server = Arc::new(server);
        open.insert(id.to_owned(), Arc::clone(&server));
        Ok(OpenAiEngine::new(server, self.handle.clone()))
    }
}
