//! Names of the page's files: each carries a hash of its content, so that a browser that has a file
//! never asks for it again, and an old page never gets a new one's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

/// What `index.html` knows the names by, and what the build writes there.
const NAMES: &str = "const names = {};";
/// What `service_worker.js` keeps, and which build it is of.
const KEPT: &str = "const FILES = [];";
const VERSION: &str = "const VERSION = \"\";";
/// Names these files by their hashes have no sense for: they are where a browser begins.
const FIRST: [&str; 2] = ["index.html", "service_worker.js"];
/// What starts the worker, and how it names the worker's own file.
const BOOT: &str = "worker_boot.js";
const BOOTED: &str = "worker.js";

/// Gives every file of `dist` a name with a hash, tells `index.html` those that were given here, and the
/// service worker all of them.
///
/// # Errors
/// A file that cannot be read or written, or that does not say where the names go.
pub(super) fn name_by_content(dist: &Path) -> Result<()> {
    let mut names = BTreeMap::new();
    let mut plain: Vec<String> = files(dist)?;
    plain.retain(|name| !FIRST.contains(&name.as_str()) && !is_hashed(name));
    // It names another, so it comes after that.
    plain.sort_by_key(|name| name == BOOT);
    for name in plain {
        if name == BOOT {
            let booted: &String = names.get(BOOTED).context("the worker has no program")?;
            write_into(
                &dist.join(BOOT),
                &format!("./{BOOTED}"),
                &format!("./{booted}"),
            )?;
        }
        let hashed = hashed(dist, &name)?;
        fs::rename(dist.join(&name), dist.join(&hashed))?;
        names.insert(name, hashed);
    }
    let names = serde_json::to_string(&names)?;
    write_into(
        &dist.join("index.html"),
        NAMES,
        &format!("const names = {names};"),
    )?;

    let mut kept: Vec<String> = files(dist)?;
    kept.retain(|name| !FIRST.contains(&name.as_str()));
    let worker = dist.join("service_worker.js");
    let version = short_hash(&fs::read(dist.join("index.html"))?);
    write_into(&worker, VERSION, &format!("const VERSION = \"{version}\";"))?;
    let kept = serde_json::to_string(&kept)?;
    write_into(&worker, KEPT, &format!("const FILES = {kept};"))
}

/// The names of the files in `dist`, in order.
pub(super) fn files(dist: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dist).with_context(|| format!("cannot read {}", dist.display()))? {
        found.push(entry?.file_name().to_string_lossy().into_owned());
    }
    found.sort();
    Ok(found)
}

/// Whether the builder of the page gave `name` a hash already.
fn is_hashed(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| part.len() >= 16 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn hashed(dist: &Path, name: &str) -> Result<String> {
    let file = dist.join(name);
    let content = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    Ok(format!("{stem}-{}.{ending}", short_hash(&content)))
}

fn short_hash(content: &[u8]) -> String {
    hex::encode(&Sha256::digest(content)[..8])
}

fn write_into(file: &PathBuf, place: &str, text: &str) -> Result<()> {
    let content =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    ensure!(
        content.contains(place),
        "{} has no `{place}`, where the build writes names",
        file.display()
    );
    fs::write(file, content.replace(place, text))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_gets_a_name_by_its_content_and_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("app-0123456789abcdef.js", "app");
        write("worker.js", "worker");
        write("worker_boot.js", "import init from \"./worker.js\";");
        write("a.samples.json", "{}");
        write("index.html", &format!("<script>{NAMES}</script>"));
        write("service_worker.js", &format!("{VERSION}\n{KEPT}"));
        name_by_content(folder.path()).unwrap();

        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        let all = files(folder.path()).unwrap();
        let find = |start: &str| {
            let mut found = all.iter().filter(|name| name.starts_with(start));
            found.next().unwrap().clone()
        };
        assert!(
            all.iter()
                .all(|name| is_hashed(name) || FIRST.contains(&name.as_str()))
        );
        assert!(read(&find("worker_boot-")).contains(&format!("./{}", find("worker-"))));
        let samples = find("a-");
        assert!(samples.ends_with(".samples.json"), "{samples}");
        assert!(read("index.html").contains(&format!("\"a.samples.json\":\"{samples}\"")));
        let kept = read("service_worker.js");
        assert!(
            all.iter()
                .all(|name| kept.contains(name) != FIRST.contains(&name.as_str()))
        );
        assert!(!kept.contains(VERSION));
    }
}
