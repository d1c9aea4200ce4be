//! The texts that samples are made of.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use fathom_shared::corpora::{Corpora, CorpusError, Source};
use fathom_shared::task::{Options, TaskSpec, find};

use crate::cli::data::DataFolder;

/// The user's own texts, in the shapes that RULER reads. Without a file, what `fathom data fetch`
/// brought is used, and without that what comes with Fathom.
#[derive(Debug, Args)]
pub(super) struct Texts {
    /// Essays to hide needles in: RULER's PaulGrahamEssays.json, `{"text": …}`
    /// [default: paul-graham if fetched, else the bundled Moby-Dick]
    #[arg(long, value_name = "FILE")]
    essay_file: Option<PathBuf>,
    /// Passages and questions of `qa_1`: SQuAD 2.0's JSON
    /// [default: squad if fetched, else Fathom's own set]
    #[arg(long, value_name = "FILE")]
    squad_file: Option<PathBuf>,
    /// Passages and questions of `qa_2`: HotpotQA's JSON, distractor setting
    /// [default: hotpotqa if fetched, else Fathom's own set]
    #[arg(long, value_name = "FILE")]
    hotpotqa_file: Option<PathBuf>,
    /// Words of very long `cwe` lists: RULER's english_words.json
    /// [default: english-words if fetched, else Debian's American English words]
    #[arg(long, value_name = "FILE")]
    english_words_file: Option<PathBuf>,
    #[command(flatten)]
    data: DataFolder,
}

/// One text: the corpus that can be fetched, how it is read, and who needs it.
struct Text<'a> {
    corpus: &'static str,
    flag: &'static str,
    file: Option<&'a Path>,
    read: fn(Corpora, &str, &[u8]) -> Result<Corpora, CorpusError>,
    source: fn(&Corpora) -> &Source,
    needed: bool,
}

impl Texts {
    /// The texts that `specs` need, and on stderr which of them stand in for the benchmark's own.
    pub(super) fn corpora<'s>(
        &self,
        specs: impl IntoIterator<Item = &'s TaskSpec>,
    ) -> anyhow::Result<Corpora> {
        let specs: Vec<&TaskSpec> = specs.into_iter().collect();
        let texts = [
            Text {
                corpus: "paul-graham",
                flag: "--essay-file",
                file: self.essay_file.as_deref(),
                read: Corpora::with_essay,
                source: |corpora| &corpora.essay().source,
                needed: specs.iter().any(|spec| reads_essay(spec)),
            },
            Text {
                corpus: "squad",
                flag: "--squad-file",
                file: self.squad_file.as_deref(),
                read: Corpora::with_squad,
                source: |corpora| &corpora.squad().source,
                needed: has(&specs, "qa_1"),
            },
            Text {
                corpus: "hotpotqa",
                flag: "--hotpotqa-file",
                file: self.hotpotqa_file.as_deref(),
                read: Corpora::with_hotpotqa,
                source: |corpora| &corpora.hotpotqa().source,
                needed: has(&specs, "qa_2"),
            },
            Text {
                corpus: "english-words",
                flag: "--english-words-file",
                file: self.english_words_file.as_deref(),
                read: Corpora::with_english_words,
                source: |corpora| &corpora.english_words().source,
                needed: has(&specs, "cwe"),
            },
        ];
        let mut corpora = Corpora::bundled();
        for text in texts {
            let fetched = self.data.open().path(text.corpus);
            let path = text
                .file
                .map(Path::to_owned)
                .or(fetched.filter(|_| text.needed));
            if let Some(path) = path {
                corpora = read(corpora, &path, text.read)?;
            } else if text.needed {
                stands_in(&text, (text.source)(&corpora));
            }
        }
        Ok(corpora)
    }
}

fn stands_in(text: &Text<'_>, source: &Source) {
    let note = format!(
        "fathom: {} stands in for the benchmark's own text: `fathom data fetch {}` or {}",
        source.name, text.corpus, text.flag
    );
    // Nobody is left to be told when even this cannot be written.
    let _closed = writeln!(io::stderr(), "{note}");
}

/// A script may read any text.
fn has(specs: &[&TaskSpec], task: &str) -> bool {
    specs.iter().any(|spec| spec.task == task)
}

fn reads_essay(spec: &TaskSpec) -> bool {
    find(&spec.task)
        .and_then(|task| Ok(Options::parse(task.knobs(), &spec.set)?))
        .is_ok_and(|options| options.choice("type_haystack") == "essay")
}

fn read(
    corpora: Corpora,
    path: &Path,
    read: impl FnOnce(Corpora, &str, &[u8]) -> Result<Corpora, CorpusError>,
) -> anyhow::Result<Corpora> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(read(corpora, &name, &bytes)?)
}
