//! `tojson` as `transformers` has it: Python's `json.dumps`, without the escapes for HTML.

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use super::python;

/// Values within values.
const DEPTH: usize = 64;
/// Bytes of the text.
const LENGTH: usize = 16 << 20;

/// How the text is laid out.
struct JsonStyle {
    ascii: bool,
    indent: Option<String>,
    item: String,
    key: String,
    sorted: bool,
}

/// The filter: `tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False)`, the last
/// two by name.
pub(super) fn tojson(
    state: &State<'_, '_>,
    value: &Value,
    ensure_ascii: Option<Value>,
    indent: Option<Value>,
    kwargs: Kwargs,
) -> Result<Value, Error> {
    let given = |here: Option<Value>, name: &str| -> Result<Value, Error> {
        let named: Option<Value> = kwargs.get(name)?;
        Ok(here.or(named).unwrap_or_else(|| Value::from(())))
    };
    let indent = given(indent, "indent")?;
    let separators = given(None, "separators")?;
    let ascii = given(ensure_ascii, "ensure_ascii")?.is_true();
    let sorted = given(None, "sort_keys")?.is_true();
    kwargs.assert_all_used()?;
    let indent = indent_of(&indent)?;
    let (item, key) = match separators.is_none() {
        true if indent.is_some() => (",".to_owned(), ": ".to_owned()),
        true => (", ".to_owned(), ": ".to_owned()),
        false => {
            let part = |at| -> Result<String, Error> {
                let part = separators.get_item_by_index(at)?;
                let text = part.as_str().map(str::to_owned);
                text.ok_or_else(|| refused("`separators` are two strings".to_owned()))
            };
            (part(0)?, part(1)?)
        }
    };
    let style = JsonStyle {
        ascii,
        indent,
        item,
        key,
        sorted,
    };
    let mut out = String::new();
    style.write(value, 0, &mut out)?;
    state.consume_fuel(out.len() as u64 / 64)?;
    Ok(Value::from(out))
}

fn indent_of(indent: &Value) -> Result<Option<String>, Error> {
    if indent.is_none() || indent.is_undefined() {
        return Ok(None);
    }
    if let Some(text) = indent.as_str() {
        return Ok(Some(text.to_owned()));
    }
    let spaces = match indent.kind() {
        ValueKind::Bool => i64::from(indent.is_true()),
        _ => i64::try_from(indent.clone())?,
    };
    // Python takes a negative number for none.
    let spaces = usize::try_from(spaces.max(0)).unwrap_or(usize::MAX);
    match spaces {
        0..=64 => Ok(Some(" ".repeat(spaces))),
        _ => Err(refused(format!(
            "`indent` is {spaces}, expected 64 at most"
        ))),
    }
}

impl JsonStyle {
    fn write(&self, value: &Value, depth: usize, out: &mut String) -> Result<(), Error> {
        if depth > DEPTH {
            return Err(refused(format!("a value nests more than {DEPTH} times")));
        }
        if out.len() > LENGTH {
            return Err(refused(format!("the JSON has more than {LENGTH} bytes")));
        }
        match value.kind() {
            ValueKind::None => out.push_str("null"),
            ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number => out.push_str(&number(value)),
            ValueKind::String => self.string(value.as_str().unwrap_or_default(), out),
            ValueKind::Seq | ValueKind::Iterable => {
                let items = value.try_iter()?;
                self.list(items.map(|item| (None, item)), ['[', ']'], depth, out)?;
            }
            ValueKind::Map => {
                let mut entries = Vec::new();
                for key in value.try_iter()? {
                    let item = value.get_item(&key)?;
                    entries.push((Some(self.name(&key)?), item));
                }
                if self.sorted {
                    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
                }
                self.list(entries.into_iter(), ['{', '}'], depth, out)?;
            }
            other => {
                return Err(refused(format!("{other} is not JSON serializable")));
            }
        }
        Ok(())
    }

    fn list(
        &self,
        entries: impl Iterator<Item = (Option<String>, Value)>,
        [open, close]: [char; 2],
        depth: usize,
        out: &mut String,
    ) -> Result<(), Error> {
        let line = |depth: usize, out: &mut String| {
            if let Some(indent) = &self.indent {
                out.push('\n');
                out.extend(std::iter::repeat_n(indent.as_str(), depth));
            }
        };
        out.push(open);
        let mut first = true;
        for (name, item) in entries {
            if !std::mem::take(&mut first) {
                out.push_str(&self.item);
            }
            line(depth + 1, out);
            if let Some(name) = name {
                self.string(&name, out);
                out.push_str(&self.key);
            }
            self.write(&item, depth + 1, out)?;
        }
        if !first {
            line(depth, out);
        }
        out.push(close);
        Ok(())
    }

    /// A key as Python spells it.
    fn name(&self, key: &Value) -> Result<String, Error> {
        Ok(match key.kind() {
            ValueKind::String => key.as_str().unwrap_or_default().to_owned(),
            ValueKind::None => "null".to_owned(),
            ValueKind::Bool => key.is_true().to_string(),
            ValueKind::Number => number(key),
            other => return Err(refused(format!("{other} is no key of JSON"))),
        })
    }

    fn string(&self, text: &str, out: &mut String) {
        out.push('"');
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\u{8}' => out.push_str("\\b"),
                '\u{c}' => out.push_str("\\f"),
                c if c < ' ' || self.ascii && !(' '..='~').contains(&c) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        out.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                c => out.push(c),
            }
        }
        out.push('"');
    }
}

/// A number as Python's `repr` spells it.
fn number(value: &Value) -> String {
    if value.is_integer() {
        return value.to_string();
    }
    let Ok(float) = f64::try_from(value.clone()) else {
        return value.to_string();
    };
    match float {
        float if float.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        float => python::float(float),
    }
}

fn refused(what: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, what)
}
