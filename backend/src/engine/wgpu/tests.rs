//! Two engines, one model: the same words, and nearly the same numbers.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use fathom_shared::engine::{EngineKind, KvFormat, RopeParameters};
use fathom_shared::prompt::Prompt;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{EngineInfo, FailureKind, Outcome};

use serde_json::json;

use fathom_kernels::generation::Generation;

use super::super::{CompletionRequest, Engine, EngineKey, LocalEngine, SamplingParams};
use crate::testing::wide;

fn model() -> PathBuf {
    let folder = std::env::var_os("FATHOM_MODELS").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/fathom/models"),
        PathBuf::from,
    );
    folder.join("smollm2-135m-instruct.gguf")
}

fn key(kind: EngineKind) -> EngineKey {
    EngineKey {
        kind,
        model: String::new(),
        rope: None,
        kv: None,
    }
}

/// The engine, or nothing where a machine may do without an adapter.
fn wgpu(path: &Path, key: &EngineKey) -> Option<Engine> {
    match Engine::open_wgpu(path, key, EngineInfo::default()) {
        Ok(engine) => Some(engine),
        Err(_) if std::env::var_os("FATHOM_ALLOW_NO_GPU").is_some() => None,
        Err(error) => panic!("{}", crate::errors::chain(&error)),
    }
}

fn written(engine: &mut LocalEngine, ids: &[u32], settings: &SamplingParams) -> Generation {
    let cancel = AtomicBool::new(false);
    engine
        .write(ids, Tokens(8), settings, &cancel, &mut |_| ())
        .unwrap()
}

/// A name of its own puts it with those that have the machine to themselves.
#[test]
fn golden_wgpu_says_what_candle_says() {
    let Some(mut wgpu) = wgpu(&model(), &key(EngineKind::Wgpu)) else {
        return;
    };
    let key = key(EngineKind::CandleCpu);
    let mut candle = Engine::open(&model(), &key, EngineInfo::default()).unwrap();
    assert_eq!(wgpu.info().engine, "wgpu");
    assert!(!wgpu.info().device.is_empty());

    let text =
        "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n";
    let ask = CompletionRequest {
        prompt: &Prompt::plain(text),
        max_tokens: Tokens(8),
        options: &[],
        settings: &SamplingParams::default(),
    };
    let mut texts = [&mut wgpu, &mut candle].map(|engine| {
        let answer = engine.complete(ask, &AtomicBool::new(false), &mut |_| ());
        let Outcome::Completed(completion) = answer.outcome else {
            panic!("{:?}", answer.outcome)
        };
        completion.text
    });
    assert_eq!(texts[0], texts[1]);
    assert_eq!(
        std::mem::take(&mut texts[0]),
        "The capital of France is Paris."
    );

    // Log-probabilities of every token: the prompt is read anew, then gone on with.
    let settings = SamplingParams {
        logprobs: Some(2),
        prompt_logprobs: true,
        stop: vec!["of France".to_owned()],
        ..SamplingParams::default()
    };
    let [wgpu, candle] = [&mut wgpu, &mut candle].map(|engine| {
        let local = engine.local().unwrap();
        let ids = local.tokenizer().encode(text);
        written(local, &ids, &settings)
    });
    for written in [&wgpu, &candle] {
        assert_eq!(written.text, "The capital ");
        // The stop string begins within the token " of", which begins before it.
        assert_eq!(written.logprobs.len(), 3);
        assert_eq!(written.prompt_logprobs[0].logprob, None);
        for token in &written.logprobs {
            // Greedy: what was written is the likeliest.
            assert_eq!(token.logprob, Some(token.top[0].1));
        }
    }
    let all = |written: &Generation| {
        let prompt = written.prompt_logprobs.iter();
        prompt.chain(&written.logprobs).cloned().collect::<Vec<_>>()
    };
    for (ours, theirs) in all(&wgpu).iter().zip(&all(&candle)) {
        assert_eq!((ours.id, ours.offset), (theirs.id, theirs.offset));
        let gap = ours.logprob.unwrap_or(0.0) - theirs.logprob.unwrap_or(0.0);
        assert!(gap.abs() < 0.02, "token {}: {gap}", ours.id);
    }
}

/// A model of random weights: what it writes after a prompt, and how likely each token was.
#[test]
fn golden_wgpu_turns_as_candle_does() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("wide.gguf");
    std::fs::write(&path, wide().bytes()).unwrap();
    let own = json!({ "rope_type": "default" });
    // The window is passed, so that the kind that goes by a text's length stretches too.
    let all = [
        own.clone(),
        json!({ "rope_type": "linear", "factor": 4.0 }),
        json!({ "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32 }),
        json!({ "rope_type": "dynamic", "factor": 4.0, "original_max_position_embeddings": 32 }),
    ];
    let settings = SamplingParams {
        logprobs: Some(0),
        prompt_logprobs: true,
        ..SamplingParams::default()
    };
    let mut first: Option<Vec<f64>> = None;
    for rope in all {
        let parameters = rope.as_object().unwrap().clone();
        let key = EngineKey {
            rope: Some(RopeParameters(parameters.into_iter().collect())),
            kv: Some(KvFormat::F32),
            ..key(EngineKind::Wgpu)
        };
        let Some(mut wgpu) = wgpu(&path, &key) else {
            return;
        };
        let key = EngineKey {
            kind: EngineKind::CandleCpu,
            ..key
        };
        let mut candle = Engine::open(&path, &key, EngineInfo::default()).unwrap();
        let [ours, theirs] = [&mut wgpu, &mut candle].map(|engine| {
            let ids: Vec<u32> = (0..100).map(|i| (i * 53 + 7) % 256).collect();
            let written = written(engine.local().unwrap(), &ids, &settings);
            let tokens = written.prompt_logprobs.iter().chain(&written.logprobs);
            let likely = tokens.filter_map(|token| token.logprob);
            (written.text.clone(), likely.collect::<Vec<_>>())
        });
        assert_eq!(ours.0, theirs.0, "{rope}");
        assert!(ours.1.len() >= 99);
        let apart = |a: &[f64], b: &[f64]| {
            let gaps = a.iter().zip(b).map(|(a, b)| (a - b).abs());
            gaps.fold(0.0, f64::max)
        };
        // Both compute in f32.
        let gap = apart(&ours.1, &theirs.1);
        assert!(gap < 1e-3, "{rope}: {gap}");
        match &first {
            Some(first) => assert!(apart(first, &ours.1) > 0.01, "{rope} turns otherwise"),
            None => first = Some(ours.1),
        }
    }
}

#[test]
fn what_the_shaders_do_not_keep_is_refused() {
    let refused = |path: &Path, kv| {
        let key = EngineKey {
            kv,
            ..key(EngineKind::Wgpu)
        };
        crate::errors::chain(&Engine::context_wgpu(path, &key).unwrap_err())
    };
    let kv = refused(&model(), Some(KvFormat::Bf16));
    assert!(
        kv.contains(
            "the engine wgpu keeps keys and values in f16 or f32, not in bf16; leave `kv` out"
        ),
        "{kv}"
    );
    let folder = refused(model().parent().unwrap(), None);
    assert!(
        folder.contains("the engine wgpu reads GGUF files"),
        "{folder}"
    );
}

/// The wide model in `folder`, after `change`.
fn changed(folder: &Path, change: impl FnOnce(&mut crate::testing::TestGguf)) -> PathBuf {
    let path = folder.join("wide.gguf");
    let mut model = wide();
    change(&mut model);
    std::fs::write(&path, model.bytes()).unwrap();
    path
}

#[test]
fn golden_wgpu_has_no_answer_without_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let path = changed(dir.path(), |model| {
        let norm = |(name, ..): &&mut (String, _, _)| name == "blk.1.ffn_norm.weight";
        // Weights that are no numbers are refused at load; these overflow when they are used.
        model
            .tensors
            .iter_mut()
            .find(norm)
            .unwrap()
            .2
            .fill(f32::MAX);
    });
    let Some(mut engine) = wgpu(&path, &key(EngineKind::Wgpu)) else {
        return;
    };
    let ask = CompletionRequest {
        prompt: &Prompt::plain("abc"),
        max_tokens: Tokens(8),
        options: &[],
        settings: &SamplingParams::default(),
    };
    let answer = engine.complete(ask, &AtomicBool::new(false), &mut |_| ());
    let Outcome::Failed(failure) = answer.outcome else {
        panic!("{:?}", answer.outcome)
    };
    assert_eq!(failure.kind, FailureKind::Engine);
    assert!(
        failure.message.contains("layer 1 (`blk.1.…`)"),
        "{failure:?}"
    );
}

/// What is left of an earlier prompt changes nothing, to the bit.
#[test]
fn golden_wgpu_repeats_itself() {
    let dir = tempfile::tempdir().unwrap();
    let path = changed(dir.path(), |_| ());
    let settings = SamplingParams {
        temperature: 1.0,
        seed: 7,
        logprobs: Some(2),
        ..SamplingParams::default()
    };
    let prompt = |len: u32, last: u32| {
        let ids = (0..len).map(|i| (i * 53 + 7) % 256);
        ids.chain([last]).collect::<Vec<u32>>()
    };
    let Some(mut warm) = wgpu(&path, &key(EngineKind::Wgpu)) else {
        return;
    };
    let Some(mut cold) = wgpu(&path, &key(EngineKind::Wgpu)) else {
        return;
    };
    written(warm.local().unwrap(), &prompt(150, 9), &settings);
    for (len, last) in [(150, 1), (63, 1), (64, 1), (130, 2)] {
        // Another beginning leaves nothing of the last prompt.
        written(cold.local().unwrap(), &[255, 254], &settings);
        let [warm, cold] = [&mut warm, &mut cold]
            .map(|engine| written(engine.local().unwrap(), &prompt(len, last), &settings));
        assert_eq!(warm.text, cold.text, "{len}");
        assert_eq!(warm.logprobs, cold.logprobs, "{len}");
    }
}
