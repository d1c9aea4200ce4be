//! What this page asked, as result sets. Pure.

use std::collections::BTreeMap;

use fathom_shared::api::QuestionSet;
use fathom_shared::formats::RowId;
use fathom_shared::longbench::AnswerVerdict;
use fathom_shared::results::{
    QuestionTags, ResultCell, ResultOrigin, ResultSet, ResultSetInfo, SampleScore,
    variant_of_setting,
};
use fathom_shared::task::{Metric, longbench_v2};
use fathom_shared::tokens::Tokens;

use super::super::answer_records::AnswerRecord;

/// A set for each model. Of a question that was asked again the last answer counts. Groups are
/// known of the questions that are open.
pub(super) fn sets(records: &[AnswerRecord], questions: Option<&QuestionSet>) -> Vec<ResultSet> {
    let mut models =
        BTreeMap::<&str, BTreeMap<LengthAndVariant, BTreeMap<&str, &AnswerRecord>>>::new();
    for record in records {
        let ways = models.entry(&record.model).or_default();
        ways.entry(way(record))
            .or_default()
            .insert(&record.id, record);
    }
    let sets = models.into_iter().map(|(model, ways)| {
        let cells = ways.into_iter().map(|((length, variant), asked)| {
            let mut cell =
                ResultCell::new(longbench_v2::ID, Some(length), &variant, Metric::Letter);
            let samples = asked.into_values();
            cell.samples = samples.map(|record| sample(record, questions)).collect();
            cell
        });
        let about = ResultSetInfo {
            name: "asked here".to_owned(),
            model: model.to_owned(),
            origin: ResultOrigin::Page,
        };
        ResultSet::new(about, cells.collect())
    });
    sets.collect()
}

/// Length and variant.
type LengthAndVariant = (Tokens, String);

fn way(record: &AnswerRecord) -> LengthAndVariant {
    let mut variant = variant_of_setting(record.setting);
    if record.letters {
        // By the letter that the options' names come before `setting`.
        variant = match variant.as_str() {
            "" => "answer=letters".to_owned(),
            more => format!("answer=letters, {more}"),
        };
    }
    (record.length, variant)
}

fn sample(record: &AnswerRecord, questions: Option<&QuestionSet>) -> SampleScore {
    let verdict = record.verdict();
    let questions = questions.filter(|set| set.source.sha256 == record.set);
    let card = questions.and_then(|set| set.cards.get(record.number as usize));
    SampleScore {
        id: RowId::Text(record.id.clone()),
        score: match verdict {
            AnswerVerdict::Right => Some(1.0),
            AnswerVerdict::Wrong | AnswerVerdict::Unparsed => Some(0.0),
            AnswerVerdict::Failed => None,
        },
        blank: verdict == AnswerVerdict::Unparsed,
        parts: Vec::new(),
        cluster: None,
        question: card.map(|card| QuestionTags {
            domain: Some(card.domain.clone()),
            difficulty: Some(card.difficulty),
            length: Some(card.length),
        }),
        place: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::longbench::{ChoiceLetter, LongBenchSetting};

    fn record(id: &str, setting: LongBenchSetting, letter: Option<ChoiceLetter>) -> AnswerRecord {
        AnswerRecord {
            set: "set".to_owned(),
            number: 0,
            id: id.to_owned(),
            setting,
            letters: false,
            length: Tokens(8192),
            model: "small".to_owned(),
            device: String::new(),
            thoughts: None,
            response: Ok("text".to_owned()),
            letter,
            answer: ChoiceLetter::A,
            at_ms: 0.0,
        }
    }

    #[test]
    fn the_last_answer_counts_and_ways_are_never_mixed() {
        let mut failed = record("c", LongBenchSetting::Direct, None);
        failed.response = Err("gone".to_owned());
        let records = [
            record("a", LongBenchSetting::Direct, Some(ChoiceLetter::B)),
            record("a", LongBenchSetting::Direct, Some(ChoiceLetter::A)),
            record("b", LongBenchSetting::Direct, None),
            failed,
            record("a", LongBenchSetting::Cot, Some(ChoiceLetter::B)),
        ];
        let sets = sets(&records, None);
        assert_eq!(sets.len(), 1);
        let direct = &sets[0].cells[0];
        let told: Vec<_> = direct.samples.iter().map(|s| (s.score, s.blank)).collect();
        assert_eq!(told, [(Some(1.0), false), (Some(0.0), true), (None, false)]);
        assert_eq!(sets[0].cells[1].variant, "setting=cot");
    }
}
