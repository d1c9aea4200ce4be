//! Python's methods that templates call, beyond those that the engine's own library has.

use minijinja::value::{Kwargs, Tuple, Value, ValueKind, from_args};
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
    state: &mut State<'_, '_>,
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
            let (args, kwargs): (&[Value], Kwargs) = from_args(args)?;
            let (by, most): (Option<&str>, Option<i64>) = from_args(args)?;
            let by = by.or(kwargs.get("sep")?);
            let most = most.or(kwargs.get("maxsplit")?);
            kwargs.assert_all_used()?;
            let most = most.and_then(|most| usize::try_from(most).ok());
            let mut found: Vec<&str> = match (by, most) {
                (Some(by), Some(most)) => text.rsplitn(most.saturating_add(1), by).collect(),
                (Some(by), None) => text.rsplit(by).collect(),
                (None, None) => text.split_whitespace().rev().collect(),
                (None, Some(most)) => words_from_behind(text, most),
            };
            found.reverse();
            state.consume_fuel(found.len() as u64)?;
            Value::from_iter(found.into_iter().map(Value::from))
        }
        "split" if args.last().is_some_and(Value::is_kwargs) => {
            let (args, kwargs): (&[Value], Kwargs) = from_args(args)?;
            let (by, most): (Option<Value>, Option<Value>) = from_args(args)?;
            let by = by.or(kwargs.get("sep")?);
            let most = most.or(kwargs.get("maxsplit")?);
            kwargs.assert_all_used()?;
            let all = [by, most].map(Option::unwrap_or_default);
            let all = all.map(|given| {
                if given.is_undefined() {
                    Value::from(())
                } else {
                    given
                }
            });
            return unknown_method_callback(state, &Value::from(text), "split", &all).map(Some);
        }
        "splitlines" if args.last().is_some_and(Value::is_kwargs) => {
            let (kwargs,): (Kwargs,) = from_args(args)?;
            let keep: Option<Value> = kwargs.get("keepends")?;
            kwargs.assert_all_used()?;
            let keep = Value::from(keep.is_some_and(|keep| keep.is_true()));
            return unknown_method_callback(state, &Value::from(text), method, &[keep]).map(Some);
        }
        "find" | "rfind" | "index" | "rindex" => {
            let (what, from, to): (&str, Option<i64>, Option<i64>) = from_args(args)?;
            let within = between(text, from, to);
            let found = within.and_then(|(first, part)| {
                let at = match method.starts_with('r') {
                    true => part.rfind(what),
                    false => part.find(what),
                };
                Some(first + part[..at?].chars().count())
            });
            match found {
                Some(at) => Value::from(at),
                None if method.ends_with("find") => Value::from(-1),
                None => {
                    let what = "substring not found";
                    return Err(Error::new(ErrorKind::InvalidOperation, what));
                }
            }
        }
        "count" | "startswith" | "endswith" if args.len() > 1 => {
            let (what, from, to): (Value, Option<i64>, Option<i64>) = from_args(args)?;
            let part = between(text, from, to).map_or("", |(_, part)| part);
            let part = Value::from(part);
            return unknown_method_callback(state, &part, method, &[what]).map(Some);
        }
        "isdecimal" => {
            let text = Value::from(text);
            return unknown_method_callback(state, &text, "isdigit", args).map(Some);
        }
        "istitle" => {
            let () = from_args(args)?;
            Value::from(is_title(text))
        }
        "expandtabs" => {
            let (args, kwargs): (&[Value], Kwargs) = from_args(args)?;
            let (size,): (Option<usize>,) = from_args(args)?;
            let size = size.or(kwargs.get("tabsize")?).unwrap_or(8);
            kwargs.assert_all_used()?;
            state.consume_fuel(
                (text.matches('\t').count() as u64).saturating_mul(size as u64) / 64,
            )?;
            Value::from(expanded(text, size))
        }
        "casefold" => Value::from(text.to_lowercase()),
        "swapcase" => Value::from(text.chars().map(swapped).collect::<String>()),
        "zfill" => {
            let (width,): (u64,) = from_args(args)?;
            let sign = usize::from(text.starts_with(['-', '+']));
            let (sign, digits) = text.split_at(sign);
            let width = width.saturating_sub(sign.len() as u64);
            let filled = pad(state, digits, "rjust", width, "0")?;
            Value::from(format!("{sign}{filled}"))
        }
        "ljust" | "rjust" | "center" => {
            let (width, fill): (i64, Option<&str>) = from_args(args)?;
            let width = u64::try_from(width).unwrap_or_default();
            pad(state, text, method, width, fill.unwrap_or(" "))?
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

/// `text` filled up to `width` characters by `ljust`, `rjust` or `center`.
pub(super) fn pad(
    state: &State<'_, '_>,
    text: &str,
    method: &str,
    width: u64,
    fill: &str,
) -> Result<Value, Error> {
    if fill.chars().count() != 1 {
        let what = "the fill character must be exactly one character long";
        return Err(Error::new(ErrorKind::InvalidOperation, what));
    }
    state.consume_fuel(width / 16)?;
    let width = usize::try_from(width).unwrap_or(usize::MAX);
    let missing = width.saturating_sub(text.chars().count());
    let left = match method {
        "ljust" => 0,
        "rjust" => missing,
        // Of an odd number Python puts one more to the left where the width is odd.
        _ => missing / 2 + (missing & width & 1),
    };
    let (left, right) = (fill.repeat(left), fill.repeat(missing - left));
    Ok(Value::from(format!("{left}{text}{right}")))
}

/// The characters from `from` to `to`, as Python counts them, and the number of the first; nothing
/// where they begin behind the text.
fn between(text: &str, from: Option<i64>, to: Option<i64>) -> Option<(usize, &str)> {
    let all = text.chars().count();
    let place = |at: i64| match usize::try_from(at) {
        Ok(at) => at,
        Err(_) => all.saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    let first = from.map_or(0, place);
    let last = to.map_or(all, place).min(all);
    if first > last {
        return None;
    }
    let byte = |at: usize| {
        text.char_indices()
            .nth(at)
            .map_or(text.len(), |(byte, _)| byte)
    };
    Some((first, &text[byte(first)..byte(last)]))
}

/// Words from the end, `most` of them, and the rest of the text as the last.
fn words_from_behind(text: &str, most: usize) -> Vec<&str> {
    let (mut rest, mut found) = (text.trim_end(), Vec::new());
    while found.len() < most
        && let Some((before, word)) = rest.rsplit_once(char::is_whitespace)
    {
        found.push(word);
        rest = before.trim_end();
    }
    if !rest.is_empty() {
        found.push(rest);
    }
    found
}

/// Whether each word begins with a capital, and no capital stands further on.
fn is_title(text: &str) -> bool {
    let (mut within, mut any) = (false, false);
    for c in text.chars() {
        if c.is_uppercase() {
            if within {
                return false;
            }
            (within, any) = (true, true);
        } else if c.is_lowercase() {
            if !within {
                return false;
            }
            any = true;
        } else {
            within = false;
        }
    }
    any
}

/// `text` with spaces for tabs, to the next of every `size` columns.
fn expanded(text: &str, size: usize) -> String {
    let (mut out, mut column) = (String::with_capacity(text.len()), 0);
    for c in text.chars() {
        match c {
            '\t' => {
                let spaces = size.saturating_sub(column % size.max(1));
                out.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            c => {
                out.push(c);
                column += 1;
            }
        }
    }
    out
}

fn swapped(c: char) -> char {
    let other = |c: char| match c.is_lowercase() {
        true => c.to_uppercase().next(),
        false => c.to_lowercase().next(),
    };
    other(c).unwrap_or(c)
}
