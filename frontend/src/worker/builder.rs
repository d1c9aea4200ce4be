//! Orders in, samples out, counted with one model's tokenizer.

use std::cell::RefCell;
use std::io::Read;

use fathom_kernels::model::gguf::Gguf;
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::prompt::{ChatTemplate, Prompt};
use fathom_shared::tokens::{Counter, Tokens};
use flate2::read::GzDecoder;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::protocol::{Built, Fault, Field, FromBuilder, Order, ToBuilder};
use super::tell;

/// The model whose tokenizer counts until another is loaded.
const NAME: &str = "SmolLM2-135M-Instruct";
const TOKENIZER: &[u8] = include_bytes!("../../../models/smollm2-135m-instruct/tokenizer.json.gz");
const TEMPLATE: &str = include_str!("../../../models/smollm2-135m-instruct/chat_template.jinja");

/// Listens for orders.
pub(super) fn start(scope: DedicatedWorkerGlobalScope) {
    let maker = RefCell::new(None);
    let page = scope.clone();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let parts = Array::from(&event.data());
        let text = parts.get(0).as_string().unwrap_or_default();
        let said = match serde_json::from_str(&text) {
            Ok(message) => answer(&maker, message, &parts.get(1)),
            Err(error) => FromBuilder::Broken {
                message: format!("The builder does not know this message: {error}."),
            },
        };
        tell(&page, &said, &JsValue::UNDEFINED);
    });
    scope.set_onmessage(Some(AsRef::<JsValue>::as_ref(&on_message).unchecked_ref()));
    on_message.forget();
    tell(&scope, &FromBuilder::Hello, &JsValue::UNDEFINED);
}

fn answer(maker: &RefCell<Option<Maker>>, message: ToBuilder, beside: &JsValue) -> FromBuilder {
    match message {
        ToBuilder::UseHeader { name } => match Maker::of_header(&name, beside) {
            Ok(new) => {
                *maker.borrow_mut() = Some(new);
                FromBuilder::Tokenizer { name }
            }
            Err(message) => FromBuilder::Broken { message },
        },
        ToBuilder::Build { ticket, order } => {
            let mut maker = maker.borrow_mut();
            if maker.is_none() {
                match Maker::of_smollm2() {
                    Ok(new) => *maker = Some(new),
                    Err(message) => return FromBuilder::Broken { message },
                }
            }
            let made = maker.as_ref().map(|maker| maker.make(order));
            match made {
                Some(Ok(built)) => FromBuilder::Built {
                    ticket,
                    built: Box::new(built),
                },
                Some(Err(fault)) => FromBuilder::Refused { ticket, fault },
                None => FromBuilder::Broken {
                    message: "The builder has no tokenizer.".to_owned(),
                },
            }
        }
    }
}

/// A model as far as prompts go.
struct Maker {
    name: String,
    tokenizer: Tokenizer,
    template: Option<ChatTemplate>,
}

impl Maker {
    fn of_smollm2() -> Result<Self, String> {
        let mut json = Vec::new();
        GzDecoder::new(TOKENIZER)
            .read_to_end(&mut json)
            .map_err(|error| format!("The tokenizer of {NAME} cannot be unpacked: {error}."))?;
        let tokenizer = Tokenizer::from_json(&json)
            .map_err(|error| format!("The tokenizer of {NAME} cannot be read: {error}."))?;
        Self::new(NAME, tokenizer, Some(TEMPLATE))
    }

    fn of_header(name: &str, header: &JsValue) -> Result<Self, String> {
        let fault = |what: &str| format!("The tokenizer of {name} cannot be read: {what}.");
        let bytes = header
            .dyn_ref::<Uint8Array>()
            .ok_or_else(|| fault("its header did not arrive"))?;
        let gguf = Gguf::header(&bytes.to_vec()).map_err(|error| fault(&error.to_string()))?;
        let tokenizer = Tokenizer::from_gguf(&gguf).map_err(|error| fault(&error.to_string()))?;
        Self::new(name, tokenizer, gguf.str("tokenizer.chat_template"))
    }

    fn new(name: &str, tokenizer: Tokenizer, template: Option<&str>) -> Result<Self, String> {
        let template = template
            .map(|source| ChatTemplate::new(source, tokenizer.bos(), tokenizer.eos()))
            .transpose()
            .map_err(|error| format!("{name}: {error}."))?;
        Ok(Self {
            name: name.to_owned(),
            tokenizer,
            template,
        })
    }

    fn make(&self, order: Order) -> Result<Built, Fault> {
        let begun = js_sys::Date::now();
        let counter = Counter::new(
            &self.name,
            |text| self.tokenizer.count(text),
            |text| self.tokenizer.starts(text),
        );
        let sample = order
            .spec
            .sample(order.sample, &counter)
            .map_err(|error| Fault::from(&error))?;
        let prompt = Prompt::render(&sample, order.mode, self.template.as_ref()).map_err(|error| {
            Fault {
                field: Field::Mode,
                message: error.to_string(),
            }
        })?;
        let tokens = self.tokenizer.encode(&prompt.text).len();
        Ok(Built {
            order,
            sample,
            prompt_tokens: Tokens(u32::try_from(tokens).unwrap_or(u32::MAX)),
            prompt_hash: prompt.hash(),
            prompt,
            tokenizer: self.name.clone(),
            build_ms: js_sys::Date::now() - begun,
        })
    }
}
