//! Filters whose arguments jinja2 takes by place and by name, where the engine's take places alone.

use std::borrow::Cow;

use minijinja::value::{Kwargs, Rest, StringInput, Value, ValueOrKwargs, from_args};
use minijinja::{Environment, Error, ErrorKind, State};

use super::{bounds, methods};

/// Adds all of them.
pub(super) fn add(engine: &mut Environment<'static>) {
    engine.add_filter("default", default);
    engine.add_filter("d", default);
    engine.add_filter("replace", replace);
    engine.add_filter("trim", trim);
    engine.add_filter("batch", batch);
    engine.add_filter("slice", slice);
    engine.add_filter("center", center);
    engine.add_filter("filesizeformat", filesizeformat);
    engine.add_filter("attr", attr);
    engine.add_filter("join", join);
}

/// Arguments that were given in their order, by their names.
pub(super) fn named(names: &[&str], args: Rest<ValueOrKwargs>) -> Result<Kwargs, Error> {
    let args = args.into_values();
    let (placed, kwargs) = from_args::<(&[Value], Kwargs)>(&args)?;
    if placed.len() > names.len() {
        return Err(Error::from(ErrorKind::TooManyArguments));
    }
    let mut all: Vec<(String, Value)> = names
        .iter()
        .zip(placed)
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    for name in kwargs.args() {
        all.push((name.to_owned(), kwargs.get(name)?));
    }
    Ok(all.into_iter().collect())
}

/// The arguments of these names, in their order; another name is refused.
fn given<const N: usize>(
    names: [&str; N],
    args: Rest<ValueOrKwargs>,
) -> Result<[Option<Value>; N], Error> {
    let kwargs = named(&names, args)?;
    let mut values = [const { None }; N];
    for (value, name) in values.iter_mut().zip(names) {
        if kwargs.has(name) {
            *value = Some(kwargs.get(name)?);
        }
    }
    kwargs.assert_all_used()?;
    Ok(values)
}

/// An argument that must be there.
fn needed(value: Option<Value>, name: &str) -> Result<Value, Error> {
    let what = || format!("the argument `{name}` is missing");
    value.ok_or_else(|| Error::new(ErrorKind::MissingArgument, what()))
}

fn default(
    state: &State<'_, '_>,
    value: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    let [other, boolean] = given(["default_value", "boolean"], args)?;
    let other = other.unwrap_or_else(|| Value::from(""));
    let boolean = boolean.is_some_and(|boolean| boolean.is_true());
    minijinja::filters::default(state, value, Rest(vec![other, Value::from(boolean)]))
}

fn replace(
    state: &mut State<'_, '_>,
    value: Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    let [old, new, count] = given(["old", "new", "count"], args)?;
    let (old, new) = (needed(old, "old")?, needed(new, "new")?);
    if let Some(count) = count.filter(|count| !count.is_none()) {
        let text = Value::from(value.to_string());
        return methods::call(state, &text, "replace", &[old, new, count]);
    }
    let values = [value, old, new];
    let (value, old, new) =
        from_args::<(StringInput<'_>, StringInput<'_>, StringInput<'_>)>(&values)?;
    minijinja::filters::replace(state, value, old, new)
}

fn trim(value: Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let [chars] = given(["chars"], args)?;
    let values = [value, chars.unwrap_or_else(|| Value::from(()))];
    let (value, chars) = from_args::<(StringInput<'_>, Option<Cow<'_, str>>)>(&values)?;
    Ok(minijinja::filters::trim(value, chars))
}

fn batch(state: &State<'_, '_>, value: Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let [count, fill_with] = given(["linecount", "fill_with"], args)?;
    let count = usize::try_from(needed(count, "linecount")?)?;
    let fill_with = fill_with.filter(|fill| !fill.is_none());
    minijinja::filters::batch(state, value, count, fill_with)
}

fn slice(state: &State<'_, '_>, value: Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let [count, fill_with] = given(["slices", "fill_with"], args)?;
    let count = usize::try_from(needed(count, "slices")?)?;
    let fill_with = fill_with.filter(|fill| !fill.is_none());
    minijinja::filters::slice(state, value, count, fill_with)
}

fn center(state: &State<'_, '_>, text: &str, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let [width] = given(["width"], args)?;
    let width = width.map(u64::try_from).transpose()?;
    methods::pad(state, text, "center", width.unwrap_or(80), " ")
}

fn filesizeformat(value: f64, args: Rest<ValueOrKwargs>) -> Result<String, Error> {
    let [binary] = given(["binary"], args)?;
    let binary = binary.map(|binary| binary.is_true());
    Ok(minijinja_contrib::filters::filesizeformat(value, binary))
}

fn attr(value: &Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let [name] = given(["name"], args)?;
    minijinja::filters::attr(value, &needed(name, "name")?)
}

fn join(
    state: &mut State<'_, '_>,
    value: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    let [joiner, attribute] = given(["d", "attribute"], args)?;
    let joiner = [joiner.unwrap_or_else(|| Value::from(()))];
    let (joiner,) = from_args::<(Option<StringInput<'_>>,)>(&joiner)?;
    let attribute = attribute.filter(|attribute| !attribute.is_none());
    let attribute = attribute.map(|attribute| ("attribute".to_owned(), attribute));
    bounds::join(state, value, joiner, None, attribute.into_iter().collect())
}
