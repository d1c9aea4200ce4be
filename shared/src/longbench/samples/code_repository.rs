//! A repository of small modules: asks for a constant, or for a value computed across several
//! modules.

use super::invented_names::{different, one, word};
use super::text_builder::{TextBuilder, depths};
use super::{Difficulty, QuestionDraft};
use crate::python_random::PythonRandom;

const KINDS: [&str; 6] = ["queue", "cache", "router", "ledger", "parser", "clock"];

pub(super) fn write(
    random: &mut PythonRandom,
    words: usize,
    difficulty: Difficulty,
) -> QuestionDraft {
    let names = different(random, 12, word);
    let (base, factor, offset) = (
        11 + random.below(80),
        3 + random.below(6),
        2 + random.below(50),
    );
    let [limits, rates, service] = [&names[0], &names[1], &names[2]];
    // The three files that matter, with the evidence in each.
    let files = [
        (
            format!("// file: src/{limits}.rs\n//! Limits of the {limits} module.\n\n"),
            format!("pub const BATCH_LIMIT: u32 = {base};"),
        ),
        (
            format!(
                "// file: src/{rates}.rs\n//! Rates, worked out from limits.\n\nuse crate::{limits}::BATCH_LIMIT;\n\n"
            ),
            format!("pub fn hourly_rate() -> u32 {{ BATCH_LIMIT * {factor} }}"),
        ),
        (
            format!(
                "// file: src/{service}.rs\n//! What the service promises.\n\nuse crate::{rates}::hourly_rate;\n\n"
            ),
            format!("pub fn promised() -> u32 {{ hourly_rate() - {offset} }}"),
        ),
    ];
    let (right, wrong, question) = match difficulty {
        Difficulty::Easy => (
            base,
            [base + 10, base + 7, base - 5],
            format!("What is the value of `BATCH_LIMIT` in `src/{limits}.rs`?"),
        ),
        Difficulty::Hard => (
            base * factor - offset,
            [
                base * factor,
                base * (factor + 1) - offset,
                base - offset.min(base - 1),
            ],
            format!("What does `promised()` in `src/{service}.rs` return?"),
        ),
    };
    let needed = match difficulty {
        Difficulty::Easy => 1,
        Difficulty::Hard => 3,
    };
    let mut files: Vec<(bool, (String, String))> = files
        .into_iter()
        .enumerate()
        .map(|(at, file)| (at < needed, file))
        .collect();
    // Shuffled, so that the order of files does not reveal the order of calls.
    random.shuffle(&mut files);
    let mut at = depths(words, files.len());
    let mut next = at.next();
    let mut files = files.into_iter();
    let mut page = TextBuilder::default();
    let mut number = 0;
    while page.words() < words || next.is_some() {
        if next.is_some_and(|at| page.words() >= at) {
            if let Some((gold, (head, code))) = files.next() {
                page.say(&head);
                page.tell(gold, &code);
                page.say("\n\n");
            }
            next = at.next();
        }
        number += 1;
        page.say(&module(random, &names[3..], number));
    }
    QuestionDraft {
        page,
        question,
        right: right.to_string(),
        wrong: wrong.map(|value| value.to_string()),
    }
}

/// A module unrelated to the question, with its own constants and functions.
fn module(random: &mut PythonRandom, names: &[String], number: usize) -> String {
    let kind = *one(random, &KINDS);
    let name = one(random, names);
    let (size, step, wait) = (
        4 + random.below(200),
        1 + random.below(9),
        5 + random.below(90),
    );
    format!(
        "// file: src/{kind}/{name}_{number}.rs\n\
         //! A {kind} for {name}, number {number}.\n\n\
         /// How many entries the {kind} holds before it grows.\n\
         pub const {upper}_SIZE_{number}: u32 = {size};\n\n\
         /// Entries after `n` steps, without going over the size.\n\
         pub fn {name}_entries_{number}(n: u32) -> u32 {{\n\
         \x20   (n * {step}).min({upper}_SIZE_{number})\n\
         }}\n\n\
         /// How long to wait for the {kind}, in milliseconds.\n\
         pub fn {name}_wait_{number}(tries: u32) -> u32 {{\n\
         \x20   {wait} + tries * {step}\n\
         }}\n\n",
        upper = kind.to_uppercase()
    )
}
