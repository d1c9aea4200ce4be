//! The command that starts a server with a model and given positions, so that what is measured is
//! what was meant.
//!
//! Sources: vLLM's "Context Extension" (`--hf-overrides` with `rope_parameters`; `--rope-scaling`
//! before 0.12), SGLang's server arguments, llama-server's README. The base `rope_theta` always
//! stands in the command: with Transformers 5 a scaling without it falls back to 10,000
//! (vllm-project/vllm#58675, sgl-project/sglang#41227).

use fathom_kernels::model::rope::{RopeConfig, RopeError};
use fathom_shared::engine::RopeParameters;
use serde_json::{Map, Value as Json, json};

/// A server program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServerProgram {
    /// vLLM 0.12 and later.
    Vllm,
    /// vLLM before 0.12.
    VllmOld,
    /// SGLang.
    Sglang,
    /// llama.cpp's server.
    LlamaServer,
}

/// What is started.
#[derive(Clone, Copy, Debug)]
pub struct LaunchPlan<'a> {
    /// By which program.
    pub program: ServerProgram,
    /// The model's name or path; for llama-server a GGUF file.
    pub model: &'a str,
    /// Tokens to read, prompt and answer together.
    pub context: u32,
    /// Positions, where they are not the model's own.
    pub rope: Option<&'a RopeParameters>,
    /// Over how many devices the model is spread.
    pub tensor_parallel: u32,
    /// The architecture in the GGUF file, which llama-server needs to be told of a longer context.
    pub architecture: Option<&'a str>,
}

/// Why there is no such command.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LaunchError {
    /// The base is missing.
    #[error(
        "the positions have no `rope_theta`; servers then take 10000 without a word, so give the model's own"
    )]
    Theta,
    /// The positions make no sense.
    #[error(transparent)]
    Rope(#[from] RopeError),
    /// The program has no such option.
    #[error("{program} cannot be told `{got}` on its command line; expected {want}")]
    Untold {
        /// The program.
        program: &'static str,
        /// The kind of positions, or the key.
        got: String,
        /// What it supports.
        want: &'static str,
    },
    /// llama-server caps the context at the trained one.
    #[error(
        "llama-server reads no more than the model was trained for unless `ARCHITECTURE.context_length` is overridden: give --architecture, as in the GGUF file (`llama`, `qwen2`, …)"
    )]
    Architecture,
}

impl LaunchPlan<'_> {
    /// The command for a POSIX shell. The server listens on this machine alone.
    ///
    /// # Errors
    /// [`LaunchError`].
    pub fn line(&self) -> Result<String, LaunchError> {
        let rope = self
            .rope
            .map(|rope| checked(&rope.0.clone().into_iter().collect()));
        let rope = rope.transpose()?;
        let words = match self.program {
            ServerProgram::Vllm | ServerProgram::VllmOld => self.vllm(rope.as_ref())?,
            ServerProgram::Sglang => self.sglang(rope.as_ref())?,
            ServerProgram::LlamaServer => self.llama_server(rope.as_ref())?,
        };
        let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
        Ok(quoted.join(" "))
    }

    fn vllm(&self, rope: Option<&Map<String, Json>>) -> Result<Vec<String>, LaunchError> {
        let context = self.context.to_string();
        let mut words = words_of(["vllm", "serve", self.model, "--host", "127.0.0.1"]);
        words.extend(["--max-model-len".to_owned(), context]);
        // Without this the model's repository sets penalties that no request asked for.
        words.extend(words_of(["--generation-config", "vllm"]));
        if self.tensor_parallel > 1 {
            let devices = self.tensor_parallel.to_string();
            words.extend(["--tensor-parallel-size".to_owned(), devices]);
        }
        let Some(rope) = rope else {
            return Ok(words);
        };
        no_ntk(rope, "vLLM")?;
        if self.program == ServerProgram::Vllm {
            let overrides = json!({ "rope_parameters": rope });
            words.extend(["--hf-overrides".to_owned(), overrides.to_string()]);
        } else {
            let (theta, scaling) = apart(rope);
            if kind(rope) != "default" {
                words.extend(["--rope-scaling".to_owned(), Json::from(scaling).to_string()]);
            }
            words.extend(["--rope-theta".to_owned(), theta.to_string()]);
        }
        Ok(words)
    }

    fn sglang(&self, rope: Option<&Map<String, Json>>) -> Result<Vec<String>, LaunchError> {
        let context = self.context.to_string();
        let mut line = Vec::new();
        if rope.is_some() {
            // It takes the stretched context for a mistake.
            line = words_of(["env", "SGLANG_ALLOW_OVERWRITE_LONGER_CONTEXT_LEN=1"]);
        }
        line.extend(words_of(["python", "-m", "sglang.launch_server"]));
        line.extend(words_of([
            "--model-path",
            self.model,
            "--host",
            "127.0.0.1",
        ]));
        line.extend(words_of(["--context-length", &context]));
        line.extend(words_of(["--sampling-defaults", "openai"]));
        if self.tensor_parallel > 1 {
            line.extend(words_of(["--tp-size", &self.tensor_parallel.to_string()]));
        }
        if let Some(rope) = rope {
            no_ntk(rope, "SGLang")?;
            // Transformers 4 reads the base beside the scaling, Transformers 5 within.
            let overrides = json!({ "rope_scaling": rope, "rope_theta": rope["rope_theta"] });
            line.extend(words_of([
                "--json-model-override-args",
                &overrides.to_string(),
            ]));
        }
        Ok(line)
    }

    fn llama_server(&self, rope: Option<&Map<String, Json>>) -> Result<Vec<String>, LaunchError> {
        let context = self.context.to_string();
        let mut line = words_of(["llama-server", "--model", self.model, "--host", "127.0.0.1"]);
        // Its slots share the context: one slot has all of it.
        line.extend(words_of(["--ctx-size", &context, "--parallel", "1"]));
        if self.tensor_parallel > 1 {
            let shares = vec!["1"; self.tensor_parallel as usize].join(",");
            line.extend(words_of(["--split-mode", "row", "--tensor-split", &shares]));
        }
        let Some(rope) = rope else {
            return Ok(line);
        };
        let flags: &[(&str, &str)] = match kind(rope) {
            "default" => &[],
            "linear" => &[("factor", "--rope-scale")],
            "yarn" => &[
                ("factor", "--rope-scale"),
                ("original_max_position_embeddings", "--yarn-orig-ctx"),
                ("beta_fast", "--yarn-beta-fast"),
                ("beta_slow", "--yarn-beta-slow"),
            ],
            got => return Err(untold("llama-server", got, "default, linear or yarn")),
        };
        let told = |key: &str| {
            ["rope_type", "type", "rope_theta"].contains(&key)
                || flags.iter().any(|(known, _)| *known == key)
        };
        // An attention factor replaces in Hugging Face's files and multiplies in llama.cpp.
        if let Some(key) = rope.keys().find(|key| !told(key)) {
            let want = "type, base, factor, original window and betas";
            return Err(untold("llama-server", key, want));
        }
        if !flags.is_empty() {
            line.extend(words_of(["--rope-scaling", kind(rope)]));
        }
        for (key, flag) in flags {
            if let Some(value) = rope.get(*key) {
                line.extend(words_of([flag, &value.to_string()]));
            }
        }
        line.extend(words_of([
            "--rope-freq-base",
            &rope["rope_theta"].to_string(),
        ]));
        if !flags.is_empty() {
            let architecture = self.architecture.ok_or(LaunchError::Architecture)?;
            let cap = format!("{architecture}.context_length=int:{context}");
            line.extend(words_of(["--override-kv", &cap]));
        }
        Ok(line)
    }
}

/// The positions, when they make sense and name their base.
fn checked(rope: &Map<String, Json>) -> Result<Map<String, Json>, LaunchError> {
    if !rope.contains_key("rope_theta") {
        return Err(LaunchError::Theta);
    }
    // Only the lists of longrope depend on the heads' size, and they tell it.
    let pairs = rope.get("short_factor").and_then(Json::as_array);
    let head_dim = pairs.map_or(128, |pairs| pairs.len() * 2);
    RopeConfig::from_config(&json!({ "rope_parameters": rope }), head_dim)?;
    Ok(rope.clone())
}

fn kind(rope: &Map<String, Json>) -> &str {
    let kind = rope.get("rope_type").or(rope.get("type"));
    kind.and_then(Json::as_str).unwrap_or("default")
}

/// The base, and the other fields next to it.
fn apart(rope: &Map<String, Json>) -> (Json, Map<String, Json>) {
    let mut scaling = rope.clone();
    let theta = scaling.remove("rope_theta").unwrap_or_default();
    (theta, scaling)
}

/// Hugging Face knows no fixed NTK scaling: it is another base.
fn no_ntk(rope: &Map<String, Json>, program: &'static str) -> Result<(), LaunchError> {
    let want = "the type default with rope_theta × factor^(d/(d-2)), d being the size of a head";
    match kind(rope) {
        "ntk" => Err(untold(program, "ntk", want)),
        _ => Ok(()),
    }
}

fn untold(program: &'static str, got: &str, want: &'static str) -> LaunchError {
    LaunchError::Untold {
        program,
        got: got.to_owned(),
        want,
    }
}

fn words_of<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).into()
}

/// `word` as a POSIX shell reads it as one.
fn quote(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&b);
    match !word.is_empty() && word.bytes().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests;
