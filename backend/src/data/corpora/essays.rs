//! Paul Graham's essays as RULER's script puts them together: the plain texts by file name, then
//! the pages by file name, one after the other.

use std::fs;
use std::io;
use std::path::Path;

use fathom_shared::json::python;

use super::html;

/// The file's name that the address ends in.
pub(super) fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

fn is_page(url: &str) -> bool {
    url.contains(".html")
}

/// The text of the page or plain text that was fetched from `url`.
///
/// # Errors
/// What it lacks.
pub(super) fn text(url: &str, bytes: &[u8]) -> Result<String, String> {
    if is_page(url) {
        return html::essay(bytes)
            .ok_or_else(|| format!("{url} has no `font` element, which would hold the essay"));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| format!("{url} is no UTF-8 text: {e}"))?;
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Puts the essays together, each an address with its text, and writes RULER's JSON to `part`.
///
/// # Errors
/// A file that cannot be written.
pub(super) fn write(mut essays: Vec<(&str, String)>, part: &Path) -> io::Result<()> {
    // The script sorts what it called `NAME.txt`, which is another order than that of the names.
    essays.sort_by_key(|(url, _)| (is_page(url), name(url).replace(".html", ".txt")));
    let text: String = essays.into_iter().map(|(_, text)| text).collect();
    let mut json = Vec::with_capacity(text.len() + 16);
    python::write(&mut json, &serde_json::json!({ "text": text }))?;
    fs::write(part, json)
}
