//! The command line: one file per subcommand.

mod data;
mod generate;
mod model;
mod run;
mod score;
mod serve;
mod spec;
mod terminal;
mod whole_file;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use fathom_shared::engine::EngineKind;
use tracing_subscriber::EnvFilter;

use crate::data::Folders;
use crate::data::models::Models;
use crate::engine::{Engine, EngineKey};
use crate::jobs::Loader;

/// Measures how far into a long text a language model can still read.
///
/// Start with `fathom model pull smollm2-135m-instruct`, then `fathom serve`.
#[derive(Debug, Parser)]
#[command(name = "fathom", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Generate(generate::Generate),
    Run(run::RunCommand),
    Score(score::Score),
    #[command(subcommand)]
    Model(model::ModelCommand),
    #[command(subcommand)]
    Data(data::DataCommand),
}

/// Where models lie.
#[derive(Debug, Args)]
struct ModelsFolder {
    /// Folder with the models (*.gguf) [default: fathom/models in the user's cache folder]
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
}

impl ModelsFolder {
    fn open(&self) -> Models {
        Models::new(self.models.clone().unwrap_or_else(|| folders().models))
    }
}

/// Where runs are kept.
#[derive(Debug, Args)]
struct DatabaseFile {
    /// File that keeps runs and answers [default: fathom/fathom.db in the user's data folder]
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

impl DatabaseFile {
    fn path(&self) -> PathBuf {
        self.database.clone().unwrap_or_else(|| folders().database)
    }
}

fn folders() -> Folders {
    Folders::from_env(|name| std::env::var(name).ok())
}

/// How the worker gets the engine for a model's id: the one place where models become engines.
pub fn loader(models: Models) -> Loader {
    Box::new(move |id| {
        let model = models.find(id)?;
        let key = EngineKey {
            kind: EngineKind::CandleCpu,
            model: id.to_owned(),
            rope: None,
        };
        Ok(Engine::open(&model.path, &key, model.engine())?)
    })
}

/// Parses the arguments of this process and does what they say.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let level = match cli.command {
        Command::Serve(_) => "info,sqlx=warn",
        _ => "warn",
    };
    let filter = EnvFilter::try_from_env("FATHOM_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    match start(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told when even this cannot be written.
            let _closed = writeln!(io::stderr(), "fathom: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(command) => command.run().await,
            Command::Generate(command) => {
                tokio::task::spawn_blocking(move || command.run()).await?
            }
            Command::Run(command) => command.run().await,
            Command::Score(command) => tokio::task::spawn_blocking(move || command.run()).await?,
            Command::Model(command) => command.run().await,
            Command::Data(command) => command.run().await,
        }
    });
    // A worker in the middle of a layer is not waited for: its run goes on at the next start.
    runtime.shutdown_background();
    done
}
