//! The command line: one file per subcommand.

mod advise; // `fathom advise`
mod compare; // `fathom compare`
mod data; // `fathom data fetch|list|path|check`
mod endpoint; // `fathom endpoint list|check|launch`
mod export; // rows into other programs' files
mod gate; // `fathom gate`
mod generate; // `fathom generate`
mod model; // `fathom model pull|list|inspect`
mod predictions; // the answers of a run as LongBench v2's files of predictions
mod questions; // which questions LongBench v2 asks
mod records; // the answers of a run as other programs' records
mod report; // `fathom report`
mod result_sets; // result sets by name
mod run; // `fathom run`
mod runs; // `fathom runs`
mod score; // `fathom score`
mod serve; // `fathom serve`
mod spec; // what determines the samples, by the names of the original scripts
mod synthetic; // RULER's `synthetic.yaml`
mod terminal; // what a person sees
mod track; // `fathom track`
mod worker; // `fathom worker`

#[cfg(test)]
pub(crate) use score::tests::scored;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use fathom_shared::prompt::{Date, chat};
use tokio::runtime::Handle;
use tracing_subscriber::EnvFilter;

use crate::catalog::Catalog;
use crate::config::{Config, ConfigError};
use crate::data::models::{ModelError, ModelStore};
use crate::data::{DataFolders, child_process};
use crate::errors::{chain, said};
use crate::jobs::{Jobs, WorkerPool};
use crate::store::{DatabaseUrl, LeaseHolder, Store};

/// Measures how far into a long text a language model can still read.
///
/// Start with `fathom model pull smollm2-135m-instruct`, then `fathom serve`.
#[derive(Debug, Parser)]
#[command(
    name = "fathom",
    version,
    after_long_help = "FATHOM_TEMPLATE_DATE=YYYY-MM-DD is the day that chat templates are told which ask for it [default: 2024-07-26]"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::ServeArgs),
    Generate(generate::GenerateArgs),
    Run(Box<run::RunArgs>),
    #[command(subcommand)]
    Runs(runs::RunsCommand),
    Compare(compare::CompareArgs),
    Track(track::TrackArgs),
    Advise(Box<advise::AdviseArgs>),
    Gate(gate::GateArgs),
    Report(report::ReportArgs),
    Worker(worker::WorkerCommandArgs),
    Score(score::ScoreArgs),
    #[command(subcommand)]
    Model(model::ModelCommand),
    #[command(subcommand)]
    Data(data::DataCommand),
    #[command(subcommand)]
    Endpoint(endpoint::EndpointCommand),
    /// Opens one file or renders one template for another process of fathom
    #[command(hide = true)]
    Apart,
}

/// Where models lie.
#[derive(Debug, Args)]
struct ModelsFolderArg {
    /// Folder with the models (*.gguf) [default: fathom/models in the user's cache folder]
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
}

impl ModelsFolderArg {
    fn open(&self) -> ModelStore {
        ModelStore::new(self.models.clone().unwrap_or_else(|| folders().models))
    }
}

/// Which servers may be asked.
#[derive(Debug, Args)]
struct ConfigFileArg {
    /// File that names the endpoints [default: fathom/fathom.toml in the user's configuration
    /// folder]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigFileArg {
    fn load(&self) -> Result<Config, ConfigError> {
        Config::load(self.config.as_deref(), |name| std::env::var(name).ok())
    }
}

/// Who can be asked.
#[derive(Debug, Args)]
struct EnginesArgs {
    #[command(flatten)]
    models: ModelsFolderArg,
    #[command(flatten)]
    config: ConfigFileArg,
    #[command(flatten)]
    asked: questions::QuestionsArgs,
}

impl EnginesArgs {
    fn catalog(&self) -> anyhow::Result<Catalog> {
        let catalog = self.catalog_for_texts()?;
        Ok(catalog.with_questions(self.asked.open()?))
    }

    /// For what asks no questions: a file of them is not looked at, however it is.
    fn catalog_for_texts(&self) -> anyhow::Result<Catalog> {
        Ok(Catalog::new(self.models.open(), self.config.load()?))
    }
}

/// Where runs are kept.
#[derive(Debug, Args)]
struct DatabaseArg {
    /// File that keeps runs and answers, or postgres://user:password@host/name
    /// [default: FATHOM_DATABASE, or fathom/fathom.db in the user's data folder]
    // Read in `url`: an error of clap would repeat it with its password.
    #[arg(long, value_name = "FILE|URL")]
    database: Option<String>,
}

impl DatabaseArg {
    fn url(&self) -> anyhow::Result<DatabaseUrl> {
        // From the environment a password is not in the list of processes.
        match (&self.database, std::env::var("FATHOM_DATABASE")) {
            (Some(url), _) => Ok(url.parse()?),
            (None, Ok(url)) if !url.is_empty() => Ok(url.parse()?),
            (None, _) => Ok(DatabaseUrl::Sqlite(folders().database)),
        }
    }

    async fn open(&self) -> anyhow::Result<Store> {
        Ok(Store::open(&self.url()?).await?)
    }

    /// For what works on runs that are there: makes no database.
    async fn open_existing(&self) -> anyhow::Result<Store> {
        Ok(Store::open_existing(&self.url()?).await?)
    }
}

/// How a process answers runs.
#[derive(Debug, Args)]
struct WorkerArgs {
    /// Seconds after which a sample whose worker shows no progress is given to another
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    lease: u64,
}

impl WorkerArgs {
    /// A worker with a name that no other process has.
    fn worker(&self) -> LeaseHolder {
        // Seeded by the system for every process anew.
        let chance = RandomState::new().build_hasher().finish();
        let name = format!("{}-{chance:016x}", std::process::id());
        LeaseHolder::new(&name, Duration::from_secs(self.lease))
    }

    fn workers(&self, jobs: &Jobs, catalog: &Catalog) -> WorkerPool {
        let models = catalog.models().clone();
        // Of a name that is not here nobody else's files are looked into.
        let has = move |id: &str| match models.is_here(id).then(|| models.find(id)) {
            Some(Ok(_)) => true,
            Some(Err(error @ ModelError::Read { .. })) => {
                tracing::error!(error = chain(&error), "model not looked into");
                false
            }
            // Whoever orders it is told why.
            Some(Err(_)) | None => false,
        };
        let (worker, handle) = (self.worker(), Handle::current());
        let workers = WorkerPool::new(jobs.clone(), catalog.host(), worker, has, handle);
        workers.with_corpora(Arc::clone(catalog.corpora()))
    }
}

fn folders() -> DataFolders {
    DataFolders::from_env(|name| std::env::var(name).ok())
}

/// Parses the arguments of this process and does what they say.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::Apart = cli.command {
        return match child_process::answer() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    let level = match cli.command {
        Command::Serve(_) | Command::Worker(_) => "info,sqlx=warn",
        _ => "warn",
    };
    let filter = EnvFilter::try_from_env("FATHOM_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        // It would say on stderr, and break off, that nobody reads stderr.
        .log_internal_errors(false)
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    // One line for whoever operates it, however RUST_BACKTRACE stands; what broke off says so in
    // its own place.
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string);
        let at = at.unwrap_or_default();
        tracing::error!(at, why = said(panic.payload()), "broke off");
    }));
    match child_process::this_program() {
        Ok(program) => child_process::enable(program),
        Err(error) => tracing::warn!(%error, "models are opened in this process"),
    }
    if let Err(error) = set_template_date() {
        let _closed = terminal::warn(format!("fathom: {error}"));
        return ExitCode::FAILURE;
    }
    // A gate says by its exit code what the candidate is worth, so its errors need another, and a
    // verdict that nobody read is no good one.
    let (failure, unread) = match cli.command {
        Command::Gate(_) => (ExitCode::from(gate::USAGE), ExitCode::from(gate::USAGE)),
        _ => (ExitCode::FAILURE, ExitCode::SUCCESS),
    };
    start(cli).unwrap_or_else(|error| {
        // As in `fathom … | head`, which has seen enough.
        if terminal::is_closed(&error) {
            return unread;
        }
        // Nobody is left to be told when even this cannot be written.
        let _closed = terminal::warn(format!("fathom: {}", chain(&*error)));
        failure
    })
}

/// The day that chat templates are told, from `FATHOM_TEMPLATE_DATE`.
fn set_template_date() -> Result<(), String> {
    let Ok(said) = std::env::var("FATHOM_TEMPLATE_DATE") else {
        return Ok(());
    };
    let date = said.parse::<Date>();
    chat::set_date(date.map_err(|error| format!("FATHOM_TEMPLATE_DATE: {error}"))?);
    Ok(())
}

fn start(cli: Cli) -> anyhow::Result<ExitCode> {
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
            Command::Runs(command) => command.run().await,
            Command::Compare(command) => command.run().await,
            Command::Track(command) => command.run().await,
            Command::Advise(command) => command.run().await,
            Command::Worker(command) => command.run().await,
            Command::Score(command) => tokio::task::spawn_blocking(move || command.run()).await?,
            Command::Model(command) => command.run().await,
            Command::Data(command) => command.run().await,
            Command::Endpoint(command) => command.run().await,
            Command::Report(command) => command.run().await,
            Command::Gate(command) => return command.run().await,
            // Done before anything else is set up.
            Command::Apart => Ok(()),
        }
        .map(|()| ExitCode::SUCCESS)
    });
    // A worker in the middle of a layer is not waited for: its run goes on at the next start.
    runtime.shutdown_background();
    done
}
