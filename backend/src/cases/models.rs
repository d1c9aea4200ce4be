//! Models: RoPE scaling as config files write it, missing GGUF metadata, a folder with tokens.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use fathom_kernels::model::config::ModelConfig;
use fathom_kernels::model::gguf::Gguf;
use fathom_kernels::model::rope::{RopeConfig, RopeScaling, YarnParameters};
use fathom_shared::api::RunSpec;
use fathom_shared::engine::{EngineKind, RopeParameters};
use fathom_shared::prompt::{Prompt, PromptMode};
use fathom_shared::run::RunGrid;
use fathom_shared::task::TaskSpec;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::Outcome;
use http_body_util::BodyExt;
use serde_json::{Value as Json, json};
use tower::ServiceExt;

use super::{HostileCase, text};
use crate::catalog::Catalog;
use crate::config;
use crate::data::inspect::Inspection;
use crate::data::models::ModelStore;
use crate::engine::{CompletionRequest, EngineKey, SamplingParams};
use crate::errors::chain;
use crate::http::{AccessGuard, AppState, router};
use crate::jobs::Jobs;
use crate::store::{DatabaseUrl, Store};

pub(super) const ALL: &[HostileCase] = &[
    ("rope-both.config.json", both),
    ("rope-nested.config.json", nested),
    ("rope-misspelt.option.json", misspelt),
    ("mscale-zero.config.json", mscale),
    ("yarn-window.config.json", window),
    ("gguf-factor-without-type.gguf", linear),
    ("gguf-linear-without-factor.gguf", unstretched),
    ("gguf-pre-missing.gguf", refused),
    ("gguf-pre-deepseek-r1-qwen.gguf", loads),
    ("tokenize-folder", tokenized),
];

fn json(path: &Path) -> Json {
    serde_json::from_str(&text(path)).unwrap()
}

/// The RoPE scaling for heads of 16 values.
fn rope(path: &Path) -> RopeConfig {
    RopeConfig::from_config(&json(path), 16).unwrap()
}

fn yarn(rope: &RopeConfig) -> &YarnParameters {
    match &rope.scaling {
        RopeScaling::Yarn(yarn) => yarn,
        other => panic!("{other:?}"),
    }
}

/// `rope_scaling` takes precedence, as in transformers.
fn both(path: &Path) {
    let rope = rope(path);
    assert_eq!(rope.base, 1e6);
    assert_eq!((yarn(&rope).factor, yarn(&rope).original), (4.0, 64));
}

/// The scaling of the layer type that every layer has.
fn nested(path: &Path) {
    let rope = rope(path);
    assert_eq!(rope.base, 1e6);
    assert_eq!((yarn(&rope).factor, yarn(&rope).original), (4.0, 64));
}

/// A run spec with such positions is refused, and the error names the key.
fn misspelt(path: &Path) {
    let folder = tempfile::tempdir().unwrap();
    copy(
        &path.with_file_name("tokenize-folder"),
        &folder.path().join("long"),
    );
    let rope = serde_json::from_str::<RopeParameters>(&text(path)).unwrap();
    let mut run_spec = a_run_spec();
    run_spec.rope = Some(rope);
    let error = checked(folder.path(), &mut run_spec).1.unwrap_err();
    assert!(error.contains("orignal_max_position_embeddings"), "{error}");
}

/// A run spec for one sample of 2,048 tokens on the model `long`.
fn a_run_spec() -> RunSpec {
    RunSpec {
        grid: RunGrid::of(TaskSpec::new("niah_single_1", Tokens(2048), 7), 0, 1),
        model: "long".to_owned(),
        engine: EngineKind::CandleCpu,
        mode: PromptMode::Completion,
        rope: None,
        texts: None,
        kv: None,
    }
}

/// Checks a run spec against the models in `folder`.
fn checked(folder: &Path, run_spec: &mut RunSpec) -> (Catalog, Result<(), String>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let catalog = Catalog::new(ModelStore::new(folder), config::Config::default());
    let taken = catalog.check(run_spec).map(|_| ());
    (catalog, taken.map_err(|error| chain(&error)))
}

fn mscale(path: &Path) {
    let want = 0.1 * 4_f64.ln() + 1.0;
    assert!((rope(path).attention() - want).abs() < 1e-12);
}

/// A window of 1,024 tokens stretched four times: a run spec of 2,048 is accepted, and its tokens
/// are read.
fn window(path: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("long");
    copy(&path.with_file_name("tokenize-folder"), &model);
    let mut config = json(path);
    // As many as the weights of the other case have.
    config["vocab_size"] = json!(259);
    fs::write(model.join("config.json"), config.to_string()).unwrap();
    let mut run_spec = a_run_spec();
    let (catalog, taken) = checked(folder.path(), &mut run_spec);
    assert_eq!(taken, Ok(()));
    assert_eq!(catalog.window(&run_spec), Some(Tokens(4096)));
    let prompt = Prompt::plain(&"x y ".repeat(500));
    let ask = CompletionRequest {
        prompt: &prompt,
        max_tokens: Tokens(2),
        options: &[],
        settings: &SamplingParams::default(),
    };
    let key = EngineKey::from(&run_spec);
    let read = catalog.host().with(&key, &mut || true, |engine| {
        engine.complete(ask, &AtomicBool::new(false), &mut |_| ())
    });
    let answer = read.unwrap().unwrap();
    assert!(answer.prompt_tokens.unwrap() > Tokens(1024));
    assert!(
        matches!(answer.outcome, Outcome::Completed(_)),
        "{answer:?}"
    );
}

fn gguf(path: &Path) -> ModelConfig {
    let file = Gguf::read(&mut BufReader::new(File::open(path).unwrap())).unwrap();
    ModelConfig::from_gguf(&file).unwrap()
}

fn linear(path: &Path) {
    let scaling = gguf(path).rope.scaling;
    assert!(
        matches!(scaling, RopeScaling::Linear { factor } if factor > 1.0),
        "{scaling:?}"
    );
}

fn unstretched(path: &Path) {
    let rope = gguf(path).rope;
    let plain = RopeConfig::new(rope.base, rope.dims);
    assert_eq!(rope.frequencies(1), plain.frequencies(1));
}

fn refused(path: &Path) {
    let refusal = Inspection::of(path).unwrap().refusal.unwrap();
    assert!(refusal.contains("tokenizer.ggml.pre"), "{refusal}");
}

fn loads(path: &Path) {
    assert_eq!(Inspection::of(path).unwrap().refusal, None);
}

fn tokenized(path: &Path) {
    let folder = tempfile::tempdir().unwrap();
    copy(path, &folder.path().join("folder"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = DatabaseUrl::Sqlite(folder.path().join("fathom.db"));
        let none = config::Config::default;
        let router = router(AppState {
            jobs: Jobs::new(Store::open(&database).await.unwrap(), none()),
            catalog: Catalog::new(ModelStore::new(folder.path()), none()),
            page: None,
            guard: AccessGuard::new(true, None).unwrap(),
        });
        let body = json!({ "model": "folder", "prompt": "hello" });
        let words = post(router, "/tokenize", &body).await;
        assert_eq!(words["count"], 5, "{words}");
        assert_eq!(words["tokens"].as_array().unwrap().len(), 5, "{words}");
    });
}

async fn post(router: Router, path: &str, body: &Json) -> Json {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    let request = request.body(Body::from(body.to_string())).unwrap();
    let answer = router.oneshot(request).await.unwrap().into_body();
    let bytes = answer.collect().await.unwrap().to_bytes();
    serde_json::from_slice(&bytes).unwrap()
}

/// Copies a case so that this process may write to it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        fs::write(to.join(path.file_name().unwrap()), bytes).unwrap();
    }
}
