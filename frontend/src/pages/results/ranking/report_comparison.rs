//! Two reports side by side: every figure that both have, and what the difference means. Pure.

use fathom_shared::chart::length_name;
use fathom_shared::published::ranking::{
    ModelReport, RankedBenchmark, ReportedScore, ScoreContrast, contrast, lengths, stand_in,
};
use fathom_shared::tokens::Tokens;

/// A figure that both have.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct SharedFigure {
    /// `RULER at 128K`, `LongBench v2`.
    pub(super) what: String,
    /// The first's.
    pub(super) first: ReportedScore,
    /// The second's.
    pub(super) second: ReportedScore,
    /// The first minus the second.
    pub(super) difference: ScoreContrast,
}

/// Two reports and what they have in common.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct SideBySide {
    /// The first's name, with who measured it.
    pub(super) first: String,
    /// The second's.
    pub(super) second: String,
    /// What is asked now, in sentences.
    pub(super) told: Vec<String>,
    /// All that both have.
    pub(super) figures: Vec<SharedFigure>,
    /// Whether both were measured here.
    pub(super) own: bool,
}

/// A report as a sentence names it.
fn called(report: &ModelReport) -> String {
    match report.own {
        true => format!("{} (own)", report.model),
        false => format!("{} ({})", report.model, report.reporter),
    }
}

/// The chosen reports, each of the others against the first.
pub(super) fn side_by_side(
    reports: &[ModelReport],
    picks: &[String],
    by: RankedBenchmark,
    at: Tokens,
) -> Vec<SideBySide> {
    let known = |id: &String| reports.iter().find(|report| report.id == *id);
    let mut chosen = picks.iter().filter_map(known);
    let Some(first) = chosen.next() else {
        return Vec::new();
    };
    chosen
        .map(|second| pair(reports, first, second, by, at))
        .collect()
}

fn pair(
    reports: &[ModelReport],
    first: &ModelReport,
    second: &ModelReport,
    by: RankedBenchmark,
    at: Tokens,
) -> SideBySide {
    let named = |by: RankedBenchmark, at: Tokens| match by {
        RankedBenchmark::Longbench => "LongBench v2".to_owned(),
        RankedBenchmark::Ruler | RankedBenchmark::Both => {
            format!("RULER at {}", length_name(f64::from(at.0)))
        }
    };
    let figure = |by: RankedBenchmark, at: Tokens| {
        let one = stand_in(reports, &first.id, by, at)?;
        let other = stand_in(reports, &second.id, by, at)?;
        // Two reporters of one model may share the other benchmark's figure.
        if one.id == other.id {
            return None;
        }
        let (score, against) = (*one.score(by, at)?, *other.score(by, at)?);
        let difference = contrast(&score, &against);
        let told = difference.told((&called(one), &score), (&called(other), &against));
        let what = named(by, at);
        let told = format!("{what}: {told}");
        let figure = SharedFigure {
            what,
            first: score,
            second: against,
            difference,
        };
        Some((figure, told))
    };
    let asked: &[RankedBenchmark] = match by {
        RankedBenchmark::Ruler => &[RankedBenchmark::Ruler],
        RankedBenchmark::Longbench => &[RankedBenchmark::Longbench],
        RankedBenchmark::Both => &[RankedBenchmark::Ruler, RankedBenchmark::Longbench],
    };
    let told = asked.iter().map(|by| match figure(*by, at) {
        Some((_, told)) => told,
        None => format!(
            "{}: no figures of {} and {} can be compared.",
            named(*by, at),
            called(first),
            called(second)
        ),
    });
    let lengths = lengths(reports).into_iter();
    let all = lengths.filter_map(|at| figure(RankedBenchmark::Ruler, at));
    let all = all.chain(figure(RankedBenchmark::Longbench, at));
    SideBySide {
        first: called(first),
        second: called(second),
        told: told.collect(),
        figures: all.map(|(figure, _)| figure).collect(),
        own: first.own && second.own,
    }
}

#[cfg(test)]
mod tests {
    use fathom_shared::published::ranking::reports;

    use super::*;

    fn id(reports: &[ModelReport], model: &str, reporter: &str) -> String {
        let mut all = reports.iter();
        let found = all.find(|one| one.model == model && one.reporter == reporter);
        found.unwrap().id.clone()
    }

    #[test]
    fn two_stand_beside_one_another_with_their_difference() {
        let reports = reports();
        let at = Tokens(131_072);
        let gemini = id(&reports, "Gemini-1.5-pro", "RULER’s authors");
        let llama = id(&reports, "Llama3.1 8B", "RULER’s authors");
        let next = id(&reports, "Qwen3-Next-80B-A3B-Instruct", "Qwen");
        let picks = [gemini, llama, "gone".to_owned(), next];
        let sides = side_by_side(&reports, &picks, RankedBenchmark::Ruler, at);
        assert_eq!(sides.len(), 2);
        let told = &sides[0].told[0];
        assert!(
            told.starts_with("RULER at 128K: Gemini-1.5-pro (RULER’s authors) is 17.4 points above Llama3.1 8B (RULER’s authors) (95% about +"),
            "{told}"
        );
        assert_eq!(sides[0].figures.len(), 6);
        assert!(
            sides[1].told[0].contains("1.6 points below Qwen3-Next"),
            "{:?}",
            sides[1].told
        );
        assert_eq!(
            side_by_side(&reports, &picks[..1], RankedBenchmark::Ruler, at),
            []
        );
    }

    #[test]
    fn what_is_not_in_common_is_said() {
        let reports = reports();
        let gemini = id(&reports, "Gemini-1.5-pro", "RULER’s authors");
        let llama = id(&reports, "Llama3.1 8B", "RULER’s authors");
        let swiss = id(&reports, "Llama3.1 8B", "Swiss AI");
        let (by, at) = (RankedBenchmark::Longbench, Tokens(131_072));
        let sides = side_by_side(&reports, &[gemini, llama.clone()], by, at);
        let told = &sides[0].told[0];
        assert!(told.starts_with("LongBench v2: no figures of "), "{told}");
        // Two reports of one model share LongBench v2's figure, which is no difference.
        let sides = side_by_side(&reports, &[llama, swiss], by, at);
        assert!(
            sides[0].told[0].ends_with(" can be compared."),
            "{:?}",
            sides[0].told
        );
        assert_eq!(sides[0].figures.len(), 5);
    }
}
