//! Counting in parts against counting as a whole, on texts made to be difficult.

use fathom_shared::task::ruler::python_random::PythonRandom;
use fathom_shared::tokens::Counter;

/// Pieces that sit at or across the places where parts are cut.
const PIECES: &[&str] = &[
    "a",
    "Ab",
    "the",
    "x1",
    "12",
    "2024",
    " ",
    "  ",
    "   ",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    ".",
    ". ",
    ".\n",
    "...",
    ",",
    "'s",
    "'S",
    "'",
    "'5",
    "’s",
    "—",
    " — ",
    "é",
    "ß",
    "日本",
    "-",
    "--",
    "/",
    "//",
    "\n/",
    "_",
    "(",
    ")",
    "\"",
    "{",
    "<|im_end|>",
    "<b>",
    "\u{301}",
    "🙂",
    "\u{a0}",
    "०",
    "½",
    "I'll",
    "don't",
    "a.m.",
    "U.S.",
    "3.14",
    "1,000",
    " =",
    "= ",
    " \n",
    "\n ",
    ".\n\n",
    "! ",
    "?",
];

fn check(counter: &Counter<'_>) {
    let mut random = PythonRandom::new(7);
    for round in 0..3000 {
        let pieces = 1 + random.below(14);
        let text: String = (0..pieces)
            .map(|_| PIECES[random.below(PIECES.len())])
            .collect();
        let starts = counter.starts(&text);
        let counted = counter.count(&text).0 as usize;
        assert_eq!(
            counted,
            starts.len(),
            "{} round {round}: {text:?}",
            counter.name()
        );
    }
}

#[test]
fn parts_add_up_to_the_whole() {
    check(&super::ruler::smollm2());
    check(&super::ruler::tiktoken(
        "cl100k_base",
        tiktoken_rs::cl100k_base_singleton(),
    ));
    check(&super::ruler::tiktoken(
        "o200k_base",
        tiktoken_rs::o200k_base_singleton(),
    ));
}
