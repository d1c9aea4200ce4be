//! Questions about long texts, wherever they are: with the page, in a picked file, on the server.

use std::sync::Arc;

use fathom_shared::api::{QuestionSet, QuestionView, WindowAsk};
use fathom_shared::longbench::reading::{Found, Part, Seen, Window};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::reader::Reader;
use crate::client::{self, ClientError};
use crate::protocol::{Built, Call, Put, Reply};

/// Hands on a reply of one kind.
macro_rules! only {
    ($kind:ident, $then:expr) => {{
        let then = $then;
        move |reply: Result<Reply, String>| {
            then(reply.and_then(|reply| match reply {
                Reply::$kind(it) => Ok(it),
                _ => Err(ODD.to_owned()),
            }))
        }
    }};
}

const ODD: &str = "The reader gave something else than was wanted. Reload the page.";

/// Where questions come from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Origin {
    /// They come with the page.
    Samples,
    /// Those of the server.
    Server,
    /// A file that the reader picked.
    File,
}

impl Origin {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Samples, Self::Server, Self::File];

    /// The word in the address.
    pub(crate) fn name(self) -> &'static str {
        ["samples", "server", "file"][self as usize]
    }
}

/// The library.
#[derive(Clone, Copy)]
pub(crate) struct Library {
    /// The questions that are shown, and where they come from.
    pub(crate) set: RwSignal<Option<(Origin, Arc<QuestionSet>)>>,
    /// Why others are not.
    pub(crate) fault: RwSignal<Option<String>>,
    /// Whether some are on their way.
    pub(crate) busy: RwSignal<bool>,
    /// Who makes prompts of them and says what models see: that takes a while, and must not keep
    /// somebody who scrolls waiting.
    pub(crate) maker: Reader,
    /// Who reads those that are here.
    pub(crate) reader: Reader,
    /// The last that was wanted.
    wanted: StoredValue<Option<Origin>>,
    /// The question that the maker has.
    lent: StoredValue<Option<u32>>,
}

impl Library {
    pub(crate) fn new() -> Self {
        Self {
            set: RwSignal::new(None),
            fault: RwSignal::new(None),
            busy: RwSignal::new(false),
            maker: Reader::new(),
            reader: Reader::new(),
            wanted: StoredValue::new(None),
            lent: StoredValue::new(None),
        }
    }

    /// Shows the questions of `origin`. A file has to be picked: [`open`](Self::open).
    pub(crate) fn bring(self, origin: Origin) {
        let shown = self.set.with_untracked(|set| set.as_ref().map(|set| set.0));
        if shown == Some(origin) || self.wanted.get_value() == Some(origin) {
            return;
        }
        self.fault.set(None);
        match origin {
            Origin::File => {
                self.wanted.set_value(None);
                self.set.set(None);
            }
            Origin::Samples => {
                self.begin(origin);
                let then = only!(Set, move |got| self.arrived(origin, got));
                self.reader.call(Call::Samples, &JsValue::UNDEFINED, then);
            }
            Origin::Server => {
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
        self.begin(Origin::File);
        let call = Call::Open { name: file.name() };
        let then = only!(Set, move |got| self.arrived(Origin::File, got));
        self.reader.call(call, file, then);
    }

    /// Stops reading a file.
    pub(crate) fn stop(self) {
        self.wanted.set_value(None);
        self.reader.stop();
        self.busy.set(false);
        self.set.set(None);
    }

    fn begin(self, origin: Origin) {
        self.wanted.set_value(Some(origin));
        self.lent.set_value(None);
        self.fault.set(None);
        self.busy.set(true);
    }

    fn arrived(self, origin: Origin, got: Result<QuestionSet, String>) {
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
            .with_untracked(|set| matches!(set, Some((Origin::Server, _))))
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
        self.ask(Call::View { number }, only!(View, then));
    }

    /// Some lines of a text.
    pub(crate) fn window(
        self,
        number: u32,
        ask: WindowAsk,
        then: impl FnOnce(Result<Window, String>) + 'static,
    ) {
        if self.is_server() {
            return later(client::question_window(number, ask), then);
        }
        self.ask(Call::Window { number, ask }, only!(Window, then));
    }

    /// Where words stand in a text.
    pub(crate) fn find(
        self,
        number: u32,
        words: String,
        then: impl FnOnce(Result<Found, String>) + 'static,
    ) {
        if self.is_server() {
            return later(client::question_find(number, words), then);
        }
        self.ask(Call::Find { number, words }, only!(Found, then));
    }

    /// The parts of a text.
    pub(crate) fn outline(
        self,
        number: u32,
        then: impl FnOnce(Result<Vec<Part>, String>) + 'static,
    ) {
        if self.is_server() {
            return later(client::question_outline(number), then);
        }
        self.ask(Call::Outline { number }, only!(Outline, then));
    }

    /// What a model sees of a text: on the server it is `model` that counts.
    pub(crate) fn seen(
        self,
        put: Put,
        model: Option<String>,
        then: impl FnOnce(Result<Seen, String>) + 'static,
    ) {
        if self.is_server() {
            let Some(model) = model else {
                let message = "The server has no model whose tokenizer could count.";
                return then(Err(message.to_owned()));
            };
            return later(client::question_seen(put, model), then);
        }
        self.lend(put.number, move |lent| match lent {
            Ok(()) => self.make(Call::Seen { put }, only!(Seen, then)),
            Err(message) => then(Err(message)),
        });
    }

    /// The prompt of a question; with `thoughts` that of the second call.
    pub(crate) fn build(
        self,
        put: Put,
        thoughts: Option<String>,
        then: impl FnOnce(Result<Built, String>) + 'static,
    ) {
        self.lend(put.number, move |lent| {
            if let Err(message) = lent {
                return then(Err(message));
            }
            let call = match thoughts {
                None => Call::Build { put },
                Some(thoughts) => Call::Again { put, thoughts },
            };
            let then = move |built: Result<Box<Built>, String>| then(built.map(|built| *built));
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
                let call = Call::Row { source, number };
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
            Origin::Server => later(client::question_row(number), lend),
            _ => self.ask(Call::Text { number }, only!(Text, lend)),
        }
    }

    fn make(self, call: Call, then: impl FnOnce(Result<Reply, String>) + 'static) {
        self.maker.call(call, &JsValue::UNDEFINED, then);
    }

    fn ask(self, call: Call, then: impl FnOnce(Result<Reply, String>) + 'static) {
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
