//! Reports of a survey, one for each village: asks to compare figures across reports.

use super::invented_names::{InventedWorld, different, name};
use super::text_builder::TextBuilder;
use super::{Difficulty, QuestionDraft};
use crate::python_random::PythonRandom;

/// Number of villages in the question; the others have reports of the same form.
const ASKED: usize = 4;

pub(super) fn write(
    random: &mut PythonRandom,
    words: usize,
    difficulty: Difficulty,
) -> QuestionDraft {
    let rounds = match difficulty {
        Difficulty::Easy => 1,
        Difficulty::Hard => 2,
    };
    // A report has at least about 400 words.
    let villages = (words / (rounds * 1200)).clamp(ASKED, 40);
    let names = different(random, villages, name);
    let world = InventedWorld::new(random, 40, 24);
    let first: Vec<usize> = (0..villages).map(|_| 120 + random.below(300)).collect();
    // All differences are distinct and far apart, so that one village is clearly ahead.
    let mut growth: Vec<usize> = (0..villages).map(|at| 15 + at * 7).collect();
    random.shuffle(&mut growth);
    let hives = |round: usize, village: usize| first[village] + round * growth[village];
    let mut order: Vec<(usize, usize)> = (0..rounds)
        .flat_map(|round| (0..villages).map(move |village| (round, village)))
        .collect();
    random.shuffle(&mut order);
    let each = words / order.len();
    let mut page = TextBuilder::default();
    for (number, (round, village)) in order.into_iter().enumerate() {
        let name = &names[village];
        let which = ["first", "second"][round];
        page.say(&format!(
            "\nDocument {}: {which} survey, village of {name}\n\n",
            number + 1
        ));
        let end = (number + 1) * each;
        let middle = end.saturating_sub(each / 2);
        let mut told = false;
        while page.words() < end || !told {
            if !told && page.words() >= middle {
                told = true;
                let count = hives(round, village);
                let line = format!(
                    "The {which} survey counted {count} beehives within the bounds of {name}."
                );
                page.tell(village < ASKED, &line);
                page.say(" ");
            }
            page.say(&world.paragraph(random));
        }
    }
    let listed = names[..ASKED].join(", ");
    let measure = |village: usize| match difficulty {
        Difficulty::Easy => hives(0, village),
        Difficulty::Hard => growth[village],
    };
    let best = (0..ASKED)
        .max_by_key(|village| measure(*village))
        .unwrap_or(0);
    let question = match difficulty {
        Difficulty::Easy => {
            format!("Of the villages {listed}, in which did the survey count the most beehives?")
        }
        Difficulty::Hard => format!(
            "Of the villages {listed}, in which did the number of beehives grow most from the first survey to the second?"
        ),
    };
    let mut wrong = (0..ASKED)
        .filter(|village| *village != best)
        .map(|at| names[at].clone());
    QuestionDraft {
        question,
        right: names[best].clone(),
        wrong: std::array::from_fn(|_| wrong.next().unwrap_or_default()),
        page,
    }
}
