//! A real model against transformers on the same weights: `tests/golden/logits/PROVENANCE.md`.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use fathom_kernels::generation::GenerationEvent;
use fathom_kernels::model::sampler::Sampler;
use fathom_shared::prompt::Prompt;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{FailureKind, FinishReason, Outcome};
use pollster::block_on;
use serde::Deserialize;

use super::super::{CompletionRequest, EngineAnswer, SamplingParams};
use super::*;

#[derive(Deserialize)]
struct LogitsGolden {
    prompts: Vec<LogitsCase>,
}

#[derive(Deserialize)]
struct LogitsCase {
    name: String,
    prompt: String,
    ids: Vec<u32>,
    top20: Vec<(u32, f64)>,
    logits_mean: f64,
    logsumexp: f64,
    greedy32: Vec<u32>,
}

fn model(kv: DType) -> LocalEngine {
    let folder = std::env::var_os("FATHOM_MODELS").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/fathom/models"),
        PathBuf::from,
    );
    let path = folder.join("smollm2-135m-instruct.gguf");
    assert!(
        path.exists(),
        "no {}; `fathom model pull smollm2-135m-instruct` gets it",
        path.display()
    );
    let options = testing::options(kv);
    local(&path, None, &options, EngineInfo::default()).unwrap()
}

fn golden() -> LogitsGolden {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/logits/smollm2.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Weights are exact and computed with in f32 whatever they are stored in, so a cache in f32 leaves
/// the rounding of f32 alone. One in f16 rounds keys and values to 11 bits, 5e-4 of each: the logits
/// differ by some thousandths, far less than those of engines that quantise activations. A device
/// computes in bf16 unless the cache is in f32, which rounds to 8 bits at every step: there the
/// likeliest next token is held to, and the logits as a whole.
#[test]
fn smollm2_says_what_transformers_says() {
    let exact = |near| LogitTolerance {
        logit: near,
        cosine: 0.9999,
        sum: 0.01,
        greedy: 32,
    };
    let rounded = LogitTolerance {
        logit: 1.0,
        cosine: 0.9999,
        sum: 0.3,
        greedy: 1,
    };
    says_what_transformers_says(&mut model(DType::F32), &exact(0.02));
    let near = match testing::device() {
        CandleDevice::Cpu => exact(0.05),
        CandleDevice::Cuda => rounded,
    };
    says_what_transformers_says(&mut model(DType::F16), &near);
}

/// How far logits may be from the golden ones.
struct LogitTolerance {
    /// Each of the twenty likeliest.
    logit: f64,
    /// The least cosine of the angle between them, around the mean.
    cosine: f64,
    /// The logarithm of the sum of their exponentials.
    sum: f64,
    /// Greedy tokens that are the same.
    greedy: usize,
}

fn says_what_transformers_says(model: &mut LocalEngine, near: &LogitTolerance) {
    let golden = golden();
    let cancel = AtomicBool::new(false);
    assert_eq!(golden.prompts.len(), 3);
    for case in &golden.prompts {
        let name = &case.name;
        assert_eq!(
            model.tokenizer().encode(&case.prompt),
            case.ids,
            "{name}: ids"
        );
        let generator = &mut model.generator;
        let mut quiet = |_: GenerationEvent<'_>| ();
        let prompt = generator.prefill(&case.ids, 32, &cancel, &mut quiet);
        let Ok(mut logits) = block_on(prompt) else {
            panic!("{name}: no logits");
        };
        let mut products = (0.0, 0.0, 0.0);
        for (id, want) in &case.top20 {
            let got = f64::from(logits[*id as usize]);
            assert!(
                (got - want).abs() < near.logit,
                "{name}: token {id} is {got}, expected {want}"
            );
            let (got, want) = (got - case.logits_mean, want - case.logits_mean);
            products = (
                products.0 + got * want,
                products.1 + got * got,
                products.2 + want * want,
            );
        }
        let cosine = products.0 / (products.1 * products.2).sqrt();
        assert!(cosine > near.cosine, "{name}: cosine {cosine}");
        let sum: f64 = logits.iter().map(|x| f64::from(*x).exp()).sum();
        let off = (sum.ln() - case.logsumexp).abs();
        assert!(off < near.sum, "{name}: log of the sum, {off}");

        let mut written = Vec::new();
        while written.len() < near.greedy {
            let id = Sampler::greedy().sample(&logits);
            written.push(id);
            let Ok(next) = block_on(generator.step(id, &cancel)) else {
                panic!("{name}: no next logits")
            };
            logits = next;
        }
        assert_eq!(
            written,
            case.greedy32[..near.greedy],
            "{name}: greedy tokens"
        );
    }
}

#[test]
fn answers_are_refused_cancelled_and_given() {
    let (golden, mut model) = (golden(), model(DType::F16));
    let cancel = AtomicBool::new(false);
    // What cannot fit is refused with its numbers, and cancelling is a failure of its own.
    let prompt = &golden.prompts[0].prompt;
    let long = complete(&mut model, prompt, 9000, &cancel);
    let Outcome::Failed(failure) = long.outcome else {
        panic!("9000 tokens do not fit")
    };
    assert_eq!(failure.kind, FailureKind::Context);
    assert_eq!(
        failure.message,
        "the prompt has 42 tokens and the answer may take 9000, the model reads 8192"
    );
    let stopped = complete(&mut model, prompt, 8, &AtomicBool::new(true));
    let Outcome::Failed(failure) = stopped.outcome else {
        panic!("it was cancelled")
    };
    assert_eq!(failure.kind, FailureKind::Cancelled);
    let answer = complete(&mut model, prompt, 32, &cancel);
    let Outcome::Completed(completion) = answer.outcome else {
        panic!("it answers again")
    };
    assert_eq!(completion.text, "The capital of France is Paris.");
    assert_eq!(
        (completion.tokens, completion.finish),
        (Tokens(7), FinishReason::Stop)
    );
}

#[test]
fn the_likeliest_option_is_told_with_transformers_log_probabilities() {
    let (golden, mut model) = (golden(), model(DType::F32));
    for case in &golden.prompts {
        // The four likeliest, in an order that is not theirs.
        let four = [3, 1, 0, 2].map(|at| case.top20[at]);
        let options = four.map(|(id, _)| {
            let bytes = model.tokenizer().bytes(id).to_vec();
            String::from_utf8(bytes).unwrap_or_default()
        });
        let alone = |option: &String| model.tokenizer().encode(option).len() == 1;
        if !options.iter().all(alone) {
            continue;
        }
        let ask = CompletionRequest {
            prompt: &Prompt::plain(&case.prompt),
            max_tokens: Tokens(1),
            options: &options,
            settings: &SamplingParams::default(),
        };
        let answer = model.complete(ask, &AtomicBool::new(false), &mut |_| ());
        let Outcome::Completed(chosen) = answer.outcome else {
            panic!("{}: {:?}", case.name, answer.outcome)
        };
        assert_eq!(chosen.text, options[2], "{}", case.name);
        for (told, (id, logit)) in chosen.options.iter().zip(four) {
            let (told, want) = (told.unwrap(), logit - case.logsumexp);
            assert!(
                (told - want).abs() < 0.02,
                "{} {id}: {told} {want}",
                case.name
            );
        }
    }
}

fn complete(
    model: &mut LocalEngine,
    prompt: &str,
    max_tokens: u32,
    cancel: &AtomicBool,
) -> EngineAnswer {
    let ask = CompletionRequest {
        prompt: &Prompt::plain(prompt),
        max_tokens: Tokens(max_tokens),
        options: &[],
        settings: &SamplingParams::default(),
    };
    model.complete(ask, cancel, &mut |_| ())
}
