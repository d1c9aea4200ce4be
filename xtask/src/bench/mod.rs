//! `cargo xtask bench`: figures, measured, never asserted in a test.

mod advise; // calibration of the advisor
mod backend; // `cargo xtask bench backend`
mod cpu; // processor time of a finished program
mod generate; // generators
mod intervals; // how often intervals hold the true value
mod kernels; // shaders
mod longbench; // a file as large as the dataset
mod original; // RULER's own scripts
mod page; // the page in a browser: visits, engines
mod results; // the Results page
mod server; // the server while a run goes on

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;

use crate::paths;

/// What is measured.
#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Seconds a sample, against RULER's own scripts.
    Generate {
        /// How often each command runs.
        #[arg(long, default_value_t = 10)]
        runs: u32,
        /// Also make 500 samples of `niah_single_2` at all six lengths (minutes, gigabytes).
        #[arg(long)]
        sweep: bool,
        /// A checkout of NVIDIA/RULER to run beside it, once each; without one, the recorded CPU
        /// seconds stand for it.
        #[arg(long, value_name = "FOLDER")]
        original: Option<PathBuf>,
        /// The Python that has what the checkout imports.
        #[arg(long, default_value = "python3")]
        python: PathBuf,
    },
    /// How often the advisor is right where it is so sure, by simulation.
    Advise,
    /// What the server bears: 200 watchers and 2,000 requests a second while a run goes on.
    Server,
    /// How often the 95% intervals hold the true value, and the tests are wrong, by simulation.
    Intervals,
    /// The Results page over sets of 100,000 rows: charts, filters, intervals, the report.
    Results,
    /// A first visit of the page and a second: when something is seen, when it can be used, what is
    /// fetched until then; with the processor as it is, and four times slower. Then how many clicks and
    /// seconds a teacher, somebody who decides and a developer need for what they come for.
    Page,
    /// The page's two engines in headless Chromium, the default model on the processor and on the
    /// adapter: tokens a second.
    PageEngines {
        /// Tokens of the prompt.
        #[arg(long, default_value_t = 1024)]
        length: u32,
    },
    /// A file of questions as large as LongBench v2's dataset (465 MB, written anew): its index,
    /// its longest text over a server and in the page, BM25.
    Longbench,
    /// Our shaders on this machine's adapter: tokens a second at several depths.
    Kernels {
        /// A GGUF file [default: the default model, as `fathom model pull` keeps it].
        #[arg(long, value_name = "FILE")]
        model: Option<PathBuf>,
        /// Tokens of the prompts.
        #[arg(long, value_name = "N,…", value_delimiter = ',', default_values_t = backend::PROMPTS)]
        prompts: Vec<u32>,
        /// Tokens of the answers.
        #[arg(long, default_value_t = 64)]
        answer: u32,
        /// One variant for all kernels, `register` or `workgroup`, in place of the measured ones.
        #[arg(long)]
        variant: Option<String>,
    },
    /// An engine on this machine; candle on its processor against llama.cpp on the same file.
    Backend {
        /// candle-cpu, candle-cuda (compiled with the feature) or wgpu.
        #[arg(long, default_value = backend::PROCESSOR)]
        engine: String,
        /// How often each runs.
        #[arg(long, default_value_t = 3)]
        runs: u32,
        /// A GGUF file [default: the default model, as `fathom model pull` keeps it].
        #[arg(long, value_name = "FILE")]
        model: Option<PathBuf>,
        /// A Python that has llama-cpp-python, for candle-cpu; without one, ours is measured alone.
        #[arg(long)]
        python: Option<PathBuf>,
        /// Threads of both.
        #[arg(long, default_value_t = 2)]
        threads: u32,
        /// Tokens of the prompts; an answer of 64 follows each.
        #[arg(long, value_name = "N,…", value_delimiter = ',', default_values_t = backend::PROMPTS)]
        prompts: Vec<u32>,
    },
}

/// Measures and prints.
///
/// # Errors
/// When something does not build or run.
pub(crate) fn run(bench: &Bench) -> Result<()> {
    match bench {
        Bench::Advise => advise::measure(),
        Bench::Generate {
            runs,
            sweep,
            original,
            python,
        } => {
            let original = original::Original::find(original.as_deref(), python)?;
            generate::measure(*runs, *sweep, &original)
        }
        Bench::Server => server::measure(),
        Bench::Intervals => intervals::measure(),
        Bench::Results => results::measure(),
        Bench::Longbench => longbench::measure(),
        Bench::Page => page::visit(),
        Bench::PageEngines { length } => page::engines(*length),
        Bench::Kernels {
            model,
            prompts,
            answer,
            variant,
        } => {
            let model = model_or_default(model.as_ref())?;
            kernels::measure(&model, prompts, *answer, variant.as_deref())
        }
        Bench::Backend {
            engine,
            runs,
            model,
            python,
            threads,
            prompts,
        } => {
            let model = model_or_default(model.as_ref())?;
            let python = python.as_deref().filter(|_| engine == backend::PROCESSOR);
            backend::measure(engine, *runs, &model, python, *threads, prompts)
        }
    }
}

/// The model that was asked for, or the one that `fathom model pull` keeps.
fn model_or_default(model: Option<&PathBuf>) -> Result<PathBuf> {
    Ok(match model {
        Some(model) => model.clone(),
        None => paths::cache()?.join("models/smollm2-135m-instruct.gguf"),
    })
}
