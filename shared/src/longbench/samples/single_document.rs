//! The chronicle of a town: asks who was given an office, or who held a thing last.

use super::invented_names::{InventedWorld, different, name, person};
use super::text_builder::{TextBuilder, depths};
use super::{Difficulty, QuestionDraft};
use crate::python_random::PythonRandom;

const OFFICES: [&str; 4] = [
    "harbour master",
    "keeper of the granary",
    "ferry warden",
    "master of the bells",
];
const THINGS: [&str; 2] = ["silver lamp", "ivory compass"];

pub(super) fn write(
    random: &mut PythonRandom,
    words: usize,
    difficulty: Difficulty,
) -> QuestionDraft {
    let town = name(random);
    let world = InventedWorld::new(random, 40, 24);
    let cast = different(random, 10, person);
    let mut page = TextBuilder::default();
    page.say(&format!("THE CHRONICLE OF {}\n\n", town.to_uppercase()));
    // The relevant events come between everyday sentences, in this order.
    let (events, question, right, wrong) = match difficulty {
        Difficulty::Easy => appointments(&town, &cast),
        Difficulty::Hard => heirlooms(random, &town, &cast),
    };
    let mut depths = depths(words, events.len());
    let mut next = depths.next();
    let mut events = events.into_iter();
    let mut chapter = 0;
    while page.words() < words {
        if page.words() >= chapter * 1500 {
            chapter += 1;
            page.say(&format!("\nChapter {chapter}\n\n"));
        }
        if next.is_some_and(|at| page.words() >= at) {
            if let Some((gold, event)) = events.next() {
                page.say(&world.sentence(random));
                page.say(" ");
                page.tell(gold, &event);
                page.say(" ");
            }
            next = depths.next();
        }
        page.say(&world.paragraph(random));
    }
    QuestionDraft {
        page,
        question,
        right,
        wrong,
    }
}

/// Sentences, each with whether it is evidence; then the question, its answer and the wrong
/// options.
type Plot = (Vec<(bool, String)>, String, String, [String; 3]);

/// Four offices change hands; the question asks about one of them.
fn appointments(town: &str, cast: &[String]) -> Plot {
    let event = |office: usize| {
        let (old, new) = (&cast[office], &cast[office + 4]);
        format!(
            "In that year {old} gave up the office of {} of {town}, and the council named {new} to it.",
            OFFICES[office]
        )
    };
    let events = [1, 0, 2, 3].map(|office| (office == 2, event(office)));
    let question = format!(
        "According to the chronicle, whom did the council of {town} name to the office of {} when {} gave it up?",
        OFFICES[2], cast[2]
    );
    let wrong = [0, 1, 3].map(|office| cast[office + 4].clone());
    (events.into(), question, cast[6].clone(), wrong)
}

/// Two things pass from person to person, told out of chronological order.
fn heirlooms(random: &mut PythonRandom, town: &str, cast: &[String]) -> Plot {
    let hands = |thing: usize, step: usize| {
        let holder = |at: usize| &cast[thing * 5 + at];
        let year = 1702 + thing * 3 + step * 11;
        let how = ["left", "sold", "gave", "pledged"][step];
        format!(
            "It is set down that in {year} {} {how} the {} of {town} to {}.",
            holder(step),
            THINGS[thing],
            holder(step + 1)
        )
    };
    let mut events: Vec<(bool, String)> = (0..2)
        .flat_map(|thing| (0..4).map(move |step| (thing, step)))
        .map(|(thing, step)| (thing == 0, hands(thing, step)))
        .collect();
    random.shuffle(&mut events);
    let question = format!(
        "The chronicle tells, out of order, how the {} of {town} went from hand to hand. Who held it after the last of these changes?",
        THINGS[0]
    );
    let wrong = [cast[3].clone(), cast[9].clone(), cast[2].clone()];
    (events, question, cast[4].clone(), wrong)
}
