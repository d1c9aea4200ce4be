//! What samples are made with: who counts, and whose texts.

use std::collections::BTreeMap;

use fathom_kernels::model::tokenizer::tiktoken::Encoding;
use fathom_shared::corpora::Text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::Builder;
use crate::client;
use crate::protocol::{Fault, Field, Piece, ToBuilder};

/// Who counts, as the address says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Choice {
    /// The model: the loaded one, else the one that comes with the page.
    #[default]
    Model,
    /// One of OpenAI's.
    Tiktoken(Encoding),
    /// A file of the user's.
    File,
}

impl Choice {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [
        Self::Model,
        Self::Tiktoken(Encoding::Cl100kBase),
        Self::Tiktoken(Encoding::O200kBase),
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

/// A piece with its bytes.
pub(crate) type Packed = (Piece, JsValue);
/// What is done when a piece was taken.
type Then = Box<dyn FnOnce()>;

/// Whether samples can be made as they are wanted.
pub(super) enum Fit {
    Right,
    /// A piece is on its way.
    Waiting,
    /// The one that should count is not to be had.
    Wrong(String),
}

/// The pieces, and those under way.
#[derive(Default)]
pub(super) struct Outfit {
    /// What a new worker gets; what is not here is what comes with the page.
    worn: Vec<Packed>,
    choice: Choice,
    /// Whether the one that should count is being fetched.
    fetching: bool,
    /// Why the one that should count is not to be had.
    wrong: Option<String>,
    /// Sent to the worker, not yet taken.
    pending: Vec<(Packed, Option<Then>)>,
    /// The loaded model's.
    model: Option<Packed>,
    /// The tokenizer that the user picked.
    file: Option<Packed>,
    /// The texts that the user picked.
    own: BTreeMap<Text, Packed>,
}

/// Which text a piece is; nothing for who counts.
fn text_of(piece: &Piece) -> Option<Text> {
    match piece {
        Piece::Own { text, .. } | Piece::Bundled { text } => Some(*text),
        _ => None,
    }
}

impl Outfit {
    /// All that a new worker gets, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Packed> {
        let pending = self.pending.iter().map(|(packed, _)| packed);
        self.worn.iter().chain(pending)
    }

    pub(super) fn fit(&self) -> Fit {
        match &self.wrong {
            Some(message) => Fit::Wrong(message.clone()),
            None if self.fetching || !self.pending.is_empty() => Fit::Waiting,
            None => Fit::Right,
        }
    }

    fn wear(&mut self, packed: Packed) {
        let place = text_of(&packed.0);
        self.worn.retain(|(piece, _)| text_of(piece) != place);
        if !matches!(packed.0, Piece::OurModel | Piece::Bundled { .. }) {
            self.worn.push(packed);
        }
    }
}

impl Builder {
    /// From now on counts with this one.
    pub(crate) fn count_by(self, choice: Choice) {
        let inner = self.inner;
        if inner.with_value(|inner| inner.outfit.choice == choice) {
            return;
        }
        inner.update_value(|inner| {
            inner.outfit.choice = choice;
            inner.outfit.wrong = None;
            inner.outfit.fetching = matches!(choice, Choice::Tiktoken(_));
        });
        match choice {
            Choice::Model => {
                let ours = (Piece::OurModel, JsValue::UNDEFINED);
                let model = inner.with_value(|inner| inner.outfit.model.clone());
                self.bring(model.unwrap_or(ours), None);
            }
            Choice::File => match inner.with_value(|inner| inner.outfit.file.clone()) {
                Some(file) => self.bring(file, None),
                None => self.is_wrong(
                    "the address asks for a tokenizer file of your own, which stays with you: choose it again".to_owned(),
                ),
            },
            Choice::Tiktoken(encoding) => {
                let name = encoding.name().to_owned();
                spawn_local(async move {
                    let list = client::file(&format!("{name}.tokens.gz")).await;
                    if inner.try_with_value(|inner| inner.outfit.choice) != Some(choice) {
                        return;
                    }
                    inner.update_value(|inner| inner.outfit.fetching = false);
                    match list {
                        Ok(list) => self.bring((Piece::Tiktoken { name }, list), None),
                        Err(message) => self.is_wrong(message),
                    }
                });
            }
        }
    }

    /// Counts with the loaded model's tokenizer, unless another is chosen.
    pub(crate) fn use_header(self, name: String, header: JsValue) {
        let packed = (Piece::Gguf { name }, header);
        let mut now = false;
        self.inner.update_value(|inner| {
            inner.outfit.model = Some(packed.clone());
            now = inner.outfit.choice == Choice::Model;
        });
        if now {
            self.bring(packed, None);
        }
    }

    /// Takes a file that the user picked; `then` is done when it was good.
    pub(crate) fn pick(self, packed: Packed, then: impl FnOnce() + 'static) {
        self.misfit.set(None);
        self.bring(packed, Some(Box::new(then)));
    }

    /// Takes the bundled text again, for good.
    pub(crate) fn put_away(self, text: Text) {
        self.misfit.set(None);
        self.inner.update_value(|inner| {
            inner.outfit.own.remove(&text);
        });
        self.bring((Piece::Bundled { text }, JsValue::UNDEFINED), None);
    }

    /// Whether the user's own texts are read, which stay at hand where they are not.
    pub(crate) fn read_own_texts(self, read: bool) {
        let own = self.inner.with_value(|inner| inner.outfit.own.clone());
        for (text, packed) in own {
            let worn = self.worn.with_untracked(|worn| worn.contains(&packed.0));
            match (read, worn) {
                (true, false) => self.bring(packed, None),
                (false, true) => self.bring((Piece::Bundled { text }, JsValue::UNDEFINED), None),
                _ => {}
            }
        }
    }

    /// Sends a piece to the worker; until it is taken nothing is built.
    fn bring(self, packed: Packed, then: Option<Then>) {
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
    pub(super) fn took(self, piece: &Piece, fault: Option<String>) {
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
                self.wear(packed, picked);
                if let Some(then) = then {
                    then();
                }
            }
        }
        self.again();
    }

    fn wear(self, packed: Packed, picked: bool) {
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
                        outfit.choice = Choice::File;
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
        self.fault.set(Some(Fault::new(Field::Tokenizer, message)));
        self.busy.set(false);
    }
}
