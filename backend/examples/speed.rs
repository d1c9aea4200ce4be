//! How fast an engine reads and writes on this machine:
//! `speed MODEL PROMPT_TOKENS ANSWER_TOKENS [ENGINE]`, one line of JSON. `cargo xtask bench backend`
//! runs it, candle on the processor beside llama.cpp.
#![expect(clippy::print_stdout, reason = "its line is what it is for")]

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use fathom_backend::engine::{
    CompletionRequest, Engine, EngineKey, EngineProgress, SamplingParams,
};
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::Prompt;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{EngineInfo, Outcome};

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (model, prompt, answer, kind) = match arguments.as_slice() {
        [model, prompt, answer] => (model, prompt, answer, EngineKind::CandleCpu),
        [model, prompt, answer, kind] => (model, prompt, answer, kind.parse()?),
        _ => bail!("usage: speed MODEL PROMPT_TOKENS ANSWER_TOKENS [ENGINE]"),
    };
    let (prompt, answer): (u32, u32) = (prompt.parse()?, answer.parse()?);
    let key = EngineKey {
        kind,
        model: model.clone(),
        rope: None,
        kv: None,
    };
    let (path, info) = (Path::new(model), EngineInfo::default());
    let mut engine = match key.kind {
        EngineKind::Wgpu => Engine::open_wgpu(path, &key, info)?,
        _ => Engine::open(path, &key, info)?,
    };
    // A word that is one token, and that no model stops repeating.
    let words = |count: u32| " the".repeat(count as usize);
    let text = words(prompt);
    let counted = engine.counter().count(&text);
    if counted.0 != prompt {
        bail!("{prompt} words are {counted:?} to this model, expected as many tokens");
    }
    let ask = CompletionRequest {
        prompt: &Prompt::plain(&text),
        max_tokens: Tokens(answer),
        options: &[],
        settings: &SamplingParams::default(),
    };
    if key.kind != EngineKind::CandleCpu {
        // A device compiles what it runs when it is first asked.
        let ask = CompletionRequest {
            prompt: &Prompt::plain("the"),
            max_tokens: Tokens(2),
            ..ask
        };
        engine.complete(ask, &AtomicBool::new(false), &mut |_| {});
    }
    let (start, cpu) = (Instant::now(), cpu_s()?);
    let mut read = None;
    let answer = engine.complete(ask, &AtomicBool::new(false), &mut |progress| {
        if let EngineProgress::Prefill { done, total } = progress
            && done == total
        {
            read = cpu_s().ok().map(|cpu| (start.elapsed().as_secs_f64(), cpu));
        }
    });
    let (wall, all_cpu) = (start.elapsed().as_secs_f64(), cpu_s()? - cpu);
    let (prefill, prefill_cpu) = read.context("the prompt was not read")?;
    let prefill_cpu = prefill_cpu - cpu;
    let decode_cpu = all_cpu - prefill_cpu;
    // The kernel tells hundredths of a second; with a device it may be less.
    let [prefill_cpu, decode_cpu] = [prefill_cpu, decode_cpu].map(|seconds| seconds.max(0.01));
    let written = match answer.outcome {
        Outcome::Completed(completion) => f64::from(completion.tokens.0),
        Outcome::Failed(failure) => bail!("{}", failure.message),
    };
    let prompt = f64::from(prompt);
    println!(
        "{{\"prefill_wall\":{:.2},\"prefill_cpu\":{:.2},\"decode_wall\":{:.2},\"decode_cpu\":{:.2},\"peak_mb\":{:.1}}}",
        prompt / prefill,
        prompt / prefill_cpu,
        written / (wall - prefill),
        written / decode_cpu,
        peak_mb()?
    );
    Ok(())
}

/// Seconds that this process had a processor.
fn cpu_s() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").context("only Linux tells")?;
    let after = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<_> = after.split_whitespace().collect();
    let ticks =
        |at: usize| -> Result<f64> { Ok(fields.get(at).context("no such field")?.parse()?) };
    // In hundredths of a second, whatever the kernel counts in.
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}

fn peak_mb() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB"));
    Ok(kilobytes.context("no VmHWM")?.trim().parse::<f64>()? / 1024.0)
}
