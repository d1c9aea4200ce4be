//! Macros that look at `varargs` or `kwargs`, which the engine has not: these become arguments of the
//! macro, and a value around it fills them in.

use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::value::{Kwargs, Object, Tuple, Value, from_args};
use minijinja::{Error, ErrorKind, State};

use super::OrderedDict;
use super::syntax::{TemplateBlock, is_word, string_end, tags};

/// The filter that [`rewrite`] has such a macro go through.
pub(super) const SPREAD: &str = "__spread";

const MORE: [&str; 2] = ["varargs", "kwargs"];

/// A macro whose end has not come.
struct OpenMacro<'a> {
    name: &'a str,
    /// Where the bracket stands that ends its arguments.
    bracket: usize,
    has_arguments: bool,
    /// Which of [`MORE`] are arguments of its own.
    own: [bool; 2],
    /// Which of [`MORE`] it looks at.
    more: [bool; 2],
}

/// The template with such macros rewritten.
pub(super) fn rewrite(source: &str) -> String {
    if !source.contains("macro") || !MORE.iter().any(|word| source.contains(word)) {
        return source.to_owned();
    }
    let mut open = Vec::<OpenMacro<'_>>::new();
    let mut edits = Vec::<(Range<usize>, String)>::new();
    for range in tags(source) {
        let tag = &source[range.clone()];
        let block = tag.starts_with("{%").then(|| TemplateBlock::of(tag));
        match block.as_ref().map(|block| block.word) {
            Some("macro") => open.extend(OpenMacro::of(tag, range.start)),
            Some("endmacro") => {
                if let (Some(ended), Some(block)) = (open.pop(), &block) {
                    edits.extend(ended.edits(range, block));
                }
            }
            _ => {
                if let Some(inner) = open.last_mut() {
                    for (more, word) in inner.more.iter_mut().zip(MORE) {
                        *more |= mentions(tag, word);
                    }
                }
            }
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    let (mut out, mut from) = (String::with_capacity(source.len()), 0);
    for (range, text) in edits {
        out.push_str(&source[from..range.start]);
        out.push_str(&text);
        from = range.end;
    }
    out.push_str(&source[from..]);
    out
}

impl<'a> OpenMacro<'a> {
    /// The macro that `tag` begins, which stands at `at`.
    fn of(tag: &'a str, at: usize) -> Option<Self> {
        let block = TemplateBlock::of(tag);
        let head = block.rest.trim_start();
        let end = head.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
        let (name, arguments) = head.split_at(end);
        let (before, _) = arguments.trim_start().strip_prefix('(')?.rsplit_once(')')?;
        Some(Self {
            name,
            bracket: at + tag.rfind(')')?,
            has_arguments: !before.trim().is_empty(),
            own: MORE.map(|word| mentions(arguments, word)),
            more: [false; 2],
        })
    }

    /// What changes in the template; `end` is the place of the tag that ends the macro.
    fn edits(&self, end: Range<usize>, tag: &TemplateBlock<'_>) -> Vec<(Range<usize>, String)> {
        let wanted = MORE.iter().zip(self.more).zip(self.own);
        let wanted = wanted.filter(|((_, more), own)| *more && !own);
        let names: Vec<String> = wanted
            .map(|((word, _), _)| format!("{word}=none"))
            .collect();
        if names.is_empty() {
            return Vec::new();
        }
        let comma = if self.has_arguments { ", " } else { "" };
        let name = self.name;
        let ended = format!(
            "{} endmacro %}}{{% set {name} = {name}|{SPREAD} {}",
            tag.open, tag.close
        );
        vec![
            (
                self.bracket..self.bracket,
                format!("{comma}{}", names.join(", ")),
            ),
            (end, ended),
        ]
    }
}

/// Whether `word` stands in `tag` as a name of its own.
fn mentions(tag: &str, word: &str) -> bool {
    let (bytes, mut at, mut before) = (tag.as_bytes(), 0, b' ');
    while at < bytes.len() {
        let end = match bytes[at] {
            quote @ (b'\'' | b'"') => string_end(bytes, at, quote).unwrap_or(bytes.len()),
            byte if is_word(byte) => {
                let letters = bytes[at..].iter().take_while(|byte| is_word(**byte));
                at + letters.count()
            }
            _ => at + 1,
        };
        if before != b'.' && bytes.get(at..end) == Some(word.as_bytes()) {
            return true;
        }
        if !bytes[at].is_ascii_whitespace() {
            before = bytes[at];
        }
        at = end;
    }
    false
}

/// A macro with what it is called with beyond its arguments.
#[derive(Debug)]
struct SpreadMacro {
    inner: Value,
    /// Its own arguments.
    named: Vec<String>,
    /// Which of [`MORE`] it takes.
    takes: [bool; 2],
}

/// The filter [`SPREAD`].
pub(super) fn spread(inner: Value) -> Result<Value, Error> {
    let mut named = Vec::new();
    for name in inner.get_attr("arguments")?.try_iter()? {
        named.push(name.to_string());
    }
    let takes = MORE.map(|word| named.iter().any(|name| name == word));
    named.retain(|name| !MORE.contains(&name.as_str()));
    Ok(Value::from_object(SpreadMacro {
        inner,
        named,
        takes,
    }))
}

impl Object for SpreadMacro {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "arguments" => {
                let named: Vec<Value> =
                    self.named.iter().map(|name| name.as_str().into()).collect();
                Some(Value::from(Tuple::from(named)))
            }
            name => self
                .inner
                .get_attr(name)
                .ok()
                .filter(|value| !value.is_undefined()),
        }
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let (placed, kwargs) = from_args::<(&[Value], Kwargs)>(args)?;
        let too_many = |what: String| Err(Error::new(ErrorKind::TooManyArguments, what));
        let mut all: IndexMap<String, Value> = self
            .named
            .iter()
            .cloned()
            .zip(placed.iter().cloned())
            .collect();
        let beyond = placed.get(self.named.len()..).unwrap_or_default();
        let mut others = IndexMap::new();
        let calls = self.inner.get_attr("caller")?.is_true();
        for name in kwargs.args() {
            let value: Value = kwargs.get(name)?;
            if all.contains_key(name) {
                return too_many(format!("duplicate argument `{name}`"));
            } else if self.named.iter().any(|own| own == name) || (calls && name == "caller") {
                all.insert(name.to_owned(), value);
            } else if self.takes[1] {
                others.insert(Value::from(name), value);
            } else {
                return too_many(format!("unknown keyword argument `{name}`"));
            }
        }
        let more = [
            Value::from(Tuple::from(beyond.to_vec())),
            Value::from_object(OrderedDict(others)),
        ];
        if !self.takes[0] && !beyond.is_empty() {
            return too_many(format!("expected {} arguments at most", self.named.len()));
        }
        for ((word, value), takes) in MORE.iter().zip(more).zip(self.takes) {
            if takes {
                all.insert((*word).to_owned(), value);
            }
        }
        let all: Kwargs = all.into_iter().collect();
        self.inner.call(state, &[Value::from(all)])
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.inner)
    }
}
