//! Separates thinking from the answers in files, as is done for endpoints.

use super::loss::LossReport;
use super::row::RowAnswer;
use crate::thinking::{AnswerStart, SplitText, part};

/// The answer in a file without the thinking before it, which is reported.
///
/// RULER's own scorer finds a reference in the thinking as well; lm-evaluation-harness and Inspect
/// remove it before they score, if they are configured to.
pub(super) fn answer(text: String, report: &mut LossReport) -> RowAnswer {
    answer_beside(false, text, report)
}

/// The same where the file may hold thinking apart from the text, as `apart` says.
pub(super) fn answer_beside(apart: bool, text: String, report: &mut LossReport) -> RowAnswer {
    let SplitText {
        answer, thinking, ..
    } = part(&text, AnswerStart::Unknown);
    if thinking.is_none() && !apart {
        if answer != text {
            report.note_answer(
                "marks",
                "of thinking or of a turn's end; no part of the answer",
            );
        }
        return RowAnswer::Text(answer);
    }
    match answer.trim().is_empty() {
        true => report.note_answer("thinking", "all of the answer; what is scored is empty"),
        false => report.note_answer("thinking", "before the answer; not scored and not kept"),
    }
    RowAnswer::Text(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinking_is_no_part_of_the_answer() {
        let cases = [
            ("<think>1 or 2?</think> It is 2.", "It is 2.", 1),
            ("\n<think>\n1 or 2?\n</think>\n\n2", "2", 1),
            // The template opened it.
            ("1 or 2?</think>2", "2", 1),
            ("<think>1 or 2", "", 1),
            (" 2, as I think.", " 2, as I think.", 0),
            ("<think>\n\n</think>\n\n2", "2", 1),
            (" 2<|im_end|>\n", " 2", 1),
            (
                "<|channel|>final <|constrain|>json<|message|>2<|return|>",
                "2",
                1,
            ),
        ];
        for (text, answered, told) in cases {
            let mut report = LossReport::default();
            let got = answer(text.to_owned(), &mut report);
            assert_eq!(got, RowAnswer::Text(answered.to_owned()), "{text}");
            assert_eq!(report.losses().len(), told, "{text}");
        }
    }
}
