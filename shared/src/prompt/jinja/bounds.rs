//! What a template may be, before and while it is rendered.
//!
//! The engine counts work and the bytes that it makes, and bounds how deep tags and brackets nest.
//! It does not bound the chain of one expression (`1+1+1…`), which it walks by one call within
//! another, nor lists that are joined and never looked at, nor a namespace that holds itself.
//! Published templates are far from each bound: of 133, the longest tag has 49 tokens, the longest
//! chain of `elif` 22 links, the longest template 20 KB.

use std::ops::Range;

use minijinja::value::{Kwargs, StringInput, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use super::{macros, operators, python};

/// Bytes of a template.
const SOURCE: usize = 256 << 10;
/// Words, strings and signs within one tag.
const TOKENS: usize = 500;
/// Tags of the kind `elif`, which nest.
const ELIFS: usize = 200;
/// Items of a list that is set to a name.
const ITEMS: usize = 100_000;
/// Lists within lists, of a value that is set to a name.
const DEPTH: usize = 32;
/// Values that are looked at for how deep they nest.
const LOOKS: usize = 10_000;

/// The filter that [`prepare`] puts behind every value that is set.
pub(super) const KEPT: &str = "__kept";

/// The template for our engine: what `{% generation %}` holds is a block of its own, and what is
/// set goes through [`kept`]; `%` and `~` are filters.
pub(super) fn prepare(source: &str) -> Result<String, String> {
    if source.len() > SOURCE {
        let got = source.len();
        return Err(format!("it has {got} bytes, expected {SOURCE} at most"));
    }
    let source = &macros::rewrite(source);
    let (mut out, mut rest, mut elifs) = (String::with_capacity(source.len()), source.as_str(), 0);
    while let Some(at) = opening(rest) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with("{#") {
            let end = rest[2..].find("#}").map_or(rest.len(), |end| end + 4);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        let Some((length, tokens)) = tag(rest) else {
            // Without an end: the engine says where.
            break;
        };
        if tokens > TOKENS {
            let line = 1 + out.matches('\n').count();
            return Err(format!(
                "the tag in line {line} has {tokens} words and signs, expected {TOKENS} at most"
            ));
        }
        let (here, after) = rest.split_at(length);
        rest = after;
        let here = operators::rewrite(here);
        let here = here.as_str();
        if here.starts_with("{{") {
            out.push_str(here);
            continue;
        }
        let block = TemplateBlock::of(here);
        match block.word {
            "elif" => elifs += 1,
            "raw" => {
                let end = raw_end(rest);
                out.push_str(here);
                out.push_str(&rest[..end]);
                rest = &rest[end..];
                continue;
            }
            _ => (),
        }
        if elifs > ELIFS {
            return Err(format!("it has more than {ELIFS} tags of the kind `elif`"));
        }
        block.write(&mut out);
    }
    out.push_str(rest);
    Ok(out)
}

/// Where the tags of a template stand, without those in comments and `raw` blocks.
pub(super) fn tags(source: &str) -> Vec<Range<usize>> {
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(start) = opening(&source[at..]) {
        at += start;
        let rest = &source[at..];
        let length = match rest.starts_with("{#") {
            true => rest[2..].find("#}").map(|end| end + 4),
            false => tag(rest).map(|(length, _)| length),
        };
        let Some(length) = length else {
            break;
        };
        if !rest.starts_with("{#") {
            all.push(at..at + length);
        }
        let is_raw = rest.starts_with("{%") && TemplateBlock::of(&rest[..length]).word == "raw";
        at += length;
        if is_raw {
            at += raw_end(&source[at..]);
        }
    }
    all
}

/// Where the next tag or comment begins.
fn opening(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    bytes
        .windows(2)
        .position(|pair| matches!(pair, b"{{" | b"{%" | b"{#"))
}

/// Where `{% endraw %}` begins, or the end.
fn raw_end(text: &str) -> usize {
    let is_end = |at: &usize| {
        let inner = text[at + 2..].trim_start_matches(['-', '+']).trim_start();
        inner.starts_with("endraw")
    };
    let places = text.match_indices("{%").map(|(at, _)| at);
    places.into_iter().find(is_end).unwrap_or(text.len())
}

/// The length of the tag at the start of `text`, and how many tokens it has.
fn tag(text: &str) -> Option<(usize, usize)> {
    let close = if text.starts_with("{{") { b"}}" } else { b"%}" };
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut open) = (2, 0, 0_usize);
    while at < bytes.len() {
        if open == 0 && bytes[at..].starts_with(close) {
            return Some((at + 2, tokens));
        }
        tokens += 1;
        match bytes[at] {
            quote @ (b'\'' | b'"') => at = string_end(bytes, at, quote)?,
            b'(' | b'[' | b'{' => (open, at) = (open + 1, at + 1),
            b')' | b']' | b'}' => (open, at) = (open.saturating_sub(1), at + 1),
            byte if byte.is_ascii_whitespace() => (tokens, at) = (tokens - 1, at + 1),
            byte if is_word(byte) => {
                let word = bytes[at..].iter().take_while(|byte| is_word(**byte));
                at += word.count();
            }
            _ => at += 1,
        }
    }
    None
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// Behind the string whose quote stands at `at`.
pub(super) fn string_end(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// `{% word … %}`.
pub(super) struct TemplateBlock<'a> {
    /// `{%` with its sign for white space.
    pub(super) open: &'a str,
    /// What stands before the word.
    space: &'a str,
    pub(super) word: &'a str,
    /// What stands behind it.
    pub(super) rest: &'a str,
    pub(super) close: &'a str,
}

impl<'a> TemplateBlock<'a> {
    pub(super) fn of(tag: &'a str) -> Self {
        let is_sign = |byte: Option<&u8>| matches!(byte, Some(b'-' | b'+'));
        let bytes = tag.as_bytes();
        let open = if is_sign(bytes.get(2)) { 3 } else { 2 };
        let end = tag.len() - 2;
        let signed = end > open && is_sign(bytes.get(end - 1));
        let end = if signed { end - 1 } else { end };
        let inner = &tag[open..end];
        let word_at = inner.len() - inner.trim_start().len();
        let word_end = inner[word_at..]
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .map_or(inner.len(), |length| word_at + length);
        Self {
            open: &tag[..open],
            space: &inner[..word_at],
            word: &inner[word_at..word_end],
            rest: &inner[word_end..],
            close: &tag[end..],
        }
    }

    fn write(&self, out: &mut String) {
        let word = match self.word {
            // Its own scope, and the same text.
            "generation" => "with",
            "endgeneration" => "endwith",
            word => word,
        };
        out.extend([self.open, self.space, word]);
        match assigned(self.rest).filter(|_| word == "set") {
            Some(at) => {
                let (target, value) = self.rest.split_at(at);
                let within = target.contains('.');
                out.extend([target, "= (", &value[1..], ")|", KEPT]);
                out.push_str(if within { "(true) " } else { "(false) " });
            }
            None => out.push_str(self.rest),
        }
        out.push_str(self.close);
    }
}

/// Where the `=` stands that gives a value to what is before it.
fn assigned(text: &str) -> Option<usize> {
    // Before it there are names, points, commas and brackets alone.
    let at = text.find(|c: char| {
        !(c.is_alphanumeric() || c.is_whitespace() || matches!(c, '_' | '.' | ',' | '(' | ')'))
    })?;
    let rest = &text[at..];
    (rest.starts_with('=') && !rest.starts_with("==")).then_some(at)
}

/// The value itself, where it may be kept; `within` says whether a namespace keeps it.
pub(super) fn kept(value: Value, within: bool) -> Result<Value, Error> {
    let mut looks = LOOKS;
    look(&value, within, 0, &mut looks)?;
    Ok(value)
}

fn look(value: &Value, within: bool, depth: usize, looks: &mut usize) -> Result<(), Error> {
    let refuse = |what: String| Err(Error::new(ErrorKind::InvalidOperation, what));
    if depth > DEPTH {
        return refuse(format!("a value nests more than {DEPTH} times"));
    }
    let kind = value.kind();
    if !matches!(kind, ValueKind::Seq | ValueKind::Map | ValueKind::Iterable) {
        return Ok(());
    }
    if is_namespace(value) {
        return match within {
            true => refuse("a namespace may not be kept in another".to_owned()),
            false => Ok(()),
        };
    }
    // What does not know its length is gone through once.
    let Some(items) = value.len() else {
        return Ok(());
    };
    if items > ITEMS {
        return refuse(format!(
            "a list has {items} items, expected {ITEMS} at most"
        ));
    }
    let Ok(all) = value.try_iter() else {
        return Ok(());
    };
    for item in all {
        let Some(left) = looks.checked_sub(1) else {
            return Ok(());
        };
        *looks = left;
        match kind {
            ValueKind::Map => look(&value.get_item(&item)?, within, depth + 1, looks)?,
            _ => look(&item, within, depth + 1, looks)?,
        }
    }
    Ok(())
}

/// The engine's own, paid for before the text grows: one long item may stand in a list many times.
pub(super) fn join(
    state: &mut State<'_, '_>,
    value: &Value,
    joiner: Option<StringInput<'_>>,
    attribute: Option<&str>,
    kwargs: Kwargs,
) -> Result<Value, Error> {
    let named = kwargs.peek::<Option<&str>>("attribute").ok().flatten();
    pay_to_join(state, value, attribute.or(named))?;
    // Floats join as Python spells them.
    let spelt = value.len().is_some() && attribute.or(named).is_none();
    let items: Vec<Value> = match spelt {
        true => value.try_iter()?.collect(),
        false => Vec::new(),
    };
    if items.iter().any(|item| python::text(item).is_some()) {
        let items = items
            .into_iter()
            .map(|item| python::text(&item).map_or(item, Value::from));
        let items = Value::from_iter(items);
        return minijinja::filters::join(state, &items, joiner, attribute, kwargs);
    }
    minijinja::filters::join(state, value, joiner, attribute, kwargs)
}

/// Takes the cost of all that `items` hold, or of their `attribute`.
pub(super) fn pay_to_join(
    state: &State<'_, '_>,
    items: &Value,
    attribute: Option<&str>,
) -> Result<(), Error> {
    if items.len().is_none() {
        return Ok(());
    }
    for item in items.try_iter()? {
        let item = match attribute {
            Some(name) => item.get_attr(name).unwrap_or_default(),
            None => item,
        };
        state.consume_fuel(item.as_str().map_or(0, str::len) as u64 / 64)?;
    }
    Ok(())
}

/// Refuses to fill a text to a width that no prompt has.
pub(super) fn check_format(format: &str) -> Result<(), Error> {
    let mut digits = 0;
    for c in format.chars() {
        digits = if c.is_ascii_digit() { digits + 1 } else { 0 };
        if digits > 4 {
            let what = "`format` with a number of more than 4 digits";
            return Err(Error::new(ErrorKind::InvalidOperation, what));
        }
    }
    Ok(())
}

fn is_namespace(value: &Value) -> bool {
    let object = value.as_object();
    object.is_some_and(|object| object.type_name().ends_with("::Namespace"))
}
