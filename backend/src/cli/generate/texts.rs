//! The texts that samples are made of.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use fathom_shared::corpora::{Corpora, CorpusKind};
use fathom_shared::task::{TaskSpec, asks_questions};

use crate::cli::questions::QuestionsArgs;
use crate::cli::terminal::warn;
use crate::data::corpora::fetchable::LONGBENCH_V2;
use crate::named_file::{self, LARGE};

/// The user's own texts, in the formats that RULER reads. If no file is given, the text from
/// `fathom data fetch` is used, and if that is missing, the one bundled with Fathom.
#[derive(Debug, Args)]
pub(super) struct TextsArgs {
    /// Essays to hide needles in: RULER's PaulGrahamEssays.json, `{"text": …}`
    /// [default: paul-graham if fetched, else the bundled Moby-Dick]
    #[arg(long, value_name = "FILE")]
    essay_file: Option<PathBuf>,
    /// Passages and questions of `qa_1`, in SQuAD 2.0's JSON format
    /// [default: squad if fetched, else Fathom's own set]
    #[arg(long, value_name = "FILE")]
    squad_file: Option<PathBuf>,
    /// Passages and questions of `qa_2`, in HotpotQA's JSON format, distractor setting
    /// [default: hotpotqa if fetched, else Fathom's own set]
    #[arg(long, value_name = "FILE")]
    hotpotqa_file: Option<PathBuf>,
    /// Words of very long `cwe` lists: RULER's english_words.json
    /// [default: english-words if fetched, else Debian's American English words]
    #[arg(long, value_name = "FILE")]
    english_words_file: Option<PathBuf>,
    #[command(flatten)]
    asked: QuestionsArgs,
}

impl TextsArgs {
    /// The texts that `specs` need. Warns on stderr where a bundled text replaces the benchmark's
    /// own.
    pub(super) fn corpora<'s>(
        &self,
        specs: impl IntoIterator<Item = &'s TaskSpec>,
    ) -> anyhow::Result<Corpora> {
        let specs: Vec<&TaskSpec> = specs.into_iter().collect();
        let mut corpora = Corpora::bundled();
        for text in CorpusKind::ALL {
            let needed = specs.iter().any(|spec| spec.texts().contains(&text));
            let fetched = self.asked.data.open().path(corpus(text));
            let file = self.file(text).map(Path::to_owned);
            if let Some(path) = file.or(fetched.filter(|_| needed)) {
                read(&mut corpora, text, &path)?;
            } else if needed {
                stands_in(text, &corpora);
            }
        }
        if specs.iter().any(|spec| asks_questions(&spec.task)) {
            let questions = self.asked.open()?;
            if questions.source().bundled {
                note(&format!(
                    "{} stand in for the benchmark's own: `fathom data fetch {LONGBENCH_V2}` or --questions",
                    questions.source().name
                ));
            }
            corpora.ask_from(questions);
        }
        Ok(corpora)
    }

    fn file(&self, text: CorpusKind) -> Option<&Path> {
        let file = match text {
            CorpusKind::Essay => &self.essay_file,
            CorpusKind::Squad => &self.squad_file,
            CorpusKind::Hotpotqa => &self.hotpotqa_file,
            CorpusKind::EnglishWords => &self.english_words_file,
        };
        file.as_deref()
    }
}

/// The name of this corpus in `fathom data fetch`.
fn corpus(text: CorpusKind) -> &'static str {
    match text {
        CorpusKind::Essay => "paul-graham",
        CorpusKind::Squad => "squad",
        CorpusKind::Hotpotqa => "hotpotqa",
        CorpusKind::EnglishWords => "english-words",
    }
}

fn stands_in(text: CorpusKind, corpora: &Corpora) {
    note(&format!(
        "{} stands in for the benchmark's own text: `fathom data fetch {}` or {}",
        corpora.source(text).name,
        corpus(text),
        text.flag()
    ));
}

fn note(sentence: &str) {
    // If even this cannot be written, there is nobody to report it to.
    let _closed = warn(format!("fathom: {sentence}"));
}

fn read(corpora: &mut Corpora, text: CorpusKind, path: &Path) -> anyhow::Result<()> {
    let bytes = named_file::read(path, LARGE)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    corpora.read(text, &name, &bytes)?;
    Ok(())
}
