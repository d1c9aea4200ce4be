//! `fathom-train STAGE.toml`: runs a training stage.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program talks to a terminal"
)]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use candle_core::Device;
use clap::Parser;
use fathom_train::{MetricsLine, StageOutcome, TrainOptions, TrainingStage, show_batches, train};

/// Train a small model by a stage file. Ends with 0 when the stage passed its marks, with 2 when its
/// budget ended first.
#[derive(Parser)]
struct TrainCli {
    /// The stage file; those of the repository are in kernels/train/stages.
    stage: PathBuf,
    /// Go on from the state in the folder.
    #[arg(long)]
    resume: bool,
    /// The folder of state, metrics and checkpoints [default: target/train/NAME].
    #[arg(long)]
    out: Option<PathBuf>,
    /// Where to compute: `cpu`, or `cuda` for the first NVIDIA device.
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Stop after so many steps without writing anything, to measure the speed.
    #[arg(long)]
    steps: Option<u64>,
    /// Show the sequences of the first so many steps, with their answers in brackets, and end.
    #[arg(long)]
    show: Option<u64>,
}

fn main() -> ExitCode {
    match run(&TrainCli::parse()) {
        Ok(StageOutcome::Passed | StageOutcome::Stopped) => ExitCode::SUCCESS,
        Ok(StageOutcome::NotPassed) => ExitCode::from(2),
        Err(error) => {
            eprintln!("fathom-train: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &TrainCli) -> Result<StageOutcome> {
    let stage = TrainingStage::read(&cli.stage)?;
    let options = TrainOptions {
        folder: match &cli.out {
            Some(folder) => folder.clone(),
            None => PathBuf::from("target/train").join(&stage.name),
        },
        resume: cli.resume,
        stop_after: cli.steps,
        device: match cli.device.as_str() {
            "cpu" => Device::Cpu,
            "cuda" => Device::new_cuda(0).context("no NVIDIA device")?,
            other => bail!("the device is `{other}`, expected `cpu` or `cuda`"),
        },
    };
    if let Some(steps) = cli.show {
        let show = |texts: Vec<String>| texts.iter().for_each(|text| println!("{text}\n"));
        show_batches(&stage, &options.folder, steps, &mut |texts| show(texts))?;
        return Ok(StageOutcome::Stopped);
    }
    println!("stage `{}` into {}", stage.name, options.folder.display());
    let (mut tokens, mut seconds) = (0, 0.0);
    let mut before = None;
    let outcome = train(&stage, &options, &mut |line| match line {
        MetricsLine::Step {
            step,
            tokens: seen,
            loss,
            answer_loss,
            answer_accuracy,
            seconds: took,
            ..
        } => {
            tokens += seen - before.unwrap_or_else(|| seen - stage.batch_tokens());
            before = Some(*seen);
            seconds += f64::from(*took);
            if step % 50 == 0 || cli.steps.is_some() {
                let speed = tokens as f64 / seconds;
                println!(
                    "step {step}, {seen} tokens: loss {loss:.3}, answers {answer_loss:.3}, \
                     {:.1}% right, {speed:.0} tokens/s",
                    100.0 * answer_accuracy
                );
                (tokens, seconds) = (0, 0.0);
            }
        }
        MetricsLine::Evaluation { step, scores, .. } => {
            for score in scores {
                println!(
                    "step {step}: {} at {}: first {:.1}%, exact {:.1}% of {} answers",
                    score.name,
                    score.length,
                    100.0 * score.first,
                    100.0 * score.exact,
                    score.answers
                );
            }
        }
    })?;
    println!("{outcome:?}");
    Ok(outcome)
}
