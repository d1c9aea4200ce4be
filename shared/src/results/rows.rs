//! Builds result sets from files: other programs' rows, and LongBench v2 predictions.

use std::collections::BTreeMap;

use super::{QuestionTags, ResultCell, ResultSet, ResultSetInfo, SampleScore, variant_of_setting};
use crate::formats::{EvalRow, RowAnswer, RowId};
use crate::longbench::{LongBenchSetting, Prediction};
use crate::score::{answer_parts, score};
use crate::task::{Metric, longbench_v2};
use crate::tokens::Tokens;

/// Collects rows into a set. A row may be dropped as soon as it has been added.
#[derive(Debug, Default)]
pub struct ResultSetBuilder {
    cells: BTreeMap<(String, Option<Tokens>, String), ResultCell>,
}

impl ResultSetBuilder {
    /// Scores a row. Depths are known if the row contains its input.
    pub fn add(&mut self, row: &EvalRow, metric: Metric) {
        let cell = self.cell(&row.task, row.length, String::new(), metric);
        let id = match (row.epoch, &row.id) {
            (0 | 1, id) => id.clone(),
            (epoch, id) => RowId::Text(format!("{id}, epoch {epoch}")),
        };
        cell.samples.push(match &row.answer {
            RowAnswer::Failed(_) => failed(id),
            RowAnswer::Text(text) => {
                let score = score(metric, text, &row.references);
                let input = row.input.as_deref().unwrap_or_default();
                let found = &score.found;
                let parts =
                    answer_parts::parts(&row.task, metric, input, &[], &row.references, found);
                SampleScore {
                    score: Some(score.value),
                    blank: score.blank,
                    parts,
                    ..failed(id)
                }
            }
        });
    }

    /// Adds a prediction of LongBench v2, asked in `setting`; failures are kept.
    pub fn add_prediction(&mut self, prediction: &Prediction, setting: LongBenchSetting) {
        let variant = variant_of_setting(setting);
        let cell = self.cell(longbench_v2::ID, None, variant, Metric::Letter);
        let judged = prediction.judged;
        let right = judged.pred == Some(judged.answer);
        let answered = prediction.failure.is_none();
        cell.samples.push(SampleScore {
            score: answered.then_some(f64::from(u8::from(right))),
            blank: answered && judged.pred.is_none(),
            question: Some(QuestionTags {
                domain: prediction.domain.clone(),
                difficulty: judged.difficulty,
                length: judged.length,
            }),
            ..failed(RowId::Text(prediction.id.clone()))
        });
    }

    /// The set of all added rows.
    pub fn set(self, about: ResultSetInfo) -> ResultSet {
        ResultSet::new(about, self.cells.into_values().collect())
    }

    fn cell(
        &mut self,
        task: &str,
        length: Option<Tokens>,
        variant: String,
        metric: Metric,
    ) -> &mut ResultCell {
        let key = (task.to_owned(), length, variant);
        let new =
            |key: &(String, Option<Tokens>, String)| ResultCell::new(&key.0, key.1, &key.2, metric);
        self.cells.entry(key).or_insert_with_key(new)
    }
}

fn failed(id: RowId) -> SampleScore {
    SampleScore {
        id,
        score: None,
        blank: false,
        parts: Vec::new(),
        cluster: None,
        question: None,
        place: None,
    }
}

/// The setting in the name of a prediction file, without its extension: `GPT-4o_cot`,
/// `GPT-4o_rag_4`. Any other name means direct.
///
/// # Example
/// ```
/// use fathom_shared::{longbench::LongBenchSetting, results::setting_of_file};
/// assert_eq!(setting_of_file("my_model_cot"), LongBenchSetting::Cot);
/// assert_eq!(setting_of_file("my_model_rag_8"), LongBenchSetting::Rag { top: 8 });
/// assert_eq!(setting_of_file("my_model"), LongBenchSetting::Direct);
/// ```
pub fn setting_of_file(stem: &str) -> LongBenchSetting {
    for plain in [LongBenchSetting::Cot, LongBenchSetting::NoContext] {
        if stem.ends_with(&plain.suffix()) {
            return plain;
        }
    }
    let mut words = stem.rsplitn(3, '_');
    let (number, word) = (words.next(), words.next());
    let named = number
        .zip(word)
        .map(|(number, word)| format!("{word}:{number}"));
    let named = named.and_then(|named| named.parse().ok());
    named.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::ResultOrigin;

    fn about() -> ResultSetInfo {
        ResultSetInfo {
            name: "m".to_owned(),
            model: String::new(),
            origin: ResultOrigin::Page,
        }
    }

    #[test]
    fn rows_keep_depth_failure_and_nothing_said() {
        let row = |id: i64, epoch: u32, answer: Option<&str>| EvalRow {
            task: "niah_multivalue".to_owned(),
            length: Some(Tokens(4096)),
            id: RowId::Number(id),
            epoch,
            index: None,
            input: Some("one 11, two 22".to_owned()),
            answer_prefix: None,
            references: vec!["11".to_owned(), "22".to_owned()],
            answer: answer.map_or_else(
                || RowAnswer::Failed("late".to_owned()),
                |text| RowAnswer::Text(text.to_owned()),
            ),
            prompt_and_answer: None,
            stated: BTreeMap::new(),
        };
        let mut gathered = ResultSetBuilder::default();
        for row in [
            row(0, 1, Some("it is 22")),
            row(0, 2, None),
            row(1, 1, Some(" \u{1} ")),
        ] {
            gathered.add(&row, Metric::StringMatchAll);
        }
        let set = gathered.set(about());
        let samples = &set.cells[0].samples;
        assert_eq!(samples[0].score, Some(0.5));
        let parts: Vec<(f32, bool)> = samples[0].parts.iter().map(|p| (*p).into()).collect();
        assert_eq!(parts, [(0.2857, false), (0.8571, true)]);
        assert_eq!(samples[1].id, RowId::Text("0, epoch 2".to_owned()));
        assert_eq!((samples[1].score, samples[1].blank), (None, false));
        assert!(samples[2].blank);
    }

    #[test]
    fn predictions_keep_what_failed_and_their_tags() {
        let line = |pred: &str, more: &str| {
            let line = format!(
                r#"{{"_id": "q", "domain": "Code", "difficulty": "easy", "length": "long",
                "answer": "B", "response": "text", "pred": {pred}{more}}}"#
            );
            Prediction::read(&line, false).unwrap()
        };
        let mut gathered = ResultSetBuilder::default();
        gathered.add_prediction(&line("\"B\"", ""), LongBenchSetting::Cot);
        gathered.add_prediction(&line("null", ""), LongBenchSetting::Cot);
        gathered.add_prediction(&line("null", r#", "error": "late""#), LongBenchSetting::Cot);
        let set = gathered.set(about());
        let cell = &set.cells[0];
        assert_eq!(
            (cell.variant.as_str(), cell.metric),
            ("setting=cot", Metric::Letter)
        );
        let told: Vec<_> = cell.samples.iter().map(|s| (s.score, s.blank)).collect();
        assert_eq!(told, [(Some(1.0), false), (Some(0.0), true), (None, false)]);
        let domain = cell.samples[0]
            .question
            .as_ref()
            .and_then(|q| q.domain.clone());
        assert_eq!(domain.as_deref(), Some("Code"));
    }
}
