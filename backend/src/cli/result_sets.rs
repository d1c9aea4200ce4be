//! Opens result sets by name: runs in a database, files and folders.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use fathom_shared::api::RunSpec;
use fathom_shared::results::{
    ResultOrigin, ResultSet, ResultSetBuilder, ResultSetInfo, setting_of_file,
};
use fathom_shared::tokens::Tokens;

use super::score::file_kind::is_inspect;
use super::score::read::ReadOptions;
use super::score::{MetricName, longbench};
use super::terminal::warn;
use super::{DatabaseArg, EnginesArgs};
use crate::catalog::Catalog;
use crate::jobs::result_set;
use crate::named_file::{self, LARGE};
use crate::store::Store;

/// Where to look for results, and how to read files.
#[derive(Debug, Args)]
pub(super) struct ResultSetArgs {
    /// How to score tasks in files that are not RULER's
    #[arg(long, value_enum)]
    metric: Option<MetricName>,
    /// The context length of files whose path and content do not state it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    length: Option<u32>,
    #[command(flatten)]
    askable: EnginesArgs,
    #[command(flatten)]
    database: DatabaseArg,
}

impl ResultSetArgs {
    /// The sets of `names`, in their order. A name is a run's number, else a file or folder as
    /// `fathom score` reads them, a file of LongBench v2's predictions, or a result set as
    /// `GET /api/runs/{id}/results` gives it (*.json).
    pub(super) async fn open(&self, names: &[String]) -> anyhow::Result<Vec<ResultSet>> {
        let mut sets = Vec::new();
        let mut runs = None;
        for name in names {
            let run = name.parse().ok().filter(|_| !Path::new(name).exists());
            sets.push(match run {
                Some(id) => {
                    let (store, catalog) = match &runs {
                        Some(known) => known,
                        None => runs.insert(self.runs().await?),
                    };
                    let models = catalog.clone();
                    let window = move |run_spec: &RunSpec| models.window(run_spec);
                    result_set(store, id, catalog.corpora(), window).await?
                }
                None => self
                    .file(name)
                    .with_context(|| format!("results `{name}`"))?,
            });
        }
        Ok(sets)
    }

    async fn runs(&self) -> anyhow::Result<(Store, Catalog)> {
        Ok((
            self.database.open_existing().await?,
            self.askable.catalog()?,
        ))
    }

    /// Like `open`, for comparisons that pair samples: warns on stderr if the runs used different
    /// texts.
    pub(super) async fn to_pair(&self, names: &[String]) -> anyhow::Result<Vec<ResultSet>> {
        let sets = self.open(names).await?;
        if self.texts_differ(names).await? {
            warn(
                "the runs use different texts: pairs are of similar samples, not of the same sample",
            )?;
        }
        Ok(sets)
    }

    /// Whether the runs among `names` used different texts.
    async fn texts_differ(&self, names: &[String]) -> anyhow::Result<bool> {
        let runs = names.iter().filter(|name| !Path::new(name).exists());
        let runs: Vec<i64> = runs.filter_map(|name| name.parse().ok()).collect();
        let mut texts = Vec::new();
        if runs.len() > 1 {
            let store = self.database.open_existing().await?;
            for id in runs {
                texts.push(store.run(id).await?.run_spec.texts);
            }
        }
        Ok(texts.windows(2).any(|pair| pair[0] != pair[1]))
    }

    fn file(&self, name: &str) -> anyhow::Result<ResultSet> {
        let path = Path::new(name);
        let meta = fs::metadata(path).with_context(|| {
            format!("`{name}`: expected a run's number, or a file or folder that is there")
        })?;
        if !meta.is_dir() {
            // Fail at once on anything but a file or folder, instead of waiting for it.
            named_file::open(path).with_context(|| format!("cannot read `{name}`"))?;
        }
        let called = called(path, name);
        if meta.is_dir() {
            let predictions = of_longbench(path)?;
            return match predictions.is_empty() {
                true => self.gathered(called, path),
                false => letters(called, &predictions),
            };
        }
        let json = path.extension().is_some_and(|ending| ending == "json");
        if json && !is_inspect(path) && !is_longbench(path)? {
            let bytes = named_file::read(path, LARGE)?;
            return serde_json::from_slice(&bytes)
                .context("expected a result set or a log of Inspect");
        }
        match is_longbench(path)? {
            true => letters(called, &[path.to_owned()]),
            false => self.gathered(called, path),
        }
    }

    /// Rows of RULER, lm-evaluation-harness and Inspect.
    fn gathered(&self, name: String, path: &Path) -> anyhow::Result<ResultSet> {
        let mut gathered = ResultSetBuilder::default();
        let (mut kinds, mut models) = (Vec::new(), Vec::new());
        let reading = ReadOptions {
            length: self.length.map(Tokens),
            metric: self.metric.map(Into::into),
            model: None,
            one_set: true,
        };
        let told = reading.each(&[path.to_owned()], |got| {
            for row in &got.imported.rows {
                gathered.add(row, got.source.metric_of(row, reading.metric)?);
            }
            kinds.push(got.source.kind.says());
            models.push(got.model);
            Ok(())
        })?;
        told.tell()?;
        kinds.dedup();
        models.dedup();
        Ok(gathered.set(ResultSetInfo {
            name,
            model: models.join(", "),
            origin: ResultOrigin::File {
                format: kinds.join(", "),
            },
        }))
    }
}

/// The name of a set of files. Reports are passed on, so the name must not reveal this machine's
/// folders.
fn called(path: &Path, typed: &str) -> String {
    let last = path.file_name().map(|last| last.to_string_lossy());
    last.map_or_else(|| typed.to_owned(), |last| last.into_owned())
}

fn letters(name: String, files: &[PathBuf]) -> anyhow::Result<ResultSet> {
    let mut gathered = ResultSetBuilder::default();
    for file in files {
        let setting = setting_of_file(&longbench::name(file));
        for prediction in longbench::read(file, false)? {
            gathered.add_prediction(&prediction, setting);
        }
    }
    let model = files.first().map(|file| longbench::name(file));
    Ok(gathered.set(ResultSetInfo {
        name,
        model: model.unwrap_or_default(),
        origin: ResultOrigin::File {
            format: "LongBench v2 predictions".to_owned(),
        },
    }))
}

/// The prediction files directly in this folder, sorted by name.
fn of_longbench(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let named = path.extension().is_some_and(|ending| ending == "jsonl");
        // Skip a file that cannot be read here; reading it later reports why.
        if named && path.is_file() && is_longbench(&path).unwrap_or(false) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// How much of a file is read to recognise its format.
const BEGINNING: u64 = 4 << 20;

/// Whether the first row has fields that only LongBench's rows have.
fn is_longbench(path: &Path) -> anyhow::Result<bool> {
    let mut beginning = Vec::new();
    let file = fs::File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    file.take(BEGINNING).read_to_end(&mut beginning)?;
    let text = String::from_utf8_lossy(&beginning);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    // A row of a list may span many lines, so check all that was read.
    let first = match text.starts_with('[') {
        true => text,
        false => text.lines().next().unwrap_or_default(),
    };
    Ok(["\"_id\"", "\"difficulty\"", "\"answer\""]
        .iter()
        .all(|field| first.contains(field)))
}
