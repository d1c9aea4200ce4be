//! The first page: the verdict, its charts, and what was not measured.

use super::html::HtmlPage;
use super::missing::missing;
use super::{PublishedModels, SetWithMeans, figures};
use crate::chart::Figure;
use crate::results::compare::{ComparisonPlan, compare};
use crate::results::{ResultSet, conclude};

/// Charts on the first page.
const FIRST: usize = 3;

/// What a reader with one minute reads: what it comes to, its charts, what is missing. Gives the
/// number of depth charts that it shows.
pub(super) fn first_page(
    page: &mut HtmlPage,
    (all, sets): (&[ResultSet], &[SetWithMeans<'_>]),
    beside: &PublishedModels,
) -> usize {
    let charts = [
        figures::lengths(sets, beside),
        Some(figures::gaps(sets)),
        figures::longbench(sets, beside),
    ];
    let mut charts: Vec<Figure> = charts.into_iter().flatten().collect();
    charts.retain(|figure| !figure.is_empty());
    let depths = FIRST - charts.len();
    let depths: Vec<Figure> = all.iter().flat_map(figures::depths).take(depths).collect();
    let shown = depths.len();
    charts.extend(depths);
    page.first_page("Verdict", |page| {
        let told = conclusion(all);
        if told.is_empty() {
            page.paragraph("There are too few results for a conclusion.");
        }
        for told in told {
            page.paragraph(&told);
        }
        page.figures(&charts);
        let mut missing: Vec<String> = sets.iter().flat_map(missing).collect();
        if sets.len() == 1 {
            missing.push("A second result set to compare with.".to_owned());
        }
        if !missing.is_empty() {
            page.heading("Not measured");
            page.list(&missing);
        }
    });
    shown
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
