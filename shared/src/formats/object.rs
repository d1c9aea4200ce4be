//! JSON objects whose fields are taken out one by one; what is left over is reported as not carried.

use serde_json::{Map, Value};

use super::error::{FormatError, FormatProblem};
use super::loss::LossReport;
use crate::json::parse_counted;

/// An object with the path that leads to it.
pub(super) struct JsonObject {
    path: String,
    map: Map<String, Value>,
    /// Lone halves of surrogate pairs that were replaced in its text.
    halves: u32,
}

/// Whether the last line was not ended, as where its writer was killed.
pub(super) fn is_open(bytes: &[u8]) -> bool {
    !bytes.ends_with(b"\n")
}

/// How many lines there are, the empty ones before the last among them.
pub(super) fn line_count(bytes: &[u8]) -> usize {
    bytes.trim_ascii_end().split(|byte| *byte == b'\n').count()
}

/// The lines that hold anything, each with its number from 1.
pub(super) fn lines(
    bytes: &[u8],
) -> impl Iterator<Item = Result<(usize, JsonObject), FormatError>> + '_ {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let numbered = bytes.split(|byte| *byte == b'\n').enumerate();
    numbered
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(number, line)| {
            let object = JsonObject::parse(line).map_err(|problem| problem.on_line(number))?;
            Ok((number, object))
        })
}

impl JsonObject {
    /// An object at the top of a line or file.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, FormatProblem> {
        let (value, halves) = parse_counted(bytes)?;
        match value {
            Value::Object(map) => Ok(Self {
                path: String::new(),
                map,
                halves,
            }),
            other => Err(FormatProblem::Kind {
                got: kind(&other),
                expected: "an object",
            }),
        }
    }

    /// An object that was found at `path`.
    pub(super) fn at(path: &str, value: Value) -> Result<Self, FormatProblem> {
        match value {
            Value::Object(map) => Ok(Self {
                path: format!("{path}."),
                map,
                halves: 0,
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

    /// Puts a value where the key has none.
    pub(super) fn put(&mut self, key: &str, value: Value) {
        self.map.entry(key).or_insert(value);
    }

    /// Takes a string that may be absent.
    pub(super) fn opt_string(&mut self, key: &str) -> Result<Option<String>, FormatProblem> {
        match self.take_some(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            other => Err(self.expected(key, other.as_ref(), "a string")),
        }
    }

    /// Takes a string.
    pub(super) fn string(&mut self, key: &str) -> Result<String, FormatProblem> {
        match self.take(key) {
            Some(Value::String(text)) => Ok(text),
            other => Err(self.expected(key, other.as_ref(), "a string")),
        }
    }

    /// Takes a whole number that may be absent; 7.0 is one.
    pub(super) fn opt_int(&mut self, key: &str) -> Result<Option<i64>, FormatProblem> {
        match self.take_some(key) {
            None => Ok(None),
            Some(value) => match whole(&value) {
                Some(number) => Ok(Some(number)),
                None => Err(self.expected(key, Some(&value), "a whole number")),
            },
        }
    }

    /// Takes an object that may be absent.
    pub(super) fn opt_object(&mut self, key: &str) -> Result<Option<Self>, FormatProblem> {
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
    ) -> FormatProblem {
        unexpected(self.path(key), got, expected)
    }

    /// Notes what was not taken, one loss for each field, and what could not be read as text.
    pub(super) fn note_rest(&self, report: &mut LossReport, why: &str) {
        if self.halves > 0 {
            report.note("half a surrogate pair", "no character; read as U+FFFD");
        }
        for key in self.map.keys() {
            report.note(&self.path(key), why);
        }
    }

    /// What was not taken.
    pub(super) fn into_rest(self) -> Map<String, Value> {
        self.map
    }
}

/// A whole number, however it is written: many programs make floats of counts.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        // Beyond 2^53 a float does not say which number it was.
        let number = value
            .as_f64()
            .filter(|n| n.fract() == 0.0 && n.abs() < 9e15)?;
        Some(number as i64)
    })
}

/// That something else than `expected` stands at `field`.
pub(super) fn unexpected(
    field: String,
    got: Option<&Value>,
    expected: &'static str,
) -> FormatProblem {
    FormatProblem::Field {
        field,
        got: got.map_or_else(|| "nothing".to_owned(), kind),
        expected,
    }
}

/// A list of strings; one string counts as a list of one.
pub(super) fn strings(field: &str, value: Value) -> Result<Vec<String>, FormatProblem> {
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

/// Numbers as their digits, alone or in a list.
pub(super) fn spelled(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Array(items) => {
            let spelled = items.into_iter().map(|item| match item {
                Value::Number(number) => Value::String(number.to_string()),
                other => other,
            });
            spelled.collect()
        }
        other => other,
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
    use crate::json::{JsonError, parse};

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
    fn a_lone_half_is_read_and_told() {
        let row = JsonObject::parse(br#"{"a": "x \ud83d", "n": 7.0}"#).unwrap();
        let mut report = LossReport::default();
        row.note_rest(&mut report, "");
        let half = "half a surrogate pair: no character; read as U+FFFD (1 row)";
        assert_eq!(report.losses()[0].to_string(), half);
    }

    #[test]
    fn floats_that_are_whole_are_whole_numbers() {
        let mut row = JsonObject::parse(br#"{"a": 7.0, "b": 7.5, "c": 1e300, "d": -1}"#).unwrap();
        assert_eq!(row.opt_int("a").unwrap(), Some(7));
        assert!(row.opt_int("b").is_err());
        assert!(row.opt_int("c").is_err());
        assert_eq!(row.opt_int("d").unwrap(), Some(-1));
    }

    #[test]
    fn errors_name_the_path() {
        let mut outer = JsonObject::parse(br#"{"doc": {"outputs": ["a", 7]}}"#).unwrap();
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
        assert!(matches!(parse(text.as_bytes()), Err(JsonError::Syntax(_))));
    }
}
