//! JSON objects whose fields are taken out one by one: what is left was not carried.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::error::{FormatError, Problem};
use super::loss::LossReport;

/// An object with the path that leads to it.
pub(super) struct Object {
    path: String,
    map: Map<String, Value>,
}

/// The lines that hold anything, each with its number from 1.
pub(super) fn lines(
    bytes: &[u8],
) -> impl Iterator<Item = Result<(usize, Object), FormatError>> + '_ {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let numbered = bytes.split(|byte| *byte == b'\n').enumerate();
    numbered
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(number, line)| {
            let object = Object::parse(line).map_err(|problem| problem.on_line(number))?;
            Ok((number, object))
        })
}

/// Any JSON, as Python writes it.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    if std::str::from_utf8(bytes).is_err() {
        return Err(Problem::NotUtf8);
    }
    serde_json::from_slice(&without_constants(bytes)).map_err(|e| Problem::Json(e.to_string()))
}

/// Python writes `NaN`, `Infinity` and `-Infinity`, which JSON does not know; they become `null`.
fn without_constants(bytes: &[u8]) -> Cow<'_, [u8]> {
    const CONSTANTS: [&[u8]; 3] = [b"-Infinity", b"Infinity", b"NaN"];
    let mut out: Option<Vec<u8>> = None;
    let (mut at, mut copied, mut in_string) = (0, 0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => at += 1,
            b'-' | b'I' | b'N' if !in_string => {
                let rest = &bytes[at..];
                if let Some(found) = CONSTANTS.iter().find(|name| rest.starts_with(name)) {
                    let out = out.get_or_insert_default();
                    out.extend_from_slice(&bytes[copied..at]);
                    out.extend_from_slice(b"null");
                    at += found.len();
                    copied = at;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    match out {
        None => Cow::Borrowed(bytes),
        Some(mut out) => {
            out.extend_from_slice(&bytes[copied..]);
            Cow::Owned(out)
        }
    }
}

impl Object {
    /// An object at the top of a line or file.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        match parse(bytes)? {
            Value::Object(map) => Ok(Self {
                path: String::new(),
                map,
            }),
            other => Err(Problem::Json(format!(
                "got {}, expected an object",
                kind(&other)
            ))),
        }
    }

    /// An object that was found at `path`.
    pub(super) fn at(path: &str, value: Value) -> Result<Self, Problem> {
        match value {
            Value::Object(map) => Ok(Self {
                path: format!("{path}."),
                map,
            }),
            other => Err(unexpected(path.to_owned(), Some(&other), "an object")),
        }
    }

    /// The path of `key`, for a message.
    pub(super) fn path(&self, key: &str) -> String {
        format!("{}{key}", self.path)
    }

    /// Takes a value of any kind; `null` counts as one.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        self.map.remove(key)
    }

    /// Takes a value that is there and not `null`.
    pub(super) fn take_some(&mut self, key: &str) -> Option<Value> {
        self.take(key).filter(|value| !value.is_null())
    }

    /// Whether the key is there, be it `null`.
    pub(super) fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// Takes a string that may be absent.
    pub(super) fn opt_string(&mut self, key: &str) -> Result<Option<String>, Problem> {
        match self.take_some(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            other => Err(self.expected(key, other.as_ref(), "a string")),
        }
    }

    /// Takes a string.
    pub(super) fn string(&mut self, key: &str) -> Result<String, Problem> {
        match self.take(key) {
            Some(Value::String(text)) => Ok(text),
            other => Err(self.expected(key, other.as_ref(), "a string")),
        }
    }

    /// Takes a whole number that may be absent.
    pub(super) fn opt_int(&mut self, key: &str) -> Result<Option<i64>, Problem> {
        match self.take_some(key) {
            None => Ok(None),
            Some(value) => match value.as_i64() {
                Some(number) => Ok(Some(number)),
                None => Err(self.expected(key, Some(&value), "a whole number")),
            },
        }
    }

    /// Takes an object that may be absent.
    pub(super) fn opt_object(&mut self, key: &str) -> Result<Option<Self>, Problem> {
        let path = self.path(key);
        self.take_some(key)
            .map(|value| Self::at(&path, value))
            .transpose()
    }

    /// That `key` holds something else than expected.
    pub(super) fn expected(
        &self,
        key: &str,
        got: Option<&Value>,
        expected: &'static str,
    ) -> Problem {
        unexpected(self.path(key), got, expected)
    }

    /// Notes what was not taken, one loss for each field.
    pub(super) fn note_rest(&self, report: &mut LossReport, why: &str) {
        for key in self.map.keys() {
            report.note(&self.path(key), why);
        }
    }

    /// What was not taken.
    pub(super) fn into_rest(self) -> Map<String, Value> {
        self.map
    }
}

/// That something else than `expected` stands at `field`.
pub(super) fn unexpected(field: String, got: Option<&Value>, expected: &'static str) -> Problem {
    Problem::Field {
        field,
        got: got.map_or_else(|| "nothing".to_owned(), kind),
        expected,
    }
}

/// A list of strings; one string counts as a list of one.
pub(super) fn strings(field: &str, value: Value) -> Result<Vec<String>, Problem> {
    match value {
        Value::String(text) => Ok(vec![text]),
        Value::Array(items) => {
            let texts = items.into_iter().enumerate().map(|(at, item)| match item {
                Value::String(text) => Ok(text),
                other => Err(unexpected(
                    format!("{field}[{at}]"),
                    Some(&other),
                    "a string",
                )),
            });
            texts.collect()
        }
        other => Err(unexpected(
            field.to_owned(),
            Some(&other),
            "a list of strings",
        )),
    }
}

/// What a value is, for a message.
pub(super) fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("{value}"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) if text.chars().count() <= 40 => format!("the string {text:?}"),
        Value::String(_) => "a long string".to_owned(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pythons_constants_become_null_outside_strings() {
        let text = br#"{"a": NaN, "b": [-Infinity, Infinity, -1], "c": "NaN \" NaN"}"#;
        assert_eq!(
            parse(text).unwrap(),
            serde_json::json!({"a": null, "b": [null, null, -1], "c": "NaN \" NaN"})
        );
        assert!(parse(b"{\"a\": Na}").is_err());
        assert!(parse(b"\"NaN\\").is_err());
    }

    #[test]
    fn errors_name_the_path() {
        let mut outer = Object::parse(br#"{"doc": {"outputs": ["a", 7]}}"#).unwrap();
        let mut doc = outer.opt_object("doc").unwrap().unwrap();
        let outputs = doc.take("outputs").unwrap();
        let problem = strings(&doc.path("outputs"), outputs).unwrap_err();
        assert_eq!(
            problem.to_string(),
            "field `doc.outputs[1]`: got the number 7, expected a string"
        );
        assert_eq!(
            doc.string("input").unwrap_err().to_string(),
            "field `doc.input`: got nothing, expected a string"
        );
    }

    #[test]
    fn deep_nesting_is_an_error() {
        let text = "[".repeat(100_000);
        assert!(matches!(parse(text.as_bytes()), Err(Problem::Json(_))));
    }
}
