//! `fathom data fetch|list|path|check`.

mod check; // `fathom data check`

use std::fmt::Write;
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, Subcommand};

use super::folders;
use super::terminal::{DownloadBar, say};
use crate::data::corpora::CorpusFolder;
use crate::data::corpora::fetch::{CorpusFetched, CorpusRequest, get};
use crate::data::corpora::fetchable::{CORPORA, CorpusOrigin, KnownCorpus, known};
use crate::data::fetch::parse_sha256;
use crate::errors::chain;

/// Download and list the texts and questions that tasks use.
#[derive(Debug, Subcommand)]
pub(super) enum DataCommand {
    /// Download corpora from their original sources
    ///
    /// An interrupted download continues where it stopped. A corpus appears in the folder
    /// only when it is complete and has the right SHA-256 and the format that RULER reads. If no
    /// SHA-256 is known in advance, that of the first download is recorded, and any other is
    /// refused later.
    Fetch {
        /// The corpora to download
        #[arg(value_name = "NAME|all", required = true, value_parser = names(&["all"]))]
        names: Vec<String>,
        /// What the finished file's SHA-256 must be, in hex; for one NAME
        #[arg(long, value_name = "HEX", value_parser = parse_sha256)]
        sha256: Option<String>,
        /// Read it from this file instead of downloading it; for one NAME
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// Download it again even if it is here
        #[arg(long)]
        again: bool,
        /// Build the essay text without the pages that cannot be downloaded; they are recorded
        #[arg(long)]
        allow_missing: bool,
        #[command(flatten)]
        data: DataFolderArg,
    },
    /// List the corpora: what they are, their sources and licences, and which are downloaded
    List {
        #[command(flatten)]
        data: DataFolderArg,
    },
    /// Check a file of your own LongBench v2 questions, and print what it contains
    ///
    /// The file is a JSON array of rows like the dataset's, or has one row per line; each needs _id, domain,
    /// sub_domain, difficulty (easy or hard), length (short, medium or long), question, choice_A to
    /// choice_D, answer (A to D) and context, and may have evidence: a list of [start, end], bytes
    /// of the context. Every error is reported with its line and field; a file with errors is refused.
    Check {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print the path of a corpus that is here
    Path {
        /// Which one
        #[arg(value_name = "NAME", value_parser = names(&[]))]
        name: String,
        #[command(flatten)]
        data: DataFolderArg,
    },
}

/// Where corpora are stored.
#[derive(Debug, Args)]
pub(super) struct DataFolderArg {
    /// Folder with the corpora (*.json) [default: fathom/data in the user's cache folder]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl DataFolderArg {
    pub(super) fn open(&self) -> CorpusFolder {
        CorpusFolder::open(self.data.clone().unwrap_or_else(|| folders().corpora))
    }
}

fn names(more: &[&'static str]) -> clap::builder::PossibleValuesParser {
    let known = CORPORA
        .iter()
        .map(|corpus| PossibleValue::new(corpus.name).help(corpus.title));
    let more = more.iter().map(|name| PossibleValue::new(*name));
    known.chain(more).collect::<Vec<_>>().into()
}

impl DataCommand {
    pub(super) async fn run(&self) -> anyhow::Result<()> {
        match self {
            Self::Fetch {
                names,
                sha256,
                file,
                again,
                allow_missing,
                data,
            } => {
                let wanted = wanted(names);
                if let (Some(_), [_, _, ..]) = (file, &wanted[..]) {
                    anyhow::bail!("--file is for one corpus, got {} of them", wanted.len());
                }
                if let (Some(_), [_, _, ..]) = (sha256, &wanted[..]) {
                    anyhow::bail!("--sha256 is for one corpus, got {} of them", wanted.len());
                }
                let wanted = wanted.into_iter().map(|corpus| CorpusRequest {
                    sha256: sha256.clone(),
                    again: *again,
                    file: file.clone(),
                    allow_missing: *allow_missing,
                    ..CorpusRequest::new(corpus)
                });
                fetch(&data.open(), wanted.collect()).await?;
            }
            Self::Check { file } => say(check::check(file)?.trim_end())?,
            Self::List { data } => say(listing(&data.open()).trim_end())?,
            Self::Path { name, data } => {
                let corpora = data.open();
                match corpora.path(name) {
                    Some(path) => say(path.display())?,
                    None => anyhow::bail!(
                        "`{name}` is not in {}; `fathom data fetch {name}` downloads it",
                        corpora.folder().display()
                    ),
                }
            }
        }
        Ok(())
    }
}

/// Each corpus once, in the order asked for.
fn wanted(names: &[String]) -> Vec<&'static KnownCorpus> {
    let mut wanted: Vec<&'static KnownCorpus> = Vec::new();
    for name in names {
        let named: Vec<_> = match name.as_str() {
            "all" => CORPORA.iter().collect(),
            name => known(name).into_iter().collect(),
        };
        for corpus in named {
            if !wanted.iter().any(|other| other.name == corpus.name) {
                wanted.push(corpus);
            }
        }
    }
    wanted
}

/// Fetches all of them, even if one fails.
async fn fetch(corpora: &CorpusFolder, wanted: Vec<CorpusRequest>) -> anyhow::Result<()> {
    let (all, mut failed) = (wanted.len(), Vec::new());
    for wanted in wanted {
        let name = wanted.corpus.name;
        let watcher = DownloadBar::new();
        let got = get(corpora, &wanted, &watcher).await;
        watcher.finish();
        match got {
            Ok(CorpusFetched::Already(found)) => say(format!(
                "{name} is already there: {} ({} bytes, SHA-256 {})",
                found.path.display(),
                found.size_bytes,
                found.sha256
            ))?,
            Ok(CorpusFetched::New(found, contents)) => say(format!(
                "{name} is there now: {} ({contents}, {} bytes, SHA-256 {})",
                found.path.display(),
                found.size_bytes,
                found.sha256
            ))?,
            Err(error) if all == 1 => return Err(error.into()),
            Err(error) => {
                failed.push(name);
                tracing::error!("{name}: {}", chain(&error));
            }
        }
    }
    if !failed.is_empty() {
        anyhow::bail!(
            "{} of {all} were not fetched: {}",
            failed.len(),
            failed.join(", ")
        );
    }
    Ok(())
}

fn listing(corpora: &CorpusFolder) -> String {
    let mut text = format!("in {}:\n", corpora.folder().display());
    for corpus in CORPORA {
        // Writing to a string cannot fail.
        let _written = list(&mut text, corpora, corpus);
    }
    text
}

fn list(text: &mut String, corpora: &CorpusFolder, corpus: &KnownCorpus) -> std::fmt::Result {
    writeln!(text, "{}  {}", corpus.name, corpus.title)?;
    match corpora.find(corpus.name) {
        Ok(None) => writeln!(text, "  fetched  no")?,
        Ok(Some(found)) => {
            let from = match &found.record {
                Some(record) => format!("from {}", record.url),
                None => "not fetched by fathom".to_owned(),
            };
            writeln!(
                text,
                "  fetched  {}, {} bytes, {from}\n  SHA-256  {}",
                found.path.display(),
                found.size_bytes,
                found.sha256
            )?;
            if let Some(record) = found.record.filter(|record| !record.missing.is_empty()) {
                writeln!(text, "  missing  {}", record.missing.join(", "))?;
            }
        }
        Err(error) => writeln!(text, "  fetched  not usable: {}", chain(&error))?,
    }
    match &corpus.origin {
        CorpusOrigin::Pages { from, .. } => writeln!(
            text,
            "  source   {from}\n           SHA-256 not known in advance; that of the first download is recorded"
        )?,
        CorpusOrigin::File(places) => {
            for (place, what) in places.iter().zip(
                ["source", "mirror"]
                    .into_iter()
                    .chain(std::iter::repeat("mirror")),
            ) {
                writeln!(text, "  {what}   {}", place.url)?;
                if let (Some(size), Some(sha256)) = (place.size_bytes, place.sha256) {
                    writeln!(text, "           {size} bytes, SHA-256 {sha256}")?;
                }
            }
        }
    }
    writeln!(text, "  licence  {}", corpus.licence)?;
    if let Some(remark) = corpus.remark {
        writeln!(text, "  note     {remark}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_says_what_is_there_and_where_it_would_come_from() {
        let folder = tempfile::tempdir().unwrap();
        let corpora = CorpusFolder::open(folder.path());
        let text = listing(&corpora);
        assert_eq!(text.matches("fetched  no").count(), CORPORA.len());
        for corpus in CORPORA {
            assert!(text.contains(&format!("\n{}  {}", corpus.name, corpus.title)));
            assert!(text.contains(&format!("  licence  {}", corpus.licence)));
            if let CorpusOrigin::File(places) = &corpus.origin {
                for place in *places {
                    assert!(text.contains(place.url), "{text}");
                    assert!(text.contains(place.sha256.unwrap()), "{text}");
                }
            }
        }
        assert!(text.contains("depends on the day it was fetched"), "{text}");

        let json = r#"{"text": "a"}"#;
        std::fs::write(folder.path().join("paul-graham.json"), json).unwrap();
        let text = listing(&corpora);
        assert!(text.contains("13 bytes, not fetched by fathom"), "{text}");
        let sha256 = corpora.find("paul-graham").unwrap().unwrap().sha256;
        let record = serde_json::json!({
            "url": "http://a.b/", "sha256": sha256, "size_bytes": 13, "missing": ["http://a.b/c"]
        });
        let place = folder.path().join("paul-graham.origin.json");
        std::fs::write(&place, record.to_string()).unwrap();
        let text = listing(&corpora);
        assert!(text.contains("13 bytes, from http://a.b/"), "{text}");
        assert!(text.contains("missing  http://a.b/c"), "{text}");
        std::fs::write(folder.path().join("paul-graham.json"), "{}").unwrap();
        let text = listing(&corpora);
        assert!(text.contains("not usable:"), "{text}");
    }

    #[test]
    fn all_means_each_of_them_once() {
        let names = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            let wanted = wanted(&names);
            wanted.iter().map(|corpus| corpus.name).collect::<Vec<_>>()
        };
        assert_eq!(names(&["all", "squad"]).len(), CORPORA.len());
        assert_eq!(
            names(&["squad", "hotpotqa", "squad"]),
            ["squad", "hotpotqa"]
        );
    }
}
