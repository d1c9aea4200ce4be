//! The texts that samples are made of.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use fathom_shared::corpora::{Corpora, CorpusError};
use fathom_shared::task::{Options, TaskSpec, find};

/// The user's own texts, in the shapes that RULER reads.
#[derive(Debug, Args)]
pub(super) struct Texts {
    /// Essays to hide needles in: RULER's PaulGrahamEssays.json, `{"text": …}`
    /// [default: the bundled Moby-Dick]
    #[arg(long, value_name = "FILE")]
    essay_file: Option<PathBuf>,
    /// Passages and questions of `qa_1`: SQuAD 2.0's JSON [default: Fathom's own set]
    #[arg(long, value_name = "FILE")]
    squad_file: Option<PathBuf>,
    /// Passages and questions of `qa_2`: HotpotQA's JSON, distractor setting
    /// [default: Fathom's own set]
    #[arg(long, value_name = "FILE")]
    hotpotqa_file: Option<PathBuf>,
    /// Words of very long `cwe` lists: RULER's english_words.json
    /// [default: Debian's American English words]
    #[arg(long, value_name = "FILE")]
    english_words_file: Option<PathBuf>,
}

impl Texts {
    /// The texts, and on stderr which of them are stand-ins for the benchmark's own.
    pub(super) fn corpora(&self, specs: &[TaskSpec]) -> anyhow::Result<Corpora> {
        let mut corpora = Corpora::bundled();
        corpora = with(corpora, self.essay_file.as_deref(), Corpora::with_essay)?;
        corpora = with(corpora, self.squad_file.as_deref(), Corpora::with_squad)?;
        corpora = with(
            corpora,
            self.hotpotqa_file.as_deref(),
            Corpora::with_hotpotqa,
        )?;
        let words = self.english_words_file.as_deref();
        corpora = with(corpora, words, Corpora::with_english_words)?;
        let stand_ins = [
            (
                self.essay_file.is_none() && reads_essay(specs),
                "essays",
                "--essay-file",
            ),
            (
                self.squad_file.is_none() && has(specs, "qa_1"),
                "SQuAD",
                "--squad-file",
            ),
            (
                self.hotpotqa_file.is_none() && has(specs, "qa_2"),
                "HotpotQA",
                "--hotpotqa-file",
            ),
        ];
        for (_, what, flag) in stand_ins.into_iter().filter(|(stands_in, ..)| *stands_in) {
            let source = match what {
                "essays" => &corpora.essay().source,
                "SQuAD" => &corpora.squad().source,
                _ => &corpora.hotpotqa().source,
            };
            let name = &source.name;
            let note = format!("fathom: {name} stands in for the benchmark's own {what} ({flag})");
            // Nobody is left to be told when even this cannot be written.
            let _closed = writeln!(io::stderr(), "{note}");
        }
        Ok(corpora)
    }
}

fn has(specs: &[TaskSpec], task: &str) -> bool {
    specs.iter().any(|spec| spec.task == task)
}

fn reads_essay(specs: &[TaskSpec]) -> bool {
    specs.iter().any(|spec| {
        find(&spec.task)
            .and_then(|task| Ok(Options::parse(task.knobs(), &spec.set)?))
            .is_ok_and(|options| options.choice("type_haystack") == "essay")
    })
}

fn with(
    corpora: Corpora,
    path: Option<&Path>,
    read: impl FnOnce(Corpora, &str, &[u8]) -> Result<Corpora, CorpusError>,
) -> anyhow::Result<Corpora> {
    let Some(path) = path else {
        return Ok(corpora);
    };
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok(read(corpora, &name, &bytes)?)
}
