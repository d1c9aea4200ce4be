//! RULER's eight `niah.py` tasks and their options.

use super::{NiahTask, TOKENS_TO_GENERATE};
use crate::task::ruler::{MODEL_TEMPLATE_TOKEN, REMOVE_NEWLINE_TAB, tokens_to_generate};
use crate::task::{OptionKind, RulerCategory, TaskOption};

/// One needle with a number under a word key, in repeated noise.
pub static NIAH_SINGLE_1: NiahTask = NiahTask {
    id: "niah_single_1",
    title: "NIAH single 1: a number in noise",
    about: "Recall the one number hidden in a text that repeats the same five sentences: \
            the vanilla needle test.",
    category: RulerCategory::SingleNeedle,
    task_options: &task_options("noise", "words", "numbers", 1, 1, 1),
};
/// One needle with a number under a word key, in an essay.
pub static NIAH_SINGLE_2: NiahTask = NiahTask {
    id: "niah_single_2",
    title: "NIAH single 2: a number in an essay",
    about: "Recall the one number hidden in running prose.",
    category: RulerCategory::SingleNeedle,
    task_options: &task_options("essay", "words", "numbers", 1, 1, 1),
};
/// One needle with a UUID under a word key, in an essay.
pub static NIAH_SINGLE_3: NiahTask = NiahTask {
    id: "niah_single_3",
    title: "NIAH single 3: a UUID in an essay",
    about: "Recall the one UUID hidden in running prose, to the last digit.",
    category: RulerCategory::SingleNeedle,
    task_options: &task_options("essay", "words", "uuids", 1, 1, 1),
};
/// Four keys in an essay, one of which is asked for.
pub static NIAH_MULTIKEY_1: NiahTask = NiahTask {
    id: "niah_multikey_1",
    title: "NIAH multi-key 1: one of four keys",
    about: "Recall the number under one of four keys hidden in running prose.",
    category: RulerCategory::MultiNeedle,
    task_options: &task_options("essay", "words", "numbers", 4, 1, 1),
};
/// A haystack of needles, one of which is asked for.
pub static NIAH_MULTIKEY_2: NiahTask = NiahTask {
    id: "niah_multikey_2",
    title: "NIAH multi-key 2: a needle among needles",
    about: "Recall the number under one key in a text of nothing but other keys and numbers.",
    category: RulerCategory::MultiNeedle,
    task_options: &task_options("needle", "words", "numbers", 1, 1, 1),
};
/// A haystack of UUID pairs, one of which is asked for.
pub static NIAH_MULTIKEY_3: NiahTask = NiahTask {
    id: "niah_multikey_3",
    title: "NIAH multi-key 3: UUIDs among UUIDs",
    about: "Recall the UUID under one UUID in a text of nothing but other UUID pairs.",
    category: RulerCategory::MultiNeedle,
    task_options: &task_options("needle", "uuids", "uuids", 1, 1, 1),
};
/// One key with four values in an essay, all of which are asked for.
pub static NIAH_MULTIVALUE: NiahTask = NiahTask {
    id: "niah_multivalue",
    title: "NIAH multi-value: four values of one key",
    about: "Recall all four numbers hidden under one key in running prose.",
    category: RulerCategory::MultiNeedle,
    task_options: &task_options("essay", "words", "numbers", 1, 4, 1),
};
/// Four keys in an essay, all of which are asked for.
pub static NIAH_MULTIQUERY: NiahTask = NiahTask {
    id: "niah_multiquery",
    title: "NIAH multi-query: four keys at once",
    about: "Recall the numbers under four keys hidden in running prose.",
    category: RulerCategory::MultiNeedle,
    task_options: &task_options("essay", "words", "numbers", 1, 1, 4),
};

const KINDS: &[&str] = &["words", "numbers", "uuids"];

const fn task_options(
    haystack: &'static str,
    key: &'static str,
    value: &'static str,
    keys: i32,
    values: i32,
    queries: i32,
) -> [TaskOption; 9] {
    const fn count(
        name: &'static str,
        label: &'static str,
        about: &'static str,
        default: i32,
    ) -> TaskOption {
        let (least, most) = (1, 100);
        TaskOption {
            name,
            label,
            about,
            kind: OptionKind::Number {
                default,
                least,
                most,
            },
        }
    }
    const fn kind(
        name: &'static str,
        label: &'static str,
        about: &'static str,
        default: &'static str,
    ) -> TaskOption {
        TaskOption {
            name,
            label,
            about,
            kind: OptionKind::Choice { default, of: KINDS },
        }
    }
    [
        TaskOption {
            name: "type_haystack",
            label: "Haystack",
            about: "What the needles are hidden in: five sentences repeated over and over, an essay, or \
                    needles with other keys.",
            kind: OptionKind::Choice {
                default: haystack,
                of: &["noise", "essay", "needle"],
            },
        },
        kind("type_needle_k", "Key type", "What a key is.", key),
        kind("type_needle_v", "Value type", "What a value is.", value),
        count(
            "num_needle_k",
            "Keys",
            "Number of hidden keys; at least as many as the question asks for.",
            keys,
        ),
        count(
            "num_needle_v",
            "Values per key",
            "Values hidden under each key.",
            values,
        ),
        count(
            "num_needle_q",
            "Keys asked for",
            "Keys that the question asks for.",
            queries,
        ),
        tokens_to_generate(TOKENS_TO_GENERATE),
        REMOVE_NEWLINE_TAB,
        MODEL_TEMPLATE_TOKEN,
    ]
}
