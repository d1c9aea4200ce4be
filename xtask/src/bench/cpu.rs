//! What a finished program cost.

use std::fs;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::command::run;

/// Seconds of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// On the clock.
    pub(crate) wall_s: f64,
    /// On the processor, user and system; on the clock where the system does not say.
    pub(crate) cpu_s: f64,
}

/// The mean cost of `runs` runs, as whole processes.
///
/// # Errors
/// When the command fails.
pub(crate) fn mean_cost(command: &mut Command, runs: u32) -> Result<Cost> {
    let runs = runs.max(1);
    let (began, before) = (Instant::now(), children_cpu_s());
    for _ in 0..runs {
        run(command)?;
    }
    let wall_s = began.elapsed().as_secs_f64() / f64::from(runs);
    let cpu_s = match (before, children_cpu_s()) {
        (Ok(before), Ok(after)) => (after - before) / f64::from(runs),
        _ => wall_s,
    };
    Ok(Cost { wall_s, cpu_s })
}

/// What this process's finished children have used, by Linux's `/proc/self/stat`: fields 16 and
/// 17, in hundredths of a second.
fn children_cpu_s() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat
        .rsplit_once(')')
        .context("no name in /proc/self/stat")?;
    let ticks = |field: usize| -> Result<f64> {
        let text = fields
            .split_whitespace()
            .nth(field)
            .context("a short /proc/self/stat")?;
        Ok(text.parse()?)
    };
    // Counted from the field after the name, which is number 3.
    Ok((ticks(13)? + ticks(14)?) / 100.0)
}
