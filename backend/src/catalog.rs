//! What can be asked here: models on the disk by the engines in this process, and endpoints by
//! their configuration. The one place where an order meets both.

use fathom_shared::api::{EngineView, Order};
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::Dialogue;
use fathom_shared::tokens::{Counter, Tokens};
use fathom_shared::transcript::EngineInfo;

use crate::data::models::{ModelError, Models};
use crate::engine::{Engine, Host, Loader};
use crate::jobs::Slot;
use crate::jobs::order::{OrderError, check};
use crate::tokenizer::{TokenizerError, resolve};

/// The models and engines of this process. A clone is another handle.
#[derive(Clone, Debug)]
pub struct Catalog {
    models: Models,
    host: Host,
}

/// Why an order names nobody who could answer it.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The order itself.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// Its model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Its tokenizer.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
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
    /// The models in their folder.
    pub fn new(models: Models) -> Self {
        let host = Host::new(loader(models.clone()));
        Self { models, host }
    }

    /// The models on the disk.
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// The engines in this process.
    pub fn local(&self) -> Vec<EngineKind> {
        let mut local = vec![EngineKind::CandleCpu];
        if Engine::has_adapter() {
            local.push(EngineKind::Wgpu);
        }
        local
    }

    /// Everyone who can answer, with their models. Blocks: it reads headers.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn engines(&self) -> Result<Vec<EngineView>, ModelError> {
        let models = self.model_ids()?;
        let local = self.local().into_iter();
        Ok(local
            .map(|engine| EngineView {
                engine,
                models: models.clone(),
                context: None,
            })
            .collect())
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
    pub fn check(&self, order: &mut Order) -> Result<EngineInfo, CatalogError> {
        order.grid.check().map_err(OrderError::from)?;
        let local = self.local();
        if !local.contains(&order.engine) {
            let here = local.iter().map(EngineKind::to_string);
            return Err(CatalogError::Engine {
                got: order.engine.clone(),
                here: here.collect::<Vec<_>>().join(", "),
            });
        }
        let model = self.models.find(&order.model)?;
        order.model.clone_from(&model.info.id);
        check(order, model.info.context)?;
        Ok(EngineInfo {
            engine: order.engine.to_string(),
            ..model.engine()
        })
    }

    /// Who counts for an order's model and puts dialogues into its words, without its weights.
    /// Blocks.
    ///
    /// # Errors
    /// A model that is not here any more, or whose tokenizer or template we do not read.
    pub fn reader(&self, order: &Order) -> Result<(Counter<'static>, Dialogue), CatalogError> {
        let model = self.models.find(&order.model)?;
        let counter = resolve(&order.model, &self.models)?.counter();
        let template = crate::data::inspect::chat_template(&model.path)?;
        Ok((counter, template.into()))
    }

    /// Tokens that the model of an order reads. Blocks.
    ///
    /// # Errors
    /// A model that is not here.
    pub fn context(&self, order: &Order) -> Result<Tokens, CatalogError> {
        Ok(self.models.find(&order.model)?.info.context)
    }

    /// How many samples an engine may be asked at once.
    pub fn at_once(&self, engine: &EngineKind) -> usize {
        match engine {
            EngineKind::CandleCpu | EngineKind::CandleCuda | EngineKind::Wgpu => 1,
            EngineKind::Openai { .. } => 1,
        }
    }

    /// The threads that can answer at once: one for the engines in this process.
    pub fn slots(&self) -> Vec<Slot> {
        vec![Slot::Local(self.local())]
    }

    /// The engines that this catalog lists. All handles are of one host, as a model in memory is
    /// for all who ask.
    pub fn host(&self) -> Host {
        self.host.clone()
    }
}

/// How an engine is made: the one place where models become engines.
fn loader(models: Models) -> Loader {
    Box::new(move |key| {
        let model = models.find(&key.model)?;
        match &key.kind {
            EngineKind::CandleCpu => Ok(Engine::open(&model.path, model.engine())?),
            EngineKind::Wgpu if key.rope.is_none() => {
                Ok(Engine::open_wgpu(&model.path, model.engine())?)
            }
            EngineKind::Wgpu => Err("the engine wgpu takes the model's own positions only".into()),
            other => Err(format!("the engine {other} is not built in").into()),
        }
    })
}
