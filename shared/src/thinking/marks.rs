//! How models mark their thinking.

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
static MARKS: [ThinkingTags; 15] = [
    // DeepSeek R1, Qwen 3, QwQ, GLM, MiniMax, Nemotron, SmolLM3, LFM2 and most others.
    mark("<think>", "</think>"),
    mark("<thinking>", "</thinking>"),
    // EXAONE Deep.
    mark("<thought>", "</thought>"),
    mark("<reasoning>", "</reasoning>"),
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
    // gpt-oss: its channels, and the one that speaks of tools.
    mark("<|channel|>analysis", FINAL),
    mark("<|channel|>commentary", FINAL),
    // gpt-oss where a server leaves its special tokens out; see `Split`.
    mark(BARE, BARE_FINAL),
];

/// Begins gpt-oss' answer.
const FINAL: &str = "<|channel|>final<|message|>";
/// Ends gpt-oss' prompt, where its template leaves the choice of a channel open.
const TURN: &str = "<|start|>assistant";
/// What is left of its channels without special tokens: `analysisWhy?assistantfinal42`.
pub(super) const BARE: &str = "analysis";
pub(super) const BARE_FINAL: &str = "assistantfinal";
/// What stands between gpt-oss' channels, and is no part of a thought.
pub(super) const BETWEEN: [&str; 4] = [
    "<|channel|>analysis",
    "<|message|>",
    "<|end|>",
    "<|start|>assistant",
];

/// A block of thinking that is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenThinking(Option<usize>);

impl OpenThinking {
    /// One whose end is not known: any end closes it.
    pub const ANY: Self = Self(None);

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
    while let TagSearch::Tag { at, len, open: its } = find(&text[from..], None, false) {
        open = its;
        from += at + len;
    }
    open
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

/// The first mark in `text`. Within a block only its ends are looked for. `bare` where the ends of
/// channels without special tokens count.
pub(super) fn find(text: &str, within: Option<OpenThinking>, bare: bool) -> TagSearch {
    let bytes = text.as_bytes();
    let first =
        |byte: &u8| matches!(byte, b'<' | b'[' | 0xe2) || (bare && matches!(byte, b'a' | b'A'));
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(first) {
        let at = from + at;
        match tag(&bytes[at..], at, within, bare) {
            TagSearch::Nothing => from = at + 1,
            found => return found,
        }
    }
    TagSearch::Nothing
}

/// The mark at the beginning of `text`, which stands at `at`.
fn tag(text: &[u8], at: usize, within: Option<OpenThinking>, bare: bool) -> TagSearch {
    let mut found = TagSearch::Nothing;
    for (number, mark) in MARKS.iter().enumerate() {
        let is_bare = mark.open == BARE;
        let opens = within.is_none() && !is_bare;
        let its_end = |its: usize| MARKS[its].close == mark.close;
        let closes = within.is_none_or(|OpenThinking(its)| its.is_none_or(its_end));
        let tags = [
            (mark.open, opens, Some(OpenThinking(Some(number)))),
            (mark.close, closes && (bare || !is_bare), None),
        ];
        for (tag, counts, open) in tags {
            let len = tag.len().min(text.len());
            if !counts || !text[..len].eq_ignore_ascii_case(&tag.as_bytes()[..len]) {
                continue;
            }
            if len == tag.len() {
                return TagSearch::Tag { at, len, open };
            }
            found = TagSearch::Begun(at);
        }
    }
    found
}
