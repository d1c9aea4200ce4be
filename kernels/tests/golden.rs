//! A real model against transformers on the same weights: `tests/golden/logits/PROVENANCE.md`.
#![cfg(feature = "gpu")]
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fathom_kernels::cancel::CancelFlag;
use fathom_kernels::generation::{
    GenerationError, GenerationEvent, LanguageModel, SamplingParams, TextGenerator,
};
use fathom_kernels::gpu::Gpu;
use fathom_kernels::model::sampler::Sampler;
use fathom_kernels::session::{KernelTuning, KernelVariant, Session};
use pollster::block_on;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    gguf_sha256: String,
    prompts: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    prompt: String,
    ids: Vec<u32>,
    top20: Vec<(u32, f64)>,
    logits_mean: f64,
    logits_std: f64,
    logsumexp: f64,
    greedy32: Vec<u32>,
    greedy32_text: String,
}

fn golden() -> Golden {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/logits/smollm2.json");
    serde_json::from_reader(BufReader::new(File::open(path).unwrap())).unwrap()
}

fn model() -> BufReader<File> {
    let folder = std::env::var_os("FATHOM_MODELS").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/fathom/models"),
        PathBuf::from,
    );
    let path = folder.join("smollm2-135m-instruct.gguf");
    let file = File::open(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; get it by `fathom model pull smollm2-135m-instruct`",
            path.display()
        )
    });
    BufReader::new(file)
}

fn session() -> Option<Session> {
    session_with(None)
}

/// With measured variants, or with one for all kernels.
fn session_with(variant: Option<KernelVariant>) -> Option<Session> {
    let gpu = match block_on(Gpu::open()) {
        Ok(gpu) => gpu,
        Err(_) if std::env::var_os("FATHOM_ALLOW_NO_GPU").is_some() => return None,
        Err(error) => panic!("{error}"),
    };
    let mut last = (0, 0);
    let mut report = |done, of| last = (done, of);
    let (mut file, cancel) = (model(), CancelFlag::default());
    let tuning = variant.map(|variant| KernelTuning::all(gpu.adapter(), variant));
    let session = block_on(Session::load(
        gpu,
        &mut file,
        None,
        tuning,
        &cancel,
        &mut report,
    ))
    .unwrap();
    assert_eq!(last.0, last.1, "the report ends at the end");
    Some(session)
}

/// The cosine of the angle between our logits and the golden ones, as far as the file tells them.
fn cosine(logits: &[f32], case: &Case) -> f64 {
    // The file has the twenty likeliest; around the mean, so that agreement is no gift.
    let centre = |value: f64| value - case.logits_mean;
    let pairs = case
        .top20
        .iter()
        .map(|(id, want)| (centre(f64::from(logits[*id as usize])), centre(*want)));
    let (mut both, mut ours, mut theirs) = (0.0, 0.0, 0.0);
    for (got, want) in pairs {
        both += got * want;
        ours += got * got;
        theirs += want * want;
    }
    both / (ours * theirs).sqrt()
}

#[track_caller]
fn check(generator: &mut TextGenerator<Session>, case: &Case) {
    let name = &case.name;
    assert_eq!(
        generator.tokenizer().encode(&case.prompt),
        case.ids,
        "{name}: ids"
    );
    let cancel = AtomicBool::new(false);
    let mut logits = block_on(generator.prefill(&case.ids, 32, &cancel, &mut |_| ())).unwrap();

    assert_eq!(
        Sampler::greedy().sample(&logits),
        case.top20[0].0,
        "{name}: likeliest"
    );
    let cosine = cosine(&logits, case);
    assert!(cosine > 0.999, "{name}: cosine {cosine}");
    for (id, want) in &case.top20 {
        let got = f64::from(logits[*id as usize]);
        assert!(
            (got - want).abs() < 0.02,
            "{name}: token {id} is {got}, expected {want}"
        );
    }
    let n = logits.len() as f64;
    let mean = logits.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
    let variance = logits
        .iter()
        .map(|x| (f64::from(*x) - mean).powi(2))
        .sum::<f64>()
        / n;
    let sum: f64 = logits.iter().map(|x| f64::from(*x).exp()).sum();
    assert!(
        (mean - case.logits_mean).abs() < 0.01,
        "{name}: mean {mean}"
    );
    assert!(
        (variance.sqrt() - case.logits_std).abs() < 0.01,
        "{name}: deviation"
    );
    assert!(
        (sum.ln() - case.logsumexp).abs() < 0.01,
        "{name}: log of the sum"
    );

    // The golden run does not stop at the end of the turn.
    let mut written = Vec::new();
    while written.len() < 32 {
        let id = Sampler::greedy().sample(&logits);
        written.push(id);
        logits = block_on(generator.step(id, &cancel)).unwrap();
    }
    assert_eq!(written, case.greedy32, "{name}: greedy tokens");
    assert_eq!(
        generator.tokenizer().decode(&written),
        case.greedy32_text,
        "{name}: text"
    );
}

#[test]
fn smollm2_says_what_transformers_says() {
    let Some(session) = session() else { return };
    let (golden, mut generator) = (golden(), session.into_generator());
    assert_eq!(golden.gguf_sha256.len(), 64);
    assert_eq!(golden.prompts.len(), 3);
    for case in &golden.prompts {
        check(&mut generator, case);
    }
}

#[test]
fn an_answer_streams_stops_and_can_be_cancelled() {
    let Some(session) = session() else { return };
    let (golden, mut generator) = (golden(), session.into_generator());
    let (ids, long) = (&golden.prompts[0].ids, &golden.prompts[1].ids);
    let mut pieces = String::new();
    let mut read = 0;
    let (greedy, cancel) = (SamplingParams::default(), AtomicBool::new(false));
    let mut report = |event: GenerationEvent<'_>| match event {
        GenerationEvent::Prefill { done, .. } => read = done,
        GenerationEvent::Prompt(_) => panic!("nobody asked how likely the prompt is"),
        GenerationEvent::Text { text, .. } => pieces.push_str(text),
    };
    let answer = generator.generate(ids, 32, &greedy, &cancel, &mut report);
    let answer = block_on(answer).unwrap();
    assert_eq!(answer.text, "The capital of France is Paris.");
    assert_eq!((pieces, read), (answer.text, 42));
    assert_eq!((ids.len(), answer.tokens), (42, 7));

    // The ten likeliest of each step; the answer is the same.
    let told = SamplingParams {
        logprobs: Some(10),
        ..SamplingParams::default()
    };
    let mut quiet = |_: GenerationEvent<'_>| ();
    let told = generator.generate(ids, 32, &told, &cancel, &mut quiet);
    let told = block_on(told).unwrap();
    assert_eq!(told.text, "The capital of France is Paris.");
    assert_eq!(told.logprobs.len(), 7);
    for token in &told.logprobs {
        assert_eq!(token.top.len(), 10);
        assert_eq!(Some(token.top[0]), token.logprob.map(|own| (token.id, own)));
    }

    // Cancelled at the first report, and asked again.
    let stop = AtomicBool::new(false);
    let mut raise = |_: GenerationEvent<'_>| stop.store(true, Ordering::Relaxed);
    let stopped = block_on(generator.generate(long, 8, &greedy, &stop, &mut raise));
    assert_eq!(stopped, Err(GenerationError::Cancelled));
    let again = generator.generate(ids, 3, &greedy, &cancel, &mut quiet);
    assert_eq!(block_on(again).unwrap().text, "The capital of");

    let huge = generator.generate(ids, 9000, &greedy, &cancel, &mut quiet);
    assert_eq!(
        block_on(huge).unwrap_err().to_string(),
        "the prompt has 42 tokens and the answer may take 9000, the model reads 8192"
    );
}

#[test]
fn a_cancel_is_heard_within_300_ms() {
    let Some(session) = session() else { return };
    let prompt: Vec<u32> = (0..1500).map(|i| 100 + i % 1000).collect();
    let mut generator = session.into_generator();
    let (greedy, mut quiet) = (SamplingParams::default(), |_: GenerationEvent<'_>| ());
    // The shortest of three: other programs use the machine too.
    let mut shortest = Duration::MAX;
    for wait in [700, 1500, 2200] {
        generator.forget();
        let cancel = CancelFlag::default();
        let other_hand = cancel.clone();
        let raised = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(wait));
            other_hand.raise();
            Instant::now()
        });
        let stopped = generator.generate(&prompt, 8, &greedy, cancel.flag(), &mut quiet);
        assert_eq!(block_on(stopped), Err(GenerationError::Cancelled));
        shortest = shortest.min(raised.join().unwrap().elapsed());
    }
    assert!(shortest < Duration::from_millis(300), "{shortest:?}");
}

/// The logits after `ids`, which follow what the session holds.
fn read(session: &mut Session, ids: &[u32]) -> Vec<f32> {
    let cancel = AtomicBool::new(false);
    block_on(session.read(ids, &cancel, &mut |_| (), None)).unwrap()
}

#[test]
fn a_token_takes_few_dispatches() {
    // On graphics processors each costs time; those that a processor plays do not mind.
    for (variant, most) in [
        (KernelVariant::Workgroup, 220),
        (KernelVariant::Register, 280),
    ] {
        let Some(mut session) = session_with(Some(variant)) else {
            return;
        };
        assert_eq!(session.config().layers, 30);
        session.reserve(2).unwrap();
        read(&mut session, &[1]);
        let before = session.dispatches();
        read(&mut session, &[4]);
        let count = session.dispatches() - before;
        assert!(count <= most, "{variant:?}: {count}");
    }
}

#[test]
fn a_cache_that_grows_keeps_what_it_holds() {
    let Some(mut session) = session() else { return };
    let ids: Vec<u32> = (100..170).collect();
    session.reserve(71).unwrap();
    read(&mut session, &ids);
    let before = read(&mut session, &[170]);
    session.rewind(70);
    assert!(
        !session.reserve(3000).unwrap(),
        "nothing is to be read again"
    );
    assert_eq!(read(&mut session, &[170]), before);
}
