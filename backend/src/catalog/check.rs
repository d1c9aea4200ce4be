//! Decides whether a run can be answered here, and by which engine. The samples themselves are
//! checked first, then the engine that would answer them, then their length.

use fathom_shared::api::RunSpec;
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::RunNeeds;
use fathom_shared::task::asks_questions;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::EngineInfo;

use super::Catalog;
use crate::config::EndpointApi;
use crate::data::inspect::template_absence;
use crate::data::models::ModelError;
use crate::engine::candle::{CandleError, free_memory, needs};
use crate::engine::openai::OpenError;
use crate::engine::{Engine, EngineKey, KvError, WgpuError};
use crate::jobs::run_spec::{RunSpecError, check_length, check_samples};
use crate::tokenizer::TokenizerSpecError;

/// More tokens than chat templates add, including a system message.
const TEMPLATE: Tokens = Tokens(256);

/// Which engine answers a run, and what that takes.
#[derive(Clone, PartialEq, Debug)]
pub struct CheckedRun {
    /// The engine that answers.
    pub engine: EngineInfo,
    /// What the estimate reports about it.
    pub needs: RunNeeds,
}

/// Why nothing here can answer a run spec.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The run spec itself is invalid.
    #[error(transparent)]
    RunSpec(#[from] RunSpecError),
    /// The model is unusable.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The tokenizer is unusable.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerSpecError),
    /// The weights or the requested RoPE scaling are unusable on candle.
    #[error(transparent)]
    Candle(#[from] CandleError),
    /// The same for the GPU adapter.
    #[error(transparent)]
    Wgpu(#[from] WgpuError),
    /// The format of the KV cache is not available.
    #[error(transparent)]
    Kv(#[from] KvError),
    /// The endpoint is unusable.
    #[error(transparent)]
    Endpoint(#[from] OpenError),
    /// The endpoint accepts only chat messages, not plain text.
    #[error("the endpoint `{endpoint}` accepts only chat messages, so the mode must be chat")]
    Mode {
        /// The endpoint.
        endpoint: String,
    },
    /// There is no chat template, or none of several is the one to take.
    #[error(
        "the mode is chat, and the model `{model}` has no chat template: {why}; ask in completion mode"
    )]
    Template {
        /// The model.
        model: String,
        /// What there is.
        why: String,
    },
    /// The engine is not available.
    #[error("engine `{got}` is not available here; available: {here}")]
    Engine {
        /// The requested engine.
        got: EngineKind,
        /// The available engines.
        here: String,
    },
}

/// What a model's headers, or an endpoint's configuration, say about a run spec.
struct FoundEngine {
    engine: EngineInfo,
    /// Context window with the run spec's RoPE scaling.
    context: Tokens,
    /// Bytes of memory for the longest prompt, if candle answers.
    memory: Option<u64>,
}

impl Catalog {
    /// Checks a run spec against the engine that would answer it. Writes into the spec the model's
    /// own id, if it was named otherwise, and the texts that its samples are made of. Blocks.
    ///
    /// # Errors
    /// [`CatalogError`], naming the actual and the expected value.
    pub fn check(&self, run_spec: &mut RunSpec) -> Result<CheckedRun, CatalogError> {
        check_samples(run_spec, &self.corpora)?;
        let found = match run_spec.engine.clone() {
            EngineKind::Openai { endpoint } => self.endpoint_for(run_spec, &endpoint)?,
            _ => self.model_for(run_spec)?,
        };
        check_length(run_spec, found.context)?;
        let needs = RunNeeds {
            memory_bytes: found.memory,
            free_bytes: found.memory.and_then(|_| free_memory()),
            room: self.room(run_spec),
        };
        Ok(CheckedRun {
            engine: found.engine,
            needs,
        })
    }

    fn endpoint_for(
        &self,
        run_spec: &RunSpec,
        endpoint: &str,
    ) -> Result<FoundEngine, CatalogError> {
        let rope = run_spec.rope.as_ref();
        let client = self.endpoints.open_for(endpoint, &run_spec.model, rope)?;
        let there = client.endpoint();
        if there.api == EndpointApi::Chat && run_spec.mode == PromptMode::Completion {
            return Err(CatalogError::Mode {
                endpoint: there.id.to_string(),
            });
        }
        if run_spec.mode == PromptMode::Chat
            && let Some(why) = client.template_absence()
        {
            let model = there.model.clone();
            return Err(CatalogError::Template { model, why });
        }
        if let Some(got) = run_spec.kv {
            let who = format!("the endpoint `{}`", there.id);
            let how = "as its server was started";
            return Err(KvError { who, how, got }.into());
        }
        Ok(FoundEngine {
            engine: client.info().clone(),
            context: there.context(),
            memory: None,
        })
    }

    fn model_for(&self, run_spec: &mut RunSpec) -> Result<FoundEngine, CatalogError> {
        if !Engine::is_here(&run_spec.engine) {
            let local = self.local();
            let here = local.iter().map(EngineKind::to_string);
            return Err(CatalogError::Engine {
                got: run_spec.engine.clone(),
                here: here.collect::<Vec<_>>().join(", "),
            });
        }
        let model = self.models.find(&run_spec.model)?;
        run_spec.model.clone_from(&model.info.id);
        if run_spec.mode == PromptMode::Chat
            && let Some(why) = template_absence(&model.path)?
        {
            let model = model.info.id;
            return Err(CatalogError::Template { model, why });
        }
        let key = EngineKey::from(&*run_spec);
        let (memory, context) = match run_spec.engine {
            EngineKind::CandleCpu | EngineKind::CandleCuda => {
                let longest = run_spec.grid.lengths.iter().max();
                let capacity = longest.map_or(0, |length| length.0) as usize;
                let (needs, context) = needs(&model.path, &key, capacity)?;
                (Some(needs.total()), context)
            }
            EngineKind::Wgpu | EngineKind::Openai { .. } => {
                (None, Engine::context_wgpu(&model.path, &key)?)
            }
        };
        Ok(FoundEngine {
            engine: EngineInfo {
                engine: run_spec.engine.to_string(),
                ..model.engine()
            },
            context: Tokens(u32::try_from(context).unwrap_or(u32::MAX)),
            memory,
        })
    }

    /// Tokens of the window left beside a run spec's longest samples, if a chat template may not
    /// fit into them; `None` if no template is added, the spec uses RoPE scaling, or the window is
    /// unknown. Questions are cut to fit the window.
    fn room(&self, run_spec: &RunSpec) -> Option<Tokens> {
        let mut tasks = run_spec.grid.tasks.iter();
        let cut = tasks.all(|task| asks_questions(&task.task));
        if run_spec.mode == PromptMode::Completion || run_spec.rope.is_some() || cut {
            return None;
        }
        let longest = run_spec.grid.lengths.iter().max()?;
        let room = Tokens(self.window(run_spec)?.0.saturating_sub(longest.0));
        (room < TEMPLATE).then_some(room)
    }
}

#[cfg(test)]
mod tests {
    use fathom_shared::run::RunGrid;
    use fathom_shared::task::TaskSpec;

    use super::*;
    use crate::config::Config;
    use crate::data::models::ModelStore;
    use crate::testing::without_template;

    /// What is said of a run spec in chat mode that is accepted in completion mode.
    fn refusal(folder: &std::path::Path, config: Config, engine: EngineKind) -> String {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let _entered = runtime.enter();
        let catalog = Catalog::new(ModelStore::new(folder), config);
        let mut run_spec = RunSpec {
            grid: RunGrid::of(TaskSpec::new("niah_single_1", Tokens(2048), 7), 0, 1),
            model: "plain".to_owned(),
            engine,
            mode: PromptMode::Chat,
            rope: None,
            texts: None,
            kv: None,
        };
        let error = catalog.check(&mut run_spec).unwrap_err().to_string();
        run_spec.mode = PromptMode::Completion;
        catalog.check(&mut run_spec).unwrap();
        error
    }

    #[test]
    fn chat_mode_is_refused_where_a_model_has_no_template() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plain.gguf");
        std::fs::write(file, without_template().bytes()).unwrap();
        let error = refusal(folder.path(), Config::default(), EngineKind::CandleCpu);
        assert_eq!(
            error,
            "the mode is chat, and the model `plain` has no chat template: the file has no `tokenizer.chat_template`; ask in completion mode"
        );
    }

    #[test]
    fn chat_mode_is_refused_where_the_template_of_an_endpoints_model_is_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let config = "[[endpoint]]\nid = \"far\"\nbase_url = \"http://127.0.0.1:9/v1\"\nmodel = \"plain\"\ntokenizer = \"cl100k_base\"\ncontext = 8192\n";
        let config = Config::parse(config, &folder.path().join("fathom.toml")).unwrap();
        let endpoint = "far".to_owned();
        let error = refusal(folder.path(), config, EngineKind::Openai { endpoint });
        assert_eq!(
            error,
            "the mode is chat, and the model `plain` has no chat template: neither `chat_template` nor the tokenizer's files name one; ask in completion mode"
        );
    }
}
