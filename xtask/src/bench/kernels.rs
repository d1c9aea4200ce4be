//! `cargo xtask bench kernels`.

use std::path::Path;

use anyhow::Result;

use crate::command::{command, run};

/// Builds the kernels' measure of speed for release and runs it on the model: prefill and decode at
/// each depth, on the adapter that is found.
///
/// # Errors
/// When the build or the run fails.
pub(crate) fn measure(
    model: &Path,
    prompts: &[u32],
    answer: u32,
    variant: Option<&str>,
) -> Result<()> {
    let prompts: Vec<_> = prompts.iter().map(u32::to_string).collect();
    let mut bench = command("cargo")?;
    bench
        .args([
            "bench",
            "--package",
            "fathom-kernels",
            "--bench",
            "speed",
            "--",
        ])
        .arg(model)
        .args([
            "--prompts",
            &prompts.join(","),
            "--answer",
            &answer.to_string(),
        ]);
    if let Some(variant) = variant {
        bench.args(["--variant", variant]);
    }
    run(&mut bench)
}
