//! The page for a host that has it under a path: the files of the built page, of which `index.html` alone
//! names others by paths from the root.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::named::files;

/// What `index.html` begins addresses with.
const BASE: &str = "const base = \"/\";";
/// The file that names others.
const INDEX: &str = "index.html";

/// Whether a page can lie under `base`.
///
/// # Errors
/// A base that does not begin and end with `/`, or that has what would end its own quotes.
pub(crate) fn check_base(base: &str) -> Result<()> {
    ensure!(
        base.starts_with('/') && base.ends_with('/') && !base.contains(['"', '\'', '<']),
        "the base is `{base}`, expected a path that begins and ends with `/`"
    );
    Ok(())
}

/// Puts the page of `dist` into the folder `to`, for a host that has it under the path `base`.
///
/// # Errors
/// As [`check_base`]; a file that cannot be read or written; an `index.html`
/// that does not say what it begins addresses with.
pub(crate) fn put_under(dist: &Path, to: &Path, base: &str) -> Result<()> {
    check_base(base)?;
    if to.exists() {
        // Files of an older build have other names and would stay.
        fs::remove_dir_all(to).with_context(|| to.display().to_string())?;
    }
    fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    let names = files(dist)?;
    for name in names.iter().filter(|name| *name != INDEX) {
        let copy = to.join(name);
        fs::copy(dist.join(name), &copy).with_context(|| copy.display().to_string())?;
    }
    let index = dist.join(INDEX);
    let mut page = fs::read_to_string(&index).with_context(|| index.display().to_string())?;
    ensure!(page.contains(BASE), "{} has no `{BASE}`", index.display());
    page = page.replace(BASE, &format!("const base = \"{base}\";"));
    for name in names {
        for quote in ['"', '\''] {
            page = page.replace(
                &format!("{quote}/{name}{quote}"),
                &format!("{quote}{base}{name}{quote}"),
            );
        }
    }
    fs::write(to.join(INDEX), page)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_the_path_and_links_of_the_page_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (dist, to) = (folder.path().join("dist"), folder.path().join("out/page"));
        fs::create_dir_all(&dist).unwrap();
        fs::create_dir_all(&to).unwrap();
        fs::write(to.join("app-old.js"), "old").unwrap();
        fs::write(dist.join("app-0123.js"), "app").unwrap();
        let index = format!(
            "{BASE} import init from '/app-0123.js'; <link href=\"/app-0123.js\"> <a href=\"/results\">"
        );
        fs::write(dist.join(INDEX), index).unwrap();
        put_under(&dist, &to, "/docs/fathom/").unwrap();
        assert_eq!(
            fs::read_to_string(to.join(INDEX)).unwrap(),
            "const base = \"/docs/fathom/\"; import init from '/docs/fathom/app-0123.js'; \
             <link href=\"/docs/fathom/app-0123.js\"> <a href=\"/results\">"
        );
        assert_eq!(files(&to).unwrap(), ["app-0123.js", INDEX]);
        // At the root the page is as it was built.
        put_under(&dist, &to, "/").unwrap();
        let same =
            |name: &str| fs::read(dist.join(name)).unwrap() == fs::read(to.join(name)).unwrap();
        assert!(same(INDEX) && same("app-0123.js"));
        for wrong in ["", "docs/", "/docs", "/a\"b/"] {
            assert!(put_under(&dist, &to, wrong).is_err(), "{wrong}");
        }
    }
}
