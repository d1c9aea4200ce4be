//! A primer of an invented language: rules, words, and sentences with translations.

use super::invented_names::{different, one, word};
use super::text_builder::{TextBuilder, depths};
use super::{Difficulty, QuestionDraft};
use crate::python_random::PythonRandom;

const NOUNS: [&str; 16] = [
    "farmer", "heron", "baker", "goat", "pupil", "miller", "hare", "sailor", "widow", "smith",
    "owl", "weaver", "horse", "singer", "judge", "beetle",
];
const VERBS: [&str; 10] = [
    "sees", "follows", "helps", "hears", "finds", "calls", "carries", "greets", "leads", "paints",
];
const PAST: [&str; 10] = [
    "saw", "followed", "helped", "heard", "found", "called", "carried", "greeted", "led", "painted",
];

/// The language: verb first, then subject, then object; a noun suffix marks the plural, a verb
/// prefix the past.
struct InventedLanguage {
    name: String,
    nouns: Vec<String>,
    verbs: Vec<String>,
    plural: String,
    past: String,
}

/// The meaning of a sentence.
#[derive(Clone, Copy)]
struct SentenceMeaning {
    subject: usize,
    verb: usize,
    object: usize,
    many: bool,
    past: bool,
}

impl InventedLanguage {
    fn sentence(&self, said: SentenceMeaning) -> String {
        let noun = |at: usize, many: bool| {
            let plural = if many { self.plural.as_str() } else { "" };
            format!("{}{plural}", self.nouns[at])
        };
        let past = if said.past { self.past.as_str() } else { "" };
        format!(
            "{past}{} {} {}",
            self.verbs[said.verb],
            noun(said.subject, false),
            noun(said.object, said.many)
        )
    }

    fn english(said: SentenceMeaning) -> String {
        let verb = if said.past { PAST } else { VERBS }[said.verb];
        let object = NOUNS[said.object];
        match said.many {
            true => format!("the {} {verb} the {object}s", NOUNS[said.subject]),
            false => format!("the {} {verb} the {object}", NOUNS[said.subject]),
        }
    }
}

pub(super) fn write(
    random: &mut PythonRandom,
    words: usize,
    difficulty: Difficulty,
) -> QuestionDraft {
    let mut made = different(random, NOUNS.len() + VERBS.len() + 1, word);
    let name = made.pop().unwrap_or_default();
    let verbs = made.split_off(NOUNS.len());
    let language = InventedLanguage {
        name: name[..1].to_uppercase() + &name[1..],
        nouns: made,
        verbs,
        plural: "ak".to_owned(),
        past: "so".to_owned(),
    };
    let hard = difficulty == Difficulty::Hard;
    let asked = SentenceMeaning {
        subject: random.below(8),
        verb: random.below(VERBS.len()),
        object: 8 + random.below(8),
        many: hard,
        past: hard,
    };
    let mut page = TextBuilder::default();
    page.say(&format!("A primer of {}\n\n", language.name));
    // Each lesson teaches one thing; the lessons that the question needs are spread over the text.
    let mut lessons = lessons(&language, asked);
    random.shuffle(&mut lessons);
    let mut at = depths(words, lessons.len());
    let mut next = at.next();
    let mut lessons = lessons.into_iter();
    while page.words() < words {
        if next.is_some_and(|at| page.words() >= at) {
            if let Some((gold, lesson)) = lessons.next() {
                page.tell(gold, &lesson);
                page.say("\n");
            }
            next = at.next();
        }
        let said = example(random, asked);
        let english = InventedLanguage::english(said);
        page.say(&format!("{} — {english}.\n", language.sentence(said)));
    }
    let right = language.sentence(asked);
    let question = format!(
        "By the primer, how is \"{}\" said in {}?",
        InventedLanguage::english(asked),
        language.name
    );
    let turned = SentenceMeaning {
        subject: asked.object,
        object: asked.subject,
        ..asked
    };
    let other = SentenceMeaning {
        verb: (asked.verb + 1) % VERBS.len(),
        ..asked
    };
    let third = match hard {
        true => SentenceMeaning {
            many: false,
            ..asked
        },
        false => SentenceMeaning {
            object: 8 + (asked.object - 7) % 8,
            ..asked
        },
    };
    QuestionDraft {
        page,
        question,
        right,
        wrong: [turned, other, third].map(|said| language.sentence(said)),
    }
}

/// A sentence without the three words that the question needs, so that these must be looked up in
/// their lessons.
fn example(random: &mut PythonRandom, asked: SentenceMeaning) -> SentenceMeaning {
    let all: Vec<usize> = (0..NOUNS.len())
        .filter(|noun| *noun != asked.subject && *noun != asked.object)
        .collect();
    let verbs: Vec<usize> = (0..VERBS.len())
        .filter(|verb| *verb != asked.verb)
        .collect();
    SentenceMeaning {
        subject: *one(random, &all),
        verb: *one(random, &verbs),
        object: *one(random, &all),
        many: random.below(2) == 1,
        past: random.below(2) == 1,
    }
}

/// All rules and words, and whether the question needs them.
fn lessons(language: &InventedLanguage, asked: SentenceMeaning) -> Vec<(bool, String)> {
    let InventedLanguage { plural, past, .. } = language;
    let mut lessons = vec![
        (
            true,
            "Rule: the verb comes first, then who does it, then to whom it is done.".to_owned(),
        ),
        (
            asked.many,
            format!(
                "Rule: more than one of a thing is said by \"{plural}\" at the end of its word."
            ),
        ),
        (
            asked.past,
            format!(
                "Rule: what is over is said by \"{past}\" before the verb, as one word with it."
            ),
        ),
    ];
    let teach = |english: &str, word: &str| format!("Word: \"{word}\" means \"{english}\".");
    for (at, (english, word)) in NOUNS.iter().zip(&language.nouns).enumerate() {
        lessons.push((
            at == asked.subject || at == asked.object,
            teach(english, word),
        ));
    }
    for (at, (english, word)) in VERBS.iter().zip(&language.verbs).enumerate() {
        lessons.push((at == asked.verb, teach(english, word)));
    }
    lessons
}
