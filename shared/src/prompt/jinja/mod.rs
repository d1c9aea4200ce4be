//! Chat templates rendered as `transformers` 5.24 renders them (`utils/chat_template_utils.py`),
//! within bounds: a template comes from a file that anyone may have made.

mod bounds; // limits on what templates do
mod date; // the date that templates see
mod engine_source; // a template as our engine takes it
mod filters; // filters and tests that minijinja lacks
mod json; // the `tojson` filter
mod macros; // macros that look at `varargs` and `kwargs`
mod methods; // Python's methods on strings, lists and dicts
mod named_filters; // filters with arguments by name
mod operators; // Python's `%` and `~`
mod python; // values as Python spells them
mod syntax; // tags, words and strings of a template
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;
use minijinja::value::{Enumerator, Kwargs, Object, Rest, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, context, syntax::SyntaxConfig};
use serde::{Deserialize, Serialize};

use super::chat_message::ChatMessage;
pub use date::{Date, DateError};

/// Everything that a template's text comes of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TemplateInput {
    /// The template.
    pub source: String,
    /// Special tokens by their names in `tokenizer_config.json`: `bos_token` and so on.
    pub tokens: BTreeMap<String, String>,
    /// The day that `strftime_now` tells.
    pub date: Date,
    /// The dialogue.
    pub messages: Vec<ChatMessage>,
    /// `add_generation_prompt`: whether the assistant speaks next.
    pub answer: bool,
}

/// Another place to render in, where a template may do what it likes: a process that may die.
pub type ExternalRenderer = fn(&TemplateInput) -> Result<String, String>;

static ELSEWHERE: OnceLock<ExternalRenderer> = OnceLock::new();

/// Has every template of this process rendered by `how` from now on. The first call counts.
pub fn render_elsewhere(how: ExternalRenderer) {
    // Whoever is first has set it.
    let _first = ELSEWHERE.set(how);
}

/// Work per template, in the engine's units: an instruction each, or 64 bytes.
const FUEL: u64 = 1_000_000;
/// Calls within calls.
const CALLS: usize = 120;
/// The stack of the thread that renders. What [`engine_source`] lets through needs a small part of it.
#[cfg(not(target_arch = "wasm32"))]
const STACK: usize = 64 << 20;

impl TemplateInput {
    /// The text, made wherever templates are rendered.
    ///
    /// # Errors
    /// What is wrong with the template, or with what it says itself by `raise_exception`.
    pub fn text(&self) -> Result<String, String> {
        match ELSEWHERE.get() {
            Some(how) => how(self),
            None => self.here(),
        }
    }

    /// The text, made in this process: on a thread with room of its own, where there are threads.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn here(&self) -> Result<String, String> {
        let source = engine_source::prepare(&self.source)?;
        #[cfg(target_arch = "wasm32")]
        return self.render(&source).map_err(|error| told(&error));
        #[cfg(not(target_arch = "wasm32"))]
        std::thread::scope(|scope| {
            let render = || self.render(&source).map_err(|error| told(&error));
            let builder = std::thread::Builder::new().stack_size(STACK);
            let thread = builder.spawn_scoped(scope, render);
            let thread = thread.map_err(|error| format!("no thread for it: {error}"))?;
            let ended = thread.join();
            ended.unwrap_or_else(|_| Err("the template engine failed".to_owned()))
        })
    }

    fn render(&self, source: &str) -> Result<String, Error> {
        let engine = self.engine()?;
        let messages = self.messages.iter().map(|message| {
            context! { role => message.role.as_str(), content => message.content.as_str() }
        });
        let mut said = BTreeMap::from([
            ("messages", Value::from_iter(messages)),
            // Said, and nothing: templates ask for both.
            ("tools", Value::from(())),
            ("documents", Value::from(())),
            ("add_generation_prompt", Value::from(self.answer)),
        ]);
        for (name, spelling) in &self.tokens {
            said.insert(name.as_str(), Value::from(spelling.as_str()));
        }
        engine.template_from_str(source)?.render(said)
    }

    /// The engine as `transformers` sets its own up.
    fn engine(&self) -> Result<Environment<'static>, Error> {
        let mut engine = Environment::new();
        minijinja_contrib::add_to_environment(&mut engine);
        let mut syntax = SyntaxConfig::builder();
        syntax.trim_blocks(true).lstrip_blocks(true);
        engine.set_syntax(syntax.build()?);
        let said: usize = self.messages.iter().map(|m| m.content.len()).sum();
        engine.set_fuel(Some(FUEL + said as u64));
        engine.set_recursion_limit(CALLS);
        engine.set_unknown_method_callback(methods::call);
        engine.set_formatter(python::write);
        filters::add(&mut engine);
        named_filters::add(&mut engine);
        engine.add_filter("tojson", json::tojson);
        engine.add_filter(bounds::KEPT, bounds::kept);
        engine.add_filter(macros::SPREAD, macros::spread);
        // Nothing is no list, as Python has it.
        engine.add_test("iterable", |value: &Value| {
            !value.is_none() && value.try_iter().is_ok()
        });
        engine.add_function("raise_exception", |reason: &str| -> Result<(), Error> {
            Err(Error::new(ErrorKind::InvalidOperation, reason.to_owned()))
        });
        let date = self.date;
        engine.add_function("strftime_now", move |format: &str| date.strftime(format));
        engine.add_function("dict", dict);
        engine.add_function("cycler", |items: Rest<Value>| {
            minijinja_contrib::globals::cycler(items.0)
        });
        Ok(engine)
    }
}

/// A dict in the order in which it was made.
#[derive(Debug)]
struct OrderedDict(IndexMap<Value, Value>);

impl Object for OrderedDict {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get(key).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.keys().cloned().collect())
    }
}

/// `dict(a=1)`, `dict(other)`, `dict([(key, value)])`.
fn dict(state: &State<'_, '_>, from: Option<Value>, kwargs: Kwargs) -> Result<Value, Error> {
    let mut entries = IndexMap::new();
    if let Some(from) = from {
        let is_map = from.kind() == ValueKind::Map;
        for item in from.try_iter()? {
            state.consume_fuel(1)?;
            let (key, value) = match is_map {
                true => (item.clone(), from.get_item(&item)?),
                false => (item.get_item_by_index(0)?, item.get_item_by_index(1)?),
            };
            entries.insert(key, value);
        }
    }
    for name in kwargs.args() {
        entries.insert(Value::from(name), kwargs.get(name)?);
    }
    Ok(Value::from_object(OrderedDict(entries)))
}

/// What the engine says, with its causes.
fn told(error: &Error) -> String {
    if error.kind() == ErrorKind::OutOfFuel {
        let line = error.line().map(|line| format!(" in line {line}"));
        let line = line.unwrap_or_default();
        return format!("it takes more than {FUEL} steps{line}, which is all that a template may");
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
