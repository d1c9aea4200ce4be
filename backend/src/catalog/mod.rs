//! The catalog of what can answer here: models on disk with the engines of this process, and the
//! configured endpoints. The one module in which a run spec meets both.

mod check; // checks whether a run can be answered here, and what it needs

use std::sync::Arc;

use fathom_shared::api::{EngineView, RunSpec};
use fathom_shared::corpora::Corpora;
use fathom_shared::engine::EngineKind;
use fathom_shared::longbench::QuestionSource;
use fathom_shared::prompt::DialogueRenderer;
use fathom_shared::tokens::{TokenCounter, Tokens};
use tokio::runtime::Handle;

use crate::config::{Config, Endpoint};
use crate::data::models::{ModelError, ModelStore};
use crate::data::questions::WrappedQuestions;
use crate::engine::openai::{EndpointClients, EndpointEmbedder};
use crate::engine::{Engine, EngineHost, EngineLoader};
use crate::jobs::WorkerSlot;
use crate::jobs::run_spec::{RunSpecError, note_texts, texts_of};
use crate::tokenizer::resolve;
pub use check::{CatalogError, CheckedRun};

/// The models and engines of this process. A clone is another handle.
#[derive(Clone, Debug)]
pub struct Catalog {
    models: ModelStore,
    endpoints: EndpointClients,
    host: EngineHost,
    corpora: Arc<Corpora>,
    readings: WrappedQuestions,
}

impl Catalog {
    /// The models in their folder, and the endpoints of the configuration. Must be called within a
    /// Tokio runtime, which drives the requests to endpoints.
    pub fn new(models: ModelStore, config: Config) -> Self {
        let mut corpora = Corpora::bundled();
        embed_by(&mut corpora, &config);
        let endpoints = EndpointClients::new(config, models.clone(), Handle::current());
        let host = EngineHost::new(loader(models.clone(), endpoints.clone()));
        Self {
            models,
            endpoints,
            host,
            corpora: Arc::new(corpora),
            readings: WrappedQuestions::default(),
        }
    }

    /// The same models and engines with other questions than the bundled ones.
    pub fn with_questions(self, questions: Arc<dyn QuestionSource>) -> Self {
        let mut corpora = Corpora::bundled();
        corpora.ask_from(questions);
        embed_by(&mut corpora, self.config());
        Self {
            corpora: Arc::new(corpora),
            readings: WrappedQuestions::default(),
            ..self
        }
    }

    /// What samples are made of.
    pub fn corpora(&self) -> &Arc<Corpora> {
        &self.corpora
    }

    /// The questions, which are open for reading.
    pub fn readings(&self) -> &WrappedQuestions {
        &self.readings
    }

    /// Checks that the texts here make the same samples that the run spec was created for.
    ///
    /// # Errors
    /// [`RunSpecError::Texts`]
    pub fn check_texts(&self, run_spec: &RunSpec) -> Result<(), RunSpecError> {
        note_texts(&mut run_spec.clone(), &texts_of(run_spec, &self.corpora))
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        self.endpoints.config()
    }

    /// The models on the disk.
    pub fn models(&self) -> &ModelStore {
        &self.models
    }

    /// The engines of this process.
    pub fn local(&self) -> Vec<EngineKind> {
        use EngineKind::{CandleCpu, CandleCuda, Wgpu};
        let all = [CandleCpu, CandleCuda, Wgpu].into_iter();
        all.filter(Engine::is_here).collect()
    }

    /// All engines that can answer, with their models. Blocks: it reads headers.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn engines(&self) -> Result<Vec<EngineView>, ModelError> {
        let models = self.model_ids()?;
        let local = self.local().into_iter().map(|engine| EngineView {
            engine,
            models: models.clone(),
            context: None,
        });
        let remote = self.config().endpoints().iter();
        let remote = remote.map(|endpoint| EngineView {
            engine: kind(endpoint),
            models: vec![endpoint.model.clone()],
            context: Some(endpoint.context()),
        });
        Ok(local.chain(remote).collect())
    }

    /// The ids of the usable models on disk. Blocks.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn model_ids(&self) -> Result<Vec<String>, ModelError> {
        let listed = self.models.list()?.into_iter();
        Ok(listed
            .filter_map(|model| Some(model.ok()?.info.id))
            .collect())
    }

    /// A model's tokenizer and chat template, without its weights. Blocks.
    ///
    /// # Errors
    /// The model is no longer here, or its tokenizer or template is not supported.
    pub fn reader(
        &self,
        engine: &EngineKind,
        model: &str,
    ) -> Result<(TokenCounter<'static>, DialogueRenderer), CatalogError> {
        if let EngineKind::Openai { endpoint } = engine {
            let client = self.endpoints.open(endpoint)?;
            return Ok((client.counter(), client.dialogue()));
        }
        let found = self.models.find(model)?;
        let counter = resolve(model, &self.models)?.counter();
        let template = crate::data::inspect::chat_template(&found.path)?;
        Ok((counter, template.into()))
    }

    /// The window in tokens that a run spec's model claims in its own file, or that its endpoint
    /// was started with; `None` if the model is no longer here. The spec's RoPE scaling does not
    /// count: it lengthens what is read, not what the model was made for. Blocks.
    pub fn window(&self, run_spec: &RunSpec) -> Option<Tokens> {
        let claimed = match &run_spec.engine {
            EngineKind::Openai { endpoint } => self.config().endpoint(endpoint)?.context(),
            _ => self.models.find(&run_spec.model).ok()?.info.context,
        };
        (claimed.0 > 0).then_some(claimed)
    }

    /// How many requests an engine accepts at once.
    pub fn at_once(&self, engine: &EngineKind) -> usize {
        match engine {
            EngineKind::CandleCpu | EngineKind::CandleCuda | EngineKind::Wgpu => 1,
            EngineKind::Openai { endpoint } => {
                let endpoint = self.config().endpoint(endpoint);
                endpoint.map_or(1, |endpoint| endpoint.max_in_flight.get() as usize)
            }
        }
    }

    /// The threads that can answer at once: one for the engines of this process, and those of each
    /// endpoint.
    pub fn slots(&self) -> Vec<WorkerSlot> {
        let remote = self.config().endpoints().iter().flat_map(|endpoint| {
            let kind = kind(endpoint);
            vec![WorkerSlot::Endpoint(kind.clone()); self.at_once(&kind)]
        });
        std::iter::once(WorkerSlot::Local).chain(remote).collect()
    }

    /// The host of the engines in this catalog. All handles share one host, as a model in memory
    /// serves everyone.
    pub fn host(&self) -> EngineHost {
        self.host.clone()
    }
}

/// Sets the configured endpoint for embeddings; must be called within a Tokio runtime.
fn embed_by(corpora: &mut Corpora, config: &Config) {
    if let Some(table) = config.embeddings() {
        let embedder = EndpointEmbedder::new(Arc::clone(table), Handle::current());
        corpora.embed_by(Arc::new(embedder));
    }
}

fn kind(endpoint: &Endpoint) -> EngineKind {
    EngineKind::Openai {
        endpoint: endpoint.id.to_string(),
    }
}

/// Creates engines: the one function that turns models and endpoints into engines.
fn loader(models: ModelStore, endpoints: EndpointClients) -> EngineLoader {
    Box::new(move |key| {
        if let EngineKind::Openai { endpoint } = &key.kind {
            let client = endpoints.open_for(endpoint, &key.model, key.rope.as_ref())?;
            return Ok(Engine::Openai(Box::new(client)));
        }
        let model = models.find(&key.model)?;
        // Once marked as unusable, it stays so.
        let marked = |why: Option<String>| {
            if let Some(why) = why {
                models.refuse(&model, why);
            }
        };
        match &key.kind {
            EngineKind::CandleCpu | EngineKind::CandleCuda => {
                let opened = Engine::open(&model.path, key, model.engine());
                Ok(opened.inspect_err(|error| marked(error.bad_weights()))?)
            }
            EngineKind::Wgpu => {
                let opened = Engine::open_wgpu(&model.path, key, model.engine());
                Ok(opened.inspect_err(|error| marked(error.bad_weights()))?)
            }
            other => Err(format!("the engine {other} is not built in").into()),
        }
    })
}
