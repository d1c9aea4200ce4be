//! Downloads that can be interrupted: into a `.part` file, resumed by range, proven by hash.
//!
//! A note next to the part says where it comes from and which version the server named, so that it
//! is not continued with bytes of another file: the range is requested with `If-Range`, or, without
//! a version, only if the hash of the whole file is known.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::{Client, Response, header};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::http_client;

/// What is downloaded, and how it is known to be right.
#[derive(Clone, Debug)]
pub struct DownloadSource {
    /// Where it is.
    pub url: String,
    /// SHA-256 in hex; without it only the length that the server names is checked.
    pub sha256: Option<String>,
}

/// Called with the bytes there are and the bytes there will be.
pub type DownloadProgress<'a> = &'a (dyn Fn(u64, Option<u64>) + Sync);

/// Why a download did not come to be.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No answer, or none to its end.
    #[error("cannot reach {url}: {reason}")]
    Unreachable {
        /// The address.
        url: String,
        /// The last cause, which is the one that says something.
        reason: String,
    },
    /// An answer that is no file.
    #[error("{url} answered with status {got}, expected the file")]
    Status {
        /// The address.
        url: String,
        /// The status.
        got: u16,
    },
    /// An answer that is not what its kind of server gives.
    #[error("{url} answered with something else than expected: {reason}")]
    Answer {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The connection ended early.
    #[error(
        "{url} ended after {got} of {expected} bytes; they are kept, so the same command goes on from there"
    )]
    Truncated {
        /// The address.
        url: String,
        /// Bytes there are.
        got: u64,
        /// Bytes there should be.
        expected: u64,
    },
    /// Not the file that was asked for.
    #[error("{what} has SHA-256 {got}, expected {expected}; it was not kept")]
    Hash {
        /// What was checked.
        what: String,
        /// The hash it has.
        got: String,
        /// The hash it should have.
        expected: String,
    },
    /// No room on the disk.
    #[error("the disk with `{}` is full: {needed} bytes are needed", path.display())]
    DiskFull {
        /// The file that was written.
        path: PathBuf,
        /// How long it would have become.
        needed: u64,
    },
    /// The file cannot be written or read.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl FetchError {
    /// Whether another place may have the file: this one was not reached, or has it not.
    pub fn is_elsewhere(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Status { .. })
    }

    pub(super) fn write(path: &Path, needed: u64, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { path, needed }
            }
            _ => Self::Write { path, source },
        }
    }
}

/// The client for downloads. No limit on the whole, as a model takes its time, but on silence.
///
/// # Errors
/// When TLS cannot be set up.
pub fn client() -> Result<Client, FetchError> {
    http_client::builder()
        .connect_timeout(Duration::from_secs(15))
        .read_timeout(Duration::from_secs(60))
        .build()
        .map_err(|error| unreachable("the network", &error))
}

/// Downloads `source` to `part` and returns its SHA-256. What an earlier try left there is
/// continued.
///
/// # Errors
/// [`FetchError`]; after a wrong hash nothing is left at `part`, after a broken connection what
/// came.
pub async fn fetch(
    client: &Client,
    source: &DownloadSource,
    part: &Path,
    report: DownloadProgress<'_>,
) -> Result<String, FetchError> {
    let (held, version) = PartialDownload::resume(source, part).await;
    let (response, from) = match ask(client, &source.url, held, version.as_deref()).await {
        // The earlier part is longer than the file, or all of it: only the hash can tell.
        Err(FetchError::Status { got: 416, .. }) => {
            if let (Some(expected), Ok(got)) = (&source.sha256, hash(part).await)
                && got.eq_ignore_ascii_case(expected)
            {
                PartialDownload::remove(part).await;
                return Ok(got);
            }
            ask(client, &source.url, 0, None).await?
        }
        other => other?,
    };
    PartialDownload::write(&source.url, &response, part).await?;
    let total = response.content_length().map(|length| from + length);
    let got = receive(response, &source.url, part, from, total, report).await?;
    if let Some(expected) = total
        && got != expected
    {
        let url = source.url.clone();
        return Err(FetchError::Truncated { url, got, expected });
    }
    let sha256 = hash(part)
        .await
        .map_err(|e| FetchError::write(part, 0, e))?;
    PartialDownload::remove(part).await;
    check(&source.url, &sha256, source.sha256.as_deref(), part).await?;
    Ok(sha256)
}

/// What is known of the file that a part is the start of.
#[derive(Serialize, Deserialize)]
struct PartialDownload {
    url: String,
    /// A strong `ETag`, else `Last-Modified`.
    version: Option<String>,
}

impl PartialDownload {
    fn path(part: &Path) -> PathBuf {
        let mut path = part.as_os_str().to_owned();
        path.push(".json");
        path.into()
    }

    /// How many bytes of `source` are there already, and of which version.
    async fn resume(source: &DownloadSource, part: &Path) -> (u64, Option<String>) {
        let held = fs::metadata(part).await.map_or(0, |data| data.len());
        let note = fs::read(Self::path(part)).await.ok();
        let note = note.and_then(|text| serde_json::from_slice::<Self>(&text).ok());
        let version = match note {
            Some(note) if note.url != source.url => return (0, None),
            Some(note) => note.version,
            None => None,
        };
        match version.is_some() || source.sha256.is_some() {
            true => (held, version),
            false => (0, None),
        }
    }

    async fn write(url: &str, response: &Response, part: &Path) -> Result<(), FetchError> {
        let named = |name| response.headers().get(name)?.to_str().ok();
        let strong = named(header::ETAG).filter(|tag| !tag.starts_with("W/"));
        let version = strong.or_else(|| named(header::LAST_MODIFIED));
        let note = Self {
            url: url.to_owned(),
            version: version.map(str::to_owned),
        };
        let path = Self::path(part);
        let text = serde_json::to_vec(&note).map_err(io::Error::from);
        let written = match text {
            Ok(text) => fs::write(&path, text).await,
            Err(error) => Err(error),
        };
        written.map_err(|e| FetchError::write(&path, 0, e))
    }

    async fn remove(part: &Path) {
        let _absent = fs::remove_file(Self::path(part)).await;
    }
}

/// Compares `got` with `expected`, and removes `file` where they differ.
pub(super) async fn check(
    what: &str,
    got: &str,
    expected: Option<&str>,
    file: &Path,
) -> Result<(), FetchError> {
    match expected {
        Some(expected) if !expected.eq_ignore_ascii_case(got) => {
            fs::remove_file(file)
                .await
                .map_err(|e| FetchError::write(file, 0, e))?;
            Err(FetchError::Hash {
                what: what.to_owned(),
                got: got.to_owned(),
                expected: expected.to_owned(),
            })
        }
        _ => Ok(()),
    }
}

/// Asks for the bytes from `held` on, if the file is still of this `version`; the number returned
/// is where the answer really starts.
async fn ask(
    client: &Client,
    url: &str,
    held: u64,
    version: Option<&str>,
) -> Result<(Response, u64), FetchError> {
    let mut request = client.get(url);
    if held > 0 {
        request = request.header(header::RANGE, format!("bytes={held}-"));
        if let Some(version) = version {
            request = request.header(header::IF_RANGE, version);
        }
    }
    let response = request.send().await.map_err(|e| unreachable(url, &e))?;
    let url = url.to_owned();
    match response.status().as_u16() {
        200 => Ok((response, 0)),
        206 => {
            let range = response.headers().get(header::CONTENT_RANGE);
            let range = range.and_then(|value| value.to_str().ok()).unwrap_or("");
            if range.starts_with(&format!("bytes {held}-")) {
                return Ok((response, held));
            }
            let reason = format!("the range `{range}`, asked for were the bytes from {held}");
            Err(FetchError::Answer { url, reason })
        }
        got => Err(FetchError::Status { url, got }),
    }
}

async fn receive(
    response: Response,
    url: &str,
    part: &Path,
    from: u64,
    total: Option<u64>,
    report: DownloadProgress<'_>,
) -> Result<u64, FetchError> {
    let mut got = from;
    let needed = total.unwrap_or(0);
    let failed = |error| FetchError::write(part, needed, error);
    let mut options = File::options();
    let mut file = if from > 0 {
        options.append(true).open(part).await.map_err(failed)?
    } else {
        File::create(part).await.map_err(failed)?
    };
    let mut body = response.bytes_stream();
    while let Some(bytes) = body.next().await {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                file.flush().await.map_err(failed)?;
                return Err(match total {
                    Some(expected) => FetchError::Truncated {
                        url: url.to_owned(),
                        got,
                        expected,
                    },
                    None => unreachable(url, &error),
                });
            }
        };
        file.write_all(&bytes).await.map_err(failed)?;
        got += bytes.len() as u64;
        report(got, total);
    }
    file.flush().await.map_err(failed)?;
    file.sync_all().await.map_err(failed)?;
    Ok(got)
}

/// Reads a SHA-256 as it is typed: 64 hexadecimal digits, which become lower case.
///
/// # Errors
/// A sentence that says what was got.
pub fn parse_sha256(text: &str) -> Result<String, String> {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| text.to_ascii_lowercase()).ok_or_else(|| {
        let got = text.chars().count();
        format!("got {got} characters, expected 64 hexadecimal digits")
    })
}

/// SHA-256 of a file, in hex.
pub(super) async fn hash(path: &Path) -> io::Result<String> {
    let mut file = File::open(path).await?;
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).await? {
            0 => return Ok(hex::encode(hasher.finalize())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// reqwest's own text names the address again and hides the cause at the end of the chain.
pub(super) fn unreachable(url: &str, error: &reqwest::Error) -> FetchError {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    FetchError::Unreachable {
        url: url.to_owned(),
        reason: cause.to_string(),
    }
}
