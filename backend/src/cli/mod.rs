//! The command line: one file per subcommand.

mod advise; // `fathom advise`
mod compare; // `fathom compare`
mod data; // `fathom data fetch|list|path|check`
mod endpoint; // `fathom endpoint list|check|launch`
mod export; // writes rows as other programs' files
mod gate; // `fathom gate`
mod generate; // `fathom generate`
mod model; // `fathom model pull|list|inspect`
mod output; // the `-o` option
mod predictions; // writes a run's answers as LongBench v2 prediction files
mod questions; // chooses the LongBench v2 questions to ask
mod records; // writes a run's answers as other programs' records
mod report; // `fathom report`
mod result_sets; // finds result sets by name
mod run; // `fathom run`
mod runs; // `fathom runs`
mod score; // `fathom score`
mod serve; // `fathom serve`
mod spec; // options that determine the samples, named as in RULER's scripts
mod synthetic; // reads RULER's `synthetic.yaml`
mod terminal; // progress and messages for the terminal
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
use etcetera::base_strategy::Xdg;
use fathom_shared::prompt::{Date, chat};
use tokio::runtime::Handle;
use tracing_subscriber::EnvFilter;

use crate::catalog::Catalog;
use crate::config::{Config, ConfigError, default_path};
use crate::data::inspect::Inspection;
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
    after_long_help = "FATHOM_TEMPLATE_DATE=YYYY-MM-DD sets the date given to chat templates that ask for it [default: 2024-07-26]"
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

/// Where models are stored.
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

/// The endpoints that may be used.
#[derive(Debug, Args)]
struct ConfigFileArg {
    /// File that names the endpoints [default: fathom/fathom.toml in the user's configuration
    /// folder]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigFileArg {
    fn load(&self) -> Result<Config, ConfigError> {
        Config::load(self.config.as_deref(), &default_path(user().as_ref()))
    }
}

/// The models and endpoints that can answer.
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

    /// For commands that ask no questions: a file of questions is not read, so errors in it do not
    /// matter.
    fn catalog_for_texts(&self) -> anyhow::Result<Catalog> {
        Ok(Catalog::new(self.models.open(), self.config.load()?))
    }
}

/// Where runs are kept.
#[derive(Debug, Args)]
struct DatabaseArg {
    /// File that keeps runs and answers, or postgres://user:password@host/name
    /// [default: FATHOM_DATABASE, or fathom/fathom.db in the user's data folder]
    // Read in `url`: a clap error would repeat the address with its password.
    #[arg(long, value_name = "FILE|URL")]
    database: Option<String>,
}

impl DatabaseArg {
    fn url(&self) -> anyhow::Result<DatabaseUrl> {
        // A password taken from the environment does not appear in the process list.
        match (&self.database, std::env::var("FATHOM_DATABASE")) {
            (Some(url), _) => Ok(url.parse()?),
            (None, Ok(url)) if !url.is_empty() => Ok(url.parse()?),
            (None, _) => Ok(DatabaseUrl::Sqlite(folders().database)),
        }
    }

    async fn open(&self) -> anyhow::Result<Store> {
        Ok(Store::open(&self.url()?).await?)
    }

    /// For commands that work on existing runs: does not create a database.
    async fn open_existing(&self) -> anyhow::Result<Store> {
        Ok(Store::open_existing(&self.url()?).await?)
    }
}

/// How this process answers runs.
#[derive(Debug, Args)]
struct WorkerArgs {
    /// Seconds without progress after which a worker's sample is given to another worker
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    lease: u64,
}

impl WorkerArgs {
    /// A worker with a name that no other process uses.
    fn worker(&self) -> LeaseHolder {
        // The system seeds this anew for every process.
        let chance = RandomState::new().build_hasher().finish();
        let name = format!("{}-{chance:016x}", std::process::id());
        LeaseHolder::new(&name, Duration::from_secs(self.lease))
    }

    fn workers(&self, jobs: &Jobs, catalog: &Catalog) -> WorkerPool {
        let models = catalog.models().clone();
        // If the name is not here, do not read files that belong to others.
        let has = move |id: &str| match models.is_here(id).then(|| models.find(id)) {
            Some(Ok(_)) => true,
            Some(Err(error @ ModelError::Read { .. })) => {
                tracing::error!(error = chain(&error), "cannot read the model");
                false
            }
            // The error is reported when a run with this model is started.
            Some(Err(_)) | None => false,
        };
        let (worker, handle) = (self.worker(), Handle::current());
        let workers = WorkerPool::new(jobs.clone(), catalog.host(), worker, has, handle);
        workers.with_corpora(Arc::clone(catalog.corpora()))
    }
}

fn folders() -> DataFolders {
    DataFolders::of(user().as_ref())
}

/// The user's folders by the XDG base directory rules, if the user has a home folder.
fn user() -> Option<Xdg> {
    Xdg::new().ok()
}

/// Parses the arguments of this process and runs the command.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(unread) => return unparsed(&unread),
    };
    if let Command::Apart = cli.command {
        return match child_process::answer(|path| Inspection::here(path).map_err(|e| chain(&e))) {
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
        // Otherwise it would report a closed stderr on stderr, and stop.
        .log_internal_errors(false)
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    // One line for the operator, whatever RUST_BACKTRACE is set to; the code that failed reports
    // the error in its own place.
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string);
        let at = at.unwrap_or_default();
        tracing::error!(at, why = said(panic.payload()), "panic");
    }));
    match child_process::this_program() {
        Ok(program) => child_process::enable(program),
        Err(error) => tracing::warn!(%error, "models are opened in this process"),
    }
    if let Err(error) = set_template_date() {
        let _closed = terminal::warn(format!("fathom: {error}"));
        return ExitCode::FAILURE;
    }
    // The exit code of `fathom gate` is its verdict, so errors need another code; and a verdict
    // that nobody read does not count as passed.
    let (failure, unread) = match cli.command {
        Command::Gate(_) => (ExitCode::from(gate::USAGE), ExitCode::from(gate::USAGE)),
        _ => (ExitCode::FAILURE, ExitCode::SUCCESS),
    };
    match start(cli) {
        Ok(code) => match terminal::lost() {
            Some(why) => failed(why, failure),
            None => code,
        },
        // For example in `fathom … | head`, once `head` has read enough.
        Err(error) if terminal::is_unread(&error) => unread,
        Err(error) => failed(&chain(&*error), failure),
    }
}

/// Prints the help or version that was asked for, or what is wrong with the arguments.
fn unparsed(told: &clap::Error) -> ExitCode {
    let code = u8::try_from(told.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
    if told.use_stderr() {
        // If even this cannot be written, there is nobody to report it to.
        let _closed = told.print();
        return code;
    }
    match terminal::print_by(|| told.print()).map_err(anyhow::Error::from) {
        Err(error) if !terminal::is_unread(&error) => failed(&chain(&*error), ExitCode::FAILURE),
        _ => code,
    }
}

fn failed(why: &str, code: ExitCode) -> ExitCode {
    // If even this cannot be written, there is nobody to report it to.
    let _closed = terminal::warn(format!("fathom: {why}"));
    code
}

/// The date given to chat templates, from `FATHOM_TEMPLATE_DATE`.
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
            // Done before anything else was set up.
            Command::Apart => Ok(()),
        }
        .map(|()| ExitCode::SUCCESS)
    });
    // Do not wait for a worker in the middle of a layer: its run continues at the next start.
    runtime.shutdown_background();
    done
}
