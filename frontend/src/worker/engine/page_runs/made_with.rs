//! What the samples of a run are made with: the model's own tokenizer and template, and the texts
//! that come with the page.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use fathom_kernels::model::gguf::Gguf;
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::api::RunSpec;
use fathom_shared::corpora::Corpora;
use fathom_shared::task::asks_questions;
use fathom_shared::task::custom::{ScriptConsole, ScriptWatch, watched};
use fathom_shared::transcript::EngineInfo;

use super::super::super::store::ModelStorage;
use super::super::super::tokenizer::PageTokenizer;
use super::super::EngineWorker;
use super::super::page_model::PageModel;

/// A script that takes longer for one sample is ended.
const LONGEST_SCRIPT_MS: f64 = 60_000.0;

/// Who counts, and the texts.
#[derive(Clone)]
pub(in crate::worker::engine) struct MadeWith {
    /// Who counts.
    pub(in crate::worker::engine) tokenizer: Rc<PageTokenizer>,
    /// The texts.
    pub(in crate::worker::engine) corpora: Rc<Corpora>,
}

impl MadeWith {
    /// Those of a loaded model.
    ///
    /// # Errors
    /// A sentence: what is wrong with its template.
    pub(super) fn of_loaded(
        name: &str,
        model: &PageModel,
        corpora: Rc<Corpora>,
    ) -> Result<Self, String> {
        let tokenizer = Arc::clone(model.tokenizer());
        let tokenizer = PageTokenizer::of_parsed(name, model.gguf(), tokenizer)?;
        Ok(Self {
            tokenizer: Rc::new(tokenizer),
            corpora,
        })
    }

    /// Those of a model in the browser's storage; its weights are not read.
    ///
    /// # Errors
    /// A sentence: the model is not there any more.
    pub(super) async fn of_stored(
        name: &str,
        sha256: &str,
        storage: &ModelStorage,
        corpora: Rc<Corpora>,
    ) -> Result<Self, String> {
        let mut file = storage.model(sha256).await?;
        let say = |error: &dyn std::error::Error| format!("`{name}`: {error}.");
        let gguf = Gguf::read(&mut file).map_err(|error| say(&error))?;
        let tokenizer = Tokenizer::from_gguf(&gguf).map_err(|error| say(&error))?;
        let tokenizer = PageTokenizer::of_parsed(name, &gguf, Arc::new(tokenizer))?;
        Ok(Self {
            tokenizer: Rc::new(tokenizer),
            corpora,
        })
    }

    /// SHA-256 of the texts that the samples of a run spec are made of here.
    pub(super) fn texts(corpora: &Corpora, run_spec: &RunSpec) -> String {
        let mut tasks = run_spec.grid.tasks.iter();
        corpora.sha256_with(tasks.any(|choice| asks_questions(&choice.task)))
    }

    /// Whether the samples would be those that the run was started with.
    ///
    /// # Errors
    /// A sentence: the page's texts are others by now.
    pub(super) fn check(&self, run_spec: &RunSpec) -> Result<(), String> {
        let here = Self::texts(&self.corpora, run_spec);
        match &run_spec.texts {
            Some(began_with) if *began_with != here => Err(format!(
                "this page's texts differ from the ones the run was created with: SHA-256 {here}, expected {began_with}; create the run again"
            )),
            _ => Ok(()),
        }
    }
}

/// Does `work`, in which one sample is made or judged; a script that takes too long is ended and is
/// the sample's error.
pub(in crate::worker::engine) fn guarded<T>(work: impl FnOnce() -> T) -> T {
    let started = js_sys::Date::now();
    let console = ScriptConsole::default();
    let watch = ScriptWatch {
        stop: &|| js_sys::Date::now() - started > LONGEST_SCRIPT_MS,
        console: &console,
    };
    watched(watch, work)
}

/// What the samples of a model's runs are made with, be it loaded or only stored.
pub(super) async fn made_with(
    bench: &RefCell<EngineWorker>,
    info: &EngineInfo,
) -> Result<MadeWith, String> {
    let (files, corpora) = {
        let mut bench = bench.borrow_mut();
        if let Some(known) = bench.runs.known(&info.model_sha256) {
            return Ok(known);
        }
        (bench.runs.files()?, bench.runs.corpora())
    };
    let (name, sha256) = (&info.model, &info.model_sha256);
    let made_with = MadeWith::of_stored(name, sha256, files.storage(), corpora).await?;
    bench.borrow_mut().runs.tokenizer = Some((sha256.clone(), made_with.clone()));
    Ok(made_with)
}
