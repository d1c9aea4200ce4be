//! Which questions LongBench v2 asks.

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
use crate::data::pull::PullWatcher;
use crate::data::questions::{FileQuestions, fetched};

/// The questions of LongBench v2.
#[derive(Debug, Args)]
pub(super) struct QuestionsArgs {
    /// LongBench: questions of your own, as a JSON array of its rows or one row a line
    /// [default: longbench-v2 if fetched, else Fathom's 24 samples]
    #[arg(long, value_name = "FILE")]
    questions: Option<PathBuf>,
    #[command(flatten)]
    pub(super) data: DataFolderArg,
}

impl QuestionsArgs {
    /// Whether a file was named.
    pub(super) fn is_named(&self) -> bool {
        self.questions.is_some()
    }

    /// The file that was named, else the dataset where it was fetched, else those that come with
    /// Fathom. A file that is new here is read to its end first.
    pub(super) fn open(&self) -> anyhow::Result<Arc<dyn QuestionSource>> {
        let corpora = self.data.open();
        let bar = DownloadBar::new();
        let mut watch = |done, total| bar.at(done, Some(total));
        let opened: Arc<dyn QuestionSource> = match &self.questions {
            Some(path) => {
                let index_file = index_file(&corpora, path)?;
                Arc::new(FileQuestions::open(path, &index_file, &mut watch)?)
            }
            None => match fetched(&corpora, &mut watch)? {
                Some(dataset) => Arc::new(dataset),
                None => bundled(),
            },
        };
        bar.finish();
        Ok(opened)
    }
}

/// Beside the user's own file nothing is written: its index lies in the folder of corpora, under a
/// name made of the file's path.
fn index_file(corpora: &CorpusFolder, path: &Path) -> anyhow::Result<PathBuf> {
    let whole =
        fs::canonicalize(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let digest = hex::encode(Sha256::digest(whole.as_os_str().as_encoded_bytes()));
    let name = format!("questions/{}.index.json", &digest[..24]);
    Ok(corpora.folder().join(name))
}
