//! Python's methods that templates call, beyond those that the engine's own library has.

use minijinja::value::{Tuple, Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State};
use minijinja_contrib::pycompat::unknown_method_callback;

use super::bounds;

/// Calls `method` of `value`.
pub(super) fn call(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    let ours = match value.as_str() {
        Some(text) => of_string(state, text, method, args)?,
        None => of_container(state, value, method, args)?,
    };
    match ours {
        Some(result) => Ok(result),
        None => unknown_method_callback(state, value, method, args),
    }
}

fn of_string(
    state: &State<'_, '_>,
    text: &str,
    method: &str,
    args: &[Value],
) -> Result<Option<Value>, Error> {
    state.consume_fuel(text.len() as u64 / 64)?;
    let parts = |parts: [&str; 3]| Value::from(Tuple::from(parts.map(Value::from).to_vec()));
    match (method, args) {
        ("join", [items]) => bounds::pay_to_join(state, items, None)?,
        ("format", _) => bounds::check_format(text)?,
        _ => (),
    }
    Ok(Some(match method {
        "removeprefix" => {
            let (prefix,): (&str,) = from_args(args)?;
            Value::from(text.strip_prefix(prefix).unwrap_or(text))
        }
        "removesuffix" => {
            let (suffix,): (&str,) = from_args(args)?;
            Value::from(text.strip_suffix(suffix).unwrap_or(text))
        }
        "partition" => {
            let (by,): (&str,) = from_args(args)?;
            let (before, after) = text.split_once(by).unwrap_or((text, ""));
            let found = text.contains(by);
            parts([before, if found { by } else { "" }, after])
        }
        "rpartition" => {
            let (by,): (&str,) = from_args(args)?;
            let (before, after) = text.rsplit_once(by).unwrap_or(("", text));
            let found = text.contains(by);
            parts([before, if found { by } else { "" }, after])
        }
        "rsplit" => {
            let (by, most): (Option<&str>, Option<i64>) = from_args(args)?;
            let most = most.and_then(|most| usize::try_from(most).ok());
            let mut found: Vec<&str> = match (by, most) {
                (Some(by), Some(most)) => text.rsplitn(most.saturating_add(1), by).collect(),
                (Some(by), None) => text.rsplit(by).collect(),
                (None, None) => text.split_whitespace().rev().collect(),
                (None, Some(_)) => {
                    let what = "`rsplit` of white space takes no number here";
                    return Err(Error::new(ErrorKind::InvalidOperation, what));
                }
            };
            found.reverse();
            state.consume_fuel(found.len() as u64)?;
            Value::from_iter(found.into_iter().map(Value::from))
        }
        "index" => {
            let (what,): (&str,) = from_args(args)?;
            let at = text
                .find(what)
                .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "substring not found"))?;
            Value::from(text[..at].chars().count())
        }
        "casefold" => Value::from(text.to_lowercase()),
        "swapcase" => Value::from(text.chars().map(swapped).collect::<String>()),
        "zfill" | "ljust" | "rjust" => {
            let (width, fill): (u64, Option<&str>) = from_args(args)?;
            state.consume_fuel(width / 16)?;
            let fill = if method == "zfill" {
                "0"
            } else {
                fill.unwrap_or(" ")
            };
            let missing = usize::try_from(width).unwrap_or(usize::MAX);
            let missing = missing.saturating_sub(text.chars().count());
            let space = fill.repeat(missing);
            match method {
                "ljust" => Value::from(format!("{text}{space}")),
                _ => Value::from(format!("{space}{text}")),
            }
        }
        _ => return Ok(None),
    }))
}

fn of_container(
    state: &State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Option<Value>, Error> {
    match (value.kind(), method) {
        (ValueKind::Map | ValueKind::Seq | ValueKind::Iterable, "copy") => {
            let () = from_args(args)?;
            Ok(Some(value.clone()))
        }
        (ValueKind::Seq | ValueKind::Iterable, "index") => {
            let (what,): (Value,) = from_args(args)?;
            for (at, item) in value.try_iter()?.enumerate() {
                state.consume_fuel(1)?;
                if item == what {
                    return Ok(Some(Value::from(at)));
                }
            }
            let what = "the value is not in the list";
            Err(Error::new(ErrorKind::InvalidOperation, what))
        }
        _ => Ok(None),
    }
}

fn swapped(c: char) -> char {
    let other = |c: char| match c.is_lowercase() {
        true => c.to_uppercase().next(),
        false => c.to_lowercase().next(),
    };
    other(c).unwrap_or(c)
}
