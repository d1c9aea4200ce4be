//! What a finished program cost.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::command::{run, show};

/// Seconds of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// On the clock.
    pub(crate) wall_s: f64,
    /// On the processor, user and system; on the clock where the system does not say.
    pub(crate) cpu_s: f64,
    /// The most memory that it was seen to hold, in megabytes; zero where the system does not say.
    pub(crate) peak_mb: f64,
}

/// The mean cost of `runs` runs, as whole processes, after one in which the memory is watched.
///
/// # Errors
/// When the command fails.
pub(crate) fn mean_cost(command: &mut Command, runs: u32) -> Result<Cost> {
    let peak_mb = peak_mb(command)?;
    let (wall_s, cpu_s) = mean_seconds(command, runs)?;
    Ok(Cost {
        wall_s,
        cpu_s,
        peak_mb,
    })
}

/// The mean seconds of `runs` runs, on the clock and on the processor.
///
/// # Errors
/// When the command fails.
pub(crate) fn mean_seconds(command: &mut Command, runs: u32) -> Result<(f64, f64)> {
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
    Ok((wall_s, cpu_s))
}

/// Runs once and looks at the memory every few milliseconds.
fn peak_mb(command: &mut Command) -> Result<f64> {
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {}", show(command)))?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kb = 0.0_f64;
    loop {
        // Gone once it has ended: then the last look stands.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let seen = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        peak_kb = peak_kb.max(seen.unwrap_or(0.0));
        if let Some(ended) = child.try_wait()? {
            ensure!(ended.success(), "{} ended with {ended}", show(command));
            return Ok(peak_kb / 1000.0);
        }
        thread::sleep(Duration::from_millis(2));
    }
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
