//! A good model in one folder with whatever breaks its readers: it is listed, can be run and answers,
//! and each of the others is named with its reason.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fathom_shared::api::{ErrorBody, NewRun, RunStatus};
use serde_json::{Value as Json, json};

use crate::served::Served;
use crate::testing::{TestGguf, TestGgufValue, tiny};
use crate::worker::new_run;

/// How long a listing may take that looks into all of them for the first time.
const LISTING: Duration = Duration::from_secs(240);

/// The tiny model with other metadata.
fn with(key: &str, value: TestGgufValue) -> TestGguf {
    let mut model = tiny();
    model.metadata.retain(|(known, _)| known != key);
    model.metadata.push((key.to_owned(), value));
    model
}

/// What one looks into and refuses.
fn refused(folder: &Path) -> Vec<&'static str> {
    let text = |text: &str| TestGgufValue::Text(text.to_owned());
    let deep = format!("{{{{ {}1 }}}}", "1+".repeat(200_000));
    let epsilon = "llama.attention.layer_norm_rms_epsilon";
    let template = "tokenizer.chat_template";
    let files = [
        (
            "t-cycle",
            template,
            text(
                "{% set a=namespace() %}{% set a.a=a %}{% set b=namespace() %}{% set b.b=b %}{{ a==b }}{{ messages[0].content }}",
            ),
        ),
        ("t-deep", template, text(&deep)),
        (
            "t-double",
            template,
            text(
                "{% set ns=namespace(x=[1]) %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ messages[0].content }}",
            ),
        ),
        (
            "t-memory",
            template,
            text("{{ ([{'x': {'y': 'a' * 1000000}}] * 100000)|join(attribute='x.y')|length }}"),
        ),
        (
            "t-endless",
            template,
            text(
                "{% for i in range(9999) %}{% for j in range(9999) %}{% for k in range(9999) %}{% endfor %}{% endfor %}{% endfor %}{{ messages[0].content }}",
            ),
        ),
        ("c-family", "general.architecture", text("gemma3")),
        ("c-cut", "tokenizer.ggml.pre", text("default")),
        ("c-epsilon", epsilon, TestGgufValue::F32(f32::NAN)),
        ("c-blocks", "llama.block_count", TestGgufValue::U32(1 << 24)),
        ("c-part", "split.count", TestGgufValue::U32(3)),
    ];
    let mut ids = Vec::new();
    for (id, key, value) in files {
        fs::write(folder.join(format!("{id}.gguf")), with(key, value).bytes()).unwrap();
        ids.push(id);
    }
    let whole = tiny().bytes();
    let claims = b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x7f";
    for (id, bytes) in [
        ("g-empty", &[][..]),
        ("g-cut", &whole[..whole.len() / 2]),
        ("g-claims", claims),
    ] {
        fs::write(folder.join(format!("{id}.gguf")), bytes).unwrap();
        ids.push(id);
    }
    ids.extend(folders(folder));
    ids
}

/// Hugging Face folders.
fn folders(folder: &Path) -> Vec<&'static str> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/rope/qwen2");
    let vocab: serde_json::Map<_, _> = (0..256).map(|id| (format!("t{id}"), json!(id))).collect();
    let tokenizer = |cuts: Json| {
        json!({ "version": "1.0", "truncation": null, "padding": null, "normalizer": null,
            "added_tokens": [], "pre_tokenizer": cuts, "post_processor": null, "decoder": null,
            "model": { "type": "WordLevel", "vocab": vocab, "unk_token": "t0" } })
        .to_string()
    };
    let grows = json!({ "type": "Split", "invert": false, "behavior": "Isolated",
        "pattern": { "Regex": "(((((x{1,999}){1,999}){1,999}){1,999}){1,999})" } });
    let plain = tokenizer(json!({ "type": "Whitespace" }));
    let regex = tokenizer(grows);
    let nested = "[".repeat(200_000);
    let claims = [&(u64::MAX >> 1).to_le_bytes()[..], b"{}"].concat();
    let folders: [(&str, &str, &[u8]); 6] = [
        ("f-config", "config.json", b"{"),
        ("f-nested", "config.json", nested.as_bytes()),
        ("f-words", "tokenizer.json", nested.as_bytes()),
        ("f-regex", "tokenizer.json", regex.as_bytes()),
        ("f-claims", "model.safetensors", &claims),
        ("f-template", "chat_template.jinja", b"{% for %}"),
    ];
    let mut ids = Vec::new();
    for (id, file, bytes) in folders {
        let model = folder.join(id);
        fs::create_dir(&model).unwrap();
        for name in ["config.json", "model.safetensors"] {
            fs::copy(golden.join(name), model.join(name)).unwrap();
        }
        fs::write(model.join("tokenizer.json"), &plain).unwrap();
        fs::write(model.join(file), bytes).unwrap();
        ids.push(id);
    }
    ids
}

/// What is no model at all, and looks like one.
#[cfg(unix)]
fn odd(folder: &Path) -> [&'static str; 3] {
    std::os::unix::fs::symlink("loop.gguf", folder.join("loop.gguf")).unwrap();
    std::os::unix::fs::symlink(".", folder.join("self")).unwrap();
    fs::create_dir(folder.join("folder.gguf")).unwrap();
    let pipe = Command::new("mkfifo")
        .arg(folder.join("pipe.gguf"))
        .status();
    assert!(pipe.unwrap().success());
    ["loop", "folder", "pipe"]
}

/// A model that is listed, and breaks when it answers: its name, and what its error says.
fn breaks(folder: &Path) -> &'static str {
    let mut model = tiny();
    let found = model.tensors.iter_mut();
    for (_, _, values) in found.filter(|(name, ..)| name == "blk.1.ffn_down.weight") {
        values[5] = f32::NAN;
    }
    fs::write(folder.join("n-nan.gguf"), model.bytes()).unwrap();
    "n-nan"
}

/// The files of the project's reports, unpacked, where they are at hand.
fn reported(folder: &Path) -> Vec<String> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/hostile");
    let Ok(entries) = fs::read_dir(&cases) else {
        println!(
            "the reports' files are not tried: {} is not here",
            cases.display()
        );
        return Vec::new();
    };
    let mut ids = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "gz") {
            continue;
        }
        let id = Path::new(path.file_stem().unwrap()).file_stem().unwrap();
        let id = id.to_str().unwrap().to_owned();
        let mut file = fs::File::create(folder.join(format!("{id}.gguf"))).unwrap();
        let mut packed = flate2::read::GzDecoder::new(fs::File::open(&path).unwrap());
        std::io::copy(&mut packed, &mut file).unwrap();
        ids.push(id);
    }
    ids.sort();
    ids
}

/// What `fathom model list` prints.
fn listed(folder: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_fathom"))
        .args(["model", "list", "--models"])
        .arg(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

fn small(model: &str) -> NewRun {
    let mut new = new_run(1);
    new.run_spec.grid.lengths.truncate(1);
    new.run_spec.grid.count = 2;
    new.run_spec.model = model.to_owned();
    new
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_model_works_beside_whatever_breaks_its_readers() {
    let folder = tempfile::tempdir().unwrap();
    let mut refused = refused(folder.path());
    let nan = breaks(folder.path());
    #[cfg(unix)]
    refused.extend(odd(folder.path()));
    let reported = reported(folder.path());
    // Its weights are looked at when it is loaded.
    let (mut breaking, mut bad) = (vec![nan.to_owned()], Vec::new());
    bad.extend(refused.iter().map(|id| (*id).to_owned()));
    for id in reported {
        match id == "c_nan" {
            true => breaking.push(id),
            false => bad.push(id),
        }
    }
    let server = Served::start(folder.path(), &[]).await;

    // A run is accepted before anybody has looked at the others.
    let began = Instant::now();
    let first = server.send(&small("tiny")).await.unwrap();
    let done = |run: &fathom_shared::api::RunView| run.status == RunStatus::Done;
    assert_eq!(server.until(first, done).await.counts.answered, 2);

    let models = server.models().await;
    assert!(began.elapsed() < LISTING, "{:?}", began.elapsed());
    let mut ids: Vec<String> = models.items.into_iter().map(|model| model.id).collect();
    ids.sort();
    let mut good = [breaking.clone(), vec!["tiny".to_owned()]].concat();
    good.sort();
    assert_eq!(ids, good);
    // The others are named, each with its reason.
    let refused: Vec<&str> = models.refused.iter().map(|one| one.id.as_str()).collect();
    bad.sort();
    assert_eq!(refused, bad);
    for one in &models.refused {
        assert!(!one.reason.is_empty() && one.reason.len() < 600, "{one:?}");
    }
    // What is known to be bad is not read again.
    let again = Instant::now();
    assert_eq!(server.models().await.items.len(), good.len());
    assert!(
        again.elapsed() < Duration::from_secs(5),
        "{:?}",
        again.elapsed()
    );

    let began = Instant::now();
    let told = listed(folder.path());
    assert!(began.elapsed() < LISTING, "{:?}", began.elapsed());
    let told: Vec<&str> = told
        .lines()
        .filter(|line| line.contains("not usable"))
        .collect();
    assert_eq!(told.len(), bad.len(), "{told:#?}");
    for id in &bad {
        let file = told.iter().find(|line| {
            line.contains(&format!("/{id}.gguf`")) || line.contains(&format!("/{id}`"))
        });
        let file = file.unwrap_or_else(|| panic!("{id} is not told: {told:#?}"));
        assert!(file.len() < 600 && file.contains(": "), "{file}");
        let ErrorBody { message, .. } = server.send(&small(id)).await.unwrap_err();
        assert!(message.contains(id.as_str()), "{message}");
    }

    // One that breaks when it answers, and the good one behind it.
    for id in breaking {
        let broken = server.send(&small(&id)).await.unwrap();
        let last = server.send(&small("tiny")).await.unwrap();
        let run = server.until(broken, |run| run.status.is_final()).await;
        assert_eq!(run.counts.answered, 0, "{run:?}");
        // From then on it is one of the others.
        let now = server.models().await.refused;
        let found = now.iter().find(|one| one.id == id).expect("it is marked");
        assert!(found.reason.contains("no numbers"), "{found:?}");
        assert!(server.send(&small(&id)).await.is_err());
        assert!(
            run.error
                .as_ref()
                .is_some_and(|why| why.contains("no numbers")),
            "{run:?}"
        );
        assert_eq!(server.until(last, done).await.counts.answered, 2);
    }
    assert_eq!(server.unready().await, None);
}
