//! Tells thinking from answering where both come as one text: `<think>…</think>` at its start.
//! Servers with a reasoning parser send the two apart, and then there is nothing to do.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// What a model wrote, taken apart as it comes.
#[derive(Debug, Default)]
pub(super) struct Split {
    state: State,
    /// What is not decided yet.
    held: String,
    thinking: String,
    answer: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum State {
    /// Nothing but white space, or the beginning of a tag.
    #[default]
    Start,
    Thinking,
    /// Between the end of the thinking and the first word of the answer.
    Turn,
    Answer,
}

impl Split {
    /// `opened` where the prompt itself ends with `<think>`.
    pub(super) fn new(opened: bool) -> Self {
        let state = if opened {
            State::Thinking
        } else {
            State::Start
        };
        Self {
            state,
            ..Self::default()
        }
    }

    /// Adds thinking that the server sent apart.
    pub(super) fn think(&mut self, text: &str) {
        self.thinking.push_str(text);
    }

    /// Adds text.
    pub(super) fn push(&mut self, text: &str) {
        self.held.push_str(text);
        while self.step() {}
    }

    /// Moves what is decided out of `held`; whether more may be.
    fn step(&mut self) -> bool {
        match self.state {
            State::Start => {
                let begun = self.held.trim_start();
                if let Some(rest) = begun.strip_prefix(OPEN) {
                    self.held = rest.to_owned();
                    self.state = State::Thinking;
                } else if begun.is_empty() || OPEN.starts_with(begun) {
                    return false;
                } else {
                    self.state = State::Answer;
                }
            }
            State::Thinking => {
                if let Some((thought, rest)) = self.held.split_once(CLOSE) {
                    self.thinking.push_str(thought);
                    self.held = rest.to_owned();
                    self.state = State::Turn;
                } else {
                    let kept = tail(&self.held, CLOSE);
                    let decided = self.held.len() - kept;
                    self.thinking.extend(self.held.drain(..decided));
                    return false;
                }
            }
            State::Turn => {
                let rest = self.held.trim_start();
                if rest.is_empty() {
                    return false;
                }
                self.held = rest.to_owned();
                self.state = State::Answer;
            }
            State::Answer => {
                self.answer.push_str(&self.held);
                self.held.clear();
                // A template that opens the thinking leaves the text with its end alone.
                if self.thinking.is_empty() && self.answer.contains(CLOSE) {
                    self.held = std::mem::take(&mut self.answer);
                    self.state = State::Thinking;
                    return true;
                }
                return false;
            }
        }
        true
    }

    /// The answer so far.
    pub(super) fn answer(&self) -> &str {
        &self.answer
    }

    /// The answer and the thinking, which is `None` where there was none. A text that ends within
    /// the thinking has no answer.
    pub(super) fn finish(mut self) -> (String, Option<String>) {
        let rest = std::mem::take(&mut self.held);
        match self.state {
            State::Start => self.answer.push_str(&rest),
            State::Thinking => self.thinking.push_str(&rest),
            State::Turn | State::Answer => {}
        }
        let thinking = self.thinking.trim();
        let thought = self.state == State::Thinking || !thinking.is_empty();
        (self.answer, thought.then(|| thinking.to_owned()))
    }
}

/// How many bytes at the end of `text` may be the beginning of `tag`.
fn tail(text: &str, tag: &str) -> usize {
    let lengths = (1..tag.len()).rev();
    lengths
        .into_iter()
        .find(|len| text.ends_with(&tag[..*len]))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes `text` apart in pieces of every size; they must agree.
    #[track_caller]
    fn check(opened: bool, text: &str, answer: &str, thinking: Option<&str>) {
        let characters: Vec<char> = text.chars().collect();
        for size in 1..=characters.len().max(1) {
            let mut split = Split::new(opened);
            for piece in characters.chunks(size) {
                split.push(&piece.iter().collect::<String>());
            }
            let want = (answer.to_owned(), thinking.map(str::to_owned));
            assert_eq!(split.finish(), want, "{text:?} by {size}");
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
    }

    #[test]
    fn thinking_that_the_template_opened_ends_with_its_tag() {
        check(true, "why?</think>42", "42", Some("why?"));
        check(false, "why?\n</think>\n42", "42", Some("why?"));
    }

    #[test]
    fn thinking_sent_apart_stays_apart() {
        let mut split = Split::new(false);
        split.think("why?");
        split.push("42");
        assert_eq!(split.answer(), "42");
        assert_eq!(split.finish(), ("42".to_owned(), Some("why?".to_owned())));
    }
}
