//! Compares counting in parts with counting as a whole, and our tiktoken with another
//! implementation, on difficult texts.

use super::tokenizers::{smollm2, tiktoken, tiktoken_counter};
use fathom_kernels::model::tokenizer::tiktoken::TiktokenEncoding;
use fathom_shared::python_random::PythonRandom;
use fathom_shared::tokens::TokenCounter;
use tiktoken_rs::CoreBPE;

/// Strings at or across the places where parts are cut.
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

fn texts() -> impl Iterator<Item = String> {
    let mut random = PythonRandom::new(7);
    (0..3000).map(move |_| {
        let pieces = 1 + random.below(14);
        (0..pieces)
            .map(|_| PIECES[random.below(PIECES.len())])
            .collect()
    })
}

fn check(counter: &TokenCounter<'_>) {
    for text in texts() {
        let starts = counter.starts(&text);
        let counted = counter.count(&text).0 as usize;
        assert_eq!(counted, starts.len(), "{}: {text:?}", counter.name());
    }
}

#[test]
fn parts_add_up_to_the_whole() {
    check(&smollm2());
    check(&tiktoken_counter(TiktokenEncoding::Cl100kBase));
    check(&tiktoken_counter(TiktokenEncoding::O200kBase));
}

#[test]
fn tiktoken_cuts_where_the_original_does() {
    let longer = [
        "a".repeat(3000),
        "  \n".repeat(100),
        "日本語です。".repeat(50),
    ];
    for encoding in TiktokenEncoding::ALL {
        let (ours, original) = (tiktoken(encoding), original(encoding));
        for text in texts().chain(longer.clone()) {
            let mut starts = Vec::new();
            let mut at = 0;
            for rank in original.encode_ordinary(&text) {
                starts.push(at);
                at += original.decode_bytes(&[rank]).unwrap().len();
            }
            assert_eq!(ours.starts(&text), starts, "{encoding:?}: {text:?}");
            assert_eq!(ours.count(&text), starts.len(), "{encoding:?}: {text:?}");
        }
    }
}

#[test]
fn the_token_lists_are_the_originals() {
    for (encoding, number) in [
        (TiktokenEncoding::Cl100kBase, 100_256),
        (TiktokenEncoding::O200kBase, 199_998),
    ] {
        let (ours, original) = (tiktoken(encoding), original(encoding));
        for rank in 0..number {
            let token = original.decode_bytes(&[rank]).unwrap();
            assert_eq!(ours.token(rank), Some(&token[..]), "{encoding:?} {rank}");
        }
        assert_eq!(ours.token(number), None);
    }
}

fn original(encoding: TiktokenEncoding) -> &'static CoreBPE {
    match encoding {
        TiktokenEncoding::Cl100kBase => tiktoken_rs::cl100k_base_singleton(),
        TiktokenEncoding::O200kBase => tiktoken_rs::o200k_base_singleton(),
    }
}
