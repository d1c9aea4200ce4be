//! Taking a text apart as it comes, in time that grows with its length alone.

use super::SplitText;
use super::marks::{
    AnswerStart, BARE, BETWEEN, MESSAGE_END, OpenThinking, TURN, TagSearch, TagSyntax, find,
    is_of_channels, opened_again, without_beginnings, without_ends,
};

/// What a model wrote, taken apart as it comes; however it is cut into pieces, the result is the
/// same.
///
/// # Example
/// ```
/// use fathom_shared::thinking::ThinkingSplitter;
/// use fathom_shared::thinking::AnswerStart;
/// let mut split = ThinkingSplitter::new(AnswerStart::Unknown);
/// for piece in ["<th", "ink>17?</thi", "nk>\n\n3", "5"] {
///     split.push(piece);
/// }
/// assert_eq!(split.answer(), "35");
/// assert_eq!(split.finish().thinking.as_deref(), Some("17?"));
/// ```
#[derive(Debug, Default)]
pub struct ThinkingSplitter {
    /// Where the text begins.
    start: AnswerStart,
    /// The block that is open.
    within: Option<OpenThinking>,
    /// The mark and the text of a block that began after words of the answer, whose own they are
    /// should it never end.
    aside: Option<(String, String)>,
    /// The end of the text that may become a mark.
    held: String,
    thinking: String,
    answer: String,
    /// Whether the answer has more than white space.
    words: bool,
    /// Whether white space is left out until the next word, as after a block's end.
    turned: bool,
    /// Whether white space was left out since the last block ended.
    blank: bool,
    /// Whether a block has ended.
    closed: bool,
    /// Whether all before the first end was taken for thinking, and may have been the answer.
    end_alone: bool,
    /// Where in the thinking the open block begins.
    begun: usize,
    /// How many blocks were opened within the last one, and where the answer went on behind it.
    nested: (usize, usize),
}

impl ThinkingSplitter {
    /// `start` says whether the prompt leaves a block open.
    pub fn new(start: impl Into<AnswerStart>) -> Self {
        let start = start.into();
        let within = match start {
            AnswerStart::Within(opened) => Some(opened),
            AnswerStart::Unknown | AnswerStart::Closed => None,
        };
        Self {
            start,
            within,
            ..Self::default()
        }
    }

    /// Adds thinking that came apart from the answer. Whoever sends it apart has taken it out of the
    /// text, which then does not begin within it, whatever the prompt left open.
    pub fn think(&mut self, text: &str) {
        if self.thinking.is_empty() && self.answer.is_empty() && self.held.is_empty() {
            self.within = None;
        }
        self.thinking.push_str(text);
    }

    /// Adds text.
    pub fn push(&mut self, text: &str) {
        self.held.push_str(text);
        self.take(false);
    }

    /// Takes what is held; `ended` where nothing follows it.
    fn take(&mut self, ended: bool) {
        let text = std::mem::take(&mut self.held);
        let mut rest = text.as_str();
        loop {
            let syntax = TagSyntax {
                within: self.within,
                bare: !self.closed && self.within.is_none() && is_bare(&self.answer, rest),
                first: self.within.is_none() && !self.closed && self.answer.trim().is_empty(),
                ended,
            };
            match find(rest, syntax) {
                TagSearch::Nothing => break self.add(rest),
                TagSearch::Begun(at) => {
                    self.add(&rest[..at]);
                    self.held.push_str(&rest[at..]);
                    break;
                }
                TagSearch::Tag { at, len, open } => {
                    self.add(&rest[..at]);
                    let (tag, behind) = rest[at..].split_at(len);
                    match open {
                        Some(open) => self.open(open, tag),
                        None => self.close(tag),
                    }
                    rest = behind;
                }
            }
        }
    }

    /// Text without marks.
    fn add(&mut self, text: &str) {
        if let Some((_, aside)) = &mut self.aside {
            aside.push_str(text);
        } else if self.within.is_some() {
            self.thinking.push_str(text);
        } else {
            let whole = text;
            let text = if self.turned { text.trim_start() } else { text };
            self.blank |= self.turned && text.len() < whole.len();
            if self.turned && self.splits_words(text) {
                self.answer.push(' ');
            }
            self.answer.push_str(text);
            let words = !text.trim_start().is_empty();
            self.words |= words;
            self.turned &= !words;
        }
    }

    /// Whether a block stood between the last word of the answer and `next`, which were two: digits
    /// with nothing between them may be one number.
    fn splits_words(&self, next: &str) -> bool {
        let sides = self.answer.chars().next_back().zip(next.chars().next());
        sides.is_some_and(|(last, next)| {
            let digits = last.is_numeric() && next.is_numeric();
            last.is_alphanumeric() && next.is_alphanumeric() && (self.blank || !digits)
        })
    }

    fn open(&mut self, open: OpenThinking, tag: &str) {
        self.within = Some(open);
        self.begun = self.thinking.len();
        self.trim_ends();
        self.words &= !self.answer.trim().is_empty();
        if self.words {
            self.aside = Some((tag.to_owned(), String::new()));
        } else {
            self.answer.clear();
        }
    }

    fn close(&mut self, tag: &str) {
        if self.within.take().is_some() {
            let (_, thought) = self.aside.take().unwrap_or_default();
            self.thinking.push_str(&thought);
            let nested = opened_again(&self.thinking[self.begun..], tag);
            self.nested = (nested, self.answer.len());
        } else if let (Some(fewer), from) = (self.nested.0.checked_sub(1), self.nested.1) {
            // Only a block within the block had ended.
            let thought = self.answer.split_off(from.min(self.answer.len()));
            self.thinking.push_str(&thought);
            self.words = !self.answer.trim().is_empty();
            self.nested = (fewer, self.answer.len());
        } else if self.closed || (self.start == AnswerStart::Closed && self.may_be_answer(tag)) {
            return self.add(tag);
        } else {
            // The template opened the block, and so all of the text until here stands in it.
            self.end_alone = self.start == AnswerStart::Unknown && self.may_be_answer(tag);
            self.thinking.push_str(&self.answer);
            self.answer.clear();
            self.words = false;
        }
        self.closed = true;
        // Between blocks that follow each other white space counts once for all.
        self.blank &= self.turned;
        self.turned = true;
    }

    /// The message of a channel has its own end: what stands behind the last one, without another
    /// channel, is the answer.
    fn leave_channel(&mut self) {
        if !self.within.is_some_and(OpenThinking::is_channel) {
            return;
        }
        let thought = &self.thinking[self.begun..];
        let Some((before, behind)) = thought.rsplit_once(MESSAGE_END) else {
            return;
        };
        let answer = behind.trim_start();
        let answer = answer.strip_prefix(TURN).unwrap_or(answer).trim_start();
        if answer.is_empty() || answer.contains("<|channel|>") {
            return;
        }
        self.answer = answer.to_owned();
        let kept = self.begun + before.len();
        self.thinking.truncate(kept);
        self.within = None;
        self.closed = true;
    }

    /// Whether what stands before the first end, `tag`, would be an answer were no block open.
    fn may_be_answer(&self, tag: &str) -> bool {
        !self.answer.trim().is_empty() && !is_of_channels(tag)
    }

    /// Takes the marks off the answer between which it stands.
    fn trim_ends(&mut self) {
        let from = self.answer.len() - without_beginnings(&self.answer).len();
        self.answer.drain(..from);
        let len = without_ends(&self.answer).len();
        self.answer.truncate(len);
    }

    /// The answer so far; nothing while it is white space alone.
    pub fn answer(&self) -> &str {
        if self.words { &self.answer } else { "" }
    }

    /// The answer and the thinking. A text that ends within the thinking has no answer.
    pub fn finish(mut self) -> SplitText {
        self.take(true);
        if let Some((tag, text)) = self.aside.take() {
            self.within = None;
            self.add(&tag);
            self.add(&text);
        }
        self.leave_channel();
        let mut within = self.within.is_some();
        if !self.closed && !within && is_bare_thought(&self.answer) {
            self.thinking.push_str(&std::mem::take(&mut self.answer));
            within = true;
        }
        self.trim_ends();
        let thinking = tidy(&self.thinking);
        let thinking = (within || !thinking.is_empty()).then_some(thinking);
        let answer = self.answer;
        SplitText {
            answer,
            thinking,
            end_alone: self.end_alone,
        }
    }
}

/// Whether a text of these two parts begins as gpt-oss' channels do without special tokens.
fn is_bare(answer: &str, rest: &str) -> bool {
    let text = answer.bytes().chain(rest.bytes()).take(BARE.len());
    text.map(|byte| byte.to_ascii_lowercase()).eq(BARE.bytes())
}

/// Whether a text is such a channel and nothing else: no word of a language goes on like that.
fn is_bare_thought(text: &str) -> bool {
    let rest = text.strip_prefix(BARE);
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// The thought without what stands around channels, and without an opening tag that the model
/// repeated.
fn tidy(thinking: &str) -> String {
    let mut text = thinking.trim().to_owned();
    for between in BETWEEN {
        if text.contains(between) {
            text = text.replace(between, "\n");
        }
    }
    let text = text.trim();
    let text = text.strip_prefix("<think>").unwrap_or(text);
    let bare = is_bare_thought(text).then(|| &text[BARE.len()..]);
    bare.unwrap_or(text).trim().to_owned()
}
