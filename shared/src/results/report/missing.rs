//! What was not measured, so that nobody reads it into what was.

use std::collections::BTreeMap;

use super::SetWithMeans;
use crate::numbers::{count, counted};
use crate::published::ruler::LENGTHS;
use crate::results::figures::FigureOwner;
use crate::results::{ResultCell, length_text};
use crate::stats::lengths::{RULER_TASKS, unmeasured_below};

/// So many tasks are named; of the rest their number.
const NAMED: usize = 4;

/// In sentences, what is missing from each set, and from all together.
pub(super) fn missing((set, means): &SetWithMeans<'_>) -> Vec<String> {
    let name = FigureOwner::of(&set.about).name;
    let lengths = set.lengths();
    let mut told = Vec::new();
    match (lengths.last(), LENGTHS.last()) {
        (None, _) => told.push(format!("{name}: none of RULER's tasks.")),
        (Some(longest), Some(end)) if longest < end => told.push(format!(
            "{name}: nothing longer than {} tokens; what happens there does not follow from this.",
            length_text(*longest)
        )),
        _ => {}
    }
    if let Some(longest) = lengths.last() {
        let left_out = unmeasured_below(*longest, |at| lengths.contains(&at));
        let left_out: Vec<String> = left_out.into_iter().map(length_text).collect();
        if !left_out.is_empty() {
            told.push(format!(
                "{name}: nothing at {} tokens, though something longer was measured; an effective length beyond takes it for granted there.",
                left_out.join(", ")
            ));
        }
    }
    let mut without: BTreeMap<Vec<&str>, Vec<String>> = BTreeMap::new();
    for at in lengths {
        let missing = set.missing_at(at);
        if !missing.is_empty() {
            without.entry(missing).or_default().push(length_text(at));
        }
    }
    for (tasks, lengths) in without {
        let named = tasks
            .iter()
            .take(NAMED)
            .copied()
            .collect::<Vec<_>>()
            .join(", ");
        let rest = match tasks.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        told.push(format!(
            "{name}: at {} tokens {} of RULER's {RULER_TASKS} tasks: {named}{rest}. The mean there is of the others.",
            lengths.join(", "),
            tasks.len()
        ));
    }
    if means.gaps().is_empty() {
        told.push(format!(
            "{name}: the gap between needles and hops, which takes a single-needle task and vt, cwe or fwe at one length."
        ));
    }
    if set.questions().is_empty() {
        told.push(format!("{name}: LongBench v2, questions about real texts."));
    }
    let failed: u32 = set.cells.iter().map(ResultCell::failed).sum();
    if failed > 0 {
        told.push(format!(
            "{name}: {} of {} failed.",
            count(failed.into()),
            counted(set.samples() as u64, "sample")
        ));
    }
    told
}

#[cfg(test)]
mod tests {
    use crate::results::testing::{cell, set, share};

    use super::*;

    #[test]
    fn what_is_missing_is_told_once_for_all_lengths_that_miss_it() {
        let set = set(vec![
            share("niah_single_1", 4096, 19, 20),
            share("niah_single_1", 8192, 19, 20),
            cell("cwe", 16_384, &[Some(0.3), None]),
        ]);
        let told = missing(&(&set, set.means()));
        let told = told
            .iter()
            .map(|told| told.split_once(": ").unwrap().1)
            .collect::<Vec<_>>();
        assert!(
            told[0].starts_with("nothing longer than 16K tokens"),
            "{told:?}"
        );
        assert!(
            told.contains(&"at 4K, 8K tokens 12 of RULER's 13 tasks: niah_single_2, niah_single_3, niah_multikey_1, niah_multikey_2 and 8 more. The mean there is of the others."),
            "{told:?}"
        );
        assert!(
            told.iter()
                .any(|told| told.starts_with("the gap between needles")),
            "{told:?}"
        );
        assert!(
            told.iter().any(|told| told.starts_with("LongBench v2")),
            "{told:?}"
        );
        assert_eq!(told.last(), Some(&"1 of 42 samples failed."));
    }

    #[test]
    fn lengths_below_the_longest_that_were_left_out_are_named() {
        let set = set(vec![share("vt", 4096, 20, 20), share("vt", 32_768, 20, 20)]);
        let told = missing(&(&set, set.means()));
        assert!(
            told.iter()
                .any(|told| told.contains(": nothing at 8K, 16K tokens, though ")),
            "{told:?}"
        );
    }

    #[test]
    fn a_set_of_questions_says_that_it_has_no_tasks() {
        let told = missing(&(&set(Vec::new()), set(Vec::new()).means()));
        assert!(told[0].ends_with("none of RULER's tasks."), "{told:?}");
    }
}
