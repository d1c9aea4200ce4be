use proptest::prelude::*;

use super::*;

/// Takes `text` apart in pieces of every size; they must agree.
#[track_caller]
pub(super) fn check(opened: bool, text: &str, answer: &str, thinking: Option<&str>) {
    let opened = opened.then_some(OpenThinking::ANY);
    let characters: Vec<char> = text.chars().collect();
    for size in 1..=characters.len().max(1) {
        let mut split = ThinkingSplitter::new(opened);
        for piece in characters.chunks(size) {
            split.push(&piece.iter().collect::<String>());
        }
        let got = split.finish();
        assert_eq!(
            (got.answer.as_str(), got.thinking.as_deref()),
            (answer, thinking),
            "{text:?} by {size}"
        );
    }
}

#[test]
fn thinking_is_kept_apart() {
    check(false, "42", "42", None);
    check(false, " 42", " 42", None);
    check(false, "", "", None);
    check(false, "<think>why?</think>\n\n42", "42", Some("why?"));
    check(false, "\n<think>\na < b\n</think>42", "42", Some("a < b"));
    check(false, "<think></think>42", "42", None);
    check(false, "<thin", "<thin", None);
    check(false, "1 <think> 2", "1 <think> 2", None);
    check(false, "a < b, [1] and ◁", "a < b, [1] and ◁", None);
}

#[test]
fn every_models_marks_are_known() {
    for (open, close) in [
        ("<think>", "</think>"),
        ("<THINK>", "</Think>"),
        ("<thinking>", "</thinking>"),
        ("<thought>", "</thought>"),
        ("[THINK]", "[/THINK]"),
        ("<seed:think>", "</seed:think>"),
        ("◁think▷", "◁/think▷"),
        ("<|START_THINKING|>", "<|END_THINKING|>"),
        ("<|channel>thought\n", "<channel|>"),
        ("<reflection>", "</reflection>"),
        ("<scratchpad>", "</scratchpad>"),
        ("<analysis>", "</analysis>"),
        ("<inner_monologue>", "</inner_monologue>"),
        ("<|thinking|>", "<|/thinking|>"),
        ("<|inner_prefix|>", "<|inner_suffix|>"),
        ("<|think|>", "<|end|><|begin|>assistant<|content|>"),
        ("Here is my thought process:", "Here is my response:"),
        ("Here are my reasoning steps:\n", "[BEGIN FINAL RESPONSE]\n"),
        (
            "<|channel|>analysis<|message|>",
            "<|end|><|start|>assistant<|channel|>final<|message|>",
        ),
        ("analysis", "assistantfinal"),
    ] {
        let text = format!("{open}Is it 7?{close} 42");
        check(false, &text, "42", Some("Is it 7?"));
        let cut = format!("{open}Is it 7?");
        check(false, &cut, "", Some("Is it 7?"));
        // What the template opened has its end alone.
        // Words end only what words began.
        if close.starts_with(['<', '[', '◁']) {
            check(false, &format!("Is it 7?{close}42"), "42", Some("Is it 7?"));
            check(true, &format!("Is it 7?{close}42"), "42", Some("Is it 7?"));
        }
    }
    check(false, "<|channel|>final<|message|>42", "42", None);
    // Words are marks at the beginning, and where they end what they began.
    for text in [
        "So: Here is my thought process: 42",
        "Here is my response: 42",
        "Here is my thought",
        "Here is my thought process in short: 42",
    ] {
        check(false, text, text, None);
    }
    // No channel, but a word.
    check(false, "analysis of 42", "analysis of 42", None);
    check(
        false,
        "the assistantfinal 42",
        "the assistantfinal 42",
        None,
    );
}

#[test]
fn a_channels_header_may_say_more() {
    let turn = "<|start|>assistant";
    for header in [
        "<|channel|>final<|message|>",
        "<|channel|>final <|constrain|>json<|message|>",
        "<|channel|>final<|constrain|>json<|message|>",
        "<|channel|>final json<|message|>",
        "<|channel|> final <|message|>",
        "<|CHANNEL|>final<|MESSAGE|>",
        "<|channel|>final\n",
        "<|channel|>final ",
    ] {
        let said = format!("{header}42<|return|>");
        check(false, &said, "42", None);
        check(false, &format!("{turn}{said}"), "42", None);
        for thought in [
            "<|channel|>analysis<|message|>7?<|end|>",
            "<|channel|>commentary<|message|>7?<|end|>",
            "<|channel|> analysis<|message|>7?<|end|>",
        ] {
            check(false, &format!("{thought}{turn}{said}"), "42", Some("7?"));
            let whole = format!("{turn}{thought}{turn}{said}");
            check(false, &whole, "42", Some("7?"));
        }
    }
    // Two messages with a thought between them.
    let again = "<|channel|>final<|message|>4<|end|><|start|>assistant\
                 <|channel|>analysis<|message|>why?<|end|><|start|>assistant\
                 <|channel|>final<|message|>2<|return|>";
    assert!(part(again, None).answer.ends_with('2'));
    // No channel of that name.
    let other = "<|channel|>finally<|message|>42";
    check(false, other, other, None);
}

#[test]
fn the_end_of_a_turn_is_no_answer() {
    for end in [
        "<|return|>",
        "<|im_end|>",
        "<|eot_id|>",
        "</s>",
        "<｜end▁of▁sentence｜>",
        "<|im_end|>\n<|endoftext|>",
        "<end_of_turn>\n",
    ] {
        check(false, &format!("42{end}"), "42", None);
        check(
            false,
            &format!("<think>7?</think>42{end}"),
            "42",
            Some("7?"),
        );
        check(false, end, "", None);
    }
    check(false, "42 \n", "42 \n", None);
    check(false, "<|im_end|> is a mark", "<|im_end|> is a mark", None);
}

#[test]
fn marks_around_an_answer_are_no_part_of_it() {
    for (text, answer, thinking) in [
        (
            "<|START_THINKING|>7?<|END_THINKING|><|START_RESPONSE|>42<|END_RESPONSE|>",
            "42",
            Some("7?"),
        ),
        (
            "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>42<|END_OF_TURN_TOKEN|>",
            "42",
            None,
        ),
        (
            "<think>7?</think><|begin_of_box|>42<|end_of_box|>",
            "42",
            Some("7?"),
        ),
        (
            "42<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
            "42",
            None,
        ),
        ("42[|endofturn|]", "42", None),
        ("42<|user|>", "42", None),
        ("42[e~[", "42", None),
        ("the <|user|> mark", "the <|user|> mark", None),
    ] {
        check(false, text, answer, thinking);
    }
}

#[test]
fn a_block_within_a_block_ends_with_it() {
    check(
        false,
        "<think>a <think>b</think> 7?</think> 42",
        "42",
        Some("a <think>b7?"),
    );
    check(
        false,
        "4 <think>a <think>b</think> 7?</think> 2",
        "4 2",
        Some("a <think>b7?"),
    );
    // An opening that a model repeats opens nothing.
    check(false, "<think>\n<think>7?</think>42", "42", Some("7?"));
    check(true, "<think>7?</think>42", "42", Some("7?"));
}

#[test]
fn an_answer_cut_off_within_thinking_is_empty() {
    check(
        false,
        "<think>why is it that </thi",
        "",
        Some("why is it that </thi"),
    );
    check(true, "why is it that", "", Some("why is it that"));
    check(false, "<think>", "", Some(""));
    assert!(part("<think>why", None).only_thinking());
    assert!(!part("42", None).only_thinking());
}

#[test]
fn thinking_that_the_template_opened_ends_with_its_tag() {
    check(true, "why?</think>42", "42", Some("why?"));
    check(true, "<think>why?</think>42", "42", Some("why?"));
    check(false, "why?\n</think>\n42", "42", Some("why?"));
    // The first end counts: what follows another is an answer already.
    check(false, "why?</think>42</think>", "42</think>", Some("why?"));
}

#[test]
fn a_block_further_on_is_cut_out_where_it_ends() {
    check(false, "4 <think>or 5?</think> 2", "4 2", Some("or 5?"));
    check(
        false,
        "<think>a</think>4<think>b</think>2",
        "42",
        Some("ab"),
    );
    // What was two words stays two.
    for text in [
        "8536477<think>a</think> done",
        "8536477<think>a</think>\n\ndone",
        "8536477<think>a</think>done",
    ] {
        check(false, text, "8536477 done", Some("a"));
    }
    check(false, "4<think>a</think> 2", "4 2", Some("a"));
    let twice = "4<think>a</think> <think>b</think>2";
    check(false, twice, "4 2", Some("ab"));
    check(false, "4<think>a</think>, 2", "4, 2", Some("a"));
    check(false, "4 <think>a</think>", "4 ", Some("a"));
}

#[test]
fn thinking_sent_apart_stays_apart() {
    // Also where the prompt had opened it: the server took it out.
    for opened in [None, Some(OpenThinking::ANY)] {
        let mut split = ThinkingSplitter::new(opened);
        split.think("why");
        split.think("?");
        split.push("42");
        assert_eq!(split.answer(), "42");
        let parted = split.finish();
        assert_eq!(parted.answer, "42");
        assert_eq!(parted.thinking.as_deref(), Some("why?"));
    }
}

#[test]
fn what_a_template_leaves_open_is_closed_before_an_answer_that_is_begun() {
    let cases = [
        ("<|im_start|>assistant\n<think>\n", "\n</think>\n\n"),
        ("<｜Assistant｜><think>", "\n\n</think>\n\n"),
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", ""),
        ("<|im_start|>assistant\n", ""),
        ("[/INST][THINK]", "\n\n[/THINK]\n\n"),
        ("<|start|>assistant", "<|channel|>final<|message|>"),
        (
            "<|start|>assistant<|channel|>analysis<|message|>",
            "<|end|><|start|>assistant<|channel|>final<|message|>",
        ),
    ];
    for (after, want) in cases {
        assert_eq!(bridge(after), want, "{after}");
        let whole = format!("{after}{want}");
        assert_eq!(left_open(&whole), None, "{whole}");
    }
}

#[test]
fn a_long_text_takes_time_that_grows_with_its_length() {
    let mut split = ThinkingSplitter::new(AnswerStart::Unknown);
    for _ in 0..400_000 {
        split.push("<a");
        split.push(" \n");
    }
    assert_eq!(split.finish().answer.len(), 1_600_000);
}

/// What texts with marks are made of.
const FRAGMENTS: [&str; 26] = [
    "Here is my ",
    "thought process:",
    "response:",
    "<|content|>",
    "<|START_RESPONSE|>",
    "<think>",
    "</think>",
    "<th",
    "ink>",
    "why",
    " ",
    "\n",
    "é",
    "analysis",
    "assistantfinal",
    "<|channel|>",
    "analysis<|message|>",
    "<|channel|>final<|message|>",
    "<|channel|>final <|constrain|>",
    "<|message|>",
    "<|end|>",
    "[THINK]",
    "[/THINK]",
    "◁think▷",
    "◁/think▷",
    "◁",
];

const STARTS: [AnswerStart; 3] = [
    AnswerStart::Unknown,
    AnswerStart::Closed,
    AnswerStart::Within(OpenThinking::ANY),
];

proptest! {
    /// Against the text in one piece.
    #[test]
    fn pieces_make_no_difference(
        fragments in prop::collection::vec(prop::sample::select(&FRAGMENTS[..]), 0..10),
        size in 1_usize..6,
        opened in prop::sample::select(&STARTS[..]),
    ) {
        let text = fragments.concat();
        let characters: Vec<char> = text.chars().collect();
        let mut split = ThinkingSplitter::new(opened);
        for piece in characters.chunks(size) {
            split.push(&piece.iter().collect::<String>());
        }
        prop_assert_eq!(split.finish(), part(&text, opened));
    }
}

#[test]
fn a_template_may_begin_with_words_that_open_a_thought() {
    let prompt = "<|assistant|>\nHere are my reasoning steps:\n";
    assert!(left_open(prompt).is_some());
    assert_eq!(bridge(prompt), "\n[BEGIN FINAL RESPONSE]\n\n");
    assert!(left_open("Here are my reasoning steps: none\n").is_none());
    check(
        true,
        "It is 42.\n[BEGIN FINAL RESPONSE]\n42\n[END FINAL RESPONSE]\n<|end|>",
        "42\n",
        Some("It is 42."),
    );
}
