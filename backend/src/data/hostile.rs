//! Files that break their readers: one sentence each, and the good files beside them are still listed.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::inspect::Inspection;
use super::models::ModelStore;
use crate::errors::chain;
use crate::testing::{TestGguf, TestGgufValue, tiny, write_model};

/// The tiny model with other metadata.
fn with(key: &str, value: TestGgufValue) -> TestGguf {
    let mut model = tiny();
    model.metadata.retain(|(known, _)| known != key);
    model.metadata.push((key.to_owned(), value));
    model
}

fn write(folder: &Path, id: &str, model: &TestGguf) {
    fs::write(folder.join(format!("{id}.gguf")), model.bytes()).unwrap();
}

#[test]
fn a_model_that_breaks_hides_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let deep = format!(
        "{{{{ {}1 }}}}{{{{ messages[0].content }}}}",
        "1+".repeat(200_000)
    );
    let templates = [
        (
            "a_cyceq",
            "{% set a=namespace() %}{% set a.a=a %}{% set b=namespace() %}{% set b.b=b %}{{ a==b }}{{ messages[0].content }}",
        ),
        ("b_deep", &deep),
        (
            "c_double",
            "{% set ns=namespace(x=[1]) %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ messages[0].content }}",
        ),
    ];
    for (id, template) in templates {
        let template = TestGgufValue::Text(template.to_owned());
        write(
            folder.path(),
            id,
            &with("tokenizer.chat_template", template),
        );
    }
    write_model(folder.path(), "good");
    fs::create_dir(folder.path().join("z_folder")).unwrap();
    fs::write(folder.path().join("z_folder/config.json"), "{").unwrap();
    fs::write(
        folder.path().join("y.gguf"),
        b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
    )
    .unwrap();

    let models = ModelStore::new(folder.path());
    let begun = Instant::now();
    let listed = models.list().unwrap();
    assert_eq!(listed.len(), 6);
    let good: Vec<_> = listed
        .iter()
        .flatten()
        .map(|model| &model.info.id)
        .collect();
    assert_eq!(good, ["good"]);
    for (id, _) in templates {
        let error = chain(&models.find(id).unwrap_err());
        assert!(error.contains("chat template does not render"), "{error}");
        assert!(error.len() < 500, "{error}");
    }
    assert!(begun.elapsed() < Duration::from_secs(60));
    // What is known to be bad is not read again.
    let begun = Instant::now();
    assert_eq!(models.list().unwrap().iter().flatten().count(), 1);
    assert!(begun.elapsed() < Duration::from_secs(1));
    // A file that was mended is.
    write_model(folder.path(), "a_cyceq");
    assert_eq!(models.find("a_cyceq").unwrap().info.id, "a_cyceq");
}

#[test]
fn a_vocabulary_whose_cut_is_not_named_does_not_run() {
    let folder = tempfile::tempdir().unwrap();
    for (id, pre) in [("none", ""), ("default", "default")] {
        write(
            folder.path(),
            id,
            &with("tokenizer.ggml.pre", TestGgufValue::Text(pre.to_owned())),
        );
        let seen = Inspection::of(&folder.path().join(format!("{id}.gguf"))).unwrap();
        let refusal = seen.refusal.unwrap();
        assert!(refusal.contains("tokenizer.ggml.pre"), "{refusal}");
    }
    write(
        folder.path(),
        "r1",
        &with(
            "tokenizer.ggml.pre",
            TestGgufValue::Text("deepseek-r1-qwen".to_owned()),
        ),
    );
    let seen = Inspection::of(&folder.path().join("r1.gguf")).unwrap();
    assert_eq!(seen.refusal, None);
}

/// What no engine here runs is told with the reason, is not listed as a model, and cannot be named
/// in a run spec; its tokenizer may still count.
#[test]
fn a_model_that_is_refused_is_not_listed_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let text = |text: &str| TestGgufValue::Text(text.to_owned());
    let refused = [
        ("family", "general.architecture", text("gemma3"), "`gemma3`"),
        (
            "cut",
            "tokenizer.ggml.pre",
            text("default"),
            "tokenizer.ggml.pre",
        ),
        (
            "epsilon",
            "llama.attention.layer_norm_rms_epsilon",
            TestGgufValue::F32(f32::NAN),
            "NaN",
        ),
        (
            "blocks",
            "llama.block_count",
            TestGgufValue::U32(1 << 24),
            "tensor",
        ),
        (
            "part-00002-of-00003",
            "split.count",
            TestGgufValue::U32(3),
            "part",
        ),
    ];
    let mut says = Vec::new();
    for (id, key, value, word) in refused {
        write(folder.path(), id, &with(key, value));
        says.push((id, word));
    }
    write_model(folder.path(), "good");
    let models = ModelStore::new(folder.path());
    let listed = models.list().unwrap();
    let good: Vec<_> = listed
        .iter()
        .flatten()
        .map(|model| model.info.id.as_str())
        .collect();
    assert_eq!((good, listed.len()), (vec!["good"], says.len() + 1));
    let told: Vec<_> = listed.iter().filter_map(|one| one.as_ref().err()).collect();
    let told: Vec<_> = told.into_iter().map(|error| chain(error)).collect();
    for (id, word) in says {
        let named = format!("{id}.gguf` is not a model that can be used: ");
        let told = told.iter().find(|told| told.contains(&named));
        let told = told.unwrap_or_else(|| panic!("{id} is not told"));
        assert!(told.contains(word), "{told}");
        assert_eq!(chain(&models.find(id).unwrap_err()), *told);
        assert!(models.files_of(id).unwrap().refusal.is_some());
    }
    let counts = crate::tokenizer::resolve("family", &models).unwrap();
    assert_eq!(counts.prompt_tokens("abc"), 3);
}

#[test]
fn a_part_of_a_model_is_named_as_one() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "m-00001-of-00003",
        &with("split.count", TestGgufValue::U32(3)),
    );
    let seen = Inspection::of(&folder.path().join("m-00001-of-00003.gguf")).unwrap();
    let refusal = seen.refusal.unwrap();
    assert!(
        refusal.starts_with("the file is part 1 of 3 of a model"),
        "{refusal}"
    );
}
