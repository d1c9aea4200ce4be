//! Two engines, one model: the same words, and nearly the same numbers.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::Prompt;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{EngineInfo, Outcome};

use super::super::{Ask, Engine, EngineKey, Local, Settings, Written};

fn model() -> PathBuf {
    let folder = std::env::var_os("FATHOM_MODELS").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/fathom/models"),
        PathBuf::from,
    );
    folder.join("smollm2-135m-instruct.gguf")
}

/// The engine, or nothing where a machine may do without an adapter.
fn wgpu() -> Option<Engine> {
    match Engine::open_wgpu(&model(), EngineInfo::default()) {
        Ok(engine) => Some(engine),
        Err(_) if std::env::var_os("FATHOM_ALLOW_NO_GPU").is_some() => None,
        Err(error) => panic!("{}", crate::errors::chain(&error)),
    }
}

fn written(engine: &mut Local, ids: &[u32], settings: &Settings) -> Written {
    let cancel = AtomicBool::new(false);
    engine
        .write(ids, Tokens(8), settings, &cancel, &mut |_| ())
        .unwrap()
}

/// A name of its own puts it with those that have the machine to themselves.
#[test]
fn golden_wgpu_says_what_candle_says() {
    let Some(mut wgpu) = wgpu() else { return };
    let key = EngineKey {
        kind: EngineKind::CandleCpu,
        model: String::new(),
        rope: None,
    };
    let mut candle = Engine::open(&model(), &key, EngineInfo::default()).unwrap();
    assert_eq!(wgpu.info().engine, "wgpu");
    assert!(!wgpu.info().device.is_empty());

    let text =
        "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n";
    let ask = Ask {
        prompt: &Prompt::plain(text),
        max_tokens: Tokens(8),
        settings: &Settings::default(),
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
    let settings = Settings {
        logprobs: Some(2),
        prompt_logprobs: true,
        stop: vec!["of France".to_owned()],
        ..Settings::default()
    };
    let [wgpu, candle] = [&mut wgpu, &mut candle].map(|engine| {
        let local = engine.local().unwrap();
        let ids = local.tokenizer().encode(text);
        written(local, &ids, &settings)
    });
    for written in [&wgpu, &candle] {
        assert_eq!(written.completion.text, "The capital ");
        // The stop string begins within the token " of", which begins before it.
        assert_eq!(written.tokens.len(), 3);
        assert_eq!(written.prompt[0].logprob, None);
        for token in &written.tokens {
            // Greedy: what was written is the likeliest.
            assert_eq!(token.logprob, Some(token.top[0].1));
        }
    }
    let pairs = wgpu
        .prompt
        .iter()
        .chain(&wgpu.tokens)
        .zip(candle.prompt.iter().chain(&candle.tokens));
    for (ours, theirs) in pairs {
        assert_eq!((ours.id, ours.offset), (theirs.id, theirs.offset));
        let gap = ours.logprob.unwrap_or(0.0) - theirs.logprob.unwrap_or(0.0);
        assert!(gap.abs() < 0.02, "token {}: {gap}", ours.id);
    }
}
