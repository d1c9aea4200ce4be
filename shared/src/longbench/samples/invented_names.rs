//! Invented names and sentences that no model can know.

use crate::python_random::PythonRandom;

const ONSETS: [&str; 16] = [
    "b", "br", "d", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "s", "t", "v", "z",
];
const VOWELS: [&str; 8] = ["a", "e", "i", "o", "u", "ei", "au", "ia"];
const CODAS: [&str; 10] = ["", "", "l", "n", "r", "s", "th", "rk", "nd", "m"];
const GIVEN: [&str; 24] = [
    "Anselm", "Berit", "Caspar", "Dorte", "Edda", "Florin", "Gesine", "Hanno", "Ilka", "Jorun",
    "Kilian", "Linnea", "Marten", "Nele", "Oskar", "Petra", "Quirin", "Rahel", "Soren", "Thea",
    "Ulrik", "Vera", "Wanja", "Xenia",
];

/// A random item of a list.
pub(super) fn one<'a, T>(random: &mut PythonRandom, of: &'a [T]) -> &'a T {
    &of[random.below(of.len())]
}

/// A word of two or three syllables, in lower case.
pub(super) fn word(random: &mut PythonRandom) -> String {
    let syllables = 2 + random.below(2);
    (0..syllables)
        .map(|number| {
            let coda = if number + 1 == syllables {
                *one(random, &CODAS)
            } else {
                ""
            };
            format!("{}{}{coda}", one(random, &ONSETS), one(random, &VOWELS))
        })
        .collect()
}

/// A word with an initial capital.
pub(super) fn name(random: &mut PythonRandom) -> String {
    let word = word(random);
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// `count` distinct words.
pub(super) fn different(
    random: &mut PythonRandom,
    count: usize,
    make: fn(&mut PythonRandom) -> String,
) -> Vec<String> {
    let mut made = Vec::with_capacity(count);
    while made.len() < count {
        let next = make(random);
        if !made.contains(&next) {
            made.push(next);
        }
    }
    made
}

/// A given name and a family name.
pub(super) fn person(random: &mut PythonRandom) -> String {
    let given = *one(random, &GIVEN);
    format!("{given} {}", name(random))
}

/// Sentences about everyday things, which no question asks about. `{p}` is a person, `{l}` a place,
/// `{n}` a number.
const EVERYDAY: [&str; 28] = [
    "{p} walked to {l} and back before noon, which nobody thought far.",
    "The road by {l} was mended with gravel from the lower pit.",
    "It rained for {n} days, and the children of {l} built dams in the gutters.",
    "{p} complained that the clock at {l} ran behind, and was told that it always had.",
    "A cart with {n} sacks of meal stood before the inn until evening.",
    "At {l} the fences were painted green, because green was what was left.",
    "{p} and {p} argued about the price of lamp oil and parted as friends.",
    "The geese came early that year, {n} of them, and rested on the pond.",
    "Whoever passed {l} in those weeks heard the saw from the mill.",
    "{p} planted {n} young pears along the wall, and most of them took.",
    "The schoolroom at {l} got new benches, and the old ones went to the ferry house.",
    "A letter for {p} lay at the inn for {n} weeks before anyone asked for it.",
    "The baker at {l} tried rye with caraway, and sold all of it.",
    "{p} lost a glove on the stairs and found another that did not match.",
    "On market days {n} stalls stood between the pump and {l}.",
    "The thaw came late, and the lower meadow stayed under water until May.",
    "{p} repaired the weathercock, though the wind had never minded.",
    "At {l} they told the story of the two brothers again, and again it ended otherwise.",
    "The well behind {l} was cleaned, and {n} coins came up with the mud.",
    "{p} taught the younger ones to splice rope, and they tied up the dog.",
    "Fog lay so thick at {l} that the bell was rung for the boats.",
    "Somebody had left a chair in the middle of the bridge, and {p} sat down on it.",
    "The apples were small that autumn, but there were {n} baskets of them.",
    "{p} read aloud from the almanac until the stove went out.",
    "At {l} a wall fell over in the night, and no one had leaned on it.",
    "The tailor measured {p} twice and cut once, and it was too short all the same.",
    "{n} sheep stood on the road near {l} and could not be talked into moving.",
    "When the lamps were lit at {l}, the moths came, and then the bats.",
];

/// The people and places in everyday sentences.
pub(super) struct InventedWorld {
    pub(super) people: Vec<String>,
    pub(super) places: Vec<String>,
}

impl InventedWorld {
    pub(super) fn new(random: &mut PythonRandom, people: usize, places: usize) -> Self {
        Self {
            people: different(random, people, person),
            places: different(random, places, name),
        }
    }

    /// A sentence, without a space at its end.
    pub(super) fn sentence(&self, random: &mut PythonRandom) -> String {
        let mut text = String::new();
        let mut rest = *one(random, &EVERYDAY);
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            match after.as_bytes().first() {
                Some(b'p') => text.push_str(one(random, &self.people).as_str()),
                Some(b'l') => text.push_str(one(random, &self.places).as_str()),
                _ => text.push_str(&(2 + random.below(90)).to_string()),
            }
            rest = &after[2..];
        }
        text + rest
    }

    /// A paragraph of several sentences, with a line break at its end.
    pub(super) fn paragraph(&self, random: &mut PythonRandom) -> String {
        let sentences: Vec<String> = (0..3 + random.below(5))
            .map(|_| self.sentence(random))
            .collect();
        sentences.join(" ") + "\n"
    }
}
