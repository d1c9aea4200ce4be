//! Getting a corpus: download, proof, shape, and only then its name.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Client;
use tokio::fs;
use tokio::task::spawn_blocking;

use super::super::fetch::{self, DownloadSource, FetchError};
use super::super::pull::PullWatcher;
use super::fetchable::{CorpusOrigin, CorpusUrl, KnownCorpus};
use super::shape::CorpusContents;
use super::verify::{FinishedDownload, HashPin, prove, take};
use super::{CorpusError, CorpusFolder, StoredCorpus, essays};

/// What is wanted.
#[derive(Clone, Debug)]
pub struct CorpusRequest {
    /// The corpus.
    pub corpus: &'static KnownCorpus,
    /// SHA-256 that the finished file must have, in hex; it overrides what was recorded.
    pub sha256: Option<String>,
    /// Fetch it although it is there.
    pub again: bool,
    /// A file that is here already, taken in place of a download.
    pub file: Option<PathBuf>,
    /// Do without pages that cannot be had.
    pub allow_missing: bool,
    /// How long to wait before a page is tried again.
    pub pause: Duration,
}

impl CorpusRequest {
    /// `corpus`, whole, and only if it is not there.
    pub fn new(corpus: &'static KnownCorpus) -> Self {
        Self {
            corpus,
            sha256: None,
            again: false,
            file: None,
            allow_missing: false,
            pause: Duration::from_secs(2),
        }
    }
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum CorpusFetched {
    /// It was there, and is what was fetched.
    Already(StoredCorpus),
    /// It is there now.
    New(StoredCorpus, CorpusContents),
}

/// Gets `wanted` into `corpora`.
///
/// # Errors
/// [`CorpusError`]; a corpus that was there before stays as it was.
pub async fn get(
    corpora: &CorpusFolder,
    wanted: &CorpusRequest,
    watcher: &dyn PullWatcher,
) -> Result<CorpusFetched, CorpusError> {
    let name = wanted.corpus.name;
    let folder = corpora.folder();
    let made = fs::create_dir_all(folder).await;
    made.map_err(CorpusError::io(folder))?;
    if !wanted.again
        && let Some(found) = look(corpora, name).await?
    {
        return match &wanted.sha256 {
            Some(expected) if *expected != found.sha256 => Err(CorpusError::Other {
                name: name.to_owned(),
                got: found.sha256,
                expected: expected.clone(),
            }),
            _ => Ok(CorpusFetched::Already(found)),
        };
    }
    let pin = match &wanted.sha256 {
        Some(sha256) => Some(HashPin {
            sha256: sha256.clone(),
            why: "as --sha256 says",
        }),
        None => corpora.record(name)?.map(|record| HashPin {
            sha256: record.sha256,
            why: "as it had when it was fetched first",
        }),
    };
    if let Some(file) = &wanted.file {
        let part = folder.join(format!(".{name}.json.taken"));
        let pin = pin.or_else(|| HashPin::published(wanted.corpus));
        let fetched = take(file, &part).await?;
        let contents = prove(corpora, wanted.corpus, pin, fetched, part).await?;
        return found(corpora, name, contents).await;
    }
    let part = folder.join(format!(".{name}.json.part"));
    let client = fetch::client()?;
    let fetched = match &wanted.corpus.origin {
        CorpusOrigin::File(places) => {
            file(&client, name, places, pin.as_ref(), &part, watcher).await?
        }
        CorpusOrigin::Pages { from, urls } => {
            pages(&client, wanted, from, urls, &part, watcher).await?
        }
    };
    let contents = prove(corpora, wanted.corpus, pin, fetched, part).await?;
    found(corpora, name, contents).await
}

async fn found(
    corpora: &CorpusFolder,
    name: &'static str,
    contents: CorpusContents,
) -> Result<CorpusFetched, CorpusError> {
    match look(corpora, name).await? {
        Some(found) => Ok(CorpusFetched::New(found, contents)),
        None => {
            let gone = std::io::ErrorKind::NotFound.into();
            Err(CorpusError::io(corpora.folder())(gone))
        }
    }
}

async fn look(
    corpora: &CorpusFolder,
    name: &'static str,
) -> Result<Option<StoredCorpus>, CorpusError> {
    let corpora = corpora.clone();
    spawn_blocking(move || corpora.find(name)).await?
}

/// From the origin, or else from a mirror.
async fn file(
    client: &Client,
    name: &str,
    places: &[CorpusUrl],
    pin: Option<&HashPin>,
    part: &Path,
    watcher: &dyn PullWatcher,
) -> Result<FinishedDownload, CorpusError> {
    let mut order: Vec<_> = places.iter().collect();
    // When the hash is pinned, mirrors with other bytes are asked last.
    let pinned = pin.map(|pin| &*pin.sha256);
    order.sort_by_key(|place| pinned.is_some() && place.sha256.is_some() && place.sha256 != pinned);
    let report = |done, total| watcher.at(done, total);
    let mut reasons = Vec::new();
    let last = order.len() - 1;
    for (n, place) in order.into_iter().enumerate() {
        let source = DownloadSource {
            url: place.url.to_owned(),
            sha256: pinned.or(place.sha256).map(str::to_owned),
        };
        watcher.say(&format!("{name} from {}", source.url));
        match fetch::fetch(client, &source, part, &report).await {
            Ok(_) => {
                return Ok(FinishedDownload {
                    url: source.url,
                    missing: Vec::new(),
                });
            }
            Err(error) if error.is_elsewhere() || matches!(error, FetchError::Hash { .. }) => {
                let error = match (error, pin) {
                    (FetchError::Hash { got, .. }, Some(pin)) => pin.refuse(name, place.url, got),
                    (error, _) => error.into(),
                };
                if n < last {
                    watcher.say(&error.to_string());
                }
                reasons.push(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    match reasons.len() {
        1 => Err(reasons.remove(0)),
        _ => {
            let reasons: Vec<_> = reasons.iter().map(ToString::to_string).collect();
            Err(CorpusError::Nowhere {
                name: name.to_owned(),
                reasons: reasons.join("; "),
            })
        }
    }
}

/// Page by page into a folder of their own, so that an interrupted fetch goes on with the next.
async fn pages(
    client: &Client,
    wanted: &CorpusRequest,
    from: &'static str,
    urls: &'static str,
    part: &Path,
    watcher: &dyn PullWatcher,
) -> Result<FinishedDownload, CorpusError> {
    let name = wanted.corpus.name;
    let folder = part.with_extension("pages");
    let made = fs::create_dir_all(&folder).await;
    made.map_err(CorpusError::io(&folder))?;
    watcher.say(&format!("{name} from {from}"));
    let urls: Vec<_> = CorpusOrigin::pages(urls).collect();
    let (mut essays, mut missing, mut first) = (Vec::new(), Vec::new(), None);
    // Hosts that cannot be reached are not tried again for each of their pages.
    let mut away = Vec::new();
    for (done, url) in urls.iter().copied().enumerate() {
        watcher.page(done, urls.len());
        let kept = folder.join(essays::name(url));
        if !fs::try_exists(&kept).await.unwrap_or(false) {
            let host = url.split('/').nth(2);
            if away.contains(&host) {
                missing.push(url.to_owned());
                continue;
            }
            if let Err(error) = page(client, url, &kept, wanted.pause, watcher).await {
                match error {
                    FetchError::Write { .. } | FetchError::DiskFull { .. } => {
                        return Err(error.into());
                    }
                    FetchError::Unreachable { .. } => away.push(host),
                    _ => {}
                }
                watcher.say(&error.to_string());
                missing.push(url.to_owned());
                first.get_or_insert(error.to_string());
                continue;
            }
        }
        let bytes = fs::read(&kept).await.map_err(CorpusError::io(&kept))?;
        match spawn_blocking(move || essays::text(url, &bytes)).await? {
            Ok(text) => essays.push((url, text)),
            Err(reason) => {
                fs::remove_file(&kept)
                    .await
                    .map_err(CorpusError::io(&kept))?;
                missing.push(url.to_owned());
                first.get_or_insert(reason);
            }
        }
    }
    watcher.page(urls.len(), urls.len());
    if let Some(first) = first
        && (!wanted.allow_missing || essays.is_empty())
    {
        return Err(CorpusError::Missing {
            name: name.to_owned(),
            missing: missing.len(),
            total: urls.len(),
            first,
        });
    }
    let to = part.to_owned();
    let written = spawn_blocking(move || essays::write(essays, &to)).await?;
    written.map_err(CorpusError::io(part))?;
    Ok(FinishedDownload {
        url: from.to_owned(),
        missing,
    })
}

/// One page, with some patience for a server that is busy.
async fn page(
    client: &Client,
    url: &str,
    kept: &Path,
    pause: Duration,
    watcher: &dyn PullWatcher,
) -> Result<(), FetchError> {
    const TRIES: u32 = 4;
    let part = kept.with_added_extension("part");
    let report = |done, total| watcher.at(done, total);
    let source = DownloadSource {
        url: url.to_owned(),
        sha256: None,
    };
    let mut tried = 1;
    loop {
        let error = match fetch::fetch(client, &source, &part, &report).await {
            Ok(_) => break,
            Err(error) => error,
        };
        let busy = match &error {
            FetchError::Unreachable { .. } | FetchError::Truncated { .. } => true,
            FetchError::Status { got, .. } => *got == 429 || *got >= 500,
            _ => false,
        };
        if !busy || tried == TRIES {
            return Err(error);
        }
        tokio::time::sleep(pause * 2_u32.pow(tried - 1)).await;
        tried += 1;
    }
    let renamed = fs::rename(&part, kept).await;
    renamed.map_err(|e| FetchError::write(kept, 0, e))
}
