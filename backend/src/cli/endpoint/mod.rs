//! `fathom endpoint list|check|launch`.

mod canary; // the canary: a few short needles that any model should find

use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use fathom_shared::engine::{CheckStatus, Preflight, PreflightPlan, RopeParameters};
use tokio::runtime::Handle;

use super::terminal::say;
use super::{ConfigFileArg, ModelsFolderArg};
use crate::config::{Endpoint, EndpointApi};
use crate::data::inspect::Inspection;
use crate::engine::openai::launch::{LaunchPlan, ServerProgram};
use crate::engine::openai::{EndpointClients, OpenAiEngine};

/// Servers that speak OpenAI's API: list them, check them, start one
#[derive(Debug, Subcommand)]
pub(super) enum EndpointCommand {
    /// List the endpoints of the configuration
    List {
        #[command(flatten)]
        config: ConfigFileArg,
    },
    /// Ask an endpoint a few short questions, and check that a run would measure what it claims to
    Check(CheckArgs),
    /// Print the command that starts a server with a model
    Launch(LaunchArgs),
}

/// The arguments of `fathom endpoint check`.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Id of an endpoint in the configuration
    #[arg(value_name = "ID")]
    id: String,
    /// Number of prompts in the planned run, for cost and time
    #[arg(long, value_name = "K", default_value_t = 0)]
    prompts: u64,
    /// Tokens in each of these prompts
    #[arg(long, value_name = "N", default_value_t = 0)]
    prompt_tokens: u32,
    /// Longest answer, in tokens
    #[arg(long, value_name = "N", default_value_t = 128)]
    answer_tokens: u32,
    /// Also ask for the needle in a few short haystacks (RULER's niah_single_1): a server with the
    /// wrong positions loses these already
    #[arg(long)]
    canary: bool,
    /// Length of these haystacks, in tokens
    #[arg(long, value_name = "N", default_value_t = 512)]
    canary_length: u32,
    #[command(flatten)]
    config: ConfigFileArg,
    #[command(flatten)]
    models: ModelsFolderArg,
}

/// The arguments of `fathom endpoint launch`.
#[derive(Debug, Args)]
pub(super) struct LaunchArgs {
    /// The server program
    #[arg(long, value_enum)]
    server: ServerArg,
    /// The model's name or path; a GGUF file for llama-server
    #[arg(long, value_name = "NAME")]
    model: String,
    /// Context window in tokens: prompt and answer together
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    context: u32,
    /// RoPE scaling with the names of Hugging Face's config.json, including rope_theta:
    /// '{"rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 32768, "rope_theta":
    /// 1000000}'
    #[arg(long, value_name = "JSON", value_parser = rope)]
    rope: Option<RopeParameters>,
    /// Number of devices to spread the model over
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    tensor_parallel: u32,
    /// The architecture in the GGUF file [default: read from the file, if it is on this machine]
    #[arg(long, value_name = "NAME")]
    architecture: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ServerArg {
    /// vLLM 0.12 and later
    Vllm,
    /// vLLM before 0.12
    VllmOld,
    /// SGLang
    Sglang,
    /// llama.cpp's server
    #[value(name = "llama-server")]
    Llama,
}

impl EndpointCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List { config } => list(config.load()?.endpoints()),
            Self::Check(check) => {
                let handle = Handle::current();
                tokio::task::spawn_blocking(move || check.run(handle)).await?
            }
            Self::Launch(launch) => launch.run(),
        }
    }
}

fn list(endpoints: &[Endpoint]) -> anyhow::Result<()> {
    if endpoints.is_empty() {
        say("the configuration names no endpoint")?;
    }
    for endpoint in endpoints {
        let api = match endpoint.api {
            EndpointApi::Completions => "completions",
            EndpointApi::Chat => "chat",
        };
        say(format!(
            "{}  {} at {} ({api}), {} tokens, {} prompts at once",
            endpoint.id,
            endpoint.model,
            endpoint.base_url,
            endpoint.context,
            endpoint.max_in_flight
        ))?;
    }
    Ok(())
}

impl CheckArgs {
    fn run(&self, handle: Handle) -> anyhow::Result<()> {
        let endpoints = EndpointClients::new(self.config.load()?, self.models.open(), handle);
        let client = endpoints.open(&self.id)?;
        let plan = PreflightPlan {
            prompts: self.prompts,
            prompt_tokens: self.prompts * u64::from(self.prompt_tokens),
            answer_tokens: self.prompts * u64::from(self.answer_tokens),
            longest: match self.prompt_tokens {
                0 => 0,
                tokens => tokens.saturating_add(self.answer_tokens),
            },
        };
        let preflight = client.preflight(&plan, &AtomicBool::new(false), &mut |_| ());
        say(table(&preflight))?;
        if let Some(why) = preflight.refusal() {
            anyhow::bail!("{why}");
        }
        if self.canary {
            self.sing(&client)?;
        }
        Ok(())
    }

    fn sing(&self, client: &OpenAiEngine) -> anyhow::Result<()> {
        let canary = canary::ask(client, self.canary_length)?;
        say(&canary)?;
        match canary.lives() {
            true => Ok(()),
            false => anyhow::bail!(
                "the endpoint `{}` loses needles at {} tokens, where every model finds them: its positions or its chat template are probably wrong",
                self.id,
                self.canary_length
            ),
        }
    }
}

/// One line for each check.
fn table(preflight: &Preflight) -> String {
    let width = |text: &str| text.chars().count();
    let widest = preflight.checks.iter().map(|check| width(&check.what));
    let widest = widest.max().unwrap_or(0);
    let lines = preflight.checks.iter().map(|check| {
        let verdict = match check.verdict {
            CheckStatus::Ok => "ok     ",
            CheckStatus::Warning => "warning",
            CheckStatus::Fault => "FAULT  ",
        };
        let what = &check.what;
        let (got, expected) = (&check.got, &check.expected);
        match check.verdict {
            CheckStatus::Ok => format!("{verdict}  {what:widest$}  {got}"),
            _ => format!("{verdict}  {what:widest$}  got {got}; expected {expected}"),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl LaunchArgs {
    fn run(&self) -> anyhow::Result<()> {
        let program = match self.server {
            ServerArg::Vllm => ServerProgram::Vllm,
            ServerArg::VllmOld => ServerProgram::VllmOld,
            ServerArg::Sglang => ServerProgram::Sglang,
            ServerArg::Llama => ServerProgram::LlamaServer,
        };
        let path = Path::new(&self.model);
        let read = || {
            let here = self.architecture.is_none() && path.is_file();
            here.then(|| Inspection::of(path)).transpose()
        };
        let inspected = match program {
            ServerProgram::LlamaServer => {
                read().context("the model is on this machine but not usable")?
            }
            _ => None,
        };
        let architecture = inspected.map(|inspection| inspection.architecture);
        let launch = LaunchPlan {
            program,
            model: &self.model,
            context: self.context,
            rope: self.rope.as_ref(),
            tensor_parallel: self.tensor_parallel,
            architecture: self.architecture.as_deref().or(architecture.as_deref()),
        };
        say(launch.line()?)?;
        Ok(())
    }
}

fn rope(text: &str) -> Result<RopeParameters, String> {
    serde_json::from_str(text).map_err(|error| format!("not a JSON object with positions: {error}"))
}
