//! What a template may do while it is rendered.
//!
//! The engine counts work and the bytes that it makes, and bounds how deep tags and brackets nest.
//! It does not bound lists that are joined and never looked at, nor a namespace that holds itself.

use minijinja::value::{Kwargs, StringInput, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use super::python;

/// Items of a list that is set to a name.
const ITEMS: usize = 100_000;
/// Lists within lists, of a value that is set to a name.
const DEPTH: usize = 32;
/// Values that are looked at for how deep they nest.
const LOOKS: usize = 10_000;

/// The filter that `engine_source` puts behind every value that is set.
pub(super) const KEPT: &str = "__kept";

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
