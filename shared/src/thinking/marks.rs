//! How models mark their thinking.

use super::channels::{self, ChannelHeader};

/// What begins and ends a block of thinking.
struct ThinkingTags {
    open: &'static str,
    close: &'static str,
}

const fn mark(open: &'static str, close: &'static str) -> ThinkingTags {
    ThinkingTags { open, close }
}

/// The marks known, compared without regard to case. Those of a model's chat template where
/// nothing else is said.
static MARKS: [ThinkingTags; 24] = [
    // DeepSeek R1, Qwen 3, QwQ, GLM, MiniMax, Nemotron, SmolLM3, LFM2 and most others.
    mark("<think>", "</think>"),
    mark("<thinking>", "</thinking>"),
    // EXAONE Deep.
    mark("<thought>", "</thought>"),
    mark("<reasoning>", "</reasoning>"),
    // By instruction, in many prompts.
    mark("<reflection>", "</reflection>"),
    mark("<scratchpad>", "</scratchpad>"),
    mark("<analysis>", "</analysis>"),
    mark("<inner_monologue>", "</inner_monologue>"),
    mark("<|thinking|>", "<|/thinking|>"),
    // Apertus.
    mark("<|inner_prefix|>", "<|inner_suffix|>"),
    // Solar Open, whose thought is a message of its own.
    mark("<|think|>", "<|content|>"),
    // Magistral and later Mistral models.
    mark("[THINK]", "[/THINK]"),
    // Seed-OSS.
    mark("<seed:think>", "</seed:think>"),
    // LongCat.
    mark("<longcat_think>", "</longcat_think>"),
    // Kimi-VL.
    mark("◁think▷", "◁/think▷"),
    // Sky-T1, OpenThinker.
    mark("<|begin_of_thought|>", "<|end_of_thought|>"),
    // Command A Reasoning.
    mark("<|START_THINKING|>", "<|END_THINKING|>"),
    // MedGemma.
    mark("<unused94>", "<unused95>"),
    // Gemma 4.
    mark("<|channel>thought", "<channel|>"),
    // gpt-oss: its channels, and the one that speaks of tools. What is written of them varies; see
    // `channels`.
    mark("<|channel|>analysis", FINAL),
    mark("<|channel|>commentary", FINAL),
    // Granite 3.2 and 3.3: words, which are marks where the text begins with them.
    mark(WORDS, WORDS_END),
    // Apriel, whose template begins with the words.
    mark(STEPS, "[BEGIN FINAL RESPONSE]"),
    // gpt-oss where a server leaves its special tokens out; see `Split`.
    mark(BARE, BARE_FINAL),
];

/// Begins gpt-oss' answer.
const FINAL: &str = "<|channel|>final<|message|>";
/// Ends gpt-oss' prompt, where its template leaves the choice of a channel open.
pub(super) const TURN: &str = "<|start|>assistant";
/// Ends a message of gpt-oss, of whichever channel.
pub(super) const MESSAGE_END: &str = "<|end|>";
/// What is left of its channels without special tokens: `analysisWhy?assistantfinal42`.
pub(super) const BARE: &str = "analysis";
pub(super) const BARE_FINAL: &str = "assistantfinal";
/// Granite's words around a thought.
pub(super) const WORDS: &str = "Here is my thought process:";
const WORDS_END: &str = "Here is my response:";
/// Apriel's words before a thought.
const STEPS: &str = "Here are my reasoning steps:";
/// What stands between the messages of gpt-oss and Solar, and is no part of a thought.
pub(super) const BETWEEN: [&str; 6] = [
    "<|begin|>assistant",
    "<|channel|>analysis",
    "<|channel|>commentary",
    "<|message|>",
    "<|end|>",
    TURN,
];

/// What ends a model's message or turn, and is no part of its answer: servers that show special
/// tokens send it with the text.
static ENDS: [&str; 29] = [
    // gpt-oss, whose turns have several messages.
    TURN,
    "<|return|>",
    "<|end|>",
    "<|call|>",
    // Qwen and all that write ChatML; GPT-2, Phi and others.
    "<|im_end|>",
    "<|endoftext|>",
    // Llama 3 and 2, Mistral.
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end_of_text|>",
    "</s>",
    // Gemma.
    "<end_of_turn>",
    "<eos>",
    // DeepSeek.
    "<｜end▁of▁sentence｜>",
    // Command-R and Command A.
    "<|END_OF_TURN_TOKEN|>",
    "<|END_RESPONSE|>",
    // Llama 3, where the next turn is begun.
    "<|start_header_id|>assistant<|end_header_id|>",
    // Seed-OSS, LongCat, Ling and Ring, EXAONE, Apertus, MiniMax, GLM, Grok, dots, OpenThinker, Nemotron.
    "<seed:eos>",
    "</longcat_s>",
    "<|role_end|>",
    "[|endofturn|]",
    "<|assistant_end|>",
    "[e~[",
    "<|user|>",
    "<|observation|>",
    "<|eos|>",
    "<|endofassistant|>",
    "<|end_of_box|>",
    "<|end_of_solution|>",
    // Apriel.
    "[END FINAL RESPONSE]",
];

/// What begins an answer and is no part of it: Command A, GLM's boxes, OpenThinker, Solar.
static BEGINNINGS: [&str; 6] = [
    "<|START_RESPONSE|>",
    "<|START_OF_TURN_TOKEN|>",
    "<|CHATBOT_TOKEN|>",
    "<|begin_of_box|>",
    "<|begin_of_solution|>",
    "<|content|>",
];

/// `text` without the marks with which an answer begins.
pub(super) fn without_beginnings(text: &str) -> &str {
    let mut text = text;
    while let Some(rest) = BEGINNINGS
        .iter()
        .find_map(|begin| text.trim_start().strip_prefix(begin))
    {
        text = rest;
    }
    text
}

/// How often a thought that ended with `close` opens such a block again, but for an opening with
/// which it begins: models repeat that of their template.
pub(super) fn opened_again(thought: &str, close: &str) -> usize {
    let is_its = |mark: &&ThinkingTags| {
        mark.close.eq_ignore_ascii_case(close) && !mark.open.starts_with("<|channel|>")
    };
    let Some(open) = MARKS.iter().find(is_its).map(|mark| mark.open.as_bytes()) else {
        return 0;
    };
    let thought = thought.trim_start().as_bytes();
    let places = thought.windows(open.len()).skip(1);
    places
        .filter(|place| place.eq_ignore_ascii_case(open))
        .count()
}

/// `text` without the marks of a turn's end that it ends with.
pub(super) fn without_ends(text: &str) -> &str {
    let mut text = text;
    while let Some(rest) = ENDS
        .iter()
        .find_map(|end| text.trim_end().strip_suffix(end))
    {
        text = rest;
    }
    text
}

/// A block of thinking that is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenThinking(Option<usize>);

impl OpenThinking {
    /// One whose end is not known: any end closes it.
    pub const ANY: Self = Self(None);

    /// Whether it is a channel of gpt-oss.
    pub(super) fn is_channel(self) -> bool {
        self.0.is_some_and(|number| MARKS[number].close == FINAL)
    }

    /// What closes it before an answer that is begun, after `text`, which leaves it open.
    fn closing(self, text: &str) -> String {
        let close = MARKS[self.0.unwrap_or_default()].close;
        if close == FINAL {
            return format!("<|end|>{TURN}{FINAL}");
        }
        let line = if text.ends_with('\n') { "" } else { "\n" };
        format!("{line}\n{close}\n\n")
    }
}

/// Where an answer begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AnswerStart {
    /// Nobody here knows: the prompt was made elsewhere.
    #[default]
    Unknown,
    /// In no block of thinking: the prompt leaves none open.
    Closed,
    /// In the block that the prompt leaves open.
    Within(OpenThinking),
}

impl From<Option<OpenThinking>> for AnswerStart {
    /// In no block that is known; the prompt may have left one open all the same.
    fn from(opened: Option<OpenThinking>) -> Self {
        opened.map_or(Self::Unknown, Self::Within)
    }
}

/// Whether an end is one of gpt-oss' channels, before which there is never an answer.
pub(super) fn is_of_channels(tag: &str) -> bool {
    let tag = tag.to_ascii_lowercase();
    tag.starts_with("<|channel|>") || tag == BARE_FINAL
}

/// The block of thinking in which whatever follows `text` would stand.
///
/// # Example
/// ```
/// use fathom_shared::thinking::left_open;
/// assert!(left_open("<|im_start|>assistant\n<think>\n").is_some());
/// assert!(left_open("<|im_start|>assistant\n<think>\n\n</think>\n\n").is_none());
/// ```
pub fn left_open(text: &str) -> Option<OpenThinking> {
    let (mut open, mut from) = (None, 0);
    let all = TagSyntax {
        within: None,
        bare: false,
        first: false,
        ended: true,
    };
    while let TagSearch::Tag { at, len, open: its } = find(&text[from..], all) {
        open = its;
        from += at + len;
    }
    let steps = || {
        let number = MARKS.iter().position(|mark| mark.open == STEPS);
        number.filter(|_| text.trim_end().ends_with(STEPS))
    };
    open.or_else(|| steps().map(|number| OpenThinking(Some(number))))
}

/// What must stand between `after`, the end of a rendered template, and an answer that is begun
/// there, so that the answer does not begin within the thinking.
pub(crate) fn bridge(after: &str) -> String {
    match left_open(after) {
        Some(open) => open.closing(after),
        // A word after this would be the channel's name.
        None if after.ends_with(TURN) => FINAL.to_owned(),
        None => String::new(),
    }
}

/// What of the marks is in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TagSearch {
    /// None, nor the beginning of one at its end.
    Nothing,
    /// Its end, from here, may become one.
    Begun(usize),
    /// One; `open` where it opens a block.
    Tag {
        at: usize,
        len: usize,
        open: Option<OpenThinking>,
    },
}

/// Which marks count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TagSyntax {
    /// The block that is open: only its ends are looked for.
    pub(super) within: Option<OpenThinking>,
    /// Whether the ends of channels without special tokens count.
    pub(super) bare: bool,
    /// Whether nothing but white space came before, where words may be marks.
    pub(super) first: bool,
    /// Whether nothing follows the text, so that what has begun is all there is.
    pub(super) ended: bool,
}

impl TagSyntax {
    /// Whether the open block was begun by words.
    fn is_words(self) -> bool {
        let OpenThinking(open) = self.within.unwrap_or(OpenThinking::ANY);
        open.is_some_and(|open| MARKS[open].open == WORDS)
    }

    /// Whether words may be marks here.
    fn may_be_words(self) -> bool {
        self.first || self.is_words()
    }

    /// Whether what closes the block `its` closes the open one.
    fn closes(self, its: usize) -> bool {
        self.within.is_none_or(|OpenThinking(open)| {
            open.is_none_or(|open| MARKS[open].close == MARKS[its].close)
        })
    }
}

/// The first mark in `text`.
pub(super) fn find(text: &str, syntax: TagSyntax) -> TagSearch {
    let bytes = text.as_bytes();
    let first = |byte: &u8| {
        matches!(byte, b'<' | b'[' | 0xe2)
            || (syntax.bare && matches!(byte, b'a' | b'A'))
            || (syntax.may_be_words() && matches!(byte, b'h' | b'H'))
    };
    let blank = bytes.len() - bytes.trim_ascii_start().len();
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(first) {
        let at = from + at;
        let its = TagSyntax {
            first: syntax.first && at <= blank,
            ..syntax
        };
        match tag(&bytes[at..], at, its) {
            TagSearch::Nothing => from = at + 1,
            found => return found,
        }
    }
    TagSearch::Nothing
}

/// The mark at the beginning of `text`, which stands at `at`.
fn tag(text: &[u8], at: usize, syntax: TagSyntax) -> TagSearch {
    let mut found = TagSearch::Nothing;
    for (number, mark) in MARKS.iter().enumerate() {
        let is_bare = mark.open == BARE;
        let is_channel = mark.close == FINAL;
        if is_channel {
            continue;
        }
        let is_words = mark.open == WORDS;
        let in_words = is_words || mark.open == STEPS;
        let opens = syntax.within.is_none() && !is_bare && (!in_words || syntax.first);
        let tags = [
            (mark.open, opens, Some(OpenThinking(Some(number)))),
            (
                mark.close,
                syntax.closes(number)
                    && (syntax.bare || !is_bare)
                    && (!is_words || syntax.is_words()),
                None,
            ),
        ];
        for (tag, counts, open) in tags {
            let len = tag.len().min(text.len());
            if !counts || !text[..len].eq_ignore_ascii_case(&tag.as_bytes()[..len]) {
                continue;
            }
            if len == tag.len() {
                return TagSearch::Tag { at, len, open };
            }
            if !syntax.ended {
                found = TagSearch::Begun(at);
            }
        }
    }
    let number = |name: &str| MARKS.iter().position(|mark| mark.open.ends_with(name));
    let (len, open) = match channels::header(text, syntax.ended) {
        ChannelHeader::None => return found,
        ChannelHeader::Begun => return TagSearch::Begun(at),
        ChannelHeader::Thought { name, len } => (len, Some(OpenThinking(number(name)))),
        ChannelHeader::Final { len } => (len, None),
    };
    let counts = match open {
        Some(_) => syntax.within.is_none(),
        None => MARKS
            .iter()
            .position(|mark| mark.close == FINAL)
            .is_some_and(|its| syntax.closes(its)),
    };
    match counts {
        true => TagSearch::Tag { at, len, open },
        false => found,
    }
}
