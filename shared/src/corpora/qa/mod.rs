//! Passages with questions, in the formats of SQuAD and HotpotQA.

mod bundled; // the bundled question set

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::CorpusFormatError;
use crate::json;
use crate::text_source::TextSource;

/// Passages and the questions about them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QaSet {
    /// Where it came from.
    pub source: TextSource,
    /// Every passage once, in code-point order.
    pub passages: Vec<String>,
    /// The answerable questions, in the order of the file.
    pub questions: Vec<QaQuestion>,
}

/// A question with its references.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QaQuestion {
    /// The question.
    pub text: String,
    /// Correct answers; any of them counts.
    pub answers: Vec<String>,
    /// The passages that every sample of this question contains, by number, in the order of the
    /// file.
    pub context: Vec<usize>,
    /// The passages of its article, shared by all questions about the article.
    pub article: Arc<[usize]>,
    /// Which passages of `context` contain the answer, if the dataset says so.
    pub gold: Vec<usize>,
}

impl QaQuestion {
    /// Other passages of the same article, which are drawn before any others.
    pub fn more(&self) -> Vec<usize> {
        let article = self.article.iter().copied();
        article
            .filter(|passage| !self.context.contains(passage))
            .collect()
    }
}

#[derive(Deserialize)]
struct SquadFile {
    data: Vec<SquadArticle>,
}

#[derive(Deserialize)]
struct SquadArticle {
    paragraphs: Vec<SquadParagraph>,
}

#[derive(Deserialize)]
struct SquadParagraph {
    context: String,
    qas: Vec<SquadQuestion>,
}

#[derive(Deserialize)]
struct SquadQuestion {
    question: String,
    answers: Vec<SquadAnswer>,
    is_impossible: bool,
}

#[derive(Deserialize)]
struct SquadAnswer {
    text: String,
}

#[derive(Deserialize)]
struct HotpotRow {
    question: String,
    answer: String,
    context: Vec<(String, Vec<String>)>,
    #[serde(default)]
    supporting_facts: Vec<(String, i64)>,
}

impl QaSet {
    /// Reads SQuAD 2.0's JSON. Like RULER, leaves out impossible questions.
    pub(super) fn read_squad(name: &str, json: &[u8]) -> Result<Self, CorpusFormatError> {
        let read: SquadFile = parse(name, json, "a question set in SQuAD 2.0's JSON")?;
        let all = read.data.iter().flat_map(|article| &article.paragraphs);
        let (passages, number) = numbered(all.map(|paragraph| paragraph.context.clone()));
        let mut questions = Vec::new();
        for article in &read.data {
            let paragraphs = article.paragraphs.iter();
            let all: Arc<[usize]> = paragraphs.map(|p| number[p.context.as_str()]).collect();
            for (paragraph, own) in article.paragraphs.iter().zip(all.iter().copied()) {
                for qa in paragraph.qas.iter().filter(|qa| !qa.is_impossible) {
                    questions.push(QaQuestion {
                        text: qa.question.clone(),
                        answers: qa
                            .answers
                            .iter()
                            .map(|answer| answer.text.clone())
                            .collect(),
                        context: vec![own],
                        article: Arc::clone(&all),
                        gold: vec![own],
                    });
                }
            }
        }
        drop(number);
        Self::new(name, json, passages, questions)
    }

    /// Reads HotpotQA's JSON, distractor setting.
    pub(super) fn read_hotpotqa(name: &str, json: &[u8]) -> Result<Self, CorpusFormatError> {
        let read: Vec<HotpotRow> = parse(name, json, "a question set in HotpotQA's JSON")?;
        let passage = |(title, text): &(String, Vec<String>)| format!("{title}\n{}", text.concat());
        let (passages, number) = numbered(read.iter().flat_map(|qa| &qa.context).map(passage));
        let mut questions = Vec::new();
        for qa in &read {
            let context: Vec<_> = qa
                .context
                .iter()
                .map(|piece| (piece, number[passage(piece).as_str()]))
                .collect();
            let facts: BTreeSet<&str> = qa
                .supporting_facts
                .iter()
                .map(|(fact, _)| fact.as_str())
                .collect();
            questions.push(QaQuestion {
                text: qa.question.clone(),
                answers: vec![qa.answer.clone()],
                gold: context
                    .iter()
                    .filter(|((title, _), _)| facts.contains(title.as_str()))
                    .map(|(_, number)| *number)
                    .collect(),
                context: context.into_iter().map(|(_, number)| number).collect(),
                article: Arc::default(),
            });
        }
        drop(number);
        Self::new(name, json, passages, questions)
    }

    fn new(
        name: &str,
        json: &[u8],
        passages: Vec<String>,
        questions: Vec<QaQuestion>,
    ) -> Result<Self, CorpusFormatError> {
        if questions.is_empty() {
            return Err(CorpusFormatError {
                name: name.to_owned(),
                expected: "a question set",
                reason: "it has no answerable question".to_owned(),
            });
        }
        Ok(Self {
            source: TextSource::file(name, json),
            passages,
            questions,
        })
    }
}

fn parse<T: DeserializeOwned>(
    name: &str,
    json: &[u8],
    expected: &'static str,
) -> Result<T, CorpusFormatError> {
    json::from_slice(json).map_err(|reason| CorpusFormatError {
        name: name.to_owned(),
        expected,
        reason,
    })
}

/// Every passage once, in code-point order, and the number of each.
fn numbered(all: impl Iterator<Item = String>) -> (Vec<String>, HashMap<String, usize>) {
    let passages: Vec<String> = all.collect::<BTreeSet<_>>().into_iter().collect();
    let number = passages.iter().cloned().zip(0..).collect();
    (passages, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_squad() {
        let json = br#"{"version": "v2.0", "data": [{"title": "t", "paragraphs": [
            {"context": "b", "qas": [{"id": "1", "question": "q?", "is_impossible": false,
                "answers": [{"text": "b", "answer_start": 0}]},
                {"id": "2", "question": "no?", "is_impossible": true, "answers": []}]},
            {"context": "a", "qas": []}]}]}"#;
        let set = QaSet::read_squad("squad.json", json).unwrap();
        assert_eq!(set.passages, ["a", "b"]);
        assert_eq!(set.questions.len(), 1);
        assert_eq!(
            (set.questions[0].context.clone(), set.questions[0].more()),
            (vec![1], vec![0])
        );
    }

    /// A long article with many paragraphs: data shared by its questions is stored once, so that
    /// memory and time do not grow quadratically.
    #[test]
    fn an_article_of_many_paragraphs_is_kept_once() {
        let paragraph = |n: u32| {
            serde_json::json!({"context": format!("text {n}"), "qas": [
                {"question": "q?", "is_impossible": false, "answers": [{"text": "a"}]}]})
        };
        let many: Vec<_> = (0..20_000).map(paragraph).collect();
        let json = serde_json::json!({"data": [{"paragraphs": many}]}).to_string();
        let set = QaSet::read_squad("one.json", json.as_bytes()).unwrap();
        let [first, .., last] = &set.questions[..] else {
            panic!("{} questions", set.questions.len());
        };
        assert!(Arc::ptr_eq(&first.article, &last.article));
        assert_eq!((first.article.len(), last.more().len()), (20_000, 19_999));
    }

    #[test]
    fn reads_hotpotqa() {
        let json = br#"[{"question": "q?", "answer": "x", "supporting_facts": [["T", 0]],
            "context": [["U", ["u."]], ["T", ["x.", " y."]]]}]"#;
        let set = QaSet::read_hotpotqa("hotpotqa.json", json).unwrap();
        assert_eq!(set.passages, ["T\nx. y.", "U\nu."]);
        assert_eq!(
            (&set.questions[0].context, &set.questions[0].gold),
            (&vec![1, 0], &vec![0])
        );
        let error = QaSet::read_hotpotqa("hotpotqa.json", br#"[{"question": "q"}]"#).unwrap_err();
        assert!(
            error.to_string().contains("missing field `answer`"),
            "{error}"
        );
    }
}
