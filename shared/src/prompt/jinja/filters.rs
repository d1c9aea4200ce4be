//! Filters and tests that jinja2 has and the engine lacks, or whose arguments it takes by name alone.

use minijinja::value::{Rest, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, State, context};

use super::named_filters::named;
use super::{bounds, python};

/// The filter that `operators` puts in the place of `%`.
pub(super) const REMAINDER: &str = "__remainder";
/// The filter that it puts behind what `~` joins.
pub(super) const TEXT: &str = "__text";

/// Adds all of them.
pub(super) fn add(engine: &mut Environment<'static>) {
    engine.add_filter(REMAINDER, remainder);
    engine.add_filter(TEXT, |value: Value| {
        python::text(&value).map_or(value, Value::from)
    });
    engine.add_filter("format", format);
    engine.add_filter("string", python::string);
    engine.add_filter("wordcount", wordcount);
    engine.add_filter("random", random);
    engine.add_filter("urlencode", urlencode);
    engine.add_filter("forceescape", minijinja::filters::escape);
    engine.add_filter("truncate", truncate);
    engine.add_filter("sort", sort);
    engine.add_filter("unique", unique);
    engine.add_filter("min", min);
    engine.add_filter("max", max);
    engine.add_filter("dictsort", dictsort);
    engine.add_test("callable", is_callable);
}

/// `'%s of %d' % (a, b)` of a text, else what is left of a division.
fn remainder(state: &mut State<'_, '_>, left: &Value, right: Value) -> Result<Value, Error> {
    let Some(format) = left.as_str() else {
        let reckon = state.env().compile_expression("left % right")?;
        return reckon.eval(context! { left, right });
    };
    bounds::check_format(format)?;
    let args: Vec<Value> = match right.is_tuple() {
        true => right.try_iter()?.collect(),
        false => vec![right],
    };
    let args = args.into_iter().map(ValueOrKwargs::from).collect();
    self::format(state, left, Rest(args))
}

/// The engine's own, which knows no `%r`.
fn format(
    state: &mut State<'_, '_>,
    format: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    let text = format.as_str().filter(|text| text.contains('r'));
    let places = text.and_then(python::repr_places);
    let Some((text, places)) = places.filter(|(_, places)| !places.is_empty()) else {
        return minijinja::filters::format(state, format, args);
    };
    let mut values = args.into_values();
    for place in places {
        if let Some(value) = values.get_mut(place) {
            *value = Value::from(python::repr(value));
        }
    }
    let args = values.into_iter().map(ValueOrKwargs::from).collect();
    minijinja::filters::format(state, &Value::from(text), Rest(args))
}

/// Runs of letters, digits and `_`.
fn wordcount(text: &str) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.split(|c| !is_word(c))
        .filter(|word| !word.is_empty())
        .count()
}

/// Any item will do, and a prompt must be the same every time: the first.
fn random(items: &Value) -> Result<Value, Error> {
    minijinja::filters::first(items)
}

/// As Python's `quote` does, which leaves `/` as it is.
fn urlencode(value: &Value) -> Result<String, Error> {
    let quote = |value: &Value, slash: bool| -> String {
        let quoted = value.to_string().into_bytes().into_iter().map(|byte| {
            let plain = byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte);
            match plain || (slash && byte == b'/') {
                true => char::from(byte).to_string(),
                false => format!("%{byte:02X}"),
            }
        });
        quoted.collect()
    };
    if value.kind() == ValueKind::String || value.try_iter().is_err() {
        return Ok(quote(value, true));
    }
    let is_map = value.kind() == ValueKind::Map;
    let mut pairs = Vec::new();
    for item in value.try_iter()? {
        let (key, value) = match is_map {
            true => (item.clone(), value.get_item(&item)?),
            false => (item.get_item_by_index(0)?, item.get_item_by_index(1)?),
        };
        let [key, value] = [key, value].map(|part| quote(&part, false).replace("%20", "+"));
        pairs.push(format!("{key}={value}"));
    }
    Ok(pairs.join("&"))
}

fn truncate(
    state: &mut State<'_, '_>,
    value: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    let args = named(&["length", "killwords", "end", "leeway"], args)?;
    minijinja_contrib::filters::truncate(state, value, args)
}

fn sort(state: &State<'_, '_>, value: Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let args = named(&["reverse", "case_sensitive", "attribute"], args)?;
    minijinja::filters::sort(state, value, args)
}

fn unique(state: &State<'_, '_>, value: Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let args = named(&["case_sensitive", "attribute"], args)?;
    minijinja::filters::unique(state, value, args)
}

fn min(state: &State<'_, '_>, value: Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let args = named(&["case_sensitive", "attribute"], args)?;
    minijinja::filters::min(state, value, args)
}

fn max(state: &State<'_, '_>, value: Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let args = named(&["case_sensitive", "attribute"], args)?;
    minijinja::filters::max(state, value, args)
}

fn dictsort(
    state: &State<'_, '_>,
    value: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    state.consume_fuel(value.len().unwrap_or_default() as u64)?;
    let args = named(&["case_sensitive", "by", "reverse"], args)?;
    minijinja::filters::dictsort(value, args)
}

/// Macros, functions and loops are; so is jinja2's undefined value.
fn is_callable(value: &Value) -> bool {
    const CALLED: [&str; 5] = [
        "::Macro",
        "::SpreadMacro",
        "::BoxedFunction",
        "::Joiner",
        "::Loop",
    ];
    let object = value.as_object();
    let called = object.is_some_and(|object| {
        CALLED
            .iter()
            .any(|called| object.type_name().ends_with(called))
    });
    called || value.is_undefined()
}
