//! `fathom compare`.

use anyhow::Context;
use clap::Args;
use fathom_shared::numbers::counted;
use fathom_shared::results::{
    Comparison, ComparisonPlan, MarginOutcome, SubjectComparison, compare, conclude,
};
use fathom_shared::stats::p_value;
use fathom_shared::stats::paired::PairedDifference;

use super::result_sets::ResultSetArgs;
use super::terminal::say;

/// Compare results sample by sample.
///
/// The first is compared with each of the others; each comparison opens with a sentence that sums it up.
/// Samples pair by task, length, options and id. Only samples that both answered count, except in
/// LongBench v2, where a failure is a wrong answer. Each line has both means and their difference (the
/// later minus the first) with 95% intervals; how many pairs there are and how many got better or
/// worse; the smallest difference that this many pairs reveal four times out of five, with p-values
/// corrected as below; and p, by McNemar's
/// exact test where scores are 0 or 1, otherwise by a sign-flip test. Rows that combine cells,
/// by length and by category, come first; for each, two means are tested and the smaller p is doubled.
/// p-values are corrected by Holm's method over all rows of all
/// comparisons and, separately, over all cells. With two tokenizers, the same task, length, seed
/// and options give two different texts: the pairs are then similar samples, not identical ones.
///
/// Examples: fathom compare 3 4 5 --margin 2
///
/// fathom compare results/base results/extended
#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// Numbers of runs, files or folders that `fathom score` reads, or result sets (*.json)
    #[arg(required = true, num_args = 2.., value_name = "RUN|FILE")]
    names: Vec<String>,
    /// Also test whether the difference is smaller, or larger, than this many percentage points,
    /// either way
    #[arg(long, value_name = "POINTS", value_parser = points, allow_negative_numbers = true)]
    margin: Option<f64>,
    /// Also say how many pairs it takes to show a difference of this many percentage points
    #[arg(long, value_name = "POINTS", value_parser = points, allow_negative_numbers = true)]
    wanted: Option<f64>,
    /// Also list the samples whose two scores differ
    #[arg(long)]
    samples: bool,
    #[command(flatten)]
    sets: ResultSetArgs,
}

fn points(text: &str) -> Result<f64, String> {
    let points = text.parse().ok().filter(|m| *m > 0.0 && *m <= 100.0);
    points.ok_or_else(|| "expected a number above 0 and at most 100".to_owned())
}

impl CompareArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let sets = self.sets.to_pair(&self.names).await?;
        let (first, others) = sets.split_first().context("no results were named")?;
        let plan = ComparisonPlan {
            margin: self.margin.map(|margin| margin / 100.0),
            wanted: self.wanted.map(|wanted| wanted / 100.0),
            ..ComparisonPlan::default()
        };
        let all = compare(first, others, &plan);
        for comparison in &all {
            let (a, b) = (&comparison.first.name, &comparison.second.name);
            anyhow::ensure!(
                !(comparison.cells.is_empty() && comparison.unpaired.is_empty()),
                "`{a}` and `{b}` share no cell: no task, length and options are in both"
            );
            for line in lines(comparison, &plan, self.samples) {
                say(line)?;
            }
        }
        Ok(say(conclude::corrected(&all))?)
    }
}

fn lines(comparison: &Comparison, plan: &ComparisonPlan, samples: bool) -> Vec<String> {
    let mut lines = vec![format!(
        "{}, then {}",
        comparison.first.name, comparison.second.name
    )];
    lines.push(conclude::comparison(comparison, plan.alpha, plan.margin));
    let Comparison {
        cells, unpaired, ..
    } = comparison;
    for compared in comparison.rows().chain(cells) {
        lines.push(line(compared, plan));
        let listed = samples && cells.iter().any(|cell| cell.subject == compared.subject);
        for sample in compared.discordant.iter().filter(|_| listed) {
            lines.push(format!(
                "  sample {}: {:.3}, then {:.3}",
                sample.id, sample.first, sample.second
            ));
        }
    }
    for cell in unpaired {
        lines.push(format!("{cell}: no sample was answered in both"));
    }
    lines
}

/// One comparison as one line of text.
fn line(compared: &SubjectComparison, plan: &ComparisonPlan) -> String {
    let PairedDifference {
        n,
        first,
        second,
        difference,
        gained,
        lost,
        p,
        test,
    } = compared.paired;
    let sources = compared.sources;
    let sources = sources.map_or_else(String::new, |sources| {
        format!(" of {}", counted(sources.into(), "source"))
    });
    let mut text = format!(
        "{}: {}, then {}, difference {}, n = {}{sources}, {gained} better, {lost} worse, {}, p {} by {}, corrected {}",
        compared.subject,
        first.percent(),
        second.percent(),
        difference.points(),
        counted(n.into(), "pair"),
        match compared.detectable {
            Some(_) => format!("{} points would be seen", compared.seen()),
            None => "too few pairs to show any difference".to_owned(),
        },
        p_value(p),
        test.name(),
        p_value(compared.holm)
    );
    if let Some(margin) = plan.margin
        && let Some(outcome) = compared.against_margin(plan.alpha, margin)
    {
        let points = round(margin);
        text.push_str(&match outcome {
            MarginOutcome::Smaller => format!("; smaller than {points} points: shown"),
            MarginOutcome::Larger => format!("; larger than {points} points: shown"),
            MarginOutcome::Open => format!("; smaller or larger than {points} points: not shown"),
        });
    }
    if let (Some(needed), Some(wanted)) = (compared.needed, plan.wanted) {
        text.push_str(&format!(
            "; {} would show {} points",
            counted(needed.into(), "pair"),
            round(wanted)
        ));
    }
    text
}

/// Rounds a share to points, without binary rounding noise.
fn round(share: f64) -> f64 {
    (share * 1e8).round() / 1e6
}

#[cfg(test)]
mod tests {
    use fathom_shared::formats::RowId;
    use fathom_shared::results::{ResultCell, ResultOrigin, ResultSet, ResultSetInfo, SampleScore};
    use fathom_shared::task::Metric;
    use fathom_shared::tokens::Tokens;

    use super::*;

    fn set(name: &str, vt: &[f64], right: &[f64]) -> ResultSet {
        let cell = |task, scores: &[f64]| {
            let sample = |(id, score): (i64, &f64)| SampleScore {
                id: RowId::Number(id),
                score: Some(*score),
                blank: false,
                parts: Vec::new(),
                cluster: None,
                question: None,
                place: None,
            };
            ResultCell {
                samples: (0..).zip(scores).map(sample).collect(),
                ..ResultCell::new(task, Some(Tokens(4096)), "", Metric::StringMatchAll)
            }
        };
        let about = ResultSetInfo {
            name: name.to_owned(),
            model: String::new(),
            origin: ResultOrigin::Page,
        };
        ResultSet::new(
            about,
            vec![cell("vt", vt), cell("mine", right), cell("x", &[])],
        )
    }

    #[test]
    fn a_difference_comes_with_its_n_and_interval() {
        let alternating: Vec<f64> = (0..10).map(|i| f64::from(i % 2)).collect();
        let first = set("a", &[1.0, 1.0, 0.5, 1.0], &alternating);
        let second = set("b", &[0.0, 1.0, 0.0, 1.0], &[1.0; 10]);
        let plan = ComparisonPlan {
            margin: Some(0.05),
            wanted: Some(0.1),
            ..ComparisonPlan::default()
        };
        let said = lines(&compare(&first, &[second], &plan)[0], &plan, true);
        assert_eq!(said[0], "a, then b");
        assert!(
            said[1].starts_with(
                "It is not clear whether a and b differ. What stands out: mine at 4K rose by 50.0 points (50.0 to 100.0; 95% "
            ),
            "{}",
            said[1]
        );
        let vt = said.iter().find(|line| line.starts_with("vt")).unwrap();
        assert!(
            vt.starts_with("vt at 4K: 87.5 (95% ") && vt.contains(" bootstrap), then 50.0 (95% "),
            "{vt}"
        );
        assert!(vt.contains("n = 4 pairs, 0 better, 2 worse"), "{vt}");
        assert!(vt.contains("by sign flips, corrected "), "{vt}");
        assert!(said.contains(&"  sample 0: 1.000, then 0.000".to_owned()));
        // 5 of 10 gained: p = 2·2⁻⁵, and twice that among two cells.
        let right = said.iter().find(|line| line.starts_with("mine")).unwrap();
        assert!(
            right.contains("p 0.062 by McNemar, corrected 0.12"),
            "{right}"
        );
        assert!(right.contains("; larger than 5 points: shown; "), "{right}");
        assert!(right.ends_with("pairs would show 10 points"), "{right}");
        assert_eq!(
            said.last().unwrap(),
            "x at 4K: no sample was answered in both"
        );
    }
}
