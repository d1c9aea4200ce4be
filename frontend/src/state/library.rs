//! Questions about long texts, wherever they are: with the page, in a picked file, on the server.

use std::sync::Arc;

use fathom_shared::api::{QuestionSet, QuestionView, WindowQuery};
use fathom_shared::longbench::viewer::{OutlinePart, SearchMatches, TextWindow, VisibleContext};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::reader::ReaderState;
use crate::client::{self, ClientError};
use crate::protocol::{BuiltSample, QuestionRequest, ReaderCall, ReaderReply};

/// Passes on a reply of one kind.
macro_rules! only {
    ($kind:ident, $then:expr) => {{
        let then = $then;
        move |reply: Result<ReaderReply, String>| {
            then(reply.and_then(|reply| match reply {
                ReaderReply::$kind(it) => Ok(it),
                _ => Err(ODD.to_owned()),
            }))
        }
    }};
}

const ODD: &str = "The reader sent an unexpected reply. Reload the page.";

/// Where questions come from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum QuestionOrigin {
    /// They come with the page.
    Samples,
    /// Those of the server.
    Server,
    /// A file that the reader picked.
    File,
}

impl QuestionOrigin {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Samples, Self::Server, Self::File];

    /// The word in the address.
    pub(crate) fn name(self) -> &'static str {
        ["samples", "server", "file"][self as usize]
    }
}

/// The library.
#[derive(Clone, Copy)]
pub(crate) struct QuestionLibrary {
    /// The questions that are shown, and where they come from.
    pub(crate) set: RwSignal<Option<(QuestionOrigin, Arc<QuestionSet>)>>,
    /// Why others are not.
    pub(crate) fault: RwSignal<Option<String>>,
    /// Whether some are on their way.
    pub(crate) busy: RwSignal<bool>,
    /// Who makes prompts of them and says what models see: that takes a while, and must not keep
    /// somebody who scrolls waiting.
    pub(crate) maker: ReaderState,
    /// Who reads those that are here.
    pub(crate) reader: ReaderState,
    /// The last that was wanted.
    wanted: StoredValue<Option<QuestionOrigin>>,
    /// The question that the maker has.
    lent: StoredValue<Option<u32>>,
}

impl QuestionLibrary {
    pub(crate) fn new() -> Self {
        Self {
            set: RwSignal::new(None),
            fault: RwSignal::new(None),
            busy: RwSignal::new(false),
            maker: ReaderState::new(),
            reader: ReaderState::new(),
            wanted: StoredValue::new(None),
            lent: StoredValue::new(None),
        }
    }

    /// Shows the questions of `origin`. A file has to be picked: [`open`](Self::open).
    pub(crate) fn bring(self, origin: QuestionOrigin) {
        let shown = self.set.with_untracked(|set| set.as_ref().map(|set| set.0));
        if shown == Some(origin) || self.wanted.get_value() == Some(origin) {
            return;
        }
        self.fault.set(None);
        match origin {
            QuestionOrigin::File => {
                self.wanted.set_value(None);
                self.set.set(None);
            }
            QuestionOrigin::Samples => {
                self.begin(origin);
                let then = only!(Set, move |got| self.arrived(origin, got));
                self.reader
                    .call(ReaderCall::Samples, &JsValue::UNDEFINED, then);
            }
            QuestionOrigin::Server => {
                self.begin(origin);
                spawn_local(async move {
                    let got = client::questions().await;
                    self.arrived(origin, got.map_err(sentence));
                });
            }
        }
    }

    /// Shows the questions of a picked file.
    pub(crate) fn open(self, file: &web_sys::File) {
        self.begin(QuestionOrigin::File);
        let call = ReaderCall::Open { name: file.name() };
        let then = only!(Set, move |got| self.arrived(QuestionOrigin::File, got));
        self.reader.call(call, file, then);
    }

    /// Stops reading a file.
    pub(crate) fn stop(self) {
        self.wanted.set_value(None);
        self.reader.stop();
        self.busy.set(false);
        self.set.set(None);
    }

    fn begin(self, origin: QuestionOrigin) {
        self.wanted.set_value(Some(origin));
        self.lent.set_value(None);
        self.fault.set(None);
        self.busy.set(true);
    }

    fn arrived(self, origin: QuestionOrigin, got: Result<QuestionSet, String>) {
        if self.wanted.get_value() != Some(origin) {
            return;
        }
        self.wanted.set_value(None);
        self.busy.set(false);
        match got {
            Ok(set) => self.set.set(Some((origin, Arc::new(set)))),
            Err(message) => {
                self.set.set(None);
                self.fault.set(Some(message));
            }
        }
    }

    fn is_server(self) -> bool {
        self.set
            .with_untracked(|set| matches!(set, Some((QuestionOrigin::Server, _))))
    }

    /// A question without its text.
    pub(crate) fn view(
        self,
        number: u32,
        then: impl FnOnce(Result<QuestionView, String>) + 'static,
    ) {
        if self.is_server() {
            return later(client::question(number), then);
        }
        self.ask(ReaderCall::View { number }, only!(View, then));
    }

    /// Some lines of a text.
    pub(crate) fn window(
        self,
        number: u32,
        ask: WindowQuery,
        then: impl FnOnce(Result<TextWindow, String>) + 'static,
    ) {
        if self.is_server() {
            return later(client::question_window(number, ask), then);
        }
        self.ask(ReaderCall::Window { number, ask }, only!(Window, then));
    }

    /// Where words occur in a text.
    pub(crate) fn find(
        self,
        number: u32,
        words: String,
        then: impl FnOnce(Result<SearchMatches, String>) + 'static,
    ) {
        if self.is_server() {
            return later(client::question_find(number, words), then);
        }
        self.ask(ReaderCall::Find { number, words }, only!(Found, then));
    }

    /// The parts of a text.
    pub(crate) fn outline(
        self,
        number: u32,
        then: impl FnOnce(Result<Vec<OutlinePart>, String>) + 'static,
    ) {
        if self.is_server() {
            return later(client::question_outline(number), then);
        }
        self.ask(ReaderCall::Outline { number }, only!(Outline, then));
    }

    /// What a model sees of a text: on the server it is `model` that counts.
    pub(crate) fn seen(
        self,
        put: QuestionRequest,
        model: Option<String>,
        then: impl FnOnce(Result<VisibleContext, String>) + 'static,
    ) {
        if self.is_server() {
            let Some(model) = model else {
                let message = "The server has no model whose tokenizer can count tokens.";
                return then(Err(message.to_owned()));
            };
            return later(client::question_seen(put, model), then);
        }
        self.lend(put.number, move |lent| match lent {
            Ok(()) => self.make(ReaderCall::Seen { put }, only!(Seen, then)),
            Err(message) => then(Err(message)),
        });
    }

    /// The prompt of a question.
    pub(crate) fn build(
        self,
        put: QuestionRequest,
        then: impl FnOnce(Result<BuiltSample, String>) + 'static,
    ) {
        self.lend(put.number, move |lent| {
            if let Err(message) = lent {
                return then(Err(message));
            }
            let call = ReaderCall::Build { put };
            let of = self.set.with_untracked(|set| {
                let cards = set.as_ref().map_or(0, |(_, set)| set.cards.len());
                u32::try_from(cards).unwrap_or(u32::MAX)
            });
            let then = move |built: Result<Box<BuiltSample>, String>| {
                then(built.map(|mut built| {
                    if let Some(asked) = &mut built.question {
                        asked.of = of;
                    }
                    *built
                }));
            };
            self.make(call, only!(Built, then));
        });
    }

    /// Gives the maker a question with its text, unless it has it.
    fn lend(self, number: u32, then: impl FnOnce(Result<(), String>) + 'static) {
        if self.lent.get_value() == Some(number) {
            return then(Ok(()));
        }
        let Some((origin, set)) = self.set.get_untracked() else {
            return then(Err("No questions are open.".to_owned()));
        };
        let source = set.source.clone();
        // What is wanted of it follows at once: calls are done in their order, so no other question
        // comes in between.
        let lend = move |row: Result<String, String>| {
            let given = row.map(|row| {
                self.lent.set_value(Some(number));
                let call = ReaderCall::Row { source, number };
                self.maker
                    .call(call, &JsValue::from_str(&row), move |taken| {
                        if taken.is_err() && self.lent.get_value() == Some(number) {
                            self.lent.set_value(None);
                        }
                    });
            });
            then(given);
        };
        match origin {
            QuestionOrigin::Server => later(client::question_row(number), lend),
            _ => self.ask(ReaderCall::Text { number }, only!(Text, lend)),
        }
    }

    fn make(self, call: ReaderCall, then: impl FnOnce(Result<ReaderReply, String>) + 'static) {
        self.maker.call(call, &JsValue::UNDEFINED, then);
    }

    fn ask(self, call: ReaderCall, then: impl FnOnce(Result<ReaderReply, String>) + 'static) {
        self.reader.call(call, &JsValue::UNDEFINED, then);
    }
}

fn later<T: 'static>(
    got: impl Future<Output = Result<T, ClientError>> + 'static,
    then: impl FnOnce(Result<T, String>) + 'static,
) {
    spawn_local(async move { then(got.await.map_err(sentence)) });
}

fn sentence(error: ClientError) -> String {
    error.message().to_owned()
}
