//! Which published models stand beside one's own in the report.

use crate::chart::Figure;
use crate::published::ranking::{self, ModelReport};
use crate::published::{longbench, ruler};
use crate::results::figures::{length_axis, reported_by_length, reported_overall};

/// Published curves beside one's own, unless they are named.
const BESIDE: usize = 3;

/// Published models beside one's own.
///
/// # Example
/// ```
/// use fathom_shared::results::report::PublishedModels;
/// let chosen = PublishedModels::named(&["Llama3.1 8B".into()], &[], &[]);
/// assert_eq!((chosen.ruler.len(), chosen.longbench.len()), (1, 0));
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct PublishedModels {
    /// Lines of RULER's table.
    pub ruler: Vec<ruler::RulerTableLine>,
    /// Lines of LongBench v2's leaderboard.
    pub longbench: Vec<longbench::LeaderboardLine>,
    /// Reports of the ranking.
    pub ranked: Vec<ModelReport>,
}

impl Default for PublishedModels {
    /// The first lines of RULER's table that have every length, and LongBench v2's best direct
    /// answers.
    fn default() -> Self {
        let whole = |line: &ruler::RulerTableLine| {
            let share = |at: &_| line.share(*at).is_some();
            !line.reported_by_others && ruler::LENGTHS.iter().all(share)
        };
        let lines = ruler::board().into_iter().filter(whole).take(BESIDE);
        Self {
            ruler: lines.collect(),
            longbench: vec![longbench::best_direct()],
            ranked: Vec::new(),
        }
    }
}

impl PublishedModels {
    /// Those of these names: lines of RULER's table, lines of LongBench v2's leaderboard, and ids of
    /// the ranking. Unknown ones are left out.
    pub fn named(ruler: &[String], longbench: &[String], ranked: &[String]) -> Self {
        let lines = ruler::board().into_iter();
        let board = longbench::board().into_iter();
        let reports = ranking::reports().into_iter();
        Self {
            ruler: lines.filter(|line| ruler.contains(&line.name())).collect(),
            longbench: board
                .filter(|line| longbench.contains(&line.name()))
                .collect(),
            ranked: reports
                .filter(|report| ranked.contains(&report.id))
                .collect(),
        }
    }

    /// Adds the curves of the ranking's reports.
    pub(super) fn add_curves(&self, figure: &mut Figure) {
        let curves = self.ranked.iter().filter(|report| !report.ruler.is_empty());
        let curves = curves.map(|report| reported_by_length(report, called(report)));
        figure.series.extend(curves);
        figure.x = length_axis(&figure.series);
    }

    /// Adds their scores on LongBench v2.
    pub(super) fn add_bars(&self, figure: &mut Figure) {
        let bars = self.ranked.iter();
        let bars = bars.filter_map(|report| reported_overall(report, called(report)));
        figure.series.extend(bars);
    }
}

fn called(report: &ModelReport) -> String {
    format!("{} ({})", report.model, report.reporter)
}
