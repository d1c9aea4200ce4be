//! Figures that model makers have reported since the tables were made: RULER up to a million
//! tokens, and LongBench v2.

use super::ruler::window;
use crate::tokens::Tokens;

/// When the reports were read: later ones are not included.
pub const READ: &str = "2026-11-30";
/// A short description of the sources; each report has its own citation.
pub const SOURCE: &str = "model cards and reports, read on 2026-11-30";

const RULER: &str = include_str!("../../data/published/ruler_reported.csv");
const LONGBENCH: &str = include_str!("../../data/published/longbench_v2_reported.csv");

/// One model in one report.
#[derive(Clone, PartialEq, Debug)]
pub struct ReportedFigures {
    /// The model as the report names it.
    pub model: &'static str,
    /// Its parameters, active ones first if both are given; empty if none are.
    pub params: &'static str,
    /// The window its makers claim.
    pub window: Option<Tokens>,
    /// Who reported it.
    pub reporter: &'static str,
    /// How it was asked, as far as known.
    pub setting: &'static str,
    /// Samples behind each mean, if known.
    pub samples: Option<u32>,
    /// The date on which it was read, `YYYY-MM-DD`.
    pub read: &'static str,
    /// The citation.
    pub source: &'static str,
    /// Means of RULER's 13 tasks by length, percent.
    pub ruler: Vec<(Tokens, f64)>,
    /// Right answers in LongBench v2 overall, in percent.
    pub longbench: Option<f64>,
}

/// Every report on RULER, in the order of the file.
pub fn ruler() -> Vec<ReportedFigures> {
    let head = RULER.lines().next().unwrap_or_default();
    let lengths: Vec<Option<Tokens>> = head.split(',').skip(8).map(window).collect();
    let lines = RULER.lines().skip(1);
    let line = |text: &'static str| {
        let (mut report, figures) = report(text)?;
        let told = lengths.iter().zip(figures);
        let told = told.filter_map(|(length, figure)| Some(((*length)?, figure.parse().ok()?)));
        report.ruler = told.collect();
        Some(report)
    };
    lines.filter_map(line).collect()
}

/// Every report on LongBench v2.
pub fn longbench() -> Vec<ReportedFigures> {
    let lines = LONGBENCH.lines().skip(1);
    let line = |text: &'static str| {
        let (mut report, figures) = report(text)?;
        report.longbench = figures.first()?.parse().ok();
        Some(report)
    };
    lines.filter_map(line).collect()
}

/// The common fields at the start of a line, and its figures.
fn report(text: &'static str) -> Option<(ReportedFigures, Vec<&'static str>)> {
    let mut fields = text.split(',');
    let mut next = || fields.next();
    let report = ReportedFigures {
        model: next()?,
        params: next()?,
        window: window(next()?),
        reporter: next()?,
        setting: next()?,
        samples: next()?.parse().ok(),
        read: next()?,
        source: next()?,
        ruler: Vec::new(),
        longbench: None,
    };
    Some((report, fields.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::ParameterCount;

    #[test]
    fn every_row_has_reporter_date_setting_and_source() {
        let (long, questions) = (ruler(), longbench());
        assert_eq!(long.len() + 1, RULER.lines().count());
        assert_eq!(questions.len() + 1, LONGBENCH.lines().count());
        for one in long.iter().chain(&questions) {
            assert_eq!(one.read, READ, "{one:?}");
            for told in [one.model, one.reporter, one.setting, one.source] {
                assert!(!told.is_empty(), "{one:?}");
            }
            let cited = ["arXiv ", "model card of ", "SmolLM3 by Hugging Face"];
            assert!(
                cited.iter().any(|begin| one.source.starts_with(begin)),
                "{}",
                one.source
            );
            let size = ParameterCount::of(one.model, one.params);
            assert_eq!(size.is_some(), !one.params.is_empty(), "{one:?}");
            let figures = one.ruler.iter().map(|(_, percent)| *percent);
            let figures: Vec<f64> = figures.chain(one.longbench).collect();
            assert!(!figures.is_empty(), "{one:?}");
            let percent = 20.0..=100.0;
            assert!(
                figures.iter().all(|figure| percent.contains(figure)),
                "{one:?}"
            );
        }
    }

    #[test]
    fn lengths_reach_a_million_tokens() {
        let next = ruler().into_iter();
        let mut next = next.filter(|one| one.model == "Qwen3-Next-80B-A3B-Instruct");
        let next = next.next().unwrap();
        assert_eq!(next.ruler.len(), 15);
        assert_eq!(next.ruler[5], (Tokens(98_304), 95.0));
        assert_eq!(next.ruler[14], (Tokens(1_048_576), 80.3));
        assert_eq!(next.samples, Some(260));
        assert!(ruler().iter().all(|one| one.ruler.is_sorted()));
    }
}
