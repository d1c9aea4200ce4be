//! Values as Python spells them, where the engine spells them otherwise: floats that are very large,
//! very small or no number.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, Output, State};

/// Values within values, and how many are looked at.
const DEPTH: usize = 32;
const LOOKS: usize = 10_000;

/// Writes a value into the text, as Python's `str` does.
pub(super) fn write(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    match text(value) {
        Some(text) => minijinja::escape_formatter(out, state, &Value::from(text)),
        None => minijinja::escape_formatter(out, state, value),
    }
}

/// The filter `string`.
pub(super) fn string(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    match text(value) {
        Some(text) => Ok(Value::from(text)),
        None => minijinja::filters::string(state, value),
    }
}

/// What Python's `str` makes of a value; nothing where the engine's text is the same.
pub(super) fn text(value: &Value) -> Option<String> {
    let mut looks = LOOKS;
    has_odd(value, DEPTH, &mut looks).then(|| spelled(value, DEPTH))
}

/// Whether there is a float in a value that the engine spells otherwise.
fn has_odd(value: &Value, depth: usize, looks: &mut usize) -> bool {
    match value.kind() {
        ValueKind::Number => as_float(value).is_some_and(is_odd),
        ValueKind::Seq | ValueKind::Map if depth > 0 => {
            let is_map = value.kind() == ValueKind::Map;
            let items = value.try_iter().into_iter().flatten();
            for item in items {
                let Some(left) = looks.checked_sub(1) else {
                    return false;
                };
                *looks = left;
                let held = match is_map {
                    true => value.get_item(&item).unwrap_or_default(),
                    false => item,
                };
                if has_odd(&held, depth - 1, looks) {
                    return true;
                }
            }
            false
        }
        _ => false,
    }
}

fn as_float(value: &Value) -> Option<f64> {
    match value.is_integer() {
        true => None,
        false => f64::try_from(value.clone()).ok(),
    }
}

fn is_odd(float: f64) -> bool {
    float.is_nan() || (float != 0.0 && !(1e-4..1e16).contains(&float.abs()))
}

/// What Python's `repr` makes of a value.
pub(super) fn repr(value: &Value) -> String {
    spelled(value, DEPTH)
}

/// A format of Python's `%` with `%s` for every `%r`, and which arguments these are; nothing where
/// arguments go by name, or say a width.
pub(super) fn repr_places(format: &str) -> Option<(String, Vec<usize>)> {
    let (mut out, mut places, mut place) = (String::with_capacity(format.len()), Vec::new(), 0);
    let mut rest = format.chars();
    while let Some(c) = rest.next() {
        out.push(c);
        if c != '%' {
            continue;
        }
        loop {
            match rest.next()? {
                '%' => {
                    out.push('%');
                    break;
                }
                'r' => {
                    out.push('s');
                    places.push(place);
                    place += 1;
                    break;
                }
                '(' | '*' => return None,
                c if c.is_alphabetic() => {
                    out.push(c);
                    place += 1;
                    break;
                }
                flag => out.push(flag),
            }
        }
    }
    Some((out, places))
}

/// The same of values within values, `depth` of them at most.
fn spelled(value: &Value, depth: usize) -> String {
    let list =
        |open: &str, items: Vec<String>, close: &str| format!("{open}{}{close}", items.join(", "));
    match value.kind() {
        ValueKind::Number => match as_float(value) {
            Some(number) => float(number),
            None => value.to_string(),
        },
        ValueKind::Seq | ValueKind::Map if depth == 0 => "...".to_owned(),
        ValueKind::Seq => {
            let items = value.try_iter().into_iter().flatten();
            let items: Vec<String> = items.map(|item| spelled(&item, depth - 1)).collect();
            match value.is_tuple() {
                true if items.len() == 1 => list("(", items, ",)"),
                true => list("(", items, ")"),
                false => list("[", items, "]"),
            }
        }
        ValueKind::Map => {
            let keys = value.try_iter().into_iter().flatten();
            let items = keys.map(|key| {
                let held = value.get_item(&key).unwrap_or_default();
                format!(
                    "{}: {}",
                    spelled(&key, depth - 1),
                    spelled(&held, depth - 1)
                )
            });
            list("{", items.collect(), "}")
        }
        _ => format!("{value:?}"),
    }
}

/// A float as Python's `repr` spells it.
pub(super) fn float(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{float:e}");
    let exponent = scientific.split_once('e');
    let exponent = exponent.and_then(|(mantissa, e)| Some((mantissa, e.parse::<i32>().ok()?)));
    match exponent {
        Some((mantissa, e)) if !(-4..16).contains(&e) => {
            let sign = if e < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", e.unsigned_abs())
        }
        _ => format!("{float:?}"),
    }
}
