//! What samples are made with: who counts, and whose texts.

use std::collections::BTreeMap;

use fathom_kernels::model::tokenizer::tiktoken::TiktokenEncoding;
use fathom_shared::corpora::CorpusKind;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::super::sample_summaries::AssetBytes;
use super::BuilderState;
use super::kept_files::{self, text_of};
use crate::client;
use crate::protocol::{BuildError, BuilderAsset, FormField, ToBuilder};

/// Who counts, as the address says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum TokenizerChoice {
    /// The model: the loaded one, else the one that comes with the page.
    #[default]
    Model,
    /// One of OpenAI's.
    Tiktoken(TiktokenEncoding),
    /// A file of the user's.
    File,
}

impl TokenizerChoice {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [
        Self::Model,
        Self::Tiktoken(TiktokenEncoding::Cl100kBase),
        Self::Tiktoken(TiktokenEncoding::O200kBase),
        Self::File,
    ];

    /// The word in the address.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Tiktoken(encoding) => encoding.name(),
            Self::File => "file",
        }
    }

    /// The one of that name.
    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// What is done when a piece was taken.
type AfterTake = Box<dyn FnOnce()>;

/// Whether samples can be made as they are wanted.
pub(super) enum AssetStatus {
    Right,
    /// A piece is on its way.
    Waiting,
    /// The one that should count is not to be had.
    Wrong(String),
}

/// The pieces, and those under way.
#[derive(Default)]
pub(super) struct BuilderAssets {
    /// What a new worker gets; what is not here is what comes with the page.
    worn: Vec<AssetBytes>,
    choice: TokenizerChoice,
    /// Whether the one that should count is being fetched.
    fetching: bool,
    /// Why the one that should count is not to be had.
    wrong: Option<String>,
    /// Sent to the worker, not yet taken.
    pending: Vec<(AssetBytes, Option<AfterTake>)>,
    /// The loaded model's.
    model: Option<AssetBytes>,
    /// The tokenizer that the user picked.
    file: Option<AssetBytes>,
    /// The texts that the user picked.
    own: BTreeMap<CorpusKind, AssetBytes>,
    /// Whether samples are made with these.
    reads_own: bool,
}

impl BuilderAssets {
    /// All that a new worker gets, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = &AssetBytes> {
        let pending = self.pending.iter().map(|(packed, _)| packed);
        self.worn.iter().chain(pending)
    }

    pub(super) fn fit(&self) -> AssetStatus {
        match &self.wrong {
            Some(message) => AssetStatus::Wrong(message.clone()),
            None if self.fetching || !self.pending.is_empty() => AssetStatus::Waiting,
            None => AssetStatus::Right,
        }
    }

    fn wear(&mut self, packed: AssetBytes) {
        let place = text_of(&packed.0);
        self.worn.retain(|(piece, _)| text_of(piece) != place);
        if !matches!(
            packed.0,
            BuilderAsset::OurModel | BuilderAsset::Bundled { .. }
        ) {
            self.worn.push(packed);
        }
    }
}

impl BuilderState {
    /// From now on counts with this one.
    pub(crate) fn count_by(self, choice: TokenizerChoice) {
        let inner = self.inner;
        if inner.with_value(|inner| inner.outfit.choice == choice) {
            return;
        }
        inner.update_value(|inner| {
            inner.outfit.choice = choice;
            inner.outfit.wrong = None;
            inner.outfit.fetching = matches!(choice, TokenizerChoice::Tiktoken(_));
        });
        match choice {
            TokenizerChoice::Model => {
                let ours = (BuilderAsset::OurModel, JsValue::UNDEFINED);
                let model = inner.with_value(|inner| inner.outfit.model.clone());
                self.bring(model.unwrap_or(ours), None);
            }
            TokenizerChoice::File => match inner.with_value(|inner| inner.outfit.file.clone()) {
                Some(file) => self.bring(file, None),
                None => self.is_wrong(
                    "this link uses a tokenizer file from your computer: choose the file again"
                        .to_owned(),
                ),
            },
            TokenizerChoice::Tiktoken(encoding) => {
                let name = encoding.name().to_owned();
                spawn_local(async move {
                    let list = client::file(&format!("{name}.tokens.gz")).await;
                    if inner.try_with_value(|inner| inner.outfit.choice) != Some(choice) {
                        return;
                    }
                    inner.update_value(|inner| inner.outfit.fetching = false);
                    match list {
                        Ok(list) => self.bring((BuilderAsset::Tiktoken { name }, list), None),
                        Err(message) => self.is_wrong(message),
                    }
                });
            }
        }
    }

    /// Counts with the loaded model's tokenizer, unless another is chosen.
    pub(crate) fn use_header(self, name: String, header: JsValue) {
        let packed = (BuilderAsset::Gguf { name }, header);
        let mut now = false;
        self.inner.update_value(|inner| {
            inner.outfit.model = Some(packed.clone());
            now = inner.outfit.choice == TokenizerChoice::Model;
        });
        if now {
            self.bring(packed, None);
        }
    }

    /// Takes a file that the user picked; `then` is done when it was good.
    pub(crate) fn pick(self, packed: AssetBytes, then: impl FnOnce() + 'static) {
        self.misfit.set(None);
        self.bring(packed, Some(Box::new(then)));
    }

    /// Takes the bundled text again, for good.
    pub(crate) fn put_away(self, text: CorpusKind) {
        self.misfit.set(None);
        self.inner.update_value(|inner| {
            inner.outfit.own.remove(&text);
        });
        spawn_local(kept_files::forget(Some(text)));
        self.bring((BuilderAsset::Bundled { text }, JsValue::UNDEFINED), None);
    }

    /// Whether the user's own texts are read, which stay at hand where they are not.
    pub(crate) fn read_own_texts(self, read: bool) {
        self.inner
            .update_value(|inner| inner.outfit.reads_own = read);
        let own = self.inner.with_value(|inner| inner.outfit.own.clone());
        for (text, packed) in own {
            let worn = self.worn.with_untracked(|worn| worn.contains(&packed.0));
            match (read, worn) {
                (true, false) => self.bring(packed, None),
                (false, true) => {
                    self.bring((BuilderAsset::Bundled { text }, JsValue::UNDEFINED), None);
                }
                _ => {}
            }
        }
    }

    /// Forgets the tokenizer that the user picked.
    pub(crate) fn forget_file(self) {
        self.inner.update_value(|inner| inner.outfit.file = None);
        spawn_local(kept_files::forget(None));
    }

    /// Takes the files that were picked before the page was loaded again.
    pub(super) fn take_kept(self) {
        spawn_local(async move {
            let mut counts = None;
            let files = kept_files::all().await;
            let Some(read) = self.inner.try_update_value(|inner| {
                let outfit = &mut inner.outfit;
                for file in files {
                    match text_of(&file.0) {
                        Some(text) => drop(outfit.own.entry(text).or_insert(file)),
                        None => counts = Some(outfit.file.get_or_insert(file).clone()),
                    }
                }
                counts.take_if(|_| outfit.choice != TokenizerChoice::File);
                outfit.reads_own
            }) else {
                return;
            };
            if let Some(file) = counts {
                self.bring(file, None);
            }
            if read {
                self.read_own_texts(true);
            }
        });
    }

    /// Sends a piece to the worker; until it is taken nothing is built.
    fn bring(self, packed: AssetBytes, then: Option<AfterTake>) {
        self.inner.update_value(|inner| {
            if let Some(host) = &inner.host {
                let piece = packed.0.clone();
                host.send(&ToBuilder::Take { piece }, &packed.1);
            }
            inner.outfit.pending.push((packed, then));
        });
        self.busy.set(true);
    }

    /// The worker has taken `piece`, or says why not.
    pub(super) fn took(self, piece: &BuilderAsset, fault: Option<String>) {
        let mut taken = None;
        self.inner.update_value(|inner| {
            let pending = &mut inner.outfit.pending;
            if let Some(at) = pending.iter().position(|((sent, _), _)| sent == piece) {
                taken = Some(pending.remove(at));
            }
        });
        // Else it is what a new worker got.
        let Some((packed, then)) = taken else { return };
        let picked = then.is_some();
        match fault {
            Some(message) if !picked => return self.is_wrong(message),
            // What was there before still is.
            Some(message) => self.misfit.set(Some((text_of(piece), message))),
            None => {
                if picked {
                    spawn_local(kept_files::keep(packed.clone()));
                }
                self.wear(packed, picked);
                if let Some(then) = then {
                    then();
                }
            }
        }
        self.again();
    }

    fn wear(self, packed: AssetBytes, picked: bool) {
        let mut worn = Vec::new();
        self.inner.update_value(|inner| {
            let outfit = &mut inner.outfit;
            match text_of(&packed.0) {
                Some(text) if picked => {
                    outfit.own.insert(text, packed.clone());
                }
                Some(_) => {}
                None => {
                    outfit.wrong = None;
                    if picked {
                        outfit.file = Some(packed.clone());
                        outfit.choice = TokenizerChoice::File;
                    }
                }
            }
            outfit.wear(packed);
            worn = outfit.worn.clone();
        });
        self.worn
            .set(worn.iter().map(|(piece, _)| piece.clone()).collect());
        self.glances.wear(worn);
    }

    /// Nothing can be built as it is wanted.
    fn is_wrong(self, message: String) {
        self.inner
            .update_value(|inner| inner.outfit.wrong = Some(message.clone()));
        self.fault
            .set(Some(BuildError::new(FormField::Tokenizer, message)));
        self.busy.set(false);
    }
}
