//! `fathom compare`.

use std::collections::BTreeMap;

use clap::Args;
use fathom_shared::run::Place;
use fathom_shared::stats::adjust::{benjamini_hochberg, holm};
use fathom_shared::stats::equivalence::tost;
use fathom_shared::stats::paired::{Paired, Test};
use fathom_shared::stats::power::detectable;
use fathom_shared::task::TaskSpec;

use super::Database;
use super::terminal::say;
use crate::store::Store;

/// Compare two runs sample by sample, cell by cell.
///
/// Only samples that both runs answered count: the difference of their scores (B minus A) with
/// the 95% percentile bootstrap interval of the mean of these differences; p by McNemar's exact
/// test where scores are 0 or 1, else by the bootstrap, also adjusted over the cells (Holm,
/// Benjamini-Hochberg); and the smallest difference that so many pairs show with a probability of
/// 80%. The same task, length, seed and options under two tokenizers are two texts; then the pairs
/// are of alike samples, not of the same.
#[derive(Debug, Args)]
pub(super) struct Compare {
    /// The first run's number
    a: i64,
    /// The second run's number
    b: i64,
    /// Also test whether the difference is smaller than this many points of 100, either way
    #[arg(long, value_name = "POINTS", value_parser = margin)]
    margin: Option<f64>,
    #[command(flatten)]
    database: Database,
}

fn margin(text: &str) -> Result<f64, String> {
    let margin = text.parse().ok().filter(|m| *m > 0.0 && *m <= 100.0);
    margin.ok_or_else(|| "expected a number above 0, 100 at most".to_owned())
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
        let mut cells = Vec::new();
        for (at, spec) in (0..).zip(&a.cells) {
            let other = b.cells.iter().position(|cell| cell == spec);
            let Some(other) = other.and_then(|other| u32::try_from(other).ok()) else {
                continue;
            };
            cells.push((spec, pairs(&a, at, &b, other)));
        }
        anyhow::ensure!(
            !cells.is_empty(),
            "runs {} and {} share no cell: no task, length, seed and options are in both",
            self.a,
            self.b
        );
        for line in lines(&cells, self.margin) {
            say(line)?;
        }
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

/// A line for each cell; p-values are adjusted over those that have pairs.
fn lines(cells: &[(&TaskSpec, Vec<(f64, f64)>)], margin: Option<f64>) -> Vec<String> {
    let paired: Vec<Option<Paired>> = cells.iter().map(|(_, pairs)| Paired::of(pairs)).collect();
    let p: Vec<f64> = paired.iter().flatten().map(|paired| paired.p).collect();
    let mut adjusted = holm(&p).into_iter().zip(benjamini_hochberg(&p));
    let mut lines = Vec::with_capacity(cells.len());
    for ((spec, pairs), paired) in cells.iter().zip(&paired) {
        let name = format!(
            "{} at {}, seed {}",
            spec.task, spec.max_seq_length, spec.random_seed
        );
        let Some(paired) = paired else {
            lines.push(format!("{name}: no sample was answered in both"));
            continue;
        };
        let said = said(paired);
        let (holm, bh) = adjusted.next().unwrap_or((1.0, 1.0));
        let equal = margin.and_then(|margin| {
            let differences: Vec<f64> = pairs.iter().map(|(a, b)| b - a).collect();
            let p = tost(&differences, margin / 100.0)?;
            Some(format!("; within ±{margin}: p {}", short(p)))
        });
        lines.push(format!(
            "{name}: {said}, Holm {}, BH {}{}",
            short(holm),
            short(bh),
            equal.unwrap_or_default()
        ));
    }
    lines
}

/// What one cell comes to.
fn said(paired: &Paired) -> String {
    let Paired {
        n,
        first,
        second,
        gained,
        lost,
        ..
    } = paired;
    let interval = paired.interval.map_or_else(
        || "no interval from one pair".to_owned(),
        |found| {
            let (low, high) = (found.low * 100.0, found.high * 100.0);
            format!("95% {low:+.1} to {high:+.1} bootstrap")
        },
    );
    let test = match paired.test {
        Test::McNemar => "McNemar",
        Test::Bootstrap => "bootstrap",
    };
    let seen = detectable(*n, paired.discordant(), 0.05, 0.8) * 100.0;
    format!(
        "{:.1} and {:.1}, difference {:+.1} ({interval}, n = {n} pairs, {gained} gained, {lost} lost, {seen:.1} would be seen), p {} {test}",
        first * 100.0,
        second * 100.0,
        paired.difference() * 100.0,
        short(paired.p)
    )
}

/// A p-value with as many digits as say something.
fn short(p: f64) -> String {
    match p {
        tiny if tiny < 0.0001 => "< 0.0001".to_owned(),
        p => format!("{p:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::tokens::Tokens;

    #[test]
    fn a_difference_comes_with_its_n_and_interval() {
        let spec = TaskSpec::new("vt", Tokens(4096), 42);
        let pairs: Vec<(f64, f64)> = [(1.0, 0.0), (1.0, 1.0), (0.5, 0.0), (1.0, 1.0)].into();
        let right: Vec<(f64, f64)> = (0..10).map(|i| (f64::from(i % 2), 1.0)).collect();
        let cells = [(&spec, pairs), (&spec, Vec::new()), (&spec, right)];
        let said = lines(&cells, Some(5.0));
        let vt = &said[0];
        assert!(
            vt.starts_with("vt at 4096, seed 42: 87.5 and 50.0, difference -37.5 (95% "),
            "{vt}"
        );
        assert!(vt.contains("n = 4 pairs, 0 gained, 2 lost"), "{vt}");
        assert!(vt.contains("bootstrap, Holm "), "{vt}");
        assert!(said[1].ends_with("no sample was answered in both"));
        // 5 of 10 gained: p = 2·2⁻⁵, and twice that among two cells.
        let right = &said[2];
        assert!(right.contains("p 0.0625 McNemar, Holm 0.1250"), "{right}");
        assert!(right.contains("within ±5: p "), "{right}");
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
