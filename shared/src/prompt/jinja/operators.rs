//! Two operators of Python that the engine lacks or does otherwise, and which filters take the place
//! of: `%` behind a string, and `~` behind and before floats.
//!
//! What binds more tightly than these is read as an operand: signs, `**`, attributes, calls, filters.
//! A tag that is read otherwise than the engine reads it is left as it is.

use super::filters::{REMAINDER, TEXT};
use super::syntax::{is_word, string_end};

/// Brackets within brackets; what nests more is left as it is.
const DEPTH: usize = 32;
/// Words that are no operands.
const WORDS: [&str; 8] = ["and", "or", "not", "in", "is", "if", "else", "recursive"];

/// `tag`, which begins and ends with its braces, with filters for these operators.
pub(super) fn rewrite(tag: &str) -> String {
    let inner = 2 + tag[2..].len() - tag[2..].trim_start_matches(['-', '+']).len();
    let from = match tag.starts_with("{%") {
        // What the block is called.
        true => word_end(tag.as_bytes(), skip(tag.as_bytes(), inner)).unwrap_or(inner),
        false => inner,
    };
    let until = tag.len() - 2;
    match tag.get(from..until) {
        Some(text) => format!(
            "{}{}{}",
            &tag[..from],
            expressions(text, DEPTH),
            &tag[until..]
        ),
        None => tag.to_owned(),
    }
}

/// Expressions with whatever stands between them.
fn expressions(text: &str, depth: usize) -> String {
    if depth == 0 || !text.contains(['%', '~']) {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    // Whether a sign at this place is one of an operand.
    let (mut at, mut begins) = (0, true);
    while at < bytes.len() {
        let is_sign = matches!(bytes[at], b'-' | b'+');
        let is_operand = is_word(bytes[at]) || b"'\"([{".contains(&bytes[at]);
        // `and` and its like come back as none.
        let part = match is_operand || (is_sign && begins) {
            true => joined(text, at, depth),
            false => None,
        };
        if let Some(part) = part {
            out.push_str(&part.text);
            (at, begins) = (part.end, false);
            continue;
        }
        let next = text[at..].chars().next().map_or(1, char::len_utf8);
        let end = word_end(bytes, at).unwrap_or(at + next);
        out.push_str(&text[at..end]);
        begins = begins || !bytes[at].is_ascii_whitespace();
        at = end;
    }
    out
}

/// A part of an expression, rewritten, and where it ends in what it came from.
struct ExpressionPart {
    text: String,
    end: usize,
    /// Whether it is a number or a text that is written out.
    literal: Option<LiteralKind>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LiteralKind {
    Number,
    Text,
}

/// `a ~ b ~ c`, or an operand of it alone.
fn joined(text: &str, at: usize, depth: usize) -> Option<ExpressionPart> {
    let bytes = text.as_bytes();
    let mut first = product(text, at, depth)?;
    let mut is_first = true;
    loop {
        let sign = skip(bytes, first.end);
        if bytes.get(sign) != Some(&b'~') {
            return Some(first);
        }
        let Some(next) = product(text, sign + 1, depth) else {
            return Some(first);
        };
        let spelt = |part: &ExpressionPart| match part.literal {
            Some(LiteralKind::Text) => part.text.clone(),
            _ => format!("({}|{TEXT})", enclosed(part)),
        };
        let before = match is_first {
            true => spelt(&first),
            false => first.text,
        };
        is_first = false;
        first = ExpressionPart {
            text: format!("{before} ~ {}", spelt(&next)),
            end: next.end,
            literal: None,
        };
    }
}

/// In brackets, unless nothing can come between its parts.
fn enclosed(part: &ExpressionPart) -> String {
    match part.literal {
        Some(_) => part.text.clone(),
        None => format!("({})", part.text),
    }
}

/// `a * b % c`, or an operand of it alone.
fn product(text: &str, at: usize, depth: usize) -> Option<ExpressionPart> {
    let bytes = text.as_bytes();
    let mut first = power(text, at, depth)?;
    loop {
        let sign = skip(bytes, first.end);
        let length = match bytes.get(sign..).unwrap_or_default() {
            [b'/', b'/', ..] => 2,
            [b'*' | b'/' | b'%', ..] => 1,
            _ => return Some(first),
        };
        let Some(next) = power(text, sign + length, depth) else {
            return Some(first);
        };
        let is_remainder = bytes[sign] == b'%' && first.literal != Some(LiteralKind::Number);
        first = ExpressionPart {
            text: match is_remainder {
                true => format!("({}|{REMAINDER}({}))", enclosed(&first), next.text),
                false => format!(
                    "{}{}{}",
                    first.text,
                    &text[first.end..sign + length],
                    next.text
                ),
            },
            end: next.end,
            literal: None,
        };
    }
}

/// `a ** b`, or an operand of it alone.
fn power(text: &str, at: usize, depth: usize) -> Option<ExpressionPart> {
    let bytes = text.as_bytes();
    let mut first = operand(text, at, depth)?;
    while bytes
        .get(skip(bytes, first.end)..)
        .is_some_and(|rest| rest.starts_with(b"**"))
    {
        let sign = skip(bytes, first.end);
        let next = operand(text, sign + 2, depth)?;
        first = ExpressionPart {
            text: format!("{}**{}", first.text, next.text),
            end: next.end,
            literal: None,
        };
    }
    Some(first)
}

/// A value with its signs, attributes, calls and filters; what stands in brackets is rewritten.
fn operand(text: &str, at: usize, depth: usize) -> Option<ExpressionPart> {
    let bytes = text.as_bytes();
    let from = at;
    let mut at = skip(bytes, at);
    while matches!(bytes.get(at), Some(b'-' | b'+')) {
        at = skip(bytes, at + 1);
    }
    let mut out = text[from..at].to_owned();
    let is_signed = !out.trim().is_empty();
    let mut literal = None;
    let mut end = match *bytes.get(at)? {
        quote @ (b'\'' | b'"') => {
            literal = Some(LiteralKind::Text);
            string_end(bytes, at, quote)?
        }
        b'(' | b'[' | b'{' => group_end(bytes, at)?,
        first if first.is_ascii_digit() => {
            literal = (!is_signed).then_some(LiteralKind::Number);
            number_end(bytes, at)
        }
        _ => {
            let end = word_end(bytes, at)?;
            if WORDS.contains(&&text[at..end]) {
                return None;
            }
            end
        }
    };
    out.push_str(&piece(text, at, end, depth));
    loop {
        let next = skip(bytes, end);
        let after = match bytes.get(next) {
            Some(b'.') => word_end(bytes, skip(bytes, next + 1))?,
            Some(b'|') => {
                literal = None;
                word_end(bytes, skip(bytes, next + 1))?
            }
            Some(b'(' | b'[') => {
                literal = None;
                group_end(bytes, next)?
            }
            // Strings that stand side by side are one.
            Some(quote @ (b'\'' | b'"')) if literal == Some(LiteralKind::Text) => {
                string_end(bytes, next, *quote)?
            }
            _ => {
                return Some(ExpressionPart {
                    text: out,
                    end,
                    literal,
                });
            }
        };
        if literal == Some(LiteralKind::Text) && bytes.get(next) == Some(&b'.') {
            literal = None;
        }
        out.push_str(&text[end..next]);
        out.push_str(&piece(text, next, after, depth));
        end = after;
    }
}

/// A word, a string, or what stands in brackets.
fn piece(text: &str, from: usize, to: usize, depth: usize) -> String {
    match text.as_bytes()[from] {
        b'(' | b'[' | b'{' => {
            let inner = expressions(&text[from + 1..to - 1], depth - 1);
            format!("{}{inner}{}", &text[from..=from], &text[to - 1..to])
        }
        _ => text[from..to].to_owned(),
    }
}

fn skip(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let space = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
    at + space.count()
}

fn word_end(bytes: &[u8], at: usize) -> Option<usize> {
    let letters = bytes.get(at..)?.iter().take_while(|byte| is_word(**byte));
    let length = letters.count();
    (length > 0).then_some(at + length)
}

/// Behind the number that begins at `at`: its digits, those behind a point, and an exponent.
fn number_end(bytes: &[u8], at: usize) -> usize {
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let digits = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        let digits = rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit() || **byte == b'_');
        at + digits.count()
    };
    let mut end = digits(at);
    if bytes.get(end) == Some(&b'.') && is_digit(end + 1) {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let is_signed = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
        let exponent = end + 1 + usize::from(is_signed);
        if is_digit(exponent) {
            end = digits(exponent);
        }
    }
    word_end(bytes, end).unwrap_or(end)
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

#[cfg(test)]
mod tests {
    use super::rewrite;

    #[test]
    fn filters_take_the_place_of_operators() {
        for (tag, want) in [
            ("{{ 'a%s' % x }}", "{{ ('a%s'|__remainder( x)) }}"),
            ("{{ f % x }}", "{{ ((f)|__remainder( x)) }}"),
            (
                "{{ f % (f % x, -1) }}",
                "{{ ((f)|__remainder( (((f)|__remainder( x)), -1))) }}",
            ),
            (
                "{{ 1e-7 ~ 1.5E+16 ~ 0x1f }}",
                "{{ (1e-7|__text) ~ ( 1.5E+16|__text) ~ ( 0x1f|__text) }}",
            ),
            ("{{ a * b % c }}", "{{ ((a * b)|__remainder( c)) }}"),
            ("{{ -a % 2 == 0 }}", "{{ ((-a)|__remainder( 2)) == 0 }}"),
            ("{{ 1 - a % 2 }}", "{{ 1 - ((a)|__remainder( 2)) }}"),
            (
                "{%- if not loop.index0 % 2 -%}",
                "{%- if not ((loop.index0)|__remainder( 2)) -%}",
            ),
            ("{{ 'a' ~ x }}", "{{ 'a' ~ (( x)|__text) }}"),
            (
                "{{ x.y|f(1) ~ 'b' ~ 2 * z }}",
                "{{ ((x.y|f(1))|__text) ~  'b' ~ (( 2 * z)|__text) }}",
            ),
            (
                "{% set x = y ~ 1 %}",
                "{% set x = ((y)|__text) ~ ( 1|__text) %}",
            ),
            (
                "{{ m({'k': a ~ 'b'}) }}",
                "{{ m({'k': ((a)|__text) ~  'b'}) }}",
            ),
        ] {
            assert_eq!(rewrite(tag), want);
        }
    }

    #[test]
    fn everything_else_is_left_as_it_is() {
        for same in [
            "{% if 'a' %}",
            "{%- if x == 'a' -%}",
            "{{ 7 % 2 }}",
            "{{ 'a %' }}",
            "{{ 'a' % }}",
            "{{ 'a ~ b' }}",
            "{{ ~ }}",
            "{{ x % ~ }}",
            "{{ (x % }}",
            "{%%}",
            "{{}}",
            "{% for x in y recursive %}",
            "{{ x is divisibleby(3) }}",
            "{{ 2 ** 3 }}",
            "{{ 1.5e-7 % 2 }}",
        ] {
            assert_eq!(rewrite(same), same);
        }
    }
}
