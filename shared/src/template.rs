//! Templates with `{name}` fields, filled in a single pass.

/// Replaces `{name}` fields with their `values`. One pass: braces inside a value are not
/// interpreted. A field that is not in `values` stays as it is.
///
/// # Example
/// ```
/// use fathom_shared::template::fill;
/// assert_eq!(fill("{a} of {b}", &[("a", "{b}"), ("b", "2")]), "{b} of 2");
/// ```
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let room: usize = values.iter().map(|(_, value)| value.len()).sum();
    let mut text = String::with_capacity(template.len() + room);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        text.push_str(before);
        let field = from[1..].find('}').map(|close| &from[1..=close]);
        match field.and_then(|name| values.iter().find(|(known, _)| *known == name)) {
            Some((name, value)) => {
                text.push_str(value);
                rest = &from[name.len() + 2..];
            }
            None => {
                text.push('{');
                rest = &from[1..];
            }
        }
    }
    text.push_str(rest);
    text
}
