//! Everything a person types, and what CI calls: `cargo xtask serve | build | test | check |
//! check-cuda | bench | record | train | screenshot`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program talks to a terminal"
)]

mod bench; // `cargo xtask bench`
mod check; // `cargo xtask check`
mod command; // runs other programs
mod cuda; // `cargo xtask check-cuda`
mod deploy; // `cargo xtask build`
mod fallback; // fallbacks for odd machines
mod page; // builds the page
mod paths; // folders of the repository and the cache
mod python; // other people's programs in Python
mod record; // `cargo xtask record`
mod rust; // the compiler and its target for the browser
mod screenshot; // `cargo xtask screenshot`
mod serve; // `cargo xtask serve`
mod test; // `cargo xtask test`
mod timing; // how long steps took the last time
mod tools; // gets the tools that are missing
mod train; // `cargo xtask train`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Build, serve and test Fathom. Every step says what it does and is skipped when it is done.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Get what is missing, build the page, fetch the default model, start the server.
    Serve {
        /// Where the server listens.
        #[arg(long, default_value = "127.0.0.1:8080")]
        addr: SocketAddr,
        /// Do not open a browser.
        #[arg(long)]
        no_open: bool,
    },
    /// Build the page and an optimised `fathom` into one folder, to be used elsewhere.
    Build {
        /// The folder.
        #[arg(long, default_value = "dist")]
        output: PathBuf,
        /// The path that a host has the page under; `fathom serve` has it at the root.
        #[arg(long, default_value = "/")]
        base: String,
        /// Features of the server: `cuda` for NVIDIA devices, `flash-attn` for fused attention
        /// there, which fetches CUTLASS from GitHub and takes an hour.
        #[arg(long, value_delimiter = ',')]
        features: Vec<String>,
    },
    /// Run every test: unit, golden, doc, kernels on a software adapter, API, browser.
    Test {
        /// Only tests whose name holds this.
        filter: Option<String>,
        /// Other people's programs too: OpenAI's Python client, lm-eval and schemathesis against
        /// the server. Needs python3, and fetches them from PyPI into the user's cache (about
        /// 800 MB).
        #[arg(long)]
        all: bool,
        /// These programs alone.
        #[arg(long, conflicts_with = "all")]
        python: bool,
    },
    /// Check format and lints, natively and for the browser.
    Check,
    /// Compile and link the build for NVIDIA devices, which needs no device; the compiler comes
    /// from PyPI into the user's cache. Not a part of the tests: it takes long.
    CheckCuda,
    /// Measure figures.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Record the run of a real model that Home, Results and the advisor show at first sight, into
    /// shared/data/recorded. Called again, it goes on.
    Record(record::RecordArgs),
    /// Train a small model by a stage file (docs/training.md).
    Train(train::TrainArgs),
    /// Make the README's picture again.
    Screenshot,
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Serve { addr, no_open } => serve::serve(addr, !no_open),
        Task::Build {
            output,
            base,
            features,
        } => deploy::build(&output, &base, &features),
        Task::Test {
            filter,
            python: true,
            ..
        } => test::run_python(filter.as_deref()),
        Task::Test { filter, all, .. } => test::run_all(filter.as_deref(), all),
        Task::Check => check::run_all(),
        Task::CheckCuda => cuda::check(),
        Task::Bench(what) => bench::run(&what),
        Task::Record(args) => record::make(&args),
        Task::Train(args) => train::train(&args),
        Task::Screenshot => screenshot::make(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
