//! Where questions come from.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::{LongBenchQuestion, QuestionCard, samples};
use crate::text_source::TextSource;

/// Questions that are asked for by their number: a file may be larger than the memory.
pub trait QuestionSource: fmt::Debug + Send + Sync {
    /// Where they came from.
    fn source(&self) -> &TextSource;
    /// How many there are.
    fn len(&self) -> usize;
    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// All of them without their texts.
    fn cards(&self) -> &[QuestionCard];
    /// Question `number`, from 0.
    ///
    /// # Errors
    /// A sentence: there is none of that number, or it can no longer be read.
    fn question(&self, number: u32) -> Result<LongBenchQuestion, String>;
}

/// Those that come with Fathom.
pub fn bundled() -> Arc<dyn QuestionSource> {
    static SET: OnceLock<(TextSource, Vec<QuestionCard>)> = OnceLock::new();
    // Texts are written from a seed; the hash is that of them all.
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

/// Of a set that is elsewhere, question `number` alone: it keeps its number, and no other can be
/// asked for.
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
