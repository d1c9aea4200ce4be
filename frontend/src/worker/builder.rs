//! Receives build requests and answers them.

use fathom_shared::task::custom::{ScriptConsole, ScriptWatch, watched};
use js_sys::{JsString, Uint8Array};
use wasm_bindgen::JsValue;

use super::sample_builder::SampleBuilder;
use super::task_file;
use crate::protocol::{BuildError, BuildRequest, BuiltSample, FromBuilder, PrintedLine, ToBuilder};

/// A script that takes longer is ended.
const LONGEST_SCRIPT_MS: f64 = 10_000.0;

#[derive(Default)]
struct BuilderWorker {
    bench: Option<SampleBuilder>,
    /// What was built last: its tokens may be looked at.
    last: Option<BuiltSample>,
}

pub(super) fn start() {
    let mut builder = BuilderWorker::default();
    super::listen(move |message: ToBuilder, beside| {
        if let Err(message) = builder.hear(message, &beside) {
            say(&FromBuilder::Broken { message });
        }
    });
    say(&FromBuilder::Hello);
}

fn say(message: &FromBuilder) {
    super::say(message, &JsValue::UNDEFINED);
}

impl BuilderWorker {
    fn hear(&mut self, message: ToBuilder, beside: &JsValue) -> Result<(), String> {
        match message {
            ToBuilder::Take { piece } => {
                let bytes = match beside.is_undefined() {
                    true => Vec::new(),
                    false => Uint8Array::new(beside).to_vec(),
                };
                let fault = self.bench()?.take(&piece, &bytes).err();
                say(&FromBuilder::Took { piece, fault });
            }
            ToBuilder::Build { ticket, request } => match self.build(request)? {
                (Ok(built), console) => {
                    let built = BuiltSample { console, ..built };
                    let mut sent = Box::new(built.clone());
                    self.last = Some(built);
                    let text = JsString::from(sent.take_text());
                    super::say(
                        &FromBuilder::Built {
                            ticket,
                            built: sent,
                        },
                        &text,
                    );
                }
                (Err(fault), console) => say(&FromBuilder::Refused {
                    ticket,
                    fault,
                    console,
                }),
            },
            ToBuilder::Glance {
                ticket,
                spec,
                samples,
            } => {
                let glances = self.bench()?.glances(&spec, &samples);
                say(&FromBuilder::Glanced { ticket, glances });
            }
            ToBuilder::ReadTask {
                ticket,
                name,
                text,
                form,
            } => {
                let spec = within_time(|| task_file::read(&name, &text, form.as_ref())).0;
                say(&FromBuilder::TaskRead { ticket, spec });
            }
            ToBuilder::Cut { prompt_hash, bytes } => {
                let last = self.last.as_ref();
                let last = last.filter(|last| last.prompt_hash == prompt_hash);
                if let (Some(bench), Some(last)) = (&self.bench, last) {
                    let cut = bench.cut(last, &bytes);
                    say(&FromBuilder::Cut { cut });
                }
            }
        }
        Ok(())
    }

    /// The sample, and what its script printed, if it is one's own.
    fn build(
        &mut self,
        request: BuildRequest,
    ) -> Result<(Result<BuiltSample, BuildError>, Vec<PrintedLine>), String> {
        let started = js_sys::Date::now();
        let bench = self.bench()?;
        let (built, printed) = within_time(|| bench.build(request));
        let built = built.map(|built| BuiltSample {
            build_ms: js_sys::Date::now() - started,
            ..built
        });
        Ok((built, printed))
    }

    fn bench(&mut self) -> Result<&mut SampleBuilder, String> {
        let bench = match self.bench.take() {
            Some(bench) => bench,
            None => SampleBuilder::new()?,
        };
        Ok(self.bench.insert(bench))
    }
}

/// Does `what`, whose scripts end after [`LONGEST_SCRIPT_MS`]; with what they printed.
fn within_time<T>(what: impl FnOnce() -> T) -> (T, Vec<PrintedLine>) {
    let started = js_sys::Date::now();
    let console = ScriptConsole::default();
    let watch = ScriptWatch {
        stop: &|| js_sys::Date::now() - started > LONGEST_SCRIPT_MS,
        console: &console,
    };
    let done = watched(watch, what);
    let printed = console.take().into_iter().map(|line| PrintedLine {
        line: line.line,
        text: line.text,
    });
    (done, printed.collect())
}
