//! `fathom advise`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use fathom_shared::advise::costs::ModelDimensions;
use fathom_shared::advise::evidence::{
    ErrorTolerance, PositionEncoding, PriorAdaptation, TrainingCorpus, WeightAccess, Workload,
};
use fathom_shared::advise::{Evidence, Thresholds, advise};
use fathom_shared::numbers::quantity;
use fathom_shared::published::ruler::window;
use fathom_shared::tokens::Tokens;
use serde::de::DeserializeOwned;

use super::result_sets::ResultSetArgs;
use super::terminal::say;
use crate::errors::in_words;
use crate::named_file::{self, LARGE, SMALL};

/// Say what to do with a model that has to read long texts: keep it, let it reason longer, retrieve
/// passages, try a position fix, extend its window, continue its pretraining, switch to another model, or
/// retrain it.
///
/// Figures come from a file (--evidence), from runs and files of results (--run), and from the
/// leaderboards of RULER and LongBench v2 (--published). Where two of them give the same figure, the
/// one listed first here counts. Nothing is required: whatever is missing is listed, with what it could
/// change. Every reason names the section of the article, or the paper, that it comes from. Hold-outs
/// are your own questions with known answers, never used for training.
///
/// Examples:
///
///   fathom advise --published "Llama 3.1 8B" --workload multi-document-synthesis --target 128K
///
///   fathom advise --run 7 --evidence evidence.toml --format markdown
///
/// A file of evidence (leave out what you do not know; docs/advisor.md lists all fields):
///
///   workload = "multi_document_synthesis"
///   target_window = "128K"
///   trained_window = "128K"
///   budget_gpu_hours = 20000
///   [[ruler]]
///   length = "128K"
///   multi_hop = { value = 62.0, n = 500 }
///   [[longbench]]
///   direct = 38.0
///   cot = 41.5
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct AdviseArgs {
    /// File with evidence: TOML (*.toml), else JSON
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// A model from RULER's or LongBench v2's leaderboard: "Llama 3.1 8B"
    #[arg(long, value_name = "NAME")]
    published: Option<String>,
    /// A run's number, or a file or folder of results; may be given several times
    #[arg(long = "run", value_name = "RUN|FILE")]
    runs: Vec<String>,
    /// What the model is for: document-lookup, multi-document-synthesis, legal-scientific,
    /// domain-shifted, safety-critical
    #[arg(long, value_name = "WORK")]
    workload: Option<Workload>,
    /// Length of the texts it has to read, in tokens: 131072, 128K, 1M [default: the longest measured]
    #[arg(long, value_name = "TOKENS", value_parser = tokens)]
    target: Option<Tokens>,
    /// Length it was trained on, in tokens [default: the window that its file or a leaderboard claims]
    #[arg(long, value_name = "TOKENS", value_parser = tokens)]
    trained: Option<Tokens>,
    /// Which errors are acceptable: some-misses, human-level, none
    #[arg(long, value_name = "ERRORS")]
    tolerance: Option<ErrorTolerance>,
    /// What has already been done to lengthen its window: none, extended, continued
    #[arg(long, value_name = "WHAT")]
    tried: Option<PriorAdaptation>,
    /// Which long documents you have to train on: none, general, domain
    #[arg(long, value_name = "DOCUMENTS")]
    corpus: Option<TrainingCorpus>,
    /// GPU-hours you can spend on training: 20000, 20K
    #[arg(long, value_name = "HOURS", value_parser = number)]
    budget: Option<f64>,
    /// The weights cannot be changed, for example behind an API
    #[arg(long)]
    weights_fixed: bool,
    /// How the model encodes positions: rope, alibi, none [default: rope]
    #[arg(long, value_name = "POSITIONS")]
    positions: Option<PositionEncoding>,
    /// Other lengths that it has to read, each of which is evaluated: 64K,256K
    #[arg(long, value_name = "TOKENS", value_delimiter = ',', value_parser = tokens)]
    further_targets: Vec<Tokens>,
    /// The model's parameters, for costs: 8B, 8e9 [default: as the leaderboard of --published has them]
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    params: Option<f64>,
    /// Hardware to estimate costs for: h100, h200, a100, rtx4090, cpu [default: h100]
    #[arg(long, value_name = "NAME")]
    hardware: Option<String>,
    /// How many devices of that hardware you have to run the model on
    #[arg(long, value_name = "NUMBER")]
    devices: Option<u32>,
    /// Price of an hour of it
    #[arg(long, value_name = "PRICE", value_parser = number)]
    price: Option<f64>,
    /// File (*.toml) with thresholds other than the defaults
    #[arg(long, value_name = "FILE")]
    thresholds: Option<PathBuf>,
    /// Format of the advice
    #[arg(long, value_enum, ignore_case = true, default_value_t = AdviceFormat::Text)]
    format: AdviceFormat,
    #[command(flatten)]
    sets: ResultSetArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum AdviceFormat {
    Text,
    Markdown,
    Json,
}

fn tokens(text: &str) -> Result<Tokens, String> {
    match window(text) {
        Some(Tokens(few @ 1..129)) => Err(format!(
            "{few} tokens are fewer than any model reads; write {few}K for thousands"
        )),
        Some(tokens) if tokens.0 > 0 => Ok(tokens),
        _ => Err("expected a number of tokens above 0: 131072, 128K, 1M".to_owned()),
    }
}

fn number(text: &str) -> Result<f64, String> {
    quantity(text).ok_or_else(|| "expected a number: 8e9, 8B, 70 B, 20K".to_owned())
}

impl AdviseArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let sets = self.sets.open(&self.runs).await?;
        let mut evidence = match &self.evidence {
            Some(path) => read(path)?,
            None => Evidence::default(),
        };
        self.choose(&mut evidence);
        for set in &sets {
            let mut measured = Evidence::default();
            measured.add_results(set);
            evidence.add(measured);
        }
        if let Some(name) = &self.published {
            evidence.add(Evidence::published(name).context("--published")?);
        }
        evidence.check()?;
        let thresholds = match &self.thresholds {
            Some(path) => from_toml(path)?,
            None => Thresholds::default(),
        };
        let advice = advise(&evidence, &thresholds);
        let told = match self.format {
            AdviceFormat::Text => advice.text(),
            AdviceFormat::Markdown => advice.markdown(),
            AdviceFormat::Json => advice.json(),
        };
        say(told.trim_end())?;
        Ok(())
    }

    fn choose(&self, evidence: &mut Evidence) {
        evidence.corpus = self.corpus.or(evidence.corpus);
        evidence.positions = self.positions.or(evidence.positions);
        if self.weights_fixed {
            evidence.weights = Some(WeightAccess::Fixed);
        }
        evidence.budget_gpu_hours = self.budget.or(evidence.budget_gpu_hours);
        evidence.devices = self.devices.or(evidence.devices);
        if !self.further_targets.is_empty() {
            evidence.window_targets.clone_from(&self.further_targets);
        }
        evidence.workload = self.workload.or(evidence.workload);
        evidence.tolerance = self.tolerance.or(evidence.tolerance);
        evidence.adaptation = self.tried.or(evidence.adaptation);
        evidence.target_window = self.target.or(evidence.target_window);
        if let Some(parameters) = self.params {
            evidence.model = Some(ModelDimensions::of_size(parameters));
            evidence.model_by.clear();
        }
        evidence.hardware = self.hardware.clone().or(evidence.hardware.take());
        evidence.price_per_hour = self.price.or(evidence.price_per_hour);
        evidence.trained_window = self.trained.or(evidence.trained_window);
    }
}

fn read(path: &Path) -> anyhow::Result<Evidence> {
    if path.extension().is_some_and(|ending| ending == "toml") {
        return from_toml(path);
    }
    let named = || format!("evidence `{}`", path.display());
    let bytes = named_file::read(path, LARGE).with_context(named)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| anyhow::anyhow!(in_words(&error.to_string())))
        .context("it is read as JSON, as its name does not end with .toml")
        .with_context(named)
}

fn from_toml<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let named = || format!("file `{}`", path.display());
    let text = named_file::read_text(path, SMALL).with_context(named)?;
    toml::from_str(&text).with_context(named)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn windows_are_written_as_model_cards_write_them() {
        assert_eq!(tokens("128K"), Ok(Tokens(131_072)));
        assert_eq!(tokens("65536"), Ok(Tokens(65_536)));
        assert!(tokens("0").is_err() && tokens("far").is_err());
    }

    #[derive(Debug, clap::Parser)]
    struct Options {
        #[command(flatten)]
        advise: AdviseArgs,
    }

    fn options(words: &[&str]) -> Result<AdviseArgs, String> {
        let words = ["fathom"].iter().chain(words);
        let read = <Options as clap::Parser>::try_parse_from(words);
        read.map(|options| options.advise)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn options_are_read_as_people_write_them() {
        for (word, size) in [
            ("8B", 8e9),
            ("8e9", 8e9),
            ("70 B", 70e9),
            ("8,000,000,000", 8e9),
        ] {
            assert_eq!(
                options(&["--params", word]).unwrap().params,
                Some(size),
                "{word}"
            );
        }
        for word in ["Extended", "extended", "EXTENSION"] {
            let tried = options(&["--tried", word]).unwrap().tried;
            assert_eq!(tried, Some(PriorAdaptation::Extended), "{word}");
        }
        for word in [
            "multi-document-synthesis",
            "Multi_Document Synthesis",
            "synthesis",
        ] {
            let work = options(&["--workload", word]).unwrap().workload;
            assert_eq!(work, Some(Workload::MultiDocumentSynthesis), "{word}");
        }
        assert_eq!(
            options(&["--budget", "20K"]).unwrap().budget,
            Some(20_000.0)
        );
        let error = options(&["--tried", "sideways"]).unwrap_err();
        assert!(error.contains("none, extended, continued"), "{error}");
        assert!(options(&["--params", "many"]).unwrap_err().contains("8B"));
    }

    #[test]
    fn evidence_is_read_from_toml_and_json() {
        let folder = tempfile::tempdir().unwrap();
        let (toml, json) = (folder.path().join("e.toml"), folder.path().join("e.json"));
        let text = "target_window = \"64K\"\n[[longbench]]\nreading = \"cot\"\nvalue = 41.5\n";
        fs::write(&toml, text).unwrap();
        let from_toml = read(&toml).unwrap();
        fs::write(&json, serde_json::to_string(&from_toml).unwrap()).unwrap();
        assert_eq!(read(&json).unwrap(), from_toml);
        fs::write(&toml, "target = 1").unwrap();
        let error = format!("{:#}", read(&toml).unwrap_err());
        assert!(
            error.contains("e.toml") && error.contains("target_window"),
            "{error}"
        );
    }
}
