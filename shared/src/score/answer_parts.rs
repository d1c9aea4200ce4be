//! Where the parts of a correct answer stood in the text, and whether they were found. Scores by
//! depth need both.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Score;
use crate::task::{Metric, Sample, Task, find};

/// One part of a correct answer, and where it stood in the text.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(from = "(f32, bool)", into = "(f32, bool)")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "(f32, bool)"))]
pub struct AnswerPart {
    /// Depth, from 0 (the beginning of the text) to 1, to four decimals.
    pub depth: f32,
    /// Whether the answer contains it.
    pub found: bool,
}

impl From<(f32, bool)> for AnswerPart {
    fn from((depth, found): (f32, bool)) -> Self {
        Self { depth, found }
    }
}

impl From<AnswerPart> for (f32, bool) {
    fn from(part: AnswerPart) -> Self {
        (part.depth, part.found)
    }
}

/// The parts of an answer. `gold` are the relevant ranges of `input`, if known.
///
/// # Formula
/// Depth: characters of `input` before the part's first occurrence (within `gold`, else anywhere),
/// divided by all characters. Every reference is a part of its own. If any reference is enough
/// (`string_match_part`), the answer is one part, at the first reference that occurs; for
/// multiple-choice questions it is the first evidence span. References that do not occur, and tasks
/// that count words, have no part.
///
/// # Example
/// ```
/// use fathom_shared::{score::answer_parts::parts, task::Metric};
/// let references = ["17".to_owned(), "35".to_owned()];
/// let found = [true, false];
/// let parts = parts("mine", Metric::StringMatchAll, "a 17 b 35!", &[], &references, &found);
/// let depths: Vec<(f32, bool)> = parts.into_iter().map(Into::into).collect();
/// assert_eq!(depths, [(0.2, true), (0.7, false)]);
/// ```
pub fn parts(
    task: &str,
    metric: Metric,
    input: &str,
    gold: &[Range<usize>],
    references: &[String],
    found: &[bool],
) -> Vec<AnswerPart> {
    if find(task).is_ok_and(Task::counts_whole_text) {
        return Vec::new();
    }
    let all = input.chars().count();
    let part = |at: usize, found: bool| {
        let before = input.get(..at)?.chars().count();
        let depth = before as f32 / all as f32;
        Some(AnswerPart {
            depth: (depth * 10_000.0).round() / 10_000.0,
            found,
        })
    };
    let place = |reference: &String| place(input, gold, reference);
    let any = found.contains(&true);
    match metric {
        Metric::Letter => {
            let first = gold.iter().map(|range| range.start).min();
            first.and_then(|at| part(at, any)).into_iter().collect()
        }
        Metric::StringMatchPart => {
            let first = references.iter().find_map(place);
            first.and_then(|at| part(at, any)).into_iter().collect()
        }
        Metric::StringMatchAll => references
            .iter()
            .zip(found)
            .filter_map(|(reference, found)| part(place(reference)?, *found))
            .collect(),
    }
}

/// The byte at which `reference` first occurs, ignoring case if the metric does.
fn place(input: &str, gold: &[Range<usize>], reference: &str) -> Option<usize> {
    if reference.is_empty() {
        return None;
    }
    let within = |range: &Range<usize>| {
        let at = input.get(range.clone())?.find(reference)?;
        Some(range.start + at)
    };
    let anywhere = || input.find(reference).or_else(|| folded(input, reference));
    gold.iter().find_map(within).or_else(anywhere)
}

/// Folds ASCII case only, which keeps byte positions.
fn folded(input: &str, reference: &str) -> Option<usize> {
    let folded = input.to_ascii_lowercase();
    folded.find(&reference.to_ascii_lowercase())
}

/// Adds to `score` what is known about the sample: its parts, and the source that it shares.
pub fn placed(score: Score, task: &str, metric: Metric, sample: &Sample) -> Score {
    let gold = sample.evidence.iter().filter(|evidence| evidence.gold);
    let gold: Vec<_> = gold.map(|evidence| evidence.bytes.clone()).collect();
    let Sample {
        input, references, ..
    } = sample;
    Score {
        parts: parts(task, metric, input, &gold, references, &score.found),
        source: source(task, input, &gold),
        ..score
    }
}

/// A word that identifies the text a question is about; samples with the same word share the text.
/// Most tasks make a new text for each sample.
///
/// # Formula
/// The first 12 digits of SHA-256 over [`Task::shared_text`].
pub fn source(task: &str, input: &str, gold: &[Range<usize>]) -> Option<String> {
    let text = find(task).ok()?.shared_text(input, gold)?;
    Some(hex::encode(&Sha256::digest(text.trim())[..6]))
}

#[cfg(test)]
#[allow(
    clippy::single_range_in_vec_init,
    reason = "a list of one place is meant"
)]
mod tests {
    use super::*;

    fn depths(
        task: &str,
        metric: Metric,
        gold: &[Range<usize>],
        words: &[&str],
    ) -> Vec<(f32, bool)> {
        let input = "Ärger: 11 12 13 and 11 again";
        let references: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let found = vec![true; references.len()];
        let parts = parts(task, metric, input, gold, &references, &found);
        parts.into_iter().map(Into::into).collect()
    }

    #[test]
    fn places_are_characters_and_gold_comes_first() {
        let all = Metric::StringMatchAll;
        assert_eq!(
            depths("vt", all, &[], &["11", "13"]),
            [(0.25, true), (0.4643, true)]
        );
        assert_eq!(depths("vt", all, &[21..23], &["11"]), [(0.7143, true)]);
        assert_eq!(depths("vt", all, &[], &["AND", "14", ""]), [(0.5714, true)]);
        assert_eq!(depths("cwe", all, &[], &["11"]), []);
        let part = Metric::StringMatchPart;
        assert_eq!(
            depths("qa_1", part, &[], &["nowhere", "12", "11"]),
            [(0.3571, true)]
        );
        assert_eq!(
            depths("x", Metric::Letter, &[8..10], &["A"]),
            [(0.25, true)]
        );
        assert_eq!(depths("x", Metric::Letter, &[], &["A"]), []);
    }

    #[test]
    fn the_same_passage_is_the_same_source() {
        let (a, b) = ("Document 1:\nOne text.", "x Document 7:\nOne text. ");
        let of = |input: &str, start: usize| source("qa_1", input, &[start..input.len()]);
        assert!(of(a, 0).is_some());
        assert_eq!(of(a, 0), of(b, 2));
        assert_eq!(source("vt", a, &[]), None);
        let put = |question: &str| format!("Read.\n<text>\nlong text\n</text>\n{question}");
        let letter = |question: &str| source("longbench_v2", &put(question), &[]);
        assert!(letter("").is_some());
        assert_eq!(letter("Who?"), letter("When?"));
    }

    #[test]
    fn a_part_is_two_values_on_the_wire() {
        let part = AnswerPart {
            depth: 0.25,
            found: true,
        };
        let text = serde_json::to_string(&part).unwrap();
        assert_eq!(text, "[0.25,true]");
        assert_eq!(serde_json::from_str::<AnswerPart>(&text).unwrap(), part);
    }
}
