//! The original's table of results.

use super::{ChoiceLetter, Difficulty, JudgedAnswer, LengthClass};

/// Its first line.
pub const HEAD: &str = "Model\tOverall\tEasy\tHard\tShort\tMedium\tLong";

/// One line of `result.txt`: the name, then percentages with one decimal, overall and by difficulty
/// and length. With `compensated`, an answer without a letter counts as a quarter, like a guess.
/// `-` marks a group without questions, where the original fails.
///
/// Source: `result.py`, THUDM/LongBench 2e00731. Golden: `longbench2_result/`.
///
/// # Example
/// ```
/// use fathom_shared::longbench::{Difficulty, JudgedAnswer, LengthClass, ChoiceLetter, report};
/// let answer = JudgedAnswer {
///     difficulty: Some(Difficulty::Easy),
///     length: Some(LengthClass::Short),
///     answer: ChoiceLetter::A,
///     pred: None,
/// };
/// assert_eq!(report::line("m", &[answer], true), "m\t25.0\t25.0\t-\t25.0\t-\t-");
/// ```
pub fn line(name: &str, answers: &[JudgedAnswer], compensated: bool) -> String {
    let mut columns = vec![name.to_owned()];
    columns.push(percent(answers.iter(), compensated));
    for difficulty in Difficulty::ALL {
        // The original counts everything not easy as hard, and everything neither short nor medium
        // as long.
        let of = answers
            .iter()
            .filter(|a| a.difficulty.unwrap_or(Difficulty::Hard) == difficulty);
        columns.push(percent(of, compensated));
    }
    for length in LengthClass::ALL {
        let of = answers
            .iter()
            .filter(|a| a.length.unwrap_or(LengthClass::Long) == length);
        columns.push(percent(of, compensated));
    }
    columns.join("\t")
}

/// The whole file; like the original, without a line break at the end.
pub fn table(lines: impl IntoIterator<Item = String>) -> String {
    let lines: Vec<String> = std::iter::once(HEAD.to_owned()).chain(lines).collect();
    lines.join("\n")
}

fn percent<'a>(answers: impl Iterator<Item = &'a JudgedAnswer>, compensated: bool) -> String {
    let (mut n, mut right) = (0_u32, 0.0);
    for answer in answers {
        n += 1;
        right += match answer.pred {
            None if compensated => 0.25,
            pred => f64::from(u8::from(is_right(answer.answer, pred))),
        };
    }
    if n == 0 {
        return "-".to_owned();
    }
    // Both Python's `round` and this formatting round to the nearer decimal of the float's exact
    // value.
    format!("{:.1}", 100.0 * right / f64::from(n))
}

fn is_right(answer: ChoiceLetter, pred: Option<ChoiceLetter>) -> bool {
    pred == Some(answer)
}
