//! Invalid model files, read through the program itself: each gives a message, and a valid one
//! beside them still works.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use fathom_kernels::model::gguf::Gguf;

use crate::server::surroundings;

/// A tiny llama without a chat template.
const TINY: &[u8] = include_bytes!("../../fuzz/seeds/models/llama.bin");

/// The same model with a template.
fn with_template(template: &str) -> Vec<u8> {
    let mut entry = Vec::new();
    let key = b"tokenizer.chat_template";
    // The entry is padded, so that the data after it stays aligned.
    let size = 8 + key.len() + 4 + 8 + template.len();
    let fill = size.next_multiple_of(32) - size;
    entry.extend((key.len() as u64).to_le_bytes());
    entry.extend(key);
    entry.extend(8_u32.to_le_bytes());
    entry.extend(((template.len() + fill) as u64).to_le_bytes());
    entry.extend(template.bytes());
    entry.extend(std::iter::repeat_n(b' ', fill));
    let mut file = TINY.to_vec();
    let count = u64::from_le_bytes(file[16..24].try_into().unwrap());
    file[16..24].copy_from_slice(&(count + 1).to_le_bytes());
    file.splice(24..24, entry);
    let read = Gguf::header(&file).unwrap();
    assert!(
        read.str("tokenizer.chat_template")
            .unwrap()
            .starts_with(template)
    );
    file
}

/// The output of `fathom model ARGUMENTS`.
fn told(arguments: &[&str], folder: &Path) -> String {
    let mut command = Command::new(surroundings("FATHOM_TEST_BIN"));
    command
        .arg("model")
        .args(arguments)
        .arg("--models")
        .arg(folder);
    let output = command.output().unwrap();
    assert!(output.status.code().is_some(), "it died: {}", output.status);
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8(text).unwrap()
}

#[test]
fn models_that_break_their_reader_are_told_and_hide_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let deep = format!("{{{{ {}1 }}}}", "1+".repeat(100_000));
    let hostile = [
        (
            "a-cycle",
            "{% set a=namespace() %}{% set a.a=a %}{% set b=namespace() %}{% set b.b=b %}{{ a==b }}",
        ),
        ("b-deep", deep.as_str()),
        (
            "c-double",
            "{% set ns=namespace(x=[1]) %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        ),
        // Memory that the engine does not count: the process that renders the template runs out of
        // it.
        (
            "d-memory",
            "{{ ([{'x': {'y': 'a' * 1000000}}] * 100000)|join(attribute='x.y')|length }}",
        ),
    ];
    for (id, template) in hostile {
        let path = folder.path().join(format!("{id}.gguf"));
        fs::write(path, with_template(template)).unwrap();
    }
    let good = with_template("{{ messages[0].content }}");
    fs::write(folder.path().join("e-good.gguf"), good).unwrap();
    let begun = Instant::now();
    let listed = told(&["list"], folder.path());
    assert!(
        begun.elapsed() < Duration::from_secs(240),
        "{:?}",
        begun.elapsed()
    );
    assert!(
        listed
            .lines()
            .any(|line| line.trim_start().starts_with("e-good ")),
        "{listed}"
    );
    let lines: Vec<_> = listed
        .lines()
        .filter(|line| line.contains("not usable"))
        .collect();
    assert_eq!(lines.len(), hostile.len(), "{listed}");
    for ((id, _), line) in hostile.iter().zip(lines) {
        assert!(line.contains(id), "{line}");
        assert!(line.len() < 600, "{line}");
    }
}

/// The files from the project's reports, if they are available.
#[test]
fn reported_files_end_in_a_sentence() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/hostile");
    let Ok(entries) = fs::read_dir(&cases) else {
        println!("skipped: {} is not here", cases.display());
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "gz") {
            continue;
        }
        let file = flate2::read::GzDecoder::new(fs::File::open(&path).unwrap());
        let to = folder.path().join(path.file_stem().unwrap());
        std::io::copy(&mut { file }, &mut fs::File::create(&to).unwrap()).unwrap();
        let seen = told(&["inspect", to.to_str().unwrap()], folder.path());
        // Weights are only read when a model is loaded.
        let weights = to.file_stem().is_some_and(|name| name == "c_nan");
        assert_eq!(
            seen.contains("runs here     yes"),
            weights,
            "{}: {seen}",
            to.display()
        );
    }
}
