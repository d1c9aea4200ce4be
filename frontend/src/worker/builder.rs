//! Builds samples and renders their prompts.

use std::cell::RefCell;
use std::io::Read;
use std::rc::Rc;

use fathom_kernels::model::gguf::Gguf;
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::prompt::{ChatTemplate, Prompt};
use fathom_shared::tokens::{Counter, Tokens};
use flate2::read::GzDecoder;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use super::protocol::{Built, Fault, Field, FromBuilder, Order, ToBuilder};

/// The tokenizer of the model that a first visit runs, so that counts are right before it is here.
const TOKENIZER: &[u8] = include_bytes!("../../../models/smollm2-135m-instruct/tokenizer.json.gz");
const TEMPLATE: &str = include_str!("../../../models/smollm2-135m-instruct/chat_template.jinja");
const NAME: &str = "SmolLM2-135M-Instruct";

struct Bench {
    name: String,
    tokenizer: Rc<Tokenizer>,
    counter: Counter<'static>,
    template: Option<ChatTemplate>,
}

pub(super) fn start() {
    let bench: RefCell<Option<Bench>> = RefCell::new(None);
    super::listen(move |message: ToBuilder, beside| {
        let mut bench = bench.borrow_mut();
        match message {
            ToBuilder::UseHeader { name } => match Bench::of_header(&name, &beside) {
                Ok(other) => {
                    say(&FromBuilder::Tokenizer { name });
                    *bench = Some(other);
                }
                Err(message) => say(&FromBuilder::Broken { message }),
            },
            ToBuilder::Build { ticket, order } => {
                if bench.is_none() {
                    match Bench::default_model() {
                        Ok(first) => {
                            say(&FromBuilder::Tokenizer {
                                name: first.name.clone(),
                            });
                            *bench = Some(first);
                        }
                        Err(message) => return say(&FromBuilder::Broken { message }),
                    }
                }
                let Some(bench) = bench.as_ref() else { return };
                say(&match bench.build(order) {
                    Ok(built) => FromBuilder::Built {
                        ticket,
                        built: Box::new(built),
                    },
                    Err(fault) => FromBuilder::Refused { ticket, fault },
                });
            }
        }
    });
    say(&FromBuilder::Hello);
}

fn say(message: &FromBuilder) {
    super::say(message, &JsValue::UNDEFINED);
}

impl Bench {
    fn new(name: &str, tokenizer: Tokenizer, template: Option<ChatTemplate>) -> Self {
        let tokenizer = Rc::new(tokenizer);
        let (count, starts) = (Rc::clone(&tokenizer), Rc::clone(&tokenizer));
        let counter = Counter::new(
            name,
            move |text| count.count(text),
            move |text| starts.starts(text),
        );
        Self {
            name: name.to_owned(),
            tokenizer,
            counter,
            template,
        }
    }

    fn default_model() -> Result<Self, String> {
        let mut json = Vec::new();
        let read = GzDecoder::new(TOKENIZER).read_to_end(&mut json);
        read.map_err(|error| format!("The page's own tokenizer is damaged: {error}"))?;
        let tokenizer = Tokenizer::from_json(&json).map_err(|error| error.to_string())?;
        let template = ChatTemplate::new(TEMPLATE, "<|im_start|>", "<|im_end|>");
        let template = template.map_err(|error| error.to_string())?;
        Ok(Self::new(NAME, tokenizer, Some(template)))
    }

    fn of_header(name: &str, header: &JsValue) -> Result<Self, String> {
        let gguf = Gguf::header(&Uint8Array::new(header).to_vec());
        let gguf = gguf.map_err(|error| error.to_string())?;
        let tokenizer = Tokenizer::from_gguf(&gguf).map_err(|error| error.to_string())?;
        let template = gguf
            .str("tokenizer.chat_template")
            .map(|source| ChatTemplate::new(source, tokenizer.bos(), tokenizer.eos()))
            .transpose()
            .map_err(|error| error.to_string())?;
        Ok(Self::new(name, tokenizer, template))
    }

    fn build(&self, order: Order) -> Result<Built, Fault> {
        let started = js_sys::Date::now();
        let sample = order.spec.sample(order.sample, &self.counter);
        let sample = sample.map_err(|error| Fault::from(&error))?;
        let prompt = Prompt::render(&sample, order.mode, self.template.as_ref());
        let prompt = prompt.map_err(|error| Fault {
            field: Field::Mode,
            message: error.to_string(),
        })?;
        let length = self.tokenizer.encode(&prompt.text).len();
        Ok(Built {
            prompt_tokens: Tokens(u32::try_from(length).unwrap_or(u32::MAX)),
            prompt_hash: prompt.hash(),
            tokenizer: self.name.clone(),
            build_ms: js_sys::Date::now() - started,
            order,
            sample,
            prompt,
        })
    }
}
