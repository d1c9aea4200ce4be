//! Reads the fields of a map that a script returned.

use rhai::{Dynamic, Map};

/// A map, with its name for error messages.
pub(super) struct ScriptMap {
    of: String,
    map: Map,
}

impl ScriptMap {
    /// # Errors
    /// `value` is not a map.
    pub(super) fn new(of: impl Into<String>, value: Dynamic) -> Result<Self, String> {
        let of = of.into();
        let got = kind(&value);
        match value.try_cast() {
            Some(map) => Ok(Self { of, map }),
            None => Err(format!("{of} is {got}, expected a map `#{{ … }}`")),
        }
    }

    /// # Errors
    /// There is no such field.
    pub(super) fn wanted(&mut self, name: &str) -> Result<Dynamic, String> {
        self.any(name).ok_or_else(|| self.missing(name))
    }

    pub(super) fn any(&mut self, name: &str) -> Option<Dynamic> {
        self.map.remove(name)
    }

    /// A text; `None` if the field is missing.
    ///
    /// # Errors
    /// The field is not a text.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, String> {
        self.read(name, "a string", |value| value.into_string().ok())
    }

    /// # Errors
    /// The field is missing or not a text.
    pub(super) fn wanted_text(&mut self, name: &str) -> Result<String, String> {
        let text = self.text(name)?;
        text.ok_or_else(|| self.missing(name))
    }

    /// # Errors
    /// The field is neither true nor false.
    pub(super) fn switch(&mut self, name: &str) -> Result<Option<bool>, String> {
        self.read(name, "true or false", |value| value.as_bool().ok())
    }

    /// # Errors
    /// The field is not a number from 0 to 2³² − 1.
    pub(super) fn count(&mut self, name: &str) -> Result<Option<u32>, String> {
        self.read(name, "a whole number from 0 on", |value| {
            value.as_int().ok().and_then(|n| u32::try_from(n).ok())
        })
    }

    /// # Errors
    /// The field is not a number from 0 to 1.
    pub(super) fn fraction(&mut self, name: &str) -> Result<Option<f64>, String> {
        self.read(name, "a number from 0.0 to 1.0", |value| {
            let whole = value.as_int().ok().map(|n| n as f64);
            let number = whole.or_else(|| value.as_float().ok());
            number.filter(|n| (0.0..=1.0).contains(n))
        })
    }

    /// # Errors
    /// The map has a field that was not read.
    pub(super) fn done(self, known: &str) -> Result<(), String> {
        match self.map.keys().next() {
            None => Ok(()),
            Some(name) => Err(format!(
                "{} has an unknown field `{name}`; it takes {known}",
                self.of
            )),
        }
    }

    fn missing(&self, name: &str) -> String {
        format!("{} has no `{name}`", self.of)
    }

    fn read<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl FnOnce(Dynamic) -> Option<T>,
    ) -> Result<Option<T>, String> {
        let Some(value) = self.any(name) else {
            return Ok(None);
        };
        let got = shown(&value);
        let wrong = || format!("`{name}` of {} is {got}, expected {expected}", self.of);
        read(value).map(Some).ok_or_else(wrong)
    }
}

/// A number as it is written; any other value by its kind.
fn shown(value: &Dynamic) -> String {
    if value.is_int() || value.is_float() || value.is_bool() {
        format!("`{value}`")
    } else {
        kind(value).to_owned()
    }
}

/// The kind of a value, in plain words.
pub(super) fn kind(value: &Dynamic) -> &'static str {
    if value.is_unit() {
        "nothing"
    } else if value.is_int() {
        "a whole number"
    } else if value.is_float() {
        "a number with a fraction"
    } else if value.is_bool() {
        "true or false"
    } else if value.is_string() {
        "a string"
    } else if value.is_array() {
        "an array"
    } else if value.is_map() {
        "a map"
    } else {
        "another kind of value"
    }
}
