//! `cargo xtask record`: the run of a real model that the page shows before anybody ran anything.
//!
//! ```text
//! fathom run --database recorded.db  -->  fathom serve  --GET-->  shared/data/recorded/*.json
//! ```

mod server; // serves the run's database

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::command::{command, run, skip, step};
use crate::{paths, serve};
use server::Server;

/// One needle, and a chain of four hops.
const TASKS: &str = "niah_single_1,vt";
const LENGTHS: &str = "512,1024,2048,4096";
const SAMPLES: &str = "50";
const SEED: &str = "42";
/// So many samples of each cell are shown with their text.
const SHOWN: u64 = 6;
/// What a reader calls the model.
const NAME: &str = "SmolLM2-135M-Instruct";

/// What `cargo xtask record` is told.
#[derive(clap::Args)]
pub(crate) struct RecordArgs {
    /// The run's database; a run in it that is not done goes on [default: recorded.db in Fathom's
    /// folder of the user's cache]
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    /// The program to ask, in place of one built for release
    #[arg(long, value_name = "FILE")]
    fathom: Option<PathBuf>,
    /// Write what the database has by now, and ask nothing further
    #[arg(long)]
    as_it_is: bool,
}

/// Runs what is missing, then writes the result set and the samples that Home shows.
///
/// # Errors
/// When `fathom` cannot be built, the run cannot go on, or a file cannot be written.
pub(crate) fn make(args: &RecordArgs) -> Result<()> {
    let fathom = match &args.fathom {
        Some(fathom) => fathom.clone(),
        None => serve::release(&[])?,
    };
    let database = match &args.database {
        Some(database) => database.clone(),
        None => paths::cache()?.join("recorded.db"),
    };
    match args.as_it_is || is_done(&fathom, &database)? {
        true => skip("the run is not asked anything further"),
        false => ask(&fathom, &database)?,
    }
    let server = Server::start(&fathom, &database)?;
    let listed = server.get("/api/runs?limit=1")?;
    let id = &listed["items"][0]["id"];
    ensure!(id.is_i64(), "{} has no run", database.display());
    let detail = server.get(&format!("/api/runs/{id}"))?;
    let about = &detail["run"];
    let day = day(about["created_ms"]
        .as_i64()
        .context("a run without a day")?);
    let set = server.get(&format!("/api/runs/{id}/results"))?;
    let results = result_set(set, &day);
    write("results", &results)?;
    write("samples", &samples(&server, &detail, &day)?)
}

/// Whether the newest run of `database` has all its answers: the same run spec would begin a new run.
fn is_done(fathom: &Path, database: &Path) -> Result<bool> {
    if !database.exists() {
        return Ok(false);
    }
    let list = command(fathom)?
        .args(["runs", "list", "--limit", "1", "--database"])
        .arg(database)
        .output()
        .with_context(|| format!("cannot start {}", fathom.display()))?;
    let list = String::from_utf8_lossy(&list.stdout);
    Ok(list.split_whitespace().nth(1) == Some("done"))
}

fn ask(fathom: &Path, database: &Path) -> Result<()> {
    serve::model(&fathom.to_path_buf())?;
    step("running; an hour on two cores, and it goes on where it was broken off");
    run(command(fathom)?
        .args(["run", "--tasks", TASKS, "--lengths", LENGTHS])
        .args(["--num-samples", SAMPLES, "--seeds", SEED])
        .args(["--model", serve::MODEL, "--database"])
        .arg(database))
}

/// The set as a file of its own: the numbers of a run and its samples mean nothing elsewhere.
fn result_set(mut set: Value, day: &str) -> Value {
    // A task that does not fit into a length has nothing but failures there.
    if let Some(cells) = set["cells"].as_array_mut() {
        let scored = |sample: &Value| !sample["score"].is_null();
        cells.retain(|cell| {
            cell["samples"]
                .as_array()
                .is_some_and(|all| all.iter().any(scored))
        });
    }
    let cells = set["cells"].as_array().into_iter().flatten();
    let sizes = cells.filter_map(|cell| Some(cell["samples"].as_array()?.len()));
    let n = match (sizes.clone().min(), sizes.max()) {
        (Some(least), Some(most)) if least < most => format!("{least} to {most}"),
        (_, most) => most.unwrap_or(0).to_string(),
    };
    let told = format!("recorded with Fathom: {NAME}, {day}, n = {n} in each cell");
    set["about"]["name"] = json!(format!("recorded {day}"));
    set["about"]["origin"] = json!({ "is": "file", "format": told });
    for cell in set["cells"].as_array_mut().into_iter().flatten() {
        for sample in cell["samples"].as_array_mut().into_iter().flatten() {
            if let Some(sample) = sample.as_object_mut() {
                sample.remove("place");
            }
        }
    }
    set
}

/// What Home shows: of every cell that has answers what they come to, and its first samples with
/// their text; of one that cannot have any, why. Of the prompt only what is around the sample is
/// kept.
fn samples(server: &Server, detail: &Value, day: &str) -> Result<Value> {
    let about = &detail["run"];
    let mut cells = Vec::new();
    for (number, cell) in (0..).zip(detail["cells"].as_array().into_iter().flatten()) {
        let n: u64 = cell["summary"]["n"].as_u64().unwrap_or(0);
        let mut shown = Vec::new();
        for sample in 0..SHOWN.min(n) {
            let path = format!("/api/runs/{}/rows/{number}/{sample}", about["id"]);
            let row = server.get(&path)?;
            let [sample, prompt] = [&row["made"][0], &row["made"][1]];
            let text = prompt["text"].as_str().context("a prompt without text")?;
            let part = |from: &Value, to: &Value| {
                let at = |place: &Value| usize::try_from(place.as_u64()?).ok();
                text.get(at(from)?..at(to)?).map(str::to_owned)
            };
            let (input, prefix) = (&prompt["input"], &prompt["prefix"]);
            let parts = [
                part(&json!(0), &input["start"]),
                part(&input["end"], &prefix["start"]),
                part(&prefix["start"], &prefix["end"]),
            ];
            let [Some(before), Some(after), Some(prefix)] = parts else {
                anyhow::bail!("the parts of a prompt lie outside of it");
            };
            shown.push(json!({
                "sample": sample, "scored": row["scored"],
                "before": before, "after": after, "prefix": prefix,
            }));
        }
        let missing = match shown.is_empty() {
            true => {
                server.get(&format!("/api/runs/{}/rows/{number}/0", about["id"]))?["unmade"].take()
            }
            false => Value::Null,
        };
        if !(shown.is_empty() && missing.is_null()) {
            cells.push(json!({
                "task": cell["task"], "length": cell["length"], "summary": cell["summary"],
                "samples": shown, "missing": missing,
            }));
        }
    }
    Ok(json!({
        "name": NAME, "day": day, "seed": detail["cells"][0]["seed"],
        "mode": about["order"]["mode"], "engine": about["engine"], "cells": cells,
    }))
}

/// Writes a file of the recording, and tells how much of it crosses the network.
fn write(what: &str, content: &Value) -> Result<()> {
    let name = format!("shared/data/recorded/{}.{what}.json", serve::MODEL);
    let path = paths::root().join(&name);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let text = format!("{content}\n");
    fs::write(&path, &text).with_context(|| format!("cannot write {}", path.display()))?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(text.as_bytes())?;
    let packed = packed.finish()?.len();
    step(&format!(
        "{name}: {} kB, {} kB compressed",
        text.len() / 1000,
        packed / 1000
    ));
    Ok(())
}

/// The day (UTC) of so many milliseconds after 1970: `2026-11-30`.
fn day(ms: i64) -> String {
    // Howard Hinnant, "chrono-compatible low-level date algorithms".
    let days = ms.div_euclid(86_400_000) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let days = [0, 951_782_400_000, 1_796_062_717_106].map(day);
        assert_eq!(days, ["1970-01-01", "2000-02-29", "2026-11-30"]);
    }

    #[test]
    fn a_set_of_its_own_points_at_no_run() {
        let set = json!({
            "about": { "name": "run 1", "model": "m", "origin": { "is": "run", "id": 1 } },
            "cells": [
                { "task": "vt", "samples": [{ "id": "42/0", "score": null }] },
                { "task": "vt", "samples": [{ "id": "42/0", "score": 1.0, "place": [0, 0] }] },
            ]
        });
        let set = result_set(set, "2026-11-30");
        assert_eq!(set["about"]["name"], "recorded 2026-11-30");
        let told = "recorded with Fathom: SmolLM2-135M-Instruct, 2026-11-30, n = 1 in each cell";
        assert_eq!(
            set["about"]["origin"],
            json!({ "is": "file", "format": told })
        );
        assert_eq!(
            set["cells"][0]["samples"][0],
            json!({ "id": "42/0", "score": 1.0 })
        );
    }
}
