//! What the samples of a run are made with: the model's own tokenizer and template, and the texts
//! that come with the page.

use std::rc::Rc;
use std::sync::Arc;

use fathom_kernels::model::gguf::Gguf;
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_kernels::session::Session;
use fathom_shared::api::RunSpec;
use fathom_shared::corpora::Corpora;
use fathom_shared::task::asks_questions;
use fathom_shared::task::custom::{ScriptConsole, ScriptWatch, watched};

use super::super::super::store::{ModelStorage, file_of};
use super::super::super::tokenizer::PageTokenizer;

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
    pub(super) fn of_session(
        name: &str,
        session: &Session,
        corpora: Rc<Corpora>,
    ) -> Result<Self, String> {
        let tokenizer = Arc::clone(session.tokenizer());
        let tokenizer = PageTokenizer::of_parsed(name, session.gguf(), tokenizer)?;
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
        let mut file = storage.file(&file_of(sha256), false).await?;
        let say = |error: &dyn std::error::Error| format!("`{name}`: {error}.");
        let gguf = Gguf::read(&mut file).map_err(|error| say(&error))?;
        let tokenizer = Tokenizer::from_gguf(&gguf).map_err(|error| say(&error))?;
        let tokenizer = PageTokenizer::of_parsed(name, &gguf, Arc::new(tokenizer))?;
        Ok(Self {
            tokenizer: Rc::new(tokenizer),
            corpora,
        })
    }

    /// SHA-256 of what the samples of an order are made of here.
    pub(super) fn texts(corpora: &Corpora, order: &RunSpec) -> String {
        let mut tasks = order.grid.tasks.iter();
        corpora.sha256_with(tasks.any(|choice| asks_questions(&choice.task)))
    }

    /// Whether the samples would be those that were ordered.
    ///
    /// # Errors
    /// A sentence: the page's texts are others by now.
    pub(super) fn check(&self, order: &RunSpec) -> Result<(), String> {
        let here = Self::texts(&self.corpora, order);
        match &order.texts {
            Some(ordered) if *ordered != here => Err(format!(
                "the texts of this page are not those the run was ordered for: SHA-256 {here}, expected {ordered}; order the run anew"
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
