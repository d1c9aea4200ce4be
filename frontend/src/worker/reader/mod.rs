//! Reads questions about long texts: those that come with the page, those of a picked file, one of
//! the server's. What is open stays open, so that a text of millions of words is read once.

mod question_set; // opens a set of questions

use fathom_shared::api::QuestionView;
use fathom_shared::longbench::index::parse;
use fathom_shared::longbench::viewer::WrappedQuestion;
use fathom_shared::longbench::{LongBenchQuestion, QuestionCard, alone};
use fathom_shared::tokens::Tokens;
use js_sys::{JsString, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use super::sample_builder::SampleBuilder;
use crate::protocol::{
    AskedQuestion, BuildError, BuildRequest, FromReader, QuestionRequest, ReaderCall, ReaderReply,
    ToReader,
};
use question_set::OpenQuestionSet;

#[derive(Default)]
struct ReaderWorker {
    bench: Option<SampleBuilder>,
    shelf: Option<OpenQuestionSet>,
    open: Option<(u32, WrappedQuestion)>,
}

pub(super) fn start() {
    let mut reader = ReaderWorker::default();
    super::listen(move |ToReader { ticket, call }, beside| {
        let mut text = JsValue::UNDEFINED;
        let outcome = reader.hear(ticket, call, &beside, &mut text).map(Box::new);
        super::say(&FromReader::Done { ticket, outcome }, &text);
    });
    super::say(&FromReader::Hello, &JsValue::UNDEFINED);
}

impl ReaderWorker {
    /// Does what is wanted; a long text is put `beside` the reply.
    fn hear(
        &mut self,
        ticket: u32,
        call: ReaderCall,
        came: &JsValue,
        beside: &mut JsValue,
    ) -> Result<ReaderReply, String> {
        match call {
            ReaderCall::Take { piece } => {
                let bytes = match came.is_undefined() {
                    true => Vec::new(),
                    false => Uint8Array::new(came).to_vec(),
                };
                self.bench()?.take(&piece, &bytes)?;
                Ok(ReaderReply::Taken)
            }
            ReaderCall::Samples => Ok(self.put_up(OpenQuestionSet::samples())),
            ReaderCall::Open { name } => {
                let file: &Blob = came.dyn_ref().ok_or("No file was received.")?;
                let shelf = OpenQuestionSet::file(&name, file, |done, of| {
                    let progress = FromReader::Progress { ticket, done, of };
                    super::say(&progress, &JsValue::UNDEFINED);
                })?;
                Ok(self.put_up(shelf))
            }
            ReaderCall::Row { source, number } => {
                let row = came.dyn_ref::<JsString>().map(String::from);
                let question = parse(row.unwrap_or_default().as_bytes());
                let question = question.map_err(|faults| faults.join("; "))?;
                Ok(self.put_up(OpenQuestionSet::alone(source, number, question)))
            }
            ReaderCall::View { number } => {
                let question = self.reading(number)?.question();
                let evidence = question.evidence.iter().map(|bytes| {
                    let small = |at| u32::try_from(at).unwrap_or(u32::MAX);
                    small(bytes.start)..small(bytes.end)
                });
                Ok(ReaderReply::View(QuestionView {
                    card: QuestionCard::new(number, question),
                    evidence: evidence.collect(),
                }))
            }
            ReaderCall::Text { number } => {
                let row = serde_json::to_string(&self.reading(number)?.question().row());
                *beside = JsString::from(row.map_err(|error| error.to_string())?).into();
                Ok(ReaderReply::Text(String::new()))
            }
            ReaderCall::Window { number, ask } => {
                let reading = self.reading(number)?;
                Ok(ReaderReply::Window(reading.window(
                    ask.columns,
                    ask.begin(),
                    ask.lines,
                )))
            }
            ReaderCall::Find { number, words } => {
                Ok(ReaderReply::Found(self.reading(number)?.find(&words)))
            }
            ReaderCall::Outline { number } => {
                Ok(ReaderReply::Outline(self.reading(number)?.outline()))
            }
            ReaderCall::Seen { put } => self.seen(&put),
            ReaderCall::Build { put } => self.build(put, beside),
        }
    }

    fn put_up(&mut self, shelf: OpenQuestionSet) -> ReaderReply {
        let set = shelf.set();
        (self.shelf, self.open) = (Some(shelf), None);
        ReaderReply::Set(set)
    }

    fn bench(&mut self) -> Result<&mut SampleBuilder, String> {
        let bench = match self.bench.take() {
            Some(bench) => bench,
            None => SampleBuilder::new()?,
        };
        Ok(self.bench.insert(bench))
    }

    fn reading(&mut self, number: u32) -> Result<&mut WrappedQuestion, String> {
        let open = match self.open.take() {
            Some(open) if open.0 == number => open,
            _ => {
                let shelf = self.shelf.as_ref().ok_or("No questions are open.")?;
                (number, WrappedQuestion::new(shelf.question(number)?))
            }
        };
        Ok(&mut self.open.insert(open).1)
    }

    fn seen(&mut self, put: &QuestionRequest) -> Result<ReaderReply, String> {
        self.reading(put.number)?;
        self.bench()?;
        let (Some((_, reading)), Some(bench)) = (&self.open, &self.bench) else {
            return Err("No question is open.".to_owned());
        };
        let room = put.setting.rooms()[0];
        let most = Tokens(put.length.0.saturating_sub(room.0));
        let seen = reading.seen(put.setting, most, bench.counter(), None);
        seen.map(ReaderReply::Seen)
            .map_err(|error| format!("{error}."))
    }

    fn build(&mut self, put: QuestionRequest, beside: &mut JsValue) -> Result<ReaderReply, String> {
        let mut asked = self.reading(put.number)?.question().clone();
        let context = std::mem::take(&mut asked.context);
        let question = LongBenchQuestion {
            context,
            ..asked.clone()
        };
        asked.evidence.clear();
        let source = self.shelf.as_ref().map(|shelf| shelf.set().source);
        let source = source.ok_or("No questions are open.")?;
        let bench = self.bench()?;
        bench.ask_from(alone(source.clone(), put.number, question));
        let request = BuildRequest {
            spec: QuestionRequest::spec(put.setting, put.letters, put.length),
            sample: put.number,
            mode: put.mode,
        };
        let built = bench.build(request);
        let mut built = Box::new(built.map_err(|BuildError { message, .. }| message)?);
        built.question = Some(Box::new(AskedQuestion {
            source,
            // The page knows how many there are; here is this one alone.
            of: 1,
            question: asked,
        }));
        *beside = JsString::from(built.take_text()).into();
        Ok(ReaderReply::Built(built))
    }
}
