//! A template as our engine takes it. Tags that the engine lacks or reads otherwise are rewritten, and
//! what is too long to be read safely is refused: the engine walks the chain of one expression
//! (`1+1+1…`) by one call within another. Published templates are far from each bound: of 133, the
//! longest tag has 49 tokens, the longest chain of `elif` 22 links, the longest template 20 KB.

use super::bounds::KEPT;
use super::syntax::{TemplateBlock, opening, raw_end, tag};
use super::{macros, operators};

/// Bytes of a template.
const SOURCE: usize = 256 << 10;
/// Words, strings and signs within one tag.
const TOKENS: usize = 500;
/// Tags of the kind `elif`, which nest.
const ELIFS: usize = 200;

/// The template for our engine: what `{% generation %}` holds is a block of its own, and what is
/// set goes through [`kept`](super::bounds::kept); `%` and `~` are filters.
pub(super) fn prepare(source: &str) -> Result<String, String> {
    if source.len() > SOURCE {
        let got = source.len();
        return Err(format!("it has {got} bytes, expected {SOURCE} at most"));
    }
    let source = &macros::rewrite(source);
    let (mut out, mut rest, mut elifs) = (String::with_capacity(source.len()), source.as_str(), 0);
    while let Some(at) = opening(rest) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with("{#") {
            let end = rest[2..].find("#}").map_or(rest.len(), |end| end + 4);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        let Some((length, tokens)) = tag(rest) else {
            // Without an end: the engine says where.
            break;
        };
        if tokens > TOKENS {
            let line = 1 + out.matches('\n').count();
            return Err(format!(
                "the tag in line {line} has {tokens} words and signs, expected {TOKENS} at most"
            ));
        }
        let (here, after) = rest.split_at(length);
        rest = after;
        let here = operators::rewrite(here);
        let here = here.as_str();
        if here.starts_with("{{") {
            out.push_str(here);
            continue;
        }
        let block = TemplateBlock::of(here);
        match block.word {
            "elif" => elifs += 1,
            "raw" => {
                let end = raw_end(rest);
                out.push_str(here);
                out.push_str(&rest[..end]);
                rest = &rest[end..];
                continue;
            }
            _ => (),
        }
        if elifs > ELIFS {
            return Err(format!("it has more than {ELIFS} tags of the kind `elif`"));
        }
        write(&block, &mut out);
    }
    out.push_str(rest);
    Ok(out)
}

/// Writes a block as our engine takes it.
fn write(block: &TemplateBlock<'_>, out: &mut String) {
    let word = match block.word {
        // Its own scope, and the same text.
        "generation" => "with",
        "endgeneration" => "endwith",
        word => word,
    };
    out.extend([block.open, block.space, word]);
    match assigned(block.rest).filter(|_| word == "set") {
        Some(at) => {
            let (target, value) = block.rest.split_at(at);
            let within = target.contains('.');
            out.extend([target, "= (", &value[1..], ")|", KEPT]);
            out.push_str(if within { "(true) " } else { "(false) " });
        }
        None => out.push_str(block.rest),
    }
    out.push_str(block.close);
}

/// Where the `=` stands that gives a value to what is before it.
fn assigned(text: &str) -> Option<usize> {
    // Before it there are names, points, commas and brackets alone.
    let at = text.find(|c: char| {
        !(c.is_alphanumeric() || c.is_whitespace() || matches!(c, '_' | '.' | ',' | '(' | ')'))
    })?;
    let rest = &text[at..];
    (rest.starts_with('=') && !rest.starts_with("==")).then_some(at)
}
