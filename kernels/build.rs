//! Composes the shaders of `wgsl/variants`, has naga parse and validate each, and writes the table
//! of pipelines: a mistake in a shader is a failed build, never a user's surprise.
//!
//! The language: `#import FILE` (from `wgsl/shared/`), `#if NAME` … `#else` … `#end`,
//! `#each i 0..4` … `#end` (the lines once per number), and `$NAME`, replaced by its value.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, error::Error, fs};

use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, StorageAccess};

type Names = BTreeMap<String, String>;
type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=wgsl");
    let variants = fs::read_to_string("wgsl/variants")?;
    let mut table = String::new();
    let mut file = String::new();
    for line in variants.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("+ ") {
            Some(variant) => {
                let (name, defines) = variant.split_once(':').unwrap_or((variant, ""));
                let names = defines.split_whitespace().map(|define| {
                    let (name, value) = define.split_once('=').unwrap_or((define, ""));
                    (name.to_owned(), value.to_owned())
                });
                let source = compose(&file, &names.collect())?;
                entry(&mut table, name.trim(), &source)?;
            }
            None => line.trim().clone_into(&mut file),
        }
    }
    let out = PathBuf::from(env::var("OUT_DIR")?).join("shaders.rs");
    fs::write(out, table)?;
    Ok(())
}

fn compose(file: &str, names: &Names) -> Result<String> {
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

/// The lines of the `#else` (or of the end, where there is none) and of the `#end` that belong to
/// the line at `start`.
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

/// Checks a composed shader and writes its line of the table, with the bindings that it declares.
fn entry(table: &mut String, name: &str, source: &str) -> Result<()> {
    let module = naga::front::wgsl::parse_str(source)
        .map_err(|error| format!("{name}: {}", error.emit_to_string(source)))?;
    // `unpack2x16float`: part of WebGPU, an extra to naga.
    let extras = Capabilities::SHADER_FLOAT16_IN_FLOAT32;
    Validator::new(ValidationFlags::all(), extras)
        .validate(&module)
        .map_err(|error| format!("{name}: {}", error.emit_to_string(source)))?;
    let mut bindings = BTreeMap::new();
    for (_, variable) in module.global_variables.iter() {
        let Some(binding) = &variable.binding else {
            continue;
        };
        let kind = match variable.space {
            AddressSpace::Uniform => "Uniform",
            AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => "Write",
            _ => "Read",
        };
        bindings.insert(binding.binding, format!("Binding::{kind}"));
    }
    if bindings
        .keys()
        .copied()
        .ne(0..u32::try_from(bindings.len())?)
    {
        return Err(format!("{name}: bindings are not numbered from 0 without a gap").into());
    }
    let bindings: Vec<_> = bindings.into_values().collect();
    writeln!(
        table,
        "pub(crate) const {}: Shader = Shader {{ label: {name:?}, source: {source:?}, bindings: &[{}] }};",
        name.to_uppercase(),
        bindings.join(", "),
    )?;
    Ok(())
}
