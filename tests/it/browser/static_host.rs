//! The built page on a static file host.

use std::path::{Path, PathBuf};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::server::surroundings;

/// A host that runs until its owner ends it.
pub(super) struct StaticHost {
    /// `http://127.0.0.1:PORT`
    pub(super) url: String,
    task: JoinHandle<()>,
}

impl StaticHost {
    /// Nobody answers from now on.
    pub(super) fn end(self) {
        self.task.abort();
    }
}

/// Serves the built page as a static host of such pages would: files, and the page for the rest.
pub(super) async fn static_files() -> String {
    static_files_without("nothing").await
}

/// The same host, but files with the extension `missing` are not found.
pub(super) async fn static_files_without(missing: &'static str) -> String {
    let folder = surroundings("FATHOM_TEST_PAGE");
    host(folder, "/", missing).await.url
}

/// Serves the page of `folder` under the path `base`, and nothing beside it.
pub(super) async fn static_files_under(folder: PathBuf, base: &'static str) -> StaticHost {
    host(folder, base, "nothing").await
}

async fn host(folder: PathBuf, base: &'static str, missing: &'static str) -> StaticHost {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let folder = folder.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 8192];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                let target = request.split_whitespace().nth(1).unwrap_or("/");
                let path = target.split('?').next().unwrap_or("/");
                // A page's own addresses are files of nobody.
                let name = match path.strip_prefix(base) {
                    Some(name) if name.contains('.') => name,
                    Some(_) => "index.html",
                    None => "nothing-beside-the-page",
                };
                let kind = match Path::new(name).extension().and_then(|end| end.to_str()) {
                    Some("html") => "text/html",
                    Some("js") => "text/javascript",
                    Some("css") => "text/css",
                    Some("wasm") => "application/wasm",
                    Some("svg") => "image/svg+xml",
                    _ => "application/octet-stream",
                };
                let there = std::fs::read(folder.join(name));
                let (status, body) = match there {
                    Ok(body) if !name.ends_with(missing) => ("200 OK", body),
                    _ => ("404 Not Found", b"not found".to_vec()),
                };
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                // A browser that disconnects is not an error of the host.
                let _sent = stream.write_all(&[head.as_bytes(), &body].concat()).await;
            });
        }
    });
    StaticHost { url, task }
}
