//! Composes the shaders of `wgsl/variants`, has naga parse and validate each one, and writes what
//! Rust needs to know about them: pipelines with their bindings and sizes, and the structs of
//! uniforms. So a mistake in a shader fails the build instead of reaching a user, and no size is
//! written twice.

#![expect(clippy::print_stdout, reason = "cargo listens")]

mod compose; // composes a shader from its file, imports and defines
mod reflect; // reads bindings, sizes and uniform structs from a shader

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, error::Error, fs};

use compose::{Names, compose};
use reflect::Uniforms;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=wgsl");
    let variants = fs::read_to_string("wgsl/variants")?;
    let (mut table, mut uniforms) = (String::new(), Uniforms::default());
    let (mut file, mut formats) = (String::new(), Vec::new());
    for line in variants.lines().filter(|line| !line.starts_with('#')) {
        if let Some(names) = line.strip_prefix("formats ") {
            formats = names.split_whitespace().map(str::to_owned).collect();
            table.push_str(&layouts(&formats)?);
        } else if let Some(pipeline) = line.strip_prefix("+ ") {
            let (name, defines) = pipeline.split_once(':').unwrap_or((pipeline, ""));
            table.push_str(&entry(
                &file,
                name.trim(),
                defines,
                &formats,
                &mut uniforms,
            )?);
        } else {
            line.trim().clone_into(&mut file);
        }
    }
    table.push_str(&uniforms.structs()?);
    let out = PathBuf::from(env::var("OUT_DIR")?).join("shaders.rs");
    fs::write(out, table)?;
    Ok(())
}

/// An enum of the weight formats that have shaders; its values number their pipelines.
fn layouts(formats: &[String]) -> Result<String> {
    let mut out = String::new();
    writeln!(
        out,
        "/// A layout of weights that there are shaders for: `wgsl/shared/weights.wgsl`.\n\
         #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]\n\
         pub(crate) enum WeightLayout {{ {} }}",
        formats.join(", "),
    )?;
    Ok(out)
}

/// The code for one pipeline, or for the array of pipelines that `*formats` or `*NAME=A,B`
/// requests.
fn entry(
    file: &str,
    name: &str,
    defines: &str,
    formats: &[String],
    uniforms: &mut Uniforms,
) -> Result<String> {
    let (mut names, mut each) = (Names::new(), None);
    for define in defines.split_whitespace() {
        let (key, value) = define.split_once('=').unwrap_or((define, ""));
        match key.strip_prefix('*') {
            Some("formats") => {
                each = Some(formats.iter().map(|f| (f.clone(), String::new())).collect());
            }
            Some(key) => {
                let all = value
                    .split(',')
                    .map(|value| (key.to_owned(), value.to_owned()));
                each = Some(all.collect::<Vec<_>>());
            }
            None => {
                names.insert(key.to_owned(), value.to_owned());
            }
        }
    }
    let constant = name.to_uppercase();
    let mut shader = |label: &str, names: &Names| {
        let source = compose(file, names)?;
        reflect::shader(label, &source, uniforms)
    };
    let Some(each) = each else {
        let shader = shader(name, &names)?;
        return Ok(format!(
            "pub(crate) static {constant}: Shader = {shader};\n"
        ));
    };
    let mut out = format!(
        "pub(crate) static {constant}: [Shader; {}] = [\n",
        each.len()
    );
    for (key, value) in each {
        let label = format!("{name}_{}", if value.is_empty() { &key } else { &value });
        let mut names = names.clone();
        names.insert(key, value);
        writeln!(out, "{},", shader(&label.to_lowercase(), &names)?)?;
    }
    out.push_str("];\n");
    Ok(out)
}
