//! The bundled question set: an invented world, so that no model can know the answers already.

use std::collections::HashMap;

use serde::Deserialize;

use super::{QaQuestion, QaSet, numbered};
use crate::text_source::TextSource;

const BUNDLED: &str = include_str!("../../../data/fathom-qa.json");
/// The number of passages that a HotpotQA question brings along.
const TWO_HOP_CONTEXT: usize = 10;
/// The number of passages per topic; a topic plays the part of a SQuAD article.
const ARTICLE: usize = 6;

#[derive(Deserialize, Default)]
struct BundledQaFile {
    name: String,
    topics: Vec<BundledTopic>,
    questions: Vec<BundledQuestion>,
}

#[derive(Deserialize)]
struct BundledTopic {
    passages: Vec<BundledPassage>,
}

#[derive(Deserialize)]
struct BundledPassage {
    title: String,
    text: String,
}

#[derive(Deserialize)]
struct BundledQuestion {
    question: String,
    answers: Vec<String>,
    evidence: Vec<String>,
}

impl QaSet {
    /// The questions that one passage answers, in SQuAD's format: with the other passages of the
    /// topic.
    pub(crate) fn bundled_one_hop() -> Self {
        Self::of_bundled(1)
    }

    /// The questions that need two passages, in HotpotQA's format: with both of them and eight
    /// others of their topics.
    pub(crate) fn bundled_two_hop() -> Self {
        Self::of_bundled(2)
    }

    fn of_bundled(hops: usize) -> Self {
        // A test parses the same bytes, so an invalid file is never released.
        let file: BundledQaFile = serde_json::from_str(BUNDLED).unwrap_or_default();
        let text = |passage: &BundledPassage| format!("{}\n{}", passage.title, passage.text);
        let all = || file.topics.iter().flat_map(|topic| &topic.passages);
        let (passages, number) = numbered(all().map(text));
        let of_title: HashMap<&str, usize> = all()
            .map(|passage| (passage.title.as_str(), number[&text(passage)]))
            .collect();
        let of_this_kind = file
            .questions
            .iter()
            .filter(|asked| asked.evidence.len() == hops);
        let questions = of_this_kind.map(|asked| {
            let gold: Vec<usize> = asked
                .evidence
                .iter()
                .filter_map(|title| of_title.get(title.as_str()).copied())
                .collect();
            let mut near = file.beside(&asked.evidence, &of_title);
            let mut context = gold.clone();
            if hops > 1 {
                near.truncate(TWO_HOP_CONTEXT.saturating_sub(gold.len()));
                context.append(&mut near);
            } else {
                near.truncate(ARTICLE - 1);
            }
            QaQuestion {
                text: asked.question.clone(),
                answers: asked.answers.clone(),
                context,
                article: near.into(),
                gold,
            }
        });
        Self {
            source: TextSource::bundled(&file.name, BUNDLED),
            questions: questions.collect(),
            passages,
        }
    }
}

impl BundledQaFile {
    /// The other passages, with those on the topics of `evidence` first.
    fn beside(&self, evidence: &[String], of_title: &HashMap<&str, usize>) -> Vec<usize> {
        let is_near =
            |topic: &&BundledTopic| topic.passages.iter().any(|p| evidence.contains(&p.title));
        let (near, far): (Vec<_>, Vec<_>) = self.topics.iter().partition(is_near);
        let topics = near.into_iter().chain(far);
        let passages = topics.flat_map(|topic| &topic.passages);
        passages
            .filter(|passage| !evidence.contains(&passage.title))
            .map(|passage| of_title[passage.title.as_str()])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_set_is_large_and_answers_itself() {
        let (one, two) = (QaSet::bundled_one_hop(), QaSet::bundled_two_hop());
        assert!(one.passages.len() >= 120, "{} passages", one.passages.len());
        let all = one.questions.len() + two.questions.len();
        assert!(all >= 120, "{all} questions");
        assert!(
            two.questions.len() * 3 >= all,
            "{} of two hops",
            two.questions.len()
        );
        for (set, hops) in [(&one, 1), (&two, 2)] {
            for question in &set.questions {
                assert_eq!(question.gold.len(), hops, "{}", question.text);
                let held = question.gold.iter().any(|passage| {
                    let text = set.passages[*passage].to_lowercase();
                    text.contains(&question.answers[0].to_lowercase())
                });
                assert!(held, "{}", question.text);
            }
        }
        assert!(
            two.questions
                .iter()
                .all(|question| question.context.len() == TWO_HOP_CONTEXT)
        );
    }
}
