//! What can be asked here: models on the disk by the engines in this process, and endpoints by
//! their configuration. The one place where an order meets both.

use std::sync::Arc;

use fathom_shared::api::{EngineView, RunSpec};
use fathom_shared::corpora::Corpora;
use fathom_shared::engine::EngineKind;
use fathom_shared::longbench::QuestionSource;
use fathom_shared::prompt::{DialogueRenderer, PromptMode};
use fathom_shared::task::asks_questions;
use fathom_shared::tokens::{TokenCounter, Tokens};
use fathom_shared::transcript::EngineInfo;
use tokio::runtime::Handle;

use crate::config::{Config, Endpoint, EndpointApi};
use crate::data::models::{ModelError, ModelStore};
use crate::data::questions::WrappedQuestions;
use crate::engine::candle::{LoadError, free_memory, needs};
use crate::engine::openai::{EndpointClients, EndpointEmbedder, OpenError};
use crate::engine::{Engine, EngineHost, EngineKey, EngineLoader, KvError, WgpuError};
use crate::jobs::WorkerSlot;
use crate::jobs::run_spec::{RunSpecError, check, check_questions, note_texts, texts_of};
use crate::tokenizer::{TokenizerSpecError, resolve};

/// More than chat templates take, a system message included.
const TEMPLATE: Tokens = Tokens(256);

/// The models and engines of this process. A clone is another handle.
#[derive(Clone, Debug)]
pub struct Catalog {
    models: ModelStore,
    endpoints: EndpointClients,
    host: EngineHost,
    corpora: Arc<Corpora>,
    readings: WrappedQuestions,
}

/// What a model needs to answer an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ModelNeeds {
    /// Bytes of memory.
    pub bytes: u64,
    /// Bytes that are free, where the system tells.
    pub free: Option<u64>,
    /// Tokens it reads with the order's positions.
    pub context: Tokens,
}

/// Why an order names nobody who could answer it.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The order itself.
    #[error(transparent)]
    Order(#[from] RunSpecError),
    /// Its model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Its tokenizer.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerSpecError),
    /// The weights, or the positions that the order wants.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The same for the adapter.
    #[error(transparent)]
    Wgpu(#[from] WgpuError),
    /// The keys and values.
    #[error(transparent)]
    Kv(#[from] KvError),
    /// Its endpoint.
    #[error(transparent)]
    Endpoint(#[from] OpenError),
    /// A chat cannot be asked as a text.
    #[error("the endpoint `{endpoint}` is asked by chat, so the mode must be chat")]
    Mode {
        /// The endpoint.
        endpoint: String,
    },
    /// Its engine.
    #[error("engine `{got}` cannot be asked here; there is {here}")]
    Engine {
        /// What was asked for.
        got: EngineKind,
        /// What there is.
        here: String,
    },
}

impl Catalog {
    /// The models in their folder, and the endpoints of the configuration; within a runtime, by
    /// which endpoints are waited for.
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

    /// The same models and engines with other questions than those that come with Fathom.
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

    /// The questions that are open for reading.
    pub fn readings(&self) -> &WrappedQuestions {
        &self.readings
    }

    /// Whether what is here makes the samples that the order was for.
    ///
    /// # Errors
    /// [`RunSpecError::Texts`]
    pub fn check_texts(&self, order: &RunSpec) -> Result<(), RunSpecError> {
        note_texts(&mut order.clone(), &texts_of(order, &self.corpora))
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        self.endpoints.config()
    }

    /// The models on the disk.
    pub fn models(&self) -> &ModelStore {
        &self.models
    }

    /// The engines in this process.
    pub fn local(&self) -> Vec<EngineKind> {
        use EngineKind::{CandleCpu, CandleCuda, Wgpu};
        let all = [CandleCpu, CandleCuda, Wgpu].into_iter();
        all.filter(Engine::is_here).collect()
    }

    /// Everyone who can answer, with their models. Blocks: it reads headers.
    ///
    /// # Errors
    /// A folder that cannot be read.
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

    /// The ids of the models on the disk that can be used. Blocks.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn model_ids(&self) -> Result<Vec<String>, ModelError> {
        let listed = self.models.list()?.into_iter();
        Ok(listed
            .filter_map(|model| Some(model.ok()?.info.id))
            .collect())
    }

    /// Checks an order against who would answer it; the model gets its own id where it was named
    /// otherwise. Blocks.
    ///
    /// # Errors
    /// [`CatalogError`], naming what was got and expected.
    pub fn check(&self, order: &mut RunSpec) -> Result<EngineInfo, CatalogError> {
        order.grid.check().map_err(RunSpecError::from)?;
        let texts = texts_of(order, &self.corpora);
        note_texts(order, &texts)?;
        check_questions(order, &self.corpora)?;
        if let EngineKind::Openai { endpoint } = &order.engine {
            let client = self
                .endpoints
                .open_for(endpoint, &order.model, order.rope.as_ref())?;
            let there = client.endpoint();
            if there.api == EndpointApi::Chat && order.mode == PromptMode::Completion {
                return Err(CatalogError::Mode {
                    endpoint: there.id.to_string(),
                });
            }
            if let Some(got) = order.kv {
                let who = format!("the endpoint `{}`", there.id);
                let how = "as its server was started";
                return Err(KvError { who, how, got }.into());
            }
            check(order, there.context())?;
            return Ok(client.info().clone());
        }
        if !Engine::is_here(&order.engine) {
            let local = self.local();
            let here = local.iter().map(EngineKind::to_string);
            return Err(CatalogError::Engine {
                got: order.engine.clone(),
                here: here.collect::<Vec<_>>().join(", "),
            });
        }
        let model = self.models.find(&order.model)?;
        order.model.clone_from(&model.info.id);
        let context = match self.needs(order)? {
            Some(needed) => needed.context,
            None => tokens(Engine::context_wgpu(
                &model.path,
                &EngineKey::from(&*order),
            )?),
        };
        check(order, context)?;
        Ok(EngineInfo {
            engine: order.engine.to_string(),
            ..model.engine()
        })
    }

    /// Who counts for a model and puts dialogues into its words, without its weights. Blocks.
    ///
    /// # Errors
    /// A model that is not here any more, or whose tokenizer or template we do not read.
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

    /// Tokens that an order's model claims by its own file, or that its endpoint reads as it was
    /// started; nothing where the model is not here any more. Positions of the order do not count:
    /// they lengthen what is read, not what the model was made for. Blocks.
    pub fn window(&self, order: &RunSpec) -> Option<Tokens> {
        let claimed = match &order.engine {
            EngineKind::Openai { endpoint } => self.config().endpoint(endpoint)?.context(),
            _ => self.models.find(&order.model).ok()?.info.context,
        };
        (claimed.0 > 0).then_some(claimed)
    }

    /// Tokens of the window beside an order's longest samples, where these are so few that a chat
    /// template may not fit; nothing where none comes on top, the order stretches positions, or the
    /// window is not known. Questions are cut to what is read. Blocks.
    pub fn room(&self, order: &RunSpec) -> Option<Tokens> {
        let mut tasks = order.grid.tasks.iter();
        let cut = tasks.all(|task| asks_questions(&task.task));
        if order.mode == PromptMode::Completion || order.rope.is_some() || cut {
            return None;
        }
        let longest = order.grid.lengths.iter().max()?;
        let room = Tokens(self.window(order)?.0.saturating_sub(longest.0));
        (room < TEMPLATE).then_some(room)
    }

    /// What the longest prompt of an order needs, where candle answers it. Blocks.
    ///
    /// # Errors
    /// A model that is not here, or that candle does not run.
    pub fn needs(&self, order: &RunSpec) -> Result<Option<ModelNeeds>, CatalogError> {
        if !matches!(order.engine, EngineKind::CandleCpu | EngineKind::CandleCuda) {
            return Ok(None);
        }
        let model = self.models.find(&order.model)?;
        let room = order.grid.lengths.iter().max().map_or(0, |length| length.0);
        let (needs, context) = needs(&model.path, &EngineKey::from(order), room as usize)?;
        Ok(Some(ModelNeeds {
            bytes: needs.total(),
            free: free_memory(),
            context: tokens(context),
        }))
    }

    /// How many samples an engine may be asked at once.
    pub fn at_once(&self, engine: &EngineKind) -> usize {
        match engine {
            EngineKind::CandleCpu | EngineKind::CandleCuda | EngineKind::Wgpu => 1,
            EngineKind::Openai { endpoint } => {
                let endpoint = self.config().endpoint(endpoint);
                endpoint.map_or(1, |endpoint| endpoint.max_in_flight.get() as usize)
            }
        }
    }

    /// The threads that can answer at once: one for the engines in this process, and those of each
    /// endpoint.
    pub fn slots(&self) -> Vec<WorkerSlot> {
        let remote = self.config().endpoints().iter().flat_map(|endpoint| {
            let kind = kind(endpoint);
            vec![WorkerSlot::Endpoint(kind.clone()); self.at_once(&kind)]
        });
        std::iter::once(WorkerSlot::Local).chain(remote).collect()
    }

    /// The engines that this catalog lists. All handles are of one host, as a model in memory is
    /// for all who ask.
    pub fn host(&self) -> EngineHost {
        self.host.clone()
    }
}

/// Has embeddings made by whoever the configuration names; within a runtime.
fn embed_by(corpora: &mut Corpora, config: &Config) {
    if let Some(table) = config.embeddings() {
        let embedder = EndpointEmbedder::new(Arc::clone(table), Handle::current());
        corpora.embed_by(Arc::new(embedder));
    }
}

fn tokens(n: usize) -> Tokens {
    Tokens(u32::try_from(n).unwrap_or(u32::MAX))
}

fn kind(endpoint: &Endpoint) -> EngineKind {
    EngineKind::Openai {
        endpoint: endpoint.id.to_string(),
    }
}

/// How an engine is made: the one place where models and endpoints become engines.
fn loader(models: ModelStore, endpoints: EndpointClients) -> EngineLoader {
    Box::new(move |key| {
        if let EngineKind::Openai { endpoint } = &key.kind {
            let client = endpoints.open_for(endpoint, &key.model, key.rope.as_ref())?;
            return Ok(Engine::Openai(Box::new(client)));
        }
        let model = models.find(&key.model)?;
        // What is no use once is none the next time.
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
