//! `fathom compare`.

use std::collections::BTreeMap;

use clap::Args;
use fathom_shared::run::Place;
use fathom_shared::stats::bootstrap::bootstrap;
use fathom_shared::task::TaskSpec;

use super::Database;
use super::terminal::say;
use crate::store::Store;

/// Compare two runs sample by sample, cell by cell.
///
/// Only samples that both runs answered count: the difference of their scores (B minus A) with
/// the 95% percentile bootstrap interval of the mean of these differences. The same task, length,
/// seed and options under two tokenizers are two texts; then the pairs are of alike samples, not
/// of the same.
#[derive(Debug, Args)]
pub(super) struct Compare {
    /// The first run's number
    a: i64,
    /// The second run's number
    b: i64,
    #[command(flatten)]
    database: Database,
}

struct Side {
    cells: Vec<TaskSpec>,
    texts: Option<String>,
    scores: BTreeMap<Place, Option<f64>>,
}

impl Compare {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let store = self.database.open().await?;
        let (a, b) = (side(&store, self.a).await?, side(&store, self.b).await?);
        if a.texts != b.texts {
            say(
                "the two runs are made of other texts: pairs are of alike samples, not of the same",
            )?;
        }
        let mut shared = 0;
        for (at, spec) in (0..).zip(&a.cells) {
            let other = b.cells.iter().position(|cell| cell == spec);
            let Some(other) = other.and_then(|other| u32::try_from(other).ok()) else {
                continue;
            };
            shared += 1;
            say(line(spec, &pairs(&a, at, &b, other)))?;
        }
        anyhow::ensure!(
            shared > 0,
            "runs {} and {} share no cell: no task, length, seed and options are in both",
            self.a,
            self.b
        );
        Ok(())
    }
}

async fn side(store: &Store, id: i64) -> anyhow::Result<Side> {
    let run = store.run(id).await?;
    Ok(Side {
        cells: run.order.grid.cells().collect(),
        texts: run.order.texts,
        scores: store.scores(id).await?.into_iter().collect(),
    })
}

/// The scores of the samples that both answered.
fn pairs(a: &Side, cell_a: u32, b: &Side, cell_b: u32) -> Vec<(f64, f64)> {
    let of_cell = a.scores.iter().filter(|(place, _)| place.cell == cell_a);
    let pairs = of_cell.filter_map(|(place, score)| {
        let other = Place {
            cell: cell_b,
            sample: place.sample,
        };
        Some(((*score)?, (*b.scores.get(&other)?)?))
    });
    pairs.collect()
}

fn line(spec: &TaskSpec, pairs: &[(f64, f64)]) -> String {
    let name = format!(
        "{} at {}, seed {}",
        spec.task, spec.max_seq_length, spec.random_seed
    );
    let n = pairs.len();
    if n == 0 {
        return format!("{name}: no sample was answered in both");
    }
    let mean = |values: &dyn Fn(&(f64, f64)) -> f64| {
        pairs.iter().map(values).sum::<f64>() * 100.0 / n as f64
    };
    let (a, b) = (mean(&|pair| pair.0), mean(&|pair| pair.1));
    let differences: Vec<f64> = pairs.iter().map(|(a, b)| b - a).collect();
    let interval = bootstrap(&differences).map_or_else(
        || "no interval from one pair".to_owned(),
        |found| {
            let (low, high) = (found.low * 100.0, found.high * 100.0);
            format!("95% {low:+.1} to {high:+.1} bootstrap")
        },
    );
    let differ = differences.iter().filter(|d| **d != 0.0).count();
    format!(
        "{name}: {a:.1} and {b:.1}, difference {:+.1} ({interval}, n = {n} pairs, {differ} differ)",
        b - a
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::tokens::Tokens;

    #[test]
    fn a_difference_comes_with_its_n_and_interval() {
        let spec = TaskSpec::new("vt", Tokens(4096), 42);
        let pairs: Vec<(f64, f64)> = [(1.0, 0.0), (1.0, 1.0), (0.5, 0.0), (1.0, 1.0)].into();
        let said = line(&spec, &pairs);
        assert!(
            said.starts_with("vt at 4096, seed 42: 87.5 and 50.0, difference -37.5 (95% "),
            "{said}"
        );
        assert!(said.ends_with("n = 4 pairs, 2 differ)"), "{said}");
        assert!(line(&spec, &[]).ends_with("no sample was answered in both"));
    }

    #[test]
    fn only_samples_answered_in_both_are_pairs() {
        let side = |scores: &[(u32, u32, Option<f64>)]| Side {
            cells: Vec::new(),
            texts: None,
            scores: scores
                .iter()
                .map(|(cell, sample, score)| {
                    let (cell, sample) = (*cell, *sample);
                    (Place { cell, sample }, *score)
                })
                .collect(),
        };
        let a = side(&[
            (0, 0, Some(1.0)),
            (0, 1, None),
            (0, 2, Some(0.5)),
            (1, 0, Some(0.1)),
        ]);
        let b = side(&[(3, 0, Some(0.0)), (3, 1, Some(1.0)), (3, 3, Some(1.0))]);
        assert_eq!(pairs(&a, 0, &b, 3), [(1.0, 0.0)]);
    }
}
