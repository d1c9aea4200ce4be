//! Where in the text things are found: depth by length, task by task.

use fathom_shared::chart::Figure;
use fathom_shared::results::figures;
use fathom_shared::task::RulerCategory;

use super::{Digests, whose};
use crate::pages::results::model::{ResultsQuery, RulerSelection};
use crate::protocol::results::{ResultDigest, TaskDepths};

/// A map for every task of every set whose places are known.
pub(in super::super) fn depth(held: &Digests, look: &ResultsQuery) -> Vec<Figure> {
    let wanted = |task: &TaskDepths| match &look.of {
        RulerSelection::Task(wanted) => *wanted == task.task,
        RulerSelection::Category(category) => RulerCategory::of(&task.task) == Some(*category),
        RulerSelection::All => true,
    };
    let all = held.iter().enumerate().flat_map(|(number, digest)| {
        let tasks = digest.depths.iter().filter(move |task| wanted(task));
        tasks.map(move |task| one(number, digest, task, look))
    });
    all.filter(|figure| !figure.is_empty()).collect()
}

fn one(number: usize, digest: &ResultDigest, task: &TaskDepths, look: &ResultsQuery) -> Figure {
    let bins = task.bins.iter().copied();
    let shown = bins.filter(|bin| bin.length.is_none_or(|length| look.holds(length.0)));
    let shown: Vec<_> = shown.collect();
    let id = format!("depth-{}-{}", number + 1, task.task);
    figures::depth(id, &whose(digest), &task.task, &task.variant, &shown)
}
