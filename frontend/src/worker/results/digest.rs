//! The summary of a result set, computed once. Pure.

use std::collections::BTreeSet;

use fathom_shared::longbench::QuestionGroup;
use fathom_shared::results::{CellMeans, ResultSet};
use fathom_shared::stats::lengths::RULER_THRESHOLD;
use fathom_shared::task::RulerCategory;
use fathom_shared::tokens::Tokens;

use crate::protocol::results::{
    CellSum, GroupBy, GroupShare, LengthSum, LongBenchDigest, ResultDigest, TaskDepths,
};

/// Bins of the depth: a tenth of the text each.
const BINS: u32 = 10;

/// Everything that is shown of a set.
pub(super) fn digest(key: &str, set: &ResultSet, losses: Vec<String>) -> ResultDigest {
    let (lengths, means) = (set.lengths(), &set.means());
    let category = |category: RulerCategory| {
        let lengths = lengths.iter().copied();
        let sums = lengths.map(move |length| {
            let cells = set.ruler_at(length);
            let tasks = cells.filter(|cell| RulerCategory::of(&cell.task) == Some(category));
            let tasks = tasks.count();
            let sum = means.category(category, length);
            (category, LengthSum { length, tasks, sum })
        });
        sums.filter(|(_, at)| at.tasks > 0)
    };
    ResultDigest {
        key: key.to_owned(),
        about: set.about.clone(),
        samples: set.samples(),
        losses,
        cells: means
            .cells()
            .map(|(cell, sum)| CellSum {
                task: cell.task.clone(),
                length: cell.length,
                variant: cell.variant.clone(),
                sum,
            })
            .collect(),
        means: lengths
            .iter()
            .map(|length| mean(set, means, *length))
            .collect(),
        categories: RulerCategory::ALL.into_iter().flat_map(category).collect(),
        gaps: means.gaps(),
        depths: depths(set),
        questions: questions(set),
        effective: set.effective_length(RULER_THRESHOLD),
    }
}

fn mean(set: &ResultSet, means: &CellMeans<'_>, length: Tokens) -> LengthSum {
    LengthSum {
        length,
        tasks: set.ruler_at(length).count(),
        sum: means.at(length),
    }
}

fn depths(set: &ResultSet) -> Vec<TaskDepths> {
    let mut known = BTreeSet::new();
    let cells = set.cells.iter();
    let tasks = cells.filter(|cell| known.insert((cell.task.as_str(), cell.variant.as_str())));
    let depths = tasks.map(|cell| TaskDepths {
        task: cell.task.clone(),
        variant: cell.variant.clone(),
        bins: set.depths(&cell.task, &cell.variant, BINS),
    });
    depths.filter(|task| !task.bins.is_empty()).collect()
}

fn questions(set: &ResultSet) -> Vec<LongBenchDigest> {
    let all = set.questions().into_iter();
    let asked = all.map(|cell| {
        let groups = cell.groups.iter().filter_map(|(group, tally)| {
            let (share, interval) = cell.share(group)?;
            let by = match group {
                QuestionGroup::Overall => GroupBy::Overall,
                QuestionGroup::Difficulty(_) => GroupBy::Difficulty,
                QuestionGroup::Length(_) => GroupBy::Length,
                QuestionGroup::Domain(_) => GroupBy::Domain,
            };
            Some(GroupShare {
                by,
                name: group.to_string(),
                n: tally.asked,
                failed: tally.failed,
                share,
                interval,
            })
        });
        LongBenchDigest {
            groups: groups.collect(),
            variant: cell.variant,
            length: cell.length,
        }
    });
    asked.collect()
}
