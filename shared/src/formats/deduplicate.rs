//! Removes duplicate rows across files.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::row::{EvalRow, ImportedRows, RowAnswer, RowId};
use crate::tokens::Tokens;

/// The rows met so far of files that are read together.
#[derive(Debug, Default)]
pub struct RowDeduplicator {
    seen: HashMap<RowKey, FirstSeen>,
    names: HashMap<RowName, u32>,
    sources: u32,
}

/// A row's name among all rows.
type RowName = (String, Option<Tokens>, u32, RowId);

/// Its name, and what was asked.
type RowKey = (RowName, u64);

/// Where a row was met first.
#[derive(Clone, Copy, Debug)]
struct FirstSeen {
    source: u32,
    answer: u64,
}

/// Two sources that each have a row of the same name, but with different content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowConflict {
    /// The number of the other source: how many were added before it.
    pub source: u32,
    /// The task.
    pub task: String,
    /// The length.
    pub length: Option<Tokens>,
}

const TWICE: &str = "there twice; counted once";
const OTHER_ANSWER: &str =
    "there again with another answer; the first counts, a failure only if nothing else came";

/// Adds to the rows of RULER's chunks those that only the whole file beside them has; reports
/// them and those that differ. An answer of the chunks goes before one of the whole file, as the
/// original reads the chunks alone; an answer goes before a failure.
pub fn add_whole(chunks: &mut ImportedRows, whole: ImportedRows, name: &str) {
    let mut places = HashMap::<RowKey, usize>::new();
    for (place, row) in chunks.rows.iter().enumerate() {
        places.entry(key(row)).or_insert(place);
    }
    let (mut added, mut differ) = (0, 0);
    let mut report = whole.report;
    for row in whole.rows {
        match places.get(&key(&row)) {
            None => {
                added += 1;
                chunks.rows.push(row);
            }
            Some(place) => {
                let first = &mut chunks.rows[*place];
                if answer_of(first) == answer_of(&row) {
                    continue;
                }
                differ += 1;
                if first.answer.text().is_none() && row.answer.text().is_some() {
                    *first = row;
                }
            }
        }
    }
    report.note_became("not in the chunks beside the file; counted", added);
    let why = "otherwise answered in the chunks beside the file; those of the chunks count, a failure only if nothing else came";
    report.note_became(why, differ);
    report.in_file(name);
    chunks.report.absorb(report);
}

impl RowDeduplicator {
    /// Removes from a source's rows those already met, and reports that. Returns the indices
    /// of the rows that stay.
    ///
    /// Rows are the same that have the same task, length, repetition, name, input and references.
    /// Asked again within one source, the first answer counts, but an answer goes before a failure.
    /// `alike` where names may come again: RULER's `index` is often a place in the text.
    ///
    /// # Errors
    /// A name that another source has with another answer or, unless `alike`, another question:
    /// only the reader knows which of the two is meant. Then nothing of this source is
    /// remembered.
    pub fn keep(
        &mut self,
        imported: &mut ImportedRows,
        alike: bool,
    ) -> Result<Vec<usize>, RowConflict> {
        let source = self.sources;
        let mut met = HashMap::<RowKey, usize>::new();
        let (mut kept, mut places) = (Vec::<EvalRow>::new(), Vec::new());
        let (mut again, mut before, mut other) = (0, 0, 0);
        for (place, row) in std::mem::take(&mut imported.rows).into_iter().enumerate() {
            let key = key(&row);
            let answer = hash(&answer_of(&row));
            if let Some(at) = met.get(&key) {
                let first = &mut kept[*at];
                let failed = matches!(first.answer, RowAnswer::Failed(_));
                if hash(&answer_of(first)) == answer {
                    again += 1;
                } else {
                    other += 1;
                    if failed && row.answer.text().is_some() {
                        *first = row;
                        places[*at] = place;
                    }
                }
                continue;
            }
            let conflict = |source| RowConflict {
                source,
                task: row.task.clone(),
                length: row.length,
            };
            match (self.seen.get(&key), self.names.get(&key.0)) {
                (Some(seen), _) if seen.answer == answer => before += 1,
                (Some(seen), _) => return Err(conflict(seen.source)),
                (None, Some(named)) if !alike => return Err(conflict(*named)),
                (None, _) => {
                    met.insert(key, kept.len());
                    kept.push(row);
                    places.push(place);
                }
            }
        }
        for (key, at) in met {
            let answer = hash(&answer_of(&kept[at]));
            self.names.insert(key.0.clone(), source);
            self.seen.insert(key, FirstSeen { source, answer });
        }
        self.sources += 1;
        imported.rows = kept;
        let report = &mut imported.report;
        report.note_became(TWICE, again);
        report.note_became("in a file before this one as well; counted once", before);
        report.note_became(OTHER_ANSWER, other);
        Ok(places)
    }
}

fn key(row: &EvalRow) -> RowKey {
    let name = (row.task.clone(), row.length, row.epoch, row.id.clone());
    (name, hash(&(&row.input, &row.references)))
}

fn answer_of(row: &EvalRow) -> (bool, &str) {
    match &row.answer {
        RowAnswer::Text(text) => (true, text),
        RowAnswer::Failed(why) => (false, why),
    }
}

fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, input: &str, answer: Option<&str>) -> EvalRow {
        EvalRow {
            task: "vt".to_owned(),
            length: Some(Tokens(4096)),
            id: RowId::Number(id),
            epoch: 1,
            index: None,
            input: Some(input.to_owned()),
            answer_prefix: None,
            references: vec!["A".to_owned()],
            answer: answer.map_or_else(
                || RowAnswer::Failed("none".to_owned()),
                |text| RowAnswer::Text(text.to_owned()),
            ),
            prompt_and_answer: None,
            stated: std::collections::BTreeMap::new(),
        }
    }

    fn of(rows: Vec<EvalRow>) -> ImportedRows {
        ImportedRows {
            rows,
            ..ImportedRows::default()
        }
    }

    fn told(imported: &ImportedRows) -> Vec<(&str, u32)> {
        let losses = imported.report.losses();
        losses
            .iter()
            .map(|loss| (loss.why.as_str(), loss.rows))
            .collect()
    }

    #[test]
    fn the_same_row_counts_once_and_is_told() {
        let mut once = RowDeduplicator::default();
        let mut file = of(vec![
            row(1, "a", Some("x")),
            row(2, "a", None),
            row(1, "a", Some("x")),
            row(2, "a", Some("y")),
            row(2, "a", Some("z")),
            // RULER's `index` comes again where it is a place in the text.
            row(1, "b", Some("x")),
        ]);
        assert_eq!(once.keep(&mut file, true), Ok(vec![0, 3, 5]));
        let answers: Vec<_> = file.rows.iter().map(|row| row.answer.text()).collect();
        assert_eq!(answers, [Some("x"), Some("y"), Some("x")]);
        assert_eq!(told(&file)[0], (TWICE, 1));
        assert_eq!(told(&file)[1].1, 2);
        // The same file again has nothing new.
        let mut copy = of(vec![row(1, "a", Some("x")), row(3, "c", Some("x"))]);
        once.keep(&mut copy, true).unwrap();
        assert_eq!(copy.rows, [row(3, "c", Some("x"))]);
    }

    #[test]
    fn another_answer_in_another_file_is_a_conflict() {
        let mut once = RowDeduplicator::default();
        once.keep(&mut of(vec![row(1, "a", Some("x"))]), false)
            .unwrap();
        let other = once.keep(&mut of(vec![row(1, "b", Some("y"))]), false);
        let conflict = RowConflict {
            source: 0,
            task: "vt".to_owned(),
            length: Some(Tokens(4096)),
        };
        assert_eq!(other, Err(conflict));
        let copy = once.keep(&mut of(vec![row(1, "a", Some("y"))]), true);
        assert!(copy.is_err());
        // Names that come again name two rows.
        let mut once = RowDeduplicator::default();
        once.keep(&mut of(vec![row(1, "a", Some("x"))]), true)
            .unwrap();
        let two = once.keep(&mut of(vec![row(1, "b", Some("y"))]), true);
        assert_eq!(two, Ok(vec![0]));
    }

    #[test]
    fn a_whole_file_adds_to_its_chunks_what_they_lack() {
        let mut chunks = of(vec![row(1, "a", Some("wrong")), row(2, "a", None)]);
        let whole = of(vec![
            row(1, "a", Some("x")),
            row(2, "a", Some("y")),
            row(3, "a", Some("z")),
            row(4, "a", Some("z")),
        ]);
        add_whole(&mut chunks, whole.clone(), "vt.jsonl");
        let answers: Vec<_> = chunks.rows.iter().map(|row| row.answer.text()).collect();
        assert_eq!(answers, [Some("wrong"), Some("y"), Some("z"), Some("z")]);
        let said: Vec<String> = chunks
            .report
            .losses()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            said,
            [
                "`vt.jsonl`: 2 rows are not in the chunks beside the file; counted",
                "`vt.jsonl`: 2 rows are otherwise answered in the chunks beside the file; those of the chunks count, a failure only if nothing else came",
            ]
        );
        // The same rows are no news.
        let mut same = whole.clone();
        add_whole(&mut same, whole.clone(), "vt.jsonl");
        assert_eq!(same, whole);
    }
}
