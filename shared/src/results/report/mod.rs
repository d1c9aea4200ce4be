//! Result sets as one self-contained HTML file: no scripts, fonts or external addresses.

mod figures; // charts of the report
mod first_page; // the verdict, its charts, and what was not measured
mod html; // the report's HTML page
mod missing; // what was not measured
mod published; // published models beside one's own
mod sections; // the sections of the report

use super::{CellMeans, ResultSet};
use html::HtmlPage;
pub use published::PublishedModels;

/// A set with its means, computed once for all sections.
type SetWithMeans<'a> = (&'a ResultSet, CellMeans<'a>);

/// The head of the report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReportHead {
    /// When it was made, in words.
    pub made: String,
    /// The version of Fathom that made it.
    pub version: String,
}

/// The report of `sets`. Its first page has the verdict, up to three charts with `beside` them, and
/// what was not measured. Then: what the sets are, every mean with its n and interval, charts with
/// their tables, published figures marked as such, and, of two or more, the first compared with each
/// other and held against losses at short lengths and on single needles. Some 20 KB a set and 10 KB
/// a chart, whatever the number of samples.
///
/// # Example
/// ```
/// use fathom_shared::results::report::PublishedModels;
/// use fathom_shared::results::{ResultSetInfo, ResultOrigin, ResultSet, report};
/// let about = ResultSetInfo { name: "<b>".into(), model: String::new(), origin: ResultOrigin::Page };
/// let stamp = report::ReportHead { made: "today".into(), version: "1".into() };
/// let page = report::html(&[ResultSet::new(about, vec![])], &stamp, &PublishedModels::default());
/// assert!(page.starts_with("<!doctype html>") && page.contains("&lt;b&gt;"));
/// ```
pub fn html(sets: &[ResultSet], stamp: &ReportHead, beside: &PublishedModels) -> String {
    let means: Vec<_> = sets.iter().map(|set| (set, set.means())).collect();
    let mut page = HtmlPage::begin(sets, stamp);
    let depths = first_page::first_page(&mut page, (sets, &means), beside);
    sections::sets(&mut page, sets);
    sections::ruler(&mut page, &means);
    sections::gaps(&mut page, &means);
    sections::depths(&mut page, sets, depths);
    sections::longbench(&mut page, sets);
    sections::comparison(&mut page, sets);
    sections::losses(&mut page, sets);
    sections::cells(&mut page, &means);
    sections::method(&mut page);
    page.end()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cell, set, share};
    use super::*;
    use crate::longbench::{Difficulty, LengthClass};
    use crate::results::{AnswerPart, QuestionTags};
    use crate::task::{Metric, longbench_v2};

    fn sets() -> Vec<ResultSet> {
        let mut needle = share("niah_single_1", 4096, 19, 20);
        for (at, sample) in needle.samples.iter_mut().enumerate() {
            let (depth, found) = (at as f32 / 20.0, sample.score == Some(1.0));
            sample.parts = vec![AnswerPart { depth, found }];
        }
        let mut letters = share(longbench_v2::ID, 32_768, 12, 24);
        letters.metric = Metric::Letter;
        for sample in &mut letters.samples {
            sample.question = Some(QuestionTags {
                domain: Some("Code & <data>".to_owned()),
                difficulty: Some(Difficulty::Hard),
                length: Some(LengthClass::Long),
            });
        }
        let first = set(vec![
            needle,
            share("vt", 4096, 10, 20),
            cell("cwe", 8192, &[Some(0.3), Some(0.9), None]),
            letters,
        ]);
        let mut second = first.clone();
        second.about.name = "<script>alert(1)</script>".to_owned();
        vec![first, second]
    }

    fn stamp() -> ReportHead {
        ReportHead {
            made: "2026-11-26".to_owned(),
            version: "0".to_owned(),
        }
    }

    #[test]
    fn it_needs_nothing_and_escapes_everything() {
        let page = html(&sets(), &stamp(), &PublishedModels::default());
        assert!(page.ends_with("</html>\n"));
        for banned in [
            "<script",
            "http-equiv=\"refresh",
            " src=",
            "@import",
            "url(",
            "<link",
        ] {
            assert!(!page.contains(banned), "{banned}");
        }
        assert!(page.contains("&lt;script&gt;alert(1)"));
        assert!(page.contains("Code &amp; &lt;data&gt;"));
        assert!(page.contains("light-dark("));
        // Every chart has its description and its table.
        let charts = page.matches("role=\"img\" aria-label=").count();
        assert!(charts >= 5, "{charts}");
        assert_eq!(page.matches("<figcaption>").count(), charts);
        assert!(page.matches("<table>").count() > charts);
        assert!(page.len() < 200_000, "{}", page.len());
    }

    #[test]
    fn every_mean_has_its_n_interval_and_origin() {
        let page = html(&sets(), &stamp(), &PublishedModels::default());
        assert!(
            page.contains("95.0 (95% 76.4–99.1 Wilson, n = 20)"),
            "{page}"
        );
        assert!(page.contains("(published)"));
        assert!(page.contains("1 failed"));
        assert!(
            page.contains("Losses at short lengths and on single needles")
                && page.contains("no loss shown")
        );
        // Every opening tag is closed.
        for tag in [
            "table", "tr", "td", "th", "section", "figure", "details", "svg", "ul", "p",
        ] {
            let open = page.matches(&format!("<{tag}>")).count()
                + page.matches(&format!("<{tag} ")).count();
            assert_eq!(open, page.matches(&format!("</{tag}>")).count(), "{tag}");
        }
    }

    #[test]
    fn the_first_page_has_the_verdict_three_charts_and_what_is_missing() {
        let page = html(&sets(), &stamp(), &PublishedModels::default());
        let first = page.split("</section>").next().unwrap();
        assert!(
            first.contains("<section class=\"first\"><h2>Verdict</h2>"),
            "{first}"
        );
        assert_eq!(first.matches("role=\"img\"").count(), 3);
        let charts = [
            "RULER by context length",
            "What a needle test misses",
            "LongBench v2",
        ];
        let places = charts.map(|title| first.find(&format!("<h3>{title}")).unwrap());
        assert!(places.is_sorted(), "{places:?}");
        assert!(first.contains("<h3>Not measured</h3>") && first.contains("nothing longer than"));
        // Nothing of it stands twice.
        assert_eq!(page.matches("<h3>RULER by context length").count(), 1);
        assert_eq!(page.matches("<h3>LongBench v2").count(), 1);
        // Scores are drawn from zero.
        let lengths = &first[places[0]..places[1]];
        assert!(
            lengths.contains(">0</text>") && lengths.contains(">100</text>"),
            "{lengths}"
        );
    }

    #[test]
    fn the_models_of_the_page_stand_beside() {
        let ranked = crate::published::ranking::reports();
        let qwen = ranked
            .iter()
            .find(|one| one.reporter == "Qwen" && !one.ruler.is_empty());
        let qwen = qwen.unwrap();
        let board = crate::published::longbench::board()[3].name();
        let beside = PublishedModels::named(
            &["Llama3.1 8B".to_owned(), "nobody".to_owned()],
            std::slice::from_ref(&board),
            std::slice::from_ref(&qwen.id),
        );
        let page = html(&sets(), &stamp(), &beside);
        let first = page.split("</section>").next().unwrap();
        for name in ["Llama3.1 8B", &board, &format!("{} (Qwen)", qwen.model)] {
            assert!(first.contains(&format!("{name} (published)")), "{name}");
        }
        assert!(!first.contains("Gemini-1.5-pro"));
    }

    #[test]
    fn the_largest_report_stays_small() {
        let tasks = crate::task::ruler::tasks();
        let lengths = [4096, 8192, 16_384, 32_768, 65_536, 131_072];
        let cells = tasks.flat_map(|task| {
            lengths.iter().map(|length| {
                let mut cell = share(task.id(), *length, 40, 50);
                for (at, sample) in cell.samples.iter_mut().enumerate() {
                    let depth = at as f32 / 50.0;
                    sample.parts = vec![
                        AnswerPart {
                            depth,
                            found: at % 3 > 0
                        };
                        4
                    ];
                }
                cell
            })
        });
        let whole = set(cells.collect());
        let page = html(
            &[whole.clone(), whole.clone(), whole],
            &stamp(),
            &PublishedModels::default(),
        );
        assert!(page.len() < 2_000_000, "{}", page.len());
    }
}
