//! Sources of questions.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::{LongBenchQuestion, QuestionCard, samples};
use crate::text_source::TextSource;

/// Questions that are read one by one, by number: a file may be larger than the memory.
pub trait QuestionSource: fmt::Debug + Send + Sync {
    /// The source of the questions.
    fn source(&self) -> &TextSource;
    /// How many there are.
    fn len(&self) -> usize;
    /// Whether there are no questions.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// All questions without their texts.
    fn cards(&self) -> &[QuestionCard];
    /// Question `number`, from 0.
    ///
    /// # Errors
    /// A sentence that says why: there is no question with this number, or it can no longer be
    /// read.
    fn question(&self, number: u32) -> Result<LongBenchQuestion, String>;
}

/// The bundled questions.
pub fn bundled() -> Arc<dyn QuestionSource> {
    static SET: OnceLock<(TextSource, Vec<QuestionCard>)> = OnceLock::new();
    // The texts are generated from a seed; the hash covers all of them.
    let (source, cards) = SET.get_or_init(|| {
        let (mut all, mut cards) = (String::new(), Vec::new());
        for (number, question) in (0..samples::COUNT).map_while(samples::question).enumerate() {
            all.push_str(&question.context);
            all.push_str(&question.question);
            cards.push(QuestionCard::new(
                u32::try_from(number).unwrap_or(u32::MAX),
                &question,
            ));
        }
        (TextSource::bundled(samples::LABEL, &all), cards)
    });
    Arc::new(BundledQuestions { source, cards })
}

/// A source with only question `number` of a larger set: the question keeps its number, and no
/// other question is available.
pub fn alone(
    source: TextSource,
    number: u32,
    question: LongBenchQuestion,
) -> Arc<dyn QuestionSource> {
    let cards = vec![QuestionCard::new(number, &question)];
    Arc::new(SingleQuestion {
        source,
        question,
        cards,
    })
}

#[derive(Debug)]
struct BundledQuestions {
    source: &'static TextSource,
    cards: &'static [QuestionCard],
}

impl QuestionSource for BundledQuestions {
    fn source(&self) -> &TextSource {
        self.source
    }
    fn len(&self) -> usize {
        self.cards.len()
    }
    fn cards(&self) -> &[QuestionCard] {
        self.cards
    }
    fn question(&self, number: u32) -> Result<LongBenchQuestion, String> {
        let has = samples::COUNT;
        samples::question(number as usize).ok_or_else(|| {
            format!(
                "{} have {has} questions, got number {number}",
                samples::LABEL
            )
        })
    }
}

#[derive(Debug)]
struct SingleQuestion {
    source: TextSource,
    question: LongBenchQuestion,
    cards: Vec<QuestionCard>,
}

impl QuestionSource for SingleQuestion {
    fn source(&self) -> &TextSource {
        &self.source
    }
    fn len(&self) -> usize {
        self.cards[0].number as usize + 1
    }
    fn cards(&self) -> &[QuestionCard] {
        &self.cards
    }
    fn question(&self, number: u32) -> Result<LongBenchQuestion, String> {
        let here = self.cards[0].number;
        match number == here {
            true => Ok(self.question.clone()),
            false => Err(format!("only question {here} is here, got number {number}")),
        }
    }
}
