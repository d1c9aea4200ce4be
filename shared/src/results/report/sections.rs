//! What the report says, part by part.

use super::html::HtmlPage;
use super::{SetWithMeans, figures};
use crate::numbers::counted;
use crate::published::{longbench as board, ruler};
use crate::results::compare::{Comparison, ComparisonPlan, SubjectComparison, compare};
use crate::results::figures::{FigureOwner, basis, verdict};
use crate::results::series::{DegradationWatch, series};
use crate::results::{ResultSet, conclude};
use crate::stats::lengths::{LengthWeighting, RULER_THRESHOLD};
use crate::stats::{Estimate, p_value};
use crate::task::RulerCategory;

fn name(set: &ResultSet) -> String {
    FigureOwner::of(&set.about).name
}

fn origin(set: &ResultSet) -> String {
    FigureOwner::of(&set.about).source
}

/// Charts of depth in a report; the cells that follow have all means.
const MAPS: usize = 39;
/// Samples that are listed for each comparison.
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
        for told in conclusion(sets) {
            page.paragraph(&told);
        }
        page.table("Result sets", &["Results", "From", "Samples"], &rows);
    });
}

/// What the report comes to, in words.
fn conclusion(sets: &[ResultSet]) -> Vec<String> {
    let mut told: Vec<String> = sets.iter().filter_map(conclude::reach).collect();
    if let Some((first, others)) = sets.split_first() {
        let plan = ComparisonPlan::default();
        let all = compare(first, others, &plan);
        told.extend(
            all.iter()
                .map(|one| conclude::comparison(one, plan.alpha, plan.margin)),
        );
    }
    told
}

pub(super) fn ruler(page: &mut HtmlPage, sets: &[SetWithMeans<'_>]) {
    let measured = || sets.iter().filter(|(set, _)| !set.lengths().is_empty());
    let about = "Mean over RULER's tasks with RULER's own options, by context length.";
    page.section("RULER", about, |page| {
        figures::lengths(sets)
            .iter()
            .for_each(|figure| page.figure(figure));
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
                        at.to_string(),
                        summary.to_string(),
                    ];
                    (summary.n > 0).then_some(told)
                })
            });
            let rows: Vec<_> = rows.collect();
            let caption = format!("By category: {}", name(set));
            page.table(&caption, &["Category", "Length", "Mean"], &rows);
            for at in set.lengths() {
                let missing = set.missing_at(at);
                if !missing.is_empty() && missing.len() < 13 {
                    let missing = missing.join(", ");
                    page.paragraph(&format!("{}: at {at} tokens without {missing}.", name(set)));
                }
            }
        }
    });
}

pub(super) fn gaps(page: &mut HtmlPage, sets: &[SetWithMeans<'_>]) {
    let about =
        "Mean of the tasks with one needle minus mean of multi-hop tracing and aggregation.";
    page.section("NIAH–multi-hop gap", about, |page| {
        page.figure(&figures::gaps(sets));
        let none = || "–".to_owned();
        let growth = |growth: Option<Estimate>| growth.map_or_else(none, |growth| growth.points());
        let rows = sets.iter().flat_map(|(set, means)| {
            let gaps = means.gaps().into_iter();
            gaps.map(move |gap| {
                vec![
                    name(set),
                    gap.length.to_string(),
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
            "Hops and counts",
            "Gap, points",
            "Over the shortest length",
            "Gap to hops alone",
            "Over the shortest length",
        ];
        page.table("The gap by length", &head, &rows.collect::<Vec<_>>());
    });
}

pub(super) fn depths(page: &mut HtmlPage, sets: &[ResultSet]) {
    let maps: Vec<_> = sets.iter().flat_map(figures::depths).collect();
    page.section("Depth", "Where in the text things are found.", |page| {
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
        figures::longbench(sets)
            .iter()
            .for_each(|figure| page.figure(figure));
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
    "Would be seen, points",
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
        format!("{:.1}", one.detectable * 100.0),
    ]
}

fn corrected(all: &[Comparison]) -> String {
    let rows = all.iter().map(|one| one.rows().count()).sum();
    conclude::corrected(rows, all.iter().map(|one| one.cells.len()).sum())
}

pub(super) fn comparison(page: &mut HtmlPage, sets: &[ResultSet]) {
    let Some((first, others)) = sets.split_first() else {
        return;
    };
    let plan = ComparisonPlan::default();
    let all = compare(first, others, &plan);
    let about = "Sample by sample, the first result set with each of the others; only samples in both count. Rows that pool cells come first.";
    page.section("Comparison", about, |page| {
        page.paragraph(&corrected(&all));
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
    let about = "Each result set against the first, at its shortest length and, of the tasks with one needle, at any, which are rarely checked after a model was taught longer texts. By pairs where samples pair, else by Welch's test. Lost is what has a corrected p of 0.05 at most; cells elsewhere are shown where they were lost.";
    page.section(
        "Lost at short lengths and on single needles",
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
            "Scores are RULER's string matches and LongBench v2's letters, as their own programs give them. RULER's means leave failures out and count them apart; in LongBench v2 a failure is not right.",
            "Intervals are at 95%: Wilson's for scores of 0 or 1, else the Bayesian bootstrap, with half a score of 0 and half a score of 1 added, so that equal scores are not taken to be certain. In means over tasks each task spreads about its own mean. Where samples share a source, sources are drawn and not samples.",
            "p-values: McNemar's exact test for scores of 0 or 1, else random signs of the differences, counted exactly or by a saddlepoint, with one sign for each source where samples share one. Of several tasks the mean is tested, and the mean in which tasks weigh by how little their pairs differ; the smaller p-value is doubled.",
            "Would be seen: the smallest difference that so many pairs show in four of five cases, at a level of 5%.",
        ]);
        page.paragraph(&format!("Published figures: {}; {}.", ruler::SOURCE, board::SOURCE));
    });
}
