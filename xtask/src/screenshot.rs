//! `cargo xtask screenshot`: the README's picture, made from the running playground.

use anyhow::Result;

use crate::command::{command, run, step};
use crate::{page, paths, serve, test, tools};

/// Builds everything and runs the browser tests, which take the pictures.
///
/// # Errors
/// When the page cannot be built or driven.
pub(crate) fn make() -> Result<()> {
    tools::for_tests()?;
    let dist = page::build()?;
    let fathom = serve::checked()?;
    serve::model(&fathom)?;
    let folder = paths::root().join("docs");
    step(&format!(
        "driving the page; pictures go to {}",
        folder.display()
    ));
    let mut tests = command("cargo")?;
    tests.args(["nextest", "run", "--package", "fathom-tests", "browser::"]);
    test::with_page(&mut tests, &dist)?;
    run(tests
        .env("FATHOM_TEST_BIN", fathom)
        .env("FATHOM_TEST_MODEL_ID", serve::MODEL)
        .env("FATHOM_MODELS", paths::cache()?.join("models"))
        .env("FATHOM_PICTURES", folder))
}
