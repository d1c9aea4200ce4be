//! What a set comes to, reckoned once. Pure.

use std::collections::BTreeSet;

use fathom_shared::longbench::Group;
use fathom_shared::results::{Means, ResultSet};
use fathom_shared::stats::lengths::RULER_THRESHOLD;
use fathom_shared::task::Category;
use fathom_shared::tokens::Tokens;

use crate::protocol::results::{Asked, By, CellSum, Digest, GroupShare, LengthSum, TaskDepths};

/// Bins of the depth: a tenth of the text each.
const BINS: u32 = 10;

/// Everything that is shown of a set.
pub(super) fn digest(key: &str, set: &ResultSet, losses: Vec<String>) -> Digest {
    let (lengths, means) = (set.lengths(), &set.means());
    let category = |category: Category| {
        let lengths = lengths.iter().copied();
        let sums = lengths.map(move |length| {
            let cells = set.ruler_at(length);
            let tasks = cells.filter(|cell| Category::of(&cell.task) == Some(category));
            let tasks = tasks.count();
            let sum = means.category(category, length);
            (category, LengthSum { length, tasks, sum })
        });
        sums.filter(|(_, at)| at.tasks > 0)
    };
    Digest {
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
        categories: Category::ALL.into_iter().flat_map(category).collect(),
        gaps: means.gaps(),
        depths: depths(set),
        questions: questions(set),
        effective: set.effective_length(RULER_THRESHOLD),
    }
}

fn mean(set: &ResultSet, means: &Means<'_>, length: Tokens) -> LengthSum {
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

fn questions(set: &ResultSet) -> Vec<Asked> {
    let all = set.questions().into_iter();
    let asked = all.map(|cell| {
        let groups = cell.groups.iter().filter_map(|(group, tally)| {
            let (share, interval) = cell.share(group)?;
            let by = match group {
                Group::Overall => By::Overall,
                Group::Difficulty(_) => By::Difficulty,
                Group::Length(_) => By::Length,
                Group::Domain(_) => By::Domain,
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
        Asked {
            groups: groups.collect(),
            variant: cell.variant,
            length: cell.length,
        }
    });
    asked.collect()
}
