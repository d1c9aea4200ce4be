//! Hears orders and builds.

use fathom_shared::task::custom::{Console, Watch, watched};
use js_sys::{JsString, Uint8Array};
use wasm_bindgen::JsValue;

use super::bench::Bench;
use crate::protocol::{Built, Fault, FromBuilder, Order, Printed, ToBuilder};

/// A script that takes longer is ended.
const LONGEST_SCRIPT_MS: f64 = 10_000.0;

#[derive(Default)]
struct Builder {
    bench: Option<Bench>,
    /// What was built last: its tokens may be looked at.
    last: Option<Built>,
}

pub(super) fn start() {
    let mut builder = Builder::default();
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

impl Builder {
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
            ToBuilder::Build { ticket, order } => match self.build(order)? {
                (Ok(built), console) => {
                    let built = Built { console, ..built };
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
    fn build(&mut self, order: Order) -> Result<(Result<Built, Fault>, Vec<Printed>), String> {
        let started = js_sys::Date::now();
        let bench = self.bench()?;
        let console = Console::default();
        let watch = Watch {
            stop: &|| js_sys::Date::now() - started > LONGEST_SCRIPT_MS,
            console: &console,
        };
        let built = watched(watch, || bench.build(order));
        let printed = console.take().into_iter().map(|line| Printed {
            line: line.line,
            text: line.text,
        });
        let built = built.map(|built| Built {
            build_ms: js_sys::Date::now() - started,
            ..built
        });
        Ok((built, printed.collect()))
    }

    fn bench(&mut self) -> Result<&mut Bench, String> {
        let bench = match self.bench.take() {
            Some(bench) => bench,
            None => Bench::new()?,
        };
        Ok(self.bench.insert(bench))
    }
}
