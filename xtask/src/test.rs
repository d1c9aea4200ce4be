//! `cargo xtask test`: every test there is, and a count at the end.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::command::{command, show, step};
use crate::serve::MODEL;
use crate::tools::postgres::Postgres;
use crate::{check, page, paths, python, rust, serve, tools};

/// The path that the tests have the page under.
const UNDER: &str = "/some/path/";

/// What ran.
#[derive(Default)]
struct Count {
    passed: u32,
    /// Of those that passed: not at the first try.
    flaky: u32,
    failed: u32,
}

/// Gets what is missing and runs the tests; `filter` keeps those whose name holds it. With `all`
/// the long forms of tests run (`FATHOM_TEST_ALL=1`), the readers of files are fuzzed for five
/// minutes, and other people's programs ask the server too.
///
/// # Errors
/// When one fails, or none ran.
pub(crate) fn run_all(filter: Option<&str>, all: bool) -> Result<()> {
    check::format()?;
    tools::for_tests()?;
    let dist = page::build()?;
    let fathom = serve::checked()?;
    serve::model(&fathom)?;

    let postgres = Postgres::start()?;
    let mut count = Count::default();
    step("unit, golden, kernel, API and browser tests");
    let mut nextest = command("cargo")?;
    nextest.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    surroundings(&mut nextest, &fathom)?;
    with_page(&mut nextest, &dist)?;
    nextest.env("FATHOM_TEST_POSTGRES", &postgres.url);
    if all {
        nextest.env("FATHOM_TEST_ALL", "1");
    }
    if let Some(filter) = filter {
        nextest.args(["--no-tests", "warn", filter]);
    }
    let mut all_well = counted(&mut nextest, &mut count)?;

    step("examples in the documentation");
    let mut doc = command("cargo")?;
    // Of the whole workspace, so that nothing is compiled again with other features.
    doc.args(["test", "--doc", "--workspace"]);
    if let Some(filter) = filter {
        doc.args(["--", filter]);
    }
    all_well &= counted(&mut doc, &mut count)?;

    step("vectors of WebAssembly");
    let mut vectors = command("cargo")?;
    vectors.args(["test", "--package", "fathom-candle", "--lib"]);
    vectors.args(["--target", rust::WASM, "--profile", "page"]);
    let runner = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER";
    vectors.env(runner, "wasm-bindgen-test-runner");
    if let Some(filter) = filter {
        vectors.args(["--", filter]);
    }
    all_well &= counted(&mut vectors, &mut count)?;

    if all {
        if filter.is_none() {
            all_well &= fuzzed(&mut count)?;
        }
        all_well &= others(filter, &fathom, &mut count)?;
    }
    concluded(all_well, &count)
}

/// Builds the server and lets other people's programs ask it, nothing else.
///
/// # Errors
/// As [`run_all`].
pub(crate) fn run_python(filter: Option<&str>) -> Result<()> {
    let fathom = serve::checked()?;
    serve::model(&fathom)?;
    let mut count = Count::default();
    let all_well = others(filter, &fathom, &mut count)?;
    concluded(all_well, &count)
}

/// Mutated files for every reader, without a nightly compiler: the functions that `cargo fuzz`
/// calls, in processes whose memory is bounded.
fn fuzzed(count: &mut Count) -> Result<bool> {
    const SECONDS: u32 = 300;
    step("five minutes of mutated files");
    let mut nextest = command("cargo")?;
    nextest.args(["nextest", "run", "--lib"]);
    for package in ["fathom-shared", "fathom-kernels", "fathom-backend"] {
        nextest.args(["--package", package]);
    }
    // Importers, task files and templates; GGUF and tokenizers; safetensors.
    let tests = "test(=fuzzed::tests::bounded) | test(=model::hostile::bounded) | test(=data::folder::hostile::bounded)";
    nextest.args(["--success-output", "immediate", "-E", tests]);
    nextest.env("FATHOM_FUZZ_SECONDS", SECONDS.to_string());
    counted(&mut nextest, count)
}

fn others(filter: Option<&str>, fathom: &Path, count: &mut Count) -> Result<bool> {
    step("other people's programs against the server");
    let mut pytest = python::pytest()?;
    surroundings(&mut pytest, fathom)?;
    if let Some(filter) = filter {
        pytest.args(["-k", filter]);
    }
    counted(&mut pytest, count)
}

fn concluded(all_well: bool, count: &Count) -> Result<()> {
    let (passed, failed) = (count.passed, count.failed);
    match count.flaky {
        0 => println!("\ntests: {passed} passed, {failed} failed"),
        flaky => println!(
            "\ntests: {passed} passed, {failed} failed; {flaky} passed only at the second try"
        ),
    }
    if !all_well || count.failed > 0 {
        bail!("{} tests failed", count.failed);
    }
    if count.passed == 0 {
        bail!("no test ran");
    }
    Ok(())
}

/// Tells the tests where what was built lies, and lets no missing adapter pass for a success.
fn surroundings(tests: &mut Command, fathom: &Path) -> Result<()> {
    let models = paths::cache()?.join("models");
    tests
        .env("FATHOM_TEST_BIN", fathom)
        .env("FATHOM_TEST_MODEL_ID", MODEL)
        .env("FATHOM_MODELS", models);
    // Where Debian's software driver is installed it is the one used, so that results do not
    // depend on the machine.
    let lavapipe = Path::new("/usr/share/vulkan/icd.d/lvp_icd.x86_64.json");
    if lavapipe.exists() && std::env::var_os("VK_DRIVER_FILES").is_none() {
        tests.env("VK_DRIVER_FILES", lavapipe);
    }
    Ok(())
}

/// Tells the browser tests where the page lies, as `fathom serve` has it and as a host has it under a
/// path, and what they hold it against.
///
/// # Errors
/// When the page cannot be copied, or axe-core cannot be fetched.
pub(crate) fn with_page(tests: &mut Command, dist: &Path) -> Result<()> {
    let under = paths::target()?.join("page-under-a-path");
    page::put_under(dist, &under, UNDER)?;
    tests
        .env("FATHOM_TEST_PAGE", dist)
        .env("FATHOM_TEST_PAGE_UNDER", under)
        .env("FATHOM_TEST_AXE", tools::axe()?);
    Ok(())
}

/// Runs, shows what is printed, and adds up what the runners count.
fn counted(tests: &mut Command, count: &mut Count) -> Result<bool> {
    // nextest reports on stderr, the others on stdout; one pipe keeps their order.
    let (reader, writer) = std::io::pipe()?;
    let mut child = tests
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()
        .with_context(|| format!("cannot start {}", show(tests)))?;
    // The command holds the pipe's other end: without this the reading never ends.
    tests.stdout(Stdio::null()).stderr(Stdio::null());
    for line in BufReader::new(reader).lines() {
        let line = line?;
        println!("{line}");
        if is_summary(&line) {
            count.passed += number_before(&line, "passed");
            count.flaky += number_before(&line, "flaky");
            count.failed += number_before(&line, "failed") + number_before(&line, "timed out");
            // Of pytest: a test that could not begin.
            count.failed += number_before(&line, "error");
        }
    }
    Ok(child.wait()?.success())
}

/// Whether a line is the last word of nextest, cargo or pytest.
fn is_summary(line: &str) -> bool {
    let pytest = line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(" in ");
    line.contains(" tests run: ") || line.starts_with("test result: ") || pytest
}

/// The number that stands before a word in a runner's summary.
fn number_before(line: &str, word: &str) -> u32 {
    let before = line
        .split(word)
        .next()
        .filter(|before| before.len() < line.len());
    before
        .and_then(|before| {
            let word = before.split_whitespace().next_back()?;
            word.trim_start_matches('(').parse().ok()
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{is_summary, number_before};

    #[test]
    fn reads_every_runner() {
        let nextest =
            "     Summary [   1.005s] 17 tests run: 16 passed (1 slow), 1 failed, 2 skipped";
        assert_eq!(
            (
                number_before(nextest, "passed"),
                number_before(nextest, "failed")
            ),
            (16, 1)
        );
        for flaky in ["9 passed (2 flaky), 0 failed", "9 passed (1 slow, 2 flaky)"] {
            assert_eq!(number_before(flaky, "flaky"), 2, "{flaky}");
        }
        let cargo = "test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured";
        assert_eq!(
            (
                number_before(cargo, "passed"),
                number_before(cargo, "failed")
            ),
            (4, 0)
        );
        assert_eq!(number_before(nextest, "timed out"), 0);
        let pytest = "1 failed, 8 passed, 2 errors in 21.73s";
        assert!([nextest, cargo, pytest].into_iter().all(is_summary));
        let numbers = ["passed", "failed", "error"].map(|word| number_before(pytest, word));
        assert_eq!(numbers, [8, 1, 2]);
        assert!(!is_summary("12 tests are about to begin"));
    }
}
