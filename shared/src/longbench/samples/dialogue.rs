//! A long exchange of messages in which people make agreements and change them.

use super::invented_names::{InventedWorld, different, one};
use super::text_builder::{TextBuilder, depths};
use super::{Difficulty, QuestionDraft};
use crate::python_random::PythonRandom;

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const REPLIES: [&str; 12] = [
    "That sounds about right to me.",
    "I had not heard of it, but I believe you.",
    "Let me think about that until tomorrow.",
    "You said the same last year.",
    "I would rather not, if it is all the same to you.",
    "Tell me more when you have the time.",
    "My sister would laugh at that.",
    "I wrote it down, so that I do not forget.",
    "Did you eat already? I did not.",
    "The line was bad, I only got half of it.",
    "Fine. I have nothing against it.",
    "It is late here. Until tomorrow.",
];
const EVENTS: [&str; 2] = ["the spring regatta", "the autumn fair"];

pub(super) fn write(
    random: &mut PythonRandom,
    words: usize,
    difficulty: Difficulty,
) -> QuestionDraft {
    let world = InventedWorld::new(random, 30, 24);
    let speakers: Vec<&str> = world.people[..2]
        .iter()
        .filter_map(|name| name.split(' ').next())
        .collect();
    let (first, second) = match speakers[..] {
        // Two people with the same given name could not be told apart.
        [first, second] if first != second => (first.to_owned(), second.to_owned()),
        _ => ("Arvid".to_owned(), "Ebba".to_owned()),
    };
    let places = different(random, 8, super::invented_names::name);
    let agreed = |event: usize, place: &str, again: bool| {
        let instead = if again { "Change of plan again: " } else { "" };
        format!(
            "{instead}for {} we meet at the gate of {place}, not anywhere else.",
            EVENTS[event]
        )
    };
    let steps = match difficulty {
        Difficulty::Easy => 1,
        Difficulty::Hard => 3,
    };
    // The meeting place of each event, changing repeatedly; the question is about the first event.
    let plot: Vec<(bool, String)> = (0..steps)
        .flat_map(|step| (0..2).map(move |event| (step, event)))
        .map(|(step, event)| {
            let told = agreed(event, &places[event * 4 + step], step > 0);
            (event == 0, told)
        })
        .collect();
    let mut at = depths(words, plot.len());
    let mut next = at.next();
    let mut plot = plot.into_iter();
    let mut page = TextBuilder::default();
    let mut line = 0;
    while page.words() < words {
        if line % 40 == 0 {
            let day = line / 40;
            page.say(&format!("\n[week {}, {}]\n", day / 7 + 1, DAYS[day % 7]));
        }
        let speaker = if line % 2 == 0 { &first } else { &second };
        page.say(&format!("{speaker}: "));
        if next.is_some_and(|at| page.words() >= at) {
            if let Some((gold, told)) = plot.next() {
                page.tell(gold, &told);
            }
            next = at.next();
        } else if random.below(3) == 0 {
            page.say(one::<&str>(random, &REPLIES));
        } else {
            page.say(&world.sentence(random));
        }
        page.say("\n");
        line += 1;
    }
    let place = |at: usize| places[at].clone();
    let last = steps - 1;
    // Earlier meeting places, the other event's place, or names that are only mentioned.
    let wrong = match difficulty {
        Difficulty::Easy => [place(4), world.places[0].clone(), world.places[1].clone()],
        Difficulty::Hard => [place(0), place(1), place(4 + last)],
    };
    QuestionDraft {
        page,
        question: format!(
            "At the gate of which place do {first} and {second} mean to meet for {}, by what they agreed last?",
            EVENTS[0]
        ),
        right: place(last),
        wrong,
    }
}
