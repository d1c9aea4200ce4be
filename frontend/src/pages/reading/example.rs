//! The worked example before the question of few-shot tasks. Pure.

use std::ops::Range;

use fathom_shared::task::Sample;

/// Templates of worked examples begin with as many of the same bytes at least.
const HEAD: usize = 40;

/// The bytes of the sample's input that are a worked example: what the question is about begins
/// with the same words as the whole, and all gold evidence stands behind.
pub(in super::super) fn example(sample: &Sample) -> Option<Range<usize>> {
    let input = sample.input.as_str();
    let head = input.get(..HEAD)?;
    let own = input.rfind(head).filter(|at| *at > 0)?;
    let mut gold = sample.evidence.iter().filter(|piece| piece.gold).peekable();
    gold.peek()?;
    gold.all(|piece| piece.bytes.start >= own).then_some(0..own)
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;

    const HEAD_OF_VT: &str = "Memorize and track the chain(s) of variable assignment hidden.\n";

    #[test]
    fn what_comes_before_the_own_beginning_is_the_example() {
        let example_text = format!("{HEAD_OF_VT}VAR AAA = 1\nQuestion: AAA\n\n");
        let own = format!("{HEAD_OF_VT}VAR BCDEF = 7\nQuestion?");
        let made = sample(
            &format!("{example_text}{own}"),
            &[("VAR BCDEF = 7", true)],
            &[],
        );
        assert_eq!(example(&made), Some(0..example_text.len()));
    }

    #[test]
    fn instructions_that_are_repeated_after_the_text_are_none() {
        let rule = "Answer the question based on the given documents. Only answer.\n";
        let made = sample(
            &format!("{rule}Document 1: here\n{rule}Who?"),
            &[("here", true)],
            &[],
        );
        assert_eq!(example(&made), None);
        assert_eq!(example(&sample("short", &[], &[])), None);
    }
}
