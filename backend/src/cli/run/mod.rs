//! `fathom run`.

mod follow; // shows a run's progress
pub(super) mod table; // prints runs as text tables

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
use super::terminal::{or_go_on, say, warn};
use super::{DatabaseArg, EnginesArgs, WorkerArgs, output, predictions, records};
use crate::jobs::{Jobs, WorkerSlot};

/// How long a run waits for a database that accepts no writes.
const STORE_PATIENCE: Duration = Duration::from_secs(60);

/// Ask a model on this machine, or an endpoint, and score the answers.
///
/// Every answer is stored before the next question is asked. A run that was interrupted, even by
/// a crash, continues where it stopped when the same command is called again; a run that is done is
/// not repeated: a new run starts. The exit code is nonzero if the run could not continue or every
/// sample failed. Reports the most common reason for failures, and how many answers were empty or only
/// reasoning. If the database accepts no writes for a minute, for example on a full disk, or cannot be
/// read, the command ends and stored answers are kept. What cannot be printed does not stop it.
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
    /// LongBench: how questions are asked: direct, cot, no-context, rag:N (chunks), tail:N (tokens)
    #[arg(
        long,
        value_name = "SETTING,…",
        value_delimiter = ',',
        default_value = "direct"
    )]
    setting: Vec<LongBenchSetting>,
    /// LongBench: what counts as the answer: the letter in what the model writes, or the most likely
    /// of the four letters after "The correct answer is (". Each gets its own cells
    #[arg(long, value_enum, value_delimiter = ',', default_value = "text")]
    answer: Vec<AnswerByArg>,
    /// Length of prompt and answer together, in the model's tokens (4096, 4K). LongBench cuts
    /// longer prompts in the middle; its default is 120,128: the original's 120,000 plus the answer
    #[arg(
        long,
        value_name = "N,…",
        value_delimiter = ',',
        value_parser = super::spec::length,
        required_if_eq("suite", "ruler")
    )]
    lengths: Vec<u32>,
    /// Random seeds
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
    /// The engine: candle-cpu, candle-cuda, wgpu, or openai:ID for an endpoint in the
    /// configuration
    #[arg(long, value_name = "ENGINE", default_value = "candle-cpu")]
    engine: EngineKind,
    /// How a sample is presented to the model
    #[arg(long, value_enum, default_value_t = PromptModeArg::Chat)]
    mode: PromptModeArg,
    /// RoPE scaling other than the model's own, as in a config.json:
    /// `{"rope_type":"yarn","factor":4.0,"original_max_position_embeddings":8192}`
    #[arg(long, value_name = "JSON", value_parser = rope)]
    rope: Option<RopeParameters>,
    /// How keys and values are kept: f16, bf16 or f32 (wgpu: f16 or f32) [default: f16;
    /// candle-cuda: bf16]
    #[arg(long, value_name = "FORMAT")]
    kv: Option<KvFormat>,
    /// Write the answers as the suite's own prediction files under this folder; complete files replace
    /// existing ones
    #[arg(short, long, value_name = "DIR", value_parser = output::folder())]
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
    /// LongBench v2: multiple-choice questions about real texts; 24 of Fathom's own stand in for them
    /// until `fathom data fetch longbench-v2` has downloaded the dataset
    #[value(name = "longbench-v2")]
    LongbenchV2,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum AnswerByArg {
    /// What the model writes
    Text,
    /// The most likely letter
    Letters,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PromptModeArg {
    /// With the model's own chat template
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
        let mut run_spec = self.run_spec(catalog.corpora())?;
        // On a blocking thread, because new models are hashed.
        let checking = catalog.clone();
        let (run_spec, checked) = tokio::task::spawn_blocking(move || {
            let checked = checking.check(&mut run_spec)?;
            anyhow::Ok((run_spec, checked))
        })
        .await??;
        let store = self.database.open().await?;
        let jobs = Jobs::new(store.clone(), catalog.config().clone());
        let estimate = jobs.estimate(&run_spec, checked.needs).await?;
        or_go_on(table::estimate(&estimate))?;
        if self.estimate {
            return Ok(());
        }
        let id = match store.unfinished(&run_spec).await? {
            Some(id) => {
                store.resume(id).await?;
                id
            }
            None => {
                let priority = 0;
                let new = NewRun { run_spec, priority };
                let id = jobs.queue(&new, &checked.engine).await?.id;
                yield_to_twin(&jobs, &new.run_spec, id).await?
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
                    "run {id} stops, because its database was unusable for {seconds} seconds: {why}; stored answers are kept, and the same command continues the run"
                );
            }
            stopped = stop_signal() => {
                stopped?;
                jobs.stop();
                threads.end().await;
                store.close().await;
                anyhow::bail!("stopped; the same command continues run {id}");
            }
        };
        threads.end().await;
        let run = jobs.detail(id).await?;
        or_go_on(table::print(&run, &jobs.notes(&run.run).await?))?;
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
            tell(&lost)?;
            or_go_on(say(format!("the answers are below {}", folder.display())))?;
        }
        store.close().await;
        match (status, &run.run.error) {
            // Nothing was measured: the exit code must show it.
            (RunStatus::Done, Some(error)) if run.run.counts.answered == 0 => {
                anyhow::bail!("run {id}: {error}")
            }
            (RunStatus::Done, _) => Ok(()),
            (_, Some(error)) => anyhow::bail!("run {id}: {error}"),
            (other, None) => anyhow::bail!("run {id} is {}", other.as_str()),
        }
    }

    fn run_spec(&self, corpora: &Corpora) -> anyhow::Result<RunSpec> {
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

    /// The grid of questions × settings × lengths at which prompts are cut.
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

/// If another process started a run with the same command at the same moment, returns whichever run
/// was first: two runs would ask everything twice and write the same files. Otherwise returns this
/// run.
async fn yield_to_twin(jobs: &Jobs, run_spec: &RunSpec, id: i64) -> anyhow::Result<i64> {
    let first = jobs.store().first_unfinished(run_spec).await?;
    let Some(first) = first.filter(|first| *first < id) else {
        return Ok(id);
    };
    jobs.cancel(id).await?;
    warn(format!(
        "the same command started run {first} at the same moment: this process continues it, and run {id} is cancelled"
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
    serde_json::from_str(text).map_err(|error| format!("not a JSON object: {error}"))
}
