//! Python's `%` behind a string, for which the engine has no operator: a filter takes its place.

use super::bounds::string_end;
use super::filters::PERCENT;

/// `tag` with `('…'|__percent(x))` for `'…' % x`.
pub(super) fn rewrite(tag: &str) -> String {
    let bytes = tag.as_bytes();
    let mut out = String::with_capacity(tag.len());
    let (mut from, mut at, mut before) = (0, 0, b' ');
    while at < bytes.len() {
        let byte = bytes[at];
        if !matches!(byte, b'\'' | b'"') {
            if !byte.is_ascii_whitespace() {
                before = byte;
            }
            at += 1;
            continue;
        }
        let Some(end) = string_end(bytes, at, byte) else {
            break;
        };
        let sign = skip(bytes, end);
        let is_sign = bytes.get(sign) == Some(&b'%') && bytes.get(sign + 1) != Some(&b'}');
        // What is reckoned before it belongs to the string.
        let is_first = !b"*/%".contains(&before);
        match operand_end(bytes, sign + 1).filter(|_| is_sign && is_first) {
            Some(operand) => {
                out.push_str(&tag[from..at]);
                let (text, value) = (&tag[at..end], rewrite(&tag[sign + 1..operand]));
                out.push_str(&format!("({text}|{PERCENT}({value}))"));
                (from, at, before) = (operand, operand, b')');
            }
            None => (at, before) = (end, byte),
        }
    }
    out.push_str(&tag[from..]);
    out
}

fn skip(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count()
}

fn word_end(bytes: &[u8], at: usize) -> Option<usize> {
    let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_' || !byte.is_ascii();
    let length = bytes.get(at..)?.iter().take_while(is_word).count();
    (length > 0).then_some(at + length)
}

/// Behind the bracket that closes the one at `at`.
fn group_end(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut open, mut at) = (0_usize, at);
    loop {
        match *bytes.get(at)? {
            quote @ (b'\'' | b'"') => {
                at = string_end(bytes, at, quote)?;
                continue;
            }
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.checked_sub(1)?,
            _ => (),
        }
        at += 1;
        if open == 0 {
            return Some(at);
        }
    }
}

/// Behind the value that begins at `at`, with its signs, attributes, calls and filters.
fn operand_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = skip(bytes, at);
    while matches!(bytes.get(at), Some(b'-' | b'+')) {
        at = skip(bytes, at + 1);
    }
    let mut end = match *bytes.get(at)? {
        quote @ (b'\'' | b'"') => string_end(bytes, at, quote)?,
        b'(' | b'[' | b'{' => group_end(bytes, at)?,
        _ => word_end(bytes, at)?,
    };
    loop {
        let next = skip(bytes, end);
        end = match bytes.get(next) {
            Some(b'.') => word_end(bytes, next + 1)?,
            Some(b'|') => word_end(bytes, skip(bytes, next + 1))?,
            Some(b'(' | b'[') => group_end(bytes, next)?,
            _ => return Some(end),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::rewrite;

    #[test]
    fn the_sign_behind_a_string_becomes_a_filter() {
        for (tag, want) in [
            ("{{ 'a%s' % x }}", "{{ ('a%s'|__percent( x)) }}"),
            (
                "{{ 'a%s' % x.y[0]|upper ~ 'b' }}",
                "{{ ('a%s'|__percent( x.y[0]|upper)) ~ 'b' }}",
            ),
            (
                "{{ '%s' % ('%s' % x, -1) }}",
                "{{ ('%s'|__percent( (('%s'|__percent( x)), -1))) }}",
            ),
        ] {
            assert_eq!(rewrite(tag), want);
        }
        for same in [
            "{% if 'a' %}",
            "{%- if x == 'a' -%}",
            "{{ 7 % 2 }}",
            "{{ x % 'a' % 2 }}",
            "{{ 'a' ~ 1 % 2 }}",
            "{{ 'a %' }}",
            "{{ 'a' % }}",
        ] {
            assert_eq!(rewrite(same), same);
        }
    }
}
