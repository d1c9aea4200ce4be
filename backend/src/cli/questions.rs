//! Chooses the LongBench v2 questions to ask.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use fathom_shared::longbench::{QuestionSource, bundled};
use sha2::{Digest, Sha256};

use super::data::DataFolderArg;
use super::terminal::DownloadBar;
use crate::data::corpora::CorpusFolder;
use crate::data::corpora::fetched_questions;
use crate::data::pull::PullWatcher;
use crate::data::questions::FileQuestions;

/// The questions of LongBench v2.
#[derive(Debug, Args)]
pub(super) struct QuestionsArgs {
    /// LongBench: your own questions, as a JSON array of rows or one row per line
    /// [default: longbench-v2 if fetched, else Fathom's 24 samples]
    #[arg(long, value_name = "FILE")]
    questions: Option<PathBuf>,
    #[command(flatten)]
    pub(super) data: DataFolderArg,
}

impl QuestionsArgs {
    /// Whether a file was given.
    pub(super) fn is_named(&self) -> bool {
        self.questions.is_some()
    }

    /// The given file, else the dataset if it has been fetched, else the questions bundled with
    /// Fathom. A file that has not been seen before is read to its end first.
    pub(super) fn open(&self) -> anyhow::Result<Arc<dyn QuestionSource>> {
        let corpora = self.data.open();
        let bar = DownloadBar::new();
        let mut watch = |done, total| bar.at(done, Some(total));
        let opened: Arc<dyn QuestionSource> = match &self.questions {
            Some(path) => {
                let index_file = index_file(&corpora, path)?;
                Arc::new(FileQuestions::open(path, &index_file, &mut watch)?)
            }
            None => match fetched_questions(&corpora, &mut watch)? {
                Some(dataset) => Arc::new(dataset),
                None => bundled(),
            },
        };
        bar.finish();
        Ok(opened)
    }
}

/// Nothing is written beside the user's own file: its index is stored in the folder of corpora,
/// under a name derived from the file's path.
fn index_file(corpora: &CorpusFolder, path: &Path) -> anyhow::Result<PathBuf> {
    let whole =
        fs::canonicalize(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let digest = hex::encode(Sha256::digest(whole.as_os_str().as_encoded_bytes()));
    let name = format!("questions/{}.index.json", &digest[..24]);
    Ok(corpora.folder().join(name))
}
