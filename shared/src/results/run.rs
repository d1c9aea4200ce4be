//! Builds a result set from a run's rows.

use std::collections::BTreeMap;

use super::{QuestionTags, ResultCell, ResultSet, ResultSetInfo, SampleScore, variant};
use crate::formats::RowId;
use crate::longbench::QuestionCard;
use crate::run::{RunGrid, SampleKey, TaskChoice};
use crate::score::Score;
use crate::task::{Metric, Profile, TaskSpec, asks_questions};

/// The set of a run's answers; a row without a score is a failure. Cells that differ only in seed
/// or profile are merged: the samples' names distinguish them.
///
/// A sample is named `seed/number`, or in the stratified profile `stratified/seed/number`; the same
/// spec with the same tokenizer makes the same text. A question of LongBench v2 is named by its own
/// id, if `cards` contains it: the questions that the run was made of, or an empty list if they are
/// not here.
pub fn of_run(
    about: ResultSetInfo,
    grid: &RunGrid,
    cards: &[QuestionCard],
    rows: impl IntoIterator<Item = (SampleKey, Option<Score>)>,
) -> ResultSet {
    let specs: Vec<TaskSpec> = grid.cells().collect();
    let metrics: Vec<Metric> = grid.tasks.iter().map(TaskChoice::metric).collect();
    // Cells are numbered task by task.
    let each = (specs.len() / metrics.len().max(1)).max(1);
    let mut cells: Vec<ResultCell> = Vec::new();
    let mut places = BTreeMap::<u32, usize>::new();
    for (place, score) in rows {
        let Some(spec) = specs.get(place.cell as usize) else {
            continue;
        };
        let at = *places.entry(place.cell).or_insert_with(|| {
            let metric = metrics.get(place.cell as usize / each).copied();
            let length = Some(spec.max_seq_length);
            let new = ResultCell::new(
                &spec.task,
                length,
                &variant(spec),
                metric.unwrap_or_default(),
            );
            let known = cells.iter().position(|cell| cell.is_like(&new));
            known.unwrap_or_else(|| {
                cells.push(new);
                cells.len() - 1
            })
        });
        cells[at].samples.push(sample(spec, place, score, cards));
    }
    ResultSet::new(about, cells)
}

fn sample(
    spec: &TaskSpec,
    place: SampleKey,
    score: Option<Score>,
    cards: &[QuestionCard],
) -> SampleScore {
    let card = asks_questions(&spec.task)
        .then(|| cards.iter().find(|card| card.number == place.sample))
        .flatten();
    let named = match spec.profile {
        Profile::Upstream => String::new(),
        other => format!("{other}/"),
    };
    let id = card.map_or_else(
        || format!("{named}{}/{}", spec.random_seed, place.sample),
        |card| card.id.clone(),
    );
    let question = card.map(|card| QuestionTags {
        domain: Some(card.domain.clone()),
        difficulty: Some(card.difficulty),
        length: Some(card.length),
    });
    let (value, blank, parts, cluster) = score.map_or_else(Default::default, |score| {
        (Some(score.value), score.blank, score.parts, score.source)
    });
    SampleScore {
        id: RowId::Text(id),
        score: value,
        blank,
        parts,
        cluster,
        question,
        place: Some(place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::longbench::bundled;
    use crate::results::ResultOrigin;
    use crate::score::score;
    use crate::task::longbench_v2;
    use crate::tokens::Tokens;

    fn about() -> ResultSetInfo {
        ResultSetInfo {
            name: "run 1".to_owned(),
            model: "m".to_owned(),
            origin: ResultOrigin::Page,
        }
    }

    #[test]
    fn seeds_are_one_cell_and_failures_stay() {
        let mut grid = RunGrid::of(TaskSpec::new("vt", Tokens(4096), 42), 0, 2);
        grid.seeds.push(43);
        let mut other = TaskChoice::new("vt");
        other.set.insert("num_hops".to_owned(), "2".to_owned());
        grid.tasks.push(other);
        let right = || Some(score(Metric::StringMatchAll, "A B", &["a".to_owned()]));
        let at = |cell, sample| SampleKey { cell, sample };
        let rows = [
            (at(0, 0), right()),
            (at(0, 1), None),
            (at(1, 0), right()),
            (at(2, 0), right()),
            (at(9, 0), right()),
        ];
        let set = of_run(about(), &grid, &[], rows);
        let names: Vec<String> = set.cells.iter().map(ResultCell::name).collect();
        assert_eq!(names, ["vt at 4K", "vt (num_hops=2) at 4K"]);
        let ids: Vec<String> = set.cells[0]
            .samples
            .iter()
            .map(|s| s.id.to_string())
            .collect();
        assert_eq!(ids, ["42/0", "42/1", "43/0"]);
        assert_eq!(set.cells[0].samples[1].score, None);
        let text = serde_json::to_string(&set.cells[0].samples[2]).unwrap();
        assert_eq!(text, r#"{"id":"43/0","score":1.0,"place":[1,0]}"#);
        let again: SampleScore = serde_json::from_str(&text).unwrap();
        assert_eq!(again, set.cells[0].samples[2]);
    }

    #[test]
    fn questions_have_their_own_names_and_tags() {
        let spec = TaskSpec::new(longbench_v2::ID, Tokens(32_768), 42);
        let grid = RunGrid::of(spec, 1, 1);
        let rows = || [(SampleKey { cell: 0, sample: 1 }, None)];
        let bundled = bundled();
        let cards = bundled.cards();
        let set = of_run(about(), &grid, cards, rows());
        let sample = &set.cells[0].samples[0];
        assert_eq!(sample.id, RowId::Text(cards[1].id.clone()));
        let tags = sample.question.clone().unwrap();
        assert_eq!(tags.difficulty, Some(cards[1].difficulty));
        assert_eq!(set.cells[0].summary().mean, Some(0.0));
        let set = of_run(about(), &grid, &[], rows());
        assert_eq!(set.cells[0].samples[0].id, RowId::Text("42/1".to_owned()));
    }
}
