//! The built page on a host that has nothing but files.

use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::server::surroundings;

/// Serves the built page as a static host of such pages would: files, and the page for the rest.
pub(super) async fn static_files() -> String {
    static_files_without("nothing").await
}

/// The same host, on which files of the ending `missing` are not found.
pub(super) async fn static_files_without(missing: &'static str) -> String {
    let folder = surroundings("FATHOM_TEST_PAGE");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let folder = folder.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 8192];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                let target = request.split_whitespace().nth(1).unwrap_or("/");
                let name = target
                    .split('?')
                    .next()
                    .unwrap_or("/")
                    .trim_start_matches('/');
                // A page's own addresses are files of nobody.
                let name = match name.contains('.') {
                    true => name,
                    false => "index.html",
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
                // A browser that hangs up is no failure of the host.
                let _sent = stream.write_all(&[head.as_bytes(), &body].concat()).await;
            });
        }
    });
    url
}
