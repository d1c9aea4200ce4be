//! Tests of ends without a beginning, and of messages that end.

use super::tests::check;
use super::*;

/// The message of a channel has an end, after which an answer may stand without a header.
#[test]
fn a_channels_message_ends() {
    for text in [
        "<|channel|>analysis<|message|>no<|end|>8038374",
        "<|channel|>analysis<|message|>no<|end|><|start|>assistant8038374",
        "<|channel|>analysis<|message|>no<|end|>\n8038374<|return|>",
    ] {
        check(false, text, "8038374", Some("no"));
    }
    let another = "<|channel|>analysis<|message|>no<|end|><|start|>assistant<|channel|>commentary<|message|>yes";
    check(false, another, "", Some("no\n\n\n\nyes"));
}

/// All before an end alone is thinking only where the prompt may have left a block open.
#[test]
fn an_end_alone_takes_no_answer_from_a_prompt_that_is_known() {
    for text in [
        " 8038374.\n</think>\n\nHope this helps.",
        " 8038374.\n</think>\n\n",
    ] {
        let known = part(text, AnswerStart::Closed);
        assert_eq!((known.answer.as_str(), known.thinking), (text, None));
        let guessed = part(text, AnswerStart::Unknown);
        assert!(guessed.end_alone, "{guessed:?}");
        assert_eq!(guessed.thinking.as_deref(), Some("8038374."));
        let open = part(text, AnswerStart::Within(OpenThinking::ANY));
        assert!(!open.end_alone, "{open:?}");
        assert_eq!(open.thinking.as_deref(), Some("8038374."));
    }
    // Nothing before it, a whole block, and channels, whose end says that there was one.
    for (text, thinking) in [
        ("\n</think>42", None),
        ("<think>why?</think>42", Some("why?")),
        ("why?<|channel|>final<|message|>42", Some("why?")),
        ("analysisWhy?assistantfinal42", Some("Why?")),
    ] {
        for start in [AnswerStart::Closed, AnswerStart::Unknown] {
            let got = part(text, start);
            assert_eq!(
                (got.answer.as_str(), got.thinking.as_deref()),
                ("42", thinking)
            );
            assert!(!got.end_alone, "{text}");
        }
    }
}
