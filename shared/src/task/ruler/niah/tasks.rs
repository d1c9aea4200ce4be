//! RULER's eight settings of `niah.py`, and its options.

use super::{Niah, TOKENS_TO_GENERATE};
use crate::task::ruler::{MODEL_TEMPLATE_TOKEN, REMOVE_NEWLINE_TAB, tokens_to_generate};
use crate::task::{Category, Knob, KnobKind};

/// One needle with a number under a word key, in repeated noise.
pub static NIAH_SINGLE_1: Niah = Niah {
    id: "niah_single_1",
    title: "NIAH single 1: a number in noise",
    about: "Recall the one number hidden in a text that repeats the same five sentences: \
            the vanilla needle test.",
    category: Category::SingleNeedle,
    knobs: &knobs("noise", "words", "numbers", 1, 1, 1),
};
/// One needle with a number under a word key, in an essay.
pub static NIAH_SINGLE_2: Niah = Niah {
    id: "niah_single_2",
    title: "NIAH single 2: a number in an essay",
    about: "Recall the one number hidden in running prose.",
    category: Category::SingleNeedle,
    knobs: &knobs("essay", "words", "numbers", 1, 1, 1),
};
/// One needle with a UUID under a word key, in an essay.
pub static NIAH_SINGLE_3: Niah = Niah {
    id: "niah_single_3",
    title: "NIAH single 3: a UUID in an essay",
    about: "Recall the one UUID hidden in running prose, to the last digit.",
    category: Category::SingleNeedle,
    knobs: &knobs("essay", "words", "uuids", 1, 1, 1),
};
/// Four keys in an essay, one is asked for.
pub static NIAH_MULTIKEY_1: Niah = Niah {
    id: "niah_multikey_1",
    title: "NIAH multi-key 1: one of four keys",
    about: "Recall the number under one of four keys hidden in running prose.",
    category: Category::MultiNeedle,
    knobs: &knobs("essay", "words", "numbers", 4, 1, 1),
};
/// A haystack of needles, one is asked for.
pub static NIAH_MULTIKEY_2: Niah = Niah {
    id: "niah_multikey_2",
    title: "NIAH multi-key 2: a needle among needles",
    about: "Recall the number under one key in a text of nothing but other keys and numbers.",
    category: Category::MultiNeedle,
    knobs: &knobs("needle", "words", "numbers", 1, 1, 1),
};
/// A haystack of UUID pairs, one is asked for.
pub static NIAH_MULTIKEY_3: Niah = Niah {
    id: "niah_multikey_3",
    title: "NIAH multi-key 3: UUIDs among UUIDs",
    about: "Recall the UUID under one UUID in a text of nothing but other UUID pairs.",
    category: Category::MultiNeedle,
    knobs: &knobs("needle", "uuids", "uuids", 1, 1, 1),
};
/// One key with four values in an essay, all are asked for.
pub static NIAH_MULTIVALUE: Niah = Niah {
    id: "niah_multivalue",
    title: "NIAH multi-value: four values of one key",
    about: "Recall all four numbers hidden under one key in running prose.",
    category: Category::MultiNeedle,
    knobs: &knobs("essay", "words", "numbers", 1, 4, 1),
};
/// Four keys in an essay, all are asked for.
pub static NIAH_MULTIQUERY: Niah = Niah {
    id: "niah_multiquery",
    title: "NIAH multi-query: four keys at once",
    about: "Recall the numbers under four keys hidden in running prose.",
    category: Category::MultiNeedle,
    knobs: &knobs("essay", "words", "numbers", 1, 1, 4),
};

const KINDS: &[&str] = &["words", "numbers", "uuids"];

const fn knobs(
    haystack: &'static str,
    key: &'static str,
    value: &'static str,
    keys: i32,
    values: i32,
    queries: i32,
) -> [Knob; 9] {
    const fn count(name: &'static str, about: &'static str, default: i32) -> Knob {
        let (least, most) = (1, 100);
        Knob {
            name,
            about,
            kind: KnobKind::Number {
                default,
                least,
                most,
            },
        }
    }
    const fn kind(name: &'static str, about: &'static str, default: &'static str) -> Knob {
        Knob {
            name,
            about,
            kind: KnobKind::Choice { default, of: KINDS },
        }
    }
    [
        Knob {
            name: "type_haystack",
            about: "What the needles are hidden in: five sentences again and again, an essay, or \
                    needles with other keys.",
            kind: KnobKind::Choice {
                default: haystack,
                of: &["noise", "essay", "needle"],
            },
        },
        kind("type_needle_k", "What a key is.", key),
        kind("type_needle_v", "What a value is.", value),
        count(
            "num_needle_k",
            "Keys hidden; at least as many as are asked for.",
            keys,
        ),
        count("num_needle_v", "Values hidden under each key.", values),
        count("num_needle_q", "Keys that the question asks for.", queries),
        tokens_to_generate(TOKENS_TO_GENERATE),
        REMOVE_NEWLINE_TAB,
        MODEL_TEMPLATE_TOKEN,
    ]
}
