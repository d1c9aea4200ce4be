//! `fathom run`.

mod follow; // what is seen of a run while it goes on
pub(super) mod table; // runs as tables of text

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum};
use fathom_shared::api::{NewRun, RunSpec, RunStatus};
use fathom_shared::corpora::Corpora;
use fathom_shared::engine::{EngineKind, KvFormat, RopeParameters};
use fathom_shared::longbench::{LongBenchSetting, QuestionSource};
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::{RunGrid, TaskChoice};
use fathom_shared::task::{longbench_v2, ruler};
use fathom_shared::tokens::Tokens;

use super::export::{ExportFormat, tell};
use super::serve::{WorkerThreads, stop_signal};
use super::spec::{SpecOptions, task_ids};
use super::terminal::{say, unless_closed, warn};
use super::{DatabaseArg, EnginesArgs, WorkerArgs, predictions, records};
use crate::jobs::{Jobs, WorkerSlot};

/// How long a run waits for a database that takes nothing.
const STORE_PATIENCE: Duration = Duration::from_secs(60);

/// Ask a model on this machine, or an endpoint, and score the answers.
///
/// Every answer is stored before the next question is asked. A run that was interrupted, even by
/// a crash, continues where it stopped when the same command is called again; a run that is done is
/// not repeated but begun anew. The exit code is not 0 where the run could not go on or every
/// sample failed. The commonest reason of failures is told, and how many answers were empty, or thinking
/// and nothing else. Where the database takes nothing for a minute, as on a full disk, or cannot be
/// read, the command ends and stored answers are kept. A closed output does not stop it.
///
/// Example: fathom run --suite ruler --lengths 4096,8192 --num-samples 20
/// --model smollm2-135m-instruct -o results
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Which suite of tasks
    #[arg(long, value_enum, default_value_t = SuiteArg::Ruler)]
    suite: SuiteArg,
    /// RULER's tasks, or `all` of them
    #[arg(long, value_name = "ID,…", value_delimiter = ',', value_parser = some_tasks(), default_value = "all")]
    tasks: Vec<String>,
    /// LongBench: how questions are put: direct, cot, no-context, rag:N (chunks), tail:N (tokens)
    #[arg(
        long,
        value_name = "SETTING,…",
        value_delimiter = ',',
        default_value = "direct"
    )]
    setting: Vec<LongBenchSetting>,
    /// LongBench: what counts as the answer: the letter in what the model writes, or the likeliest
    /// of the four letters after "The correct answer is (". Each is a run of its own cells
    #[arg(long, value_enum, value_delimiter = ',', default_value = "text")]
    answer: Vec<AnswerByArg>,
    /// Prompt and answer together, in tokens of the model. LongBench cuts longer prompts in their
    /// middle; without lengths at 120,128, which is the original's 120,000 with the answer
    #[arg(
        long,
        value_name = "N,…",
        value_delimiter = ',',
        required_if_eq("suite", "ruler")
    )]
    lengths: Vec<u32>,
    /// Seeds of the random choices
    #[arg(long, value_name = "S,…", value_delimiter = ',', default_value = "42")]
    seeds: Vec<u32>,
    #[command(flatten)]
    options: SpecOptions,
    /// How many samples of each task at each length [default: 10, or every question]
    #[arg(long, value_name = "K")]
    num_samples: Option<u32>,
    /// Number of the first sample
    #[arg(long, value_name = "K", default_value_t = 0)]
    first: u32,
    /// A model on this machine (`fathom model list`), or the name that the endpoint serves
    #[arg(long, value_name = "ID")]
    model: String,
    /// Who answers: candle-cpu, candle-cuda, wgpu, or openai:ID for an endpoint of the
    /// configuration
    #[arg(long, value_name = "ENGINE", default_value = "candle-cpu")]
    engine: EngineKind,
    /// How a sample is put to the model
    #[arg(long, value_enum, default_value_t = PromptModeArg::Chat)]
    mode: PromptModeArg,
    /// Positions other than the model's own, as in a config.json:
    /// `{"rope_type":"yarn","factor":4.0,"original_max_position_embeddings":8192}`
    #[arg(long, value_name = "JSON", value_parser = rope)]
    rope: Option<RopeParameters>,
    /// How keys and values are kept: f16, bf16 or f32 (wgpu: f16 or f32) [default: f16;
    /// candle-cuda: bf16]
    #[arg(long, value_name = "FORMAT")]
    kv: Option<KvFormat>,
    /// Write the answers as the suite's own prediction files below this folder, complete ones over
    /// older ones
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Print the estimate and exit
    #[arg(long)]
    estimate: bool,
    #[command(flatten)]
    askable: EnginesArgs,
    #[command(flatten)]
    database: DatabaseArg,
    #[command(flatten)]
    answering: WorkerArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SuiteArg {
    /// RULER's 13 tasks
    Ruler,
    /// LongBench v2: multiple-choice questions about real texts; 24 of our own stand in for them
    /// until `fathom data fetch longbench-v2` has brought the dataset
    #[value(name = "longbench-v2")]
    LongbenchV2,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum AnswerByArg {
    /// What the model writes
    Text,
    /// The likeliest letter
    Letters,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PromptModeArg {
    /// By the model's own chat template
    Chat,
    /// The text as it is, for the model to continue
    Completion,
}

impl RunArgs {
    pub(super) async fn run(self: Box<Self>) -> anyhow::Result<()> {
        let catalog = match self.suite {
            SuiteArg::LongbenchV2 => self.askable.catalog()?,
            SuiteArg::Ruler if self.askable.asked.is_named() => {
                anyhow::bail!("--questions is for --suite longbench-v2")
            }
            SuiteArg::Ruler => self.askable.catalog_for_texts()?,
        };
        let mut order = self.order(catalog.corpora())?;
        // On a thread for waiting: new models are hashed.
        let checking = catalog.clone();
        let (order, engine, needed, room) = tokio::task::spawn_blocking(move || {
            let engine = checking.check(&mut order)?;
            let (needed, room) = (checking.needs(&order)?, checking.room(&order));
            anyhow::Ok((order, engine, needed, room))
        })
        .await??;
        let store = self.database.open().await?;
        let jobs = Jobs::new(store.clone(), catalog.config().clone());
        let mut estimate = jobs.estimate(&order).await?;
        estimate.memory_bytes = needed.map(|needed| needed.bytes);
        estimate.free_bytes = needed.and_then(|needed| needed.free);
        estimate.room = room;
        unless_closed(table::estimate(&estimate))?;
        if self.estimate {
            return Ok(());
        }
        let id = match store.unfinished(&order).await? {
            Some(id) => {
                store.resume(id).await?;
                id
            }
            None => {
                let priority = 0;
                let new = NewRun { order, priority };
                let id = jobs.order(&new, &engine).await?.id;
                yield_to_twin(&jobs, &new.order, id).await?
            }
        };
        let workers = self.answering.workers(&jobs, &catalog);
        let mut threads = WorkerThreads::default();
        for _ in 0..catalog.at_once(&self.engine) {
            let started = threads.add(&workers, WorkerSlot::Only(id));
            started.context("cannot start the workers")?;
        }
        let status = tokio::select! {
            status = follow::follow(&jobs, id) => status?,
            why = jobs.refused_for(id, STORE_PATIENCE) => {
                jobs.stop();
                threads.end().await;
                store.close().await;
                let seconds = STORE_PATIENCE.as_secs();
                anyhow::bail!(
                    "run {id} ends, as its database was of no use for {seconds} seconds: {why}; the answers that were stored are kept, and the same command goes on with the run"
                );
            }
            stopped = stop_signal() => {
                stopped?;
                jobs.stop();
                threads.end().await;
                store.close().await;
                anyhow::bail!("stopped; the same command goes on with run {id}");
            }
        };
        threads.end().await;
        let run = jobs.detail(id).await?;
        unless_closed(table::print(&run, &jobs.notes(&run.run).await?))?;
        let counts = run.run.counts;
        // LongBench's files keep failures too.
        let written = match self.suite {
            SuiteArg::Ruler => counts.answered,
            SuiteArg::LongbenchV2 => counts.answered + counts.failed,
        };
        if let Some(folder) = self.output.as_ref().filter(|_| written > 0) {
            let lost = match self.suite {
                SuiteArg::Ruler => {
                    records::write(&store, &catalog, &run.run, ExportFormat::Ruler, folder).await?
                }
                SuiteArg::LongbenchV2 => {
                    predictions::write(&store, &catalog, &run.run, folder).await?
                }
            };
            tell("exported without", &lost)?;
            unless_closed(say(format!("the answers are below {}", folder.display())))?;
        }
        store.close().await;
        match (status, &run.run.error) {
            // Nothing was measured: whoever waits for the exit code must hear of it.
            (RunStatus::Done, Some(error)) if run.run.counts.answered == 0 => {
                anyhow::bail!("run {id}: {error}")
            }
            (RunStatus::Done, _) => Ok(()),
            (_, Some(error)) => anyhow::bail!("run {id}: {error}"),
            (other, None) => anyhow::bail!("run {id} is {}", other.as_str()),
        }
    }

    fn order(&self, corpora: &Corpora) -> anyhow::Result<RunSpec> {
        let grid = match self.suite {
            SuiteArg::Ruler => self.ruler()?,
            SuiteArg::LongbenchV2 => self.longbench(corpora.questions())?,
        };
        Ok(RunSpec {
            grid,
            model: self.model.clone(),
            engine: self.engine.clone(),
            mode: match self.mode {
                PromptModeArg::Chat => PromptMode::Chat,
                PromptModeArg::Completion => PromptMode::Completion,
            },
            rope: self.rope.clone(),
            texts: None,
            kv: self.kv,
        })
    }

    /// Questions × settings × where they are cut.
    fn longbench(&self, questions: &dyn QuestionSource) -> anyhow::Result<RunGrid> {
        let has = u32::try_from(questions.len())?;
        let all = has.saturating_sub(self.first);
        let count = self.num_samples.unwrap_or(all);
        anyhow::ensure!(
            count <= all,
            "--first {} and --num-samples {count} go beyond the {has} questions of {}",
            self.first,
            questions.source().name
        );
        let tasks = self.setting.iter().flat_map(|setting| {
            self.answer.iter().map(|answer| {
                let mut set = longbench_v2::options(*setting);
                if *answer == AnswerByArg::Letters {
                    set.insert("answer".to_owned(), "letters".to_owned());
                }
                TaskChoice {
                    set,
                    ..TaskChoice::new(longbench_v2::ID)
                }
            })
        });
        let lengths = match self.lengths.as_slice() {
            [] => vec![longbench_v2::LONGEST],
            some => some.iter().copied().map(Tokens).collect(),
        };
        Ok(RunGrid {
            tasks: tasks.collect(),
            lengths,
            seeds: vec![self.seeds.first().copied().unwrap_or_default()],
            first: self.first,
            count,
        })
    }

    fn ruler(&self) -> anyhow::Result<RunGrid> {
        let mut tasks: Vec<&str> = self.tasks.iter().map(String::as_str).collect();
        if tasks.contains(&"all") {
            tasks = ruler::tasks().map(|task| task.id()).collect();
        }
        let first_length = self.lengths.first().copied().unwrap_or_default();
        let choices = tasks.iter().map(|task| {
            let spec = self.options.spec(task, first_length)?;
            Ok(TaskChoice::from(spec))
        });
        Ok(RunGrid {
            tasks: choices.collect::<anyhow::Result<_>>()?,
            lengths: self.lengths.iter().copied().map(Tokens).collect(),
            seeds: self.seeds.clone(),
            first: self.first,
            count: self.num_samples.unwrap_or(10),
        })
    }
}

/// The run that the same words began at the same moment in another process, where that was first:
/// two would ask everything twice and write the same files. Else the run itself.
async fn yield_to_twin(jobs: &Jobs, order: &RunSpec, id: i64) -> anyhow::Result<i64> {
    let first = jobs.store().first_unfinished(order).await?;
    let Some(first) = first.filter(|first| *first < id) else {
        return Ok(id);
    };
    jobs.cancel(id).await?;
    warn(format!(
        "run {first} was begun by the same command at the same moment: this one goes on with it, and run {id} is cancelled"
    ))?;
    Ok(first)
}

/// The ids of all tasks and `all`.
fn some_tasks() -> clap::builder::PossibleValuesParser {
    use clap::builder::{PossibleValue, TypedValueParser};
    let known = task_ids();
    let known = known.possible_values().into_iter().flatten();
    let all = std::iter::once(PossibleValue::new("all").help("every task of the suite"));
    all.chain(known).collect::<Vec<_>>().into()
}

fn rope(text: &str) -> Result<RopeParameters, String> {
    serde_json::from_str(text).map_err(|error| format!("no JSON object: {error}"))
}
