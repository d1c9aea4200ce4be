//! Two tables, customers and orders: asks to look up a row, or to join rows and add them up.

use super::invented_names::{InventedWorld, one};
use super::text_builder::TextBuilder;
use super::{Difficulty, QuestionDraft};
use crate::python_random::PythonRandom;

const GOODS: [&str; 8] = [
    "rope", "tar", "canvas", "salt", "candles", "nails", "barrels", "wool",
];
/// Words in a row of the orders table.
const ROW: usize = 11;
/// Number of orders of the customer in the question.
const OWN: usize = 4;

pub(super) fn write(
    random: &mut PythonRandom,
    words: usize,
    difficulty: Difficulty,
) -> QuestionDraft {
    let world = InventedWorld::new(random, 40, 24);
    let customers = (words / 120).clamp(8, 40);
    let mut page = TextBuilder::default();
    page.say("Table customers: number | name | town\n");
    let asked = random.below(customers);
    let number = |customer: usize| format!("K{:03}", 100 + customer * 7);
    let hard = difficulty == Difficulty::Hard;
    for customer in 0..customers {
        let place = &world.places[customer % world.places.len()];
        let row = format!(
            "{} | {} | {place}",
            number(customer),
            world.people[customer]
        );
        page.tell(hard && customer == asked, &row);
        page.say("\n");
    }
    page.say("\nTable orders: order | customer | goods | crates | day\n");
    let rows = words.saturating_sub(page.words()).div_ceil(ROW);
    let own: Vec<usize> = (1..=OWN).map(|at| rows * at / (OWN + 1)).collect();
    let single = own[OWN / 2];
    let (mut total, mut answer) = (0, (0, 0));
    for row in 0..rows {
        let mine = own.contains(&row);
        let customer = match mine {
            true => asked,
            // Any other customer.
            false => (asked + 1 + random.below(customers - 1)) % customers,
        };
        let (order, crates) = (40_001 + row * 3, 6 + random.below(140));
        let text = format!(
            "{order} | {} | {} | {crates} crates | day {}",
            number(customer),
            one(random, &GOODS),
            1 + row % 360
        );
        if mine {
            total += crates;
        }
        if row == single {
            answer = (order, crates);
        }
        page.tell((hard && mine) || (!hard && row == single), &text);
        page.say("\n");
    }
    let (right, question) = match hard {
        true => (
            total,
            format!(
                "How many crates did {} order in all, over every row of the table of orders?",
                world.people[asked]
            ),
        ),
        false => (
            answer.1,
            format!("How many crates does order {} ask for?", answer.0),
        ),
    };
    // So close that guessing by size does not help.
    let wrong = [right + 9, right + 21, right.saturating_sub(4).max(1)];
    QuestionDraft {
        page,
        question,
        right: right.to_string(),
        wrong: wrong.map(|value| value.to_string()),
    }
}
