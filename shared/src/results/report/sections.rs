//! The sections of the report.

use super::html::HtmlPage;
use super::{SetWithMeans, figures};
use crate::numbers::counted;
use crate::published::{longbench as board, ruler};
use crate::results::compare::{ComparisonPlan, SubjectComparison, compare};
use crate::results::figures::{FigureOwner, basis, verdict};
use crate::results::series::{DegradationWatch, series};
use crate::results::{ResultSet, conclude, length_text};
use crate::stats::lengths::{LengthWeighting, RULER_THRESHOLD};
use crate::stats::{Estimate, p_value};
use crate::task::RulerCategory;

fn name(set: &ResultSet) -> String {
    FigureOwner::of(&set.about).name
}

fn origin(set: &ResultSet) -> String {
    FigureOwner::of(&set.about).source
}

/// The most depth charts in a report; the table of cells after them contains all means.
const MAPS: usize = 39;
/// The most samples listed for each comparison.
const LISTED: usize = 12;

pub(super) fn sets(page: &mut HtmlPage, sets: &[ResultSet]) {
    let rows: Vec<Vec<String>> = sets
        .iter()
        .map(|set| {
            let failed: u32 = set
                .cells
                .iter()
                .map(crate::results::ResultCell::failed)
                .sum();
            let (samples, cells) = (set.samples(), set.cells.len());
            vec![
                name(set),
                origin(set),
                format!(
                    "{} in {}, {failed} failed",
                    counted(samples as u64, "sample"),
                    counted(cells as u64, "cell")
                ),
            ]
        })
        .collect();
    page.section("What was measured", "All results are your own.", |page| {
        page.table("Result sets", &["Results", "From", "Samples"], &rows);
    });
}

pub(super) fn ruler(page: &mut HtmlPage, sets: &[SetWithMeans<'_>]) {
    let measured = || sets.iter().filter(|(set, _)| !set.lengths().is_empty());
    let about = "Mean over RULER's tasks with RULER's own options, by context length.";
    page.section("RULER", about, |page| {
        let effective = measured().map(|(set, means)| {
            vec![
                name(set),
                set.effective_length(RULER_THRESHOLD).words(),
                means.average(LengthWeighting::Increasing).to_string(),
                means.average(LengthWeighting::Decreasing).to_string(),
            ]
        });
        let head = ["Results", "Effective length", "wAvg (inc)", "wAvg (dec)"];
        let caption = format!("Effective length at {RULER_THRESHOLD}, and weighted averages");
        page.table(&caption, &head, &effective.collect::<Vec<_>>());
        for (set, means) in measured() {
            let rows = RulerCategory::ALL.into_iter().flat_map(|category| {
                set.lengths().into_iter().filter_map(move |at| {
                    let summary = means.category(category, at);
                    let told = vec![
                        category.name().to_owned(),
                        length_text(at),
                        summary.to_string(),
                    ];
                    (summary.n > 0).then_some(told)
                })
            });
            let rows: Vec<_> = rows.collect();
            let caption = format!("By category: {}", name(set));
            page.table(&caption, &["Category", "Length", "Mean"], &rows);
        }
    });
}

pub(super) fn gaps(page: &mut HtmlPage, sets: &[SetWithMeans<'_>]) {
    let about =
        "Mean of the tasks with one needle minus mean of multi-hop tracing and aggregation.";
    page.section("The gap between needles and hops", about, |page| {
        let none = || "–".to_owned();
        let growth = |growth: Option<Estimate>| growth.map_or_else(none, |growth| growth.points());
        let rows = sets.iter().flat_map(|(set, means)| {
            let gaps = means.gaps().into_iter();
            gaps.map(move |gap| {
                vec![
                    name(set),
                    length_text(gap.length),
                    gap.single.to_string(),
                    gap.beyond.to_string(),
                    gap.gap.points(),
                    growth(gap.growth),
                    gap.hops.map_or_else(none, |hops| hops.gap.points()),
                    growth(gap.hops.and_then(|hops| hops.growth)),
                ]
            })
        });
        let head = [
            "Results",
            "Length",
            "One needle",
            "Hops and counting",
            "Gap, points",
            "Over the shortest length",
            "Gap to hops alone",
            "Over the shortest length",
        ];
        page.table("The gap by length", &head, &rows.collect::<Vec<_>>());
    });
}

/// All charts of depth but the first `shown`.
pub(super) fn depths(page: &mut HtmlPage, sets: &[ResultSet], shown: usize) {
    let maps: Vec<_> = sets.iter().flat_map(figures::depths).skip(shown).collect();
    page.section("Depth", "Where in the text items are found.", |page| {
        for map in maps.iter().take(MAPS) {
            page.figure(map);
        }
        if maps.len() > MAPS {
            let left = maps.len() - MAPS;
            page.paragraph(&format!(
                "To keep this file small, it leaves out {}.",
                counted(left as u64, "more map")
            ));
        }
    });
}

pub(super) fn longbench(page: &mut HtmlPage, sets: &[ResultSet]) {
    let about = "Multiple-choice questions about real texts. A failure counts as wrong.";
    page.section("LongBench v2", about, |page| {
        for set in sets {
            for questions in set.questions() {
                let rows = questions.groups.iter().filter_map(|(group, tally)| {
                    let (share, interval) = questions.share(group)?;
                    Some(vec![
                        group.to_string(),
                        format!(
                            "{:.1} (95% {:.1}–{:.1} {}, n = {})",
                            share * 100.0,
                            interval.low * 100.0,
                            interval.high * 100.0,
                            interval.method.name(),
                            tally.asked
                        ),
                        tally.answered().to_string(),
                        tally.unparsed.to_string(),
                        tally.failed.to_string(),
                    ])
                });
                let variant = match questions.variant.as_str() {
                    "" => "direct",
                    variant => variant,
                };
                let head = [
                    "Questions",
                    "Right",
                    "Answered",
                    "Without a letter",
                    "Failed",
                ];
                let caption = format!("{}, {variant}", name(set));
                page.table(&caption, &head, &rows.collect::<Vec<_>>());
            }
            let worth = set.thinking(&ComparisonPlan::default());
            let caption = format!("{}: after thinking, minus direct", name(set));
            page.table(
                &caption,
                &COMPARED,
                &worth.iter().map(compared).collect::<Vec<_>>(),
            );
        }
    });
}

const COMPARED: [&str; 8] = [
    "What",
    "First",
    "Second",
    "Difference, points",
    "n",
    "p",
    "Corrected",
    "Detectable, points",
];

fn compared(one: &SubjectComparison) -> Vec<String> {
    let paired = one.paired;
    let sources = one.sources;
    let sources = sources.map_or_else(String::new, |sources| {
        format!(" of {}", counted(sources.into(), "source"))
    });
    vec![
        one.subject.to_string(),
        paired.first.percent(),
        paired.second.percent(),
        paired.difference.points(),
        format!(
            "{}{sources}, {} better, {} worse",
            counted(paired.n.into(), "pair"),
            paired.gained,
            paired.lost
        ),
        format!("{} {}", p_value(paired.p), paired.test.name()),
        p_value(one.holm),
        one.seen(),
    ]
}

pub(super) fn comparison(page: &mut HtmlPage, sets: &[ResultSet]) {
    let Some((first, others)) = sets.split_first() else {
        return;
    };
    let plan = ComparisonPlan::default();
    let all = compare(first, others, &plan);
    let about = "Compares the first result set with each of the others, sample by sample; only samples in both count. Rows that combine several cells come first.";
    page.section("Comparison", about, |page| {
        page.paragraph(&conclude::corrected(&all));
        for (comparison, second) in all.iter().zip(others) {
            let names = format!("{}, then {}", name(first), name(second));
            page.paragraph(&conclude::comparison(comparison, plan.alpha, plan.margin));
            let rows = comparison.rows().chain(&comparison.cells);
            let rows: Vec<_> = rows.map(compared).collect();
            page.table(&names, &COMPARED, &rows);
            let lost = comparison.cells.iter().filter_map(|cell| {
                let differ = cell.discordant.iter().take(LISTED);
                let ids: Vec<String> = differ.map(|sample| sample.id.to_string()).collect();
                let left = cell.discordant.len() - ids.len();
                let left = match left {
                    0 => String::new(),
                    left => format!(" and {left} more"),
                };
                let told = vec![
                    cell.subject.to_string(),
                    format!("{}{left}", ids.join(", ")),
                ];
                (!ids.is_empty()).then_some(told)
            });
            let caption = format!("Samples that differ: {names}");
            page.table(&caption, &["Cell", "Samples"], &lost.collect::<Vec<_>>());
        }
    });
}

pub(super) fn losses(page: &mut HtmlPage, sets: &[ResultSet]) {
    let Some((first, others)) = sets.split_first() else {
        return;
    };
    let all = series(first, others, &DegradationWatch::default());
    let about = "Compares each result set with the first at its shortest length and, for single-needle tasks, at every length, since these are rarely checked after a model is trained on longer texts. Uses a paired test where samples pair, otherwise Welch's test. A loss counts if its corrected p is 0.05 or less; other cells are listed only if they were lost or may be.";
    page.section(
        "Losses at short lengths and on single needles",
        about,
        |page| {
            page.paragraph(&conclude::corrected_series(&all));
            for (checkpoint, told) in all.iter().zip(conclude::series(&first.about, &all)) {
                page.paragraph(&told);
                let all = checkpoint.rows.iter().chain(&checkpoint.changes);
                let rows = all.chain(&checkpoint.elsewhere).map(|change| {
                    vec![
                        change.cell.clone(),
                        change.before.percent(),
                        change.after.percent(),
                        change.difference.points(),
                        basis(change),
                        p_value(change.p),
                        p_value(change.holm),
                        verdict(change).to_owned(),
                    ]
                });
                let second = FigureOwner::of(&checkpoint.about).name;
                let caption = format!("{}, then {second}", name(first));
                let head = [
                    "Cell",
                    "First",
                    "Second",
                    "Difference, points",
                    "n",
                    "p",
                    "Corrected",
                    "Verdict",
                ];
                page.table(&caption, &head, &rows.collect::<Vec<_>>());
            }
        },
    );
}

pub(super) fn cells(page: &mut HtmlPage, sets: &[SetWithMeans<'_>]) {
    page.section("Every cell", "Each task at each length.", |page| {
        for (set, means) in sets {
            let rows = means.cells().map(|(cell, summary)| {
                vec![
                    cell.name(),
                    summary.to_string(),
                    summary.answered.to_string(),
                    summary.failed.to_string(),
                    cell.blanks().to_string(),
                ]
            });
            let head = ["Cell", "Mean", "Answered", "Failed", "Nothing to judge"];
            let caption = format!("{}: {}", name(set), origin(set));
            page.table(&caption, &head, &rows.collect::<Vec<_>>());
        }
    });
}

pub(super) fn method(page: &mut HtmlPage) {
    page.section("How figures are made", "", |page| {
        page.list(&[
            "Scores are RULER's string matches and LongBench v2's letters, computed as in their own programs. RULER means exclude failures and count them separately; in LongBench v2 a failure counts as wrong.",
            "Intervals are 95%: Wilson's for scores of 0 or 1, otherwise a Bayesian bootstrap with half a score of 0 and half a score of 1 added, so that identical scores are not treated as certain. In means over tasks, each task varies around its own mean. Where samples share a source, sources are resampled instead of samples.",
            "p-values: McNemar's exact test for scores of 0 or 1, otherwise a sign-flip test of the differences, computed exactly or with a saddlepoint approximation, with one sign per source where samples share one. For several tasks, both the plain mean and a mean that gives more weight to tasks whose pairs vary less are tested; the smaller p-value is doubled.",
            "Detectable: the smallest difference that this many pairs reveal four times out of five, at a level of 5% corrected for the number of tests; none where so few pairs can reveal no difference.",
        ]);
        page.paragraph(&format!("Published figures: {}; {}.", ruler::SOURCE, board::SOURCE));
    });
}
