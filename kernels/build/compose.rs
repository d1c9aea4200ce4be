//! Composes one shader from its file, its imports and the defined names.
//!
//! The language: `#import FILE` (from `wgsl/shared/`), `#if NAME` … `#else` … `#end`,
//! `#each i 0..4` … `#end` (the lines once per number), and `$NAME`, replaced by its value.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::Result;

pub(crate) type Names = BTreeMap<String, String>;

/// The shader in `file`, with these names defined.
pub(crate) fn compose(file: &str, names: &Names) -> Result<String> {
    let path = Path::new("wgsl").join(file).with_extension("wgsl");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::new();
    expand(&lines, names, &mut out).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(out)
}

fn expand(lines: &[&str], names: &Names, out: &mut String) -> Result<()> {
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["#import", file] => out.push_str(&compose(&format!("shared/{file}"), names)?),
            ["#if", name] => {
                let (other, end) = block(lines, at)?;
                let (yes, no) = (&lines[at + 1..other], &lines[(other + 1).min(end)..end]);
                expand(if names.contains_key(*name) { yes } else { no }, names, out)?;
                at = end;
            }
            ["#each", name, range] => {
                let (_, end) = block(lines, at)?;
                let range = fill(range, names);
                let (from, to) = range.split_once("..").ok_or("#each needs a range")?;
                for i in from.parse::<u32>()?..to.parse()? {
                    let mut names = names.clone();
                    names.insert((*name).to_owned(), i.to_string());
                    expand(&lines[at + 1..end], &names, out)?;
                }
                at = end;
            }
            [word, ..] if word.starts_with('#') => return Err(format!("line {line}").into()),
            _ => writeln!(out, "{}", fill(line, names))?,
        }
        at += 1;
    }
    Ok(())
}

/// The line numbers of the `#else` (or of the `#end`, if there is none) and of the `#end` that
/// belong to the line at `start`.
fn block(lines: &[&str], start: usize) -> Result<(usize, usize)> {
    let (mut depth, mut other) = (0, None);
    for (at, line) in lines.iter().enumerate().skip(start) {
        match line.split_whitespace().next() {
            Some("#if" | "#each") => depth += 1,
            Some("#else") if depth == 1 => other = Some(at),
            Some("#end") => {
                depth -= 1;
                if depth == 0 {
                    return Ok((other.unwrap_or(at), at));
                }
            }
            _ => {}
        }
    }
    Err(format!("no #end for: {}", lines[start]).into())
}

fn fill(line: &str, names: &Names) -> String {
    // Longer names first: `$TOKENS` is not `$T`.
    let mut sorted: Vec<_> = names.iter().collect();
    sorted.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    sorted.iter().fold(line.to_owned(), |line, (name, value)| {
        line.replace(&format!("${name}"), value)
    })
}
