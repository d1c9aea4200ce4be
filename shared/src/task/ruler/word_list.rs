//! Counts the tokens of a word list without building its text. If no token spans two words, the
//! list has as many tokens as its words together, so a search need not write texts that it
//! discards.

use rustc_hash::FxHashMap;

use crate::tokens::{TokenCounter, Tokens};

/// Counts lists, and caches the tokens of their words.
pub(super) struct WordListCounter<'c> {
    counter: &'c TokenCounter<'c>,
    /// Tokens of a word with the space before it; `None` if they depend on its neighbours.
    words: FxHashMap<String, Option<u32>>,
    /// Tokens of ` 0.`, ` 1.` and so on.
    numbers: Vec<u32>,
    /// The sum of these.
    counted: u32,
}

impl<'c> WordListCounter<'c> {
    pub(super) fn new(counter: &'c TokenCounter<'c>) -> Self {
        Self {
            counter,
            words: FxHashMap::default(),
            numbers: Vec::new(),
            counted: 0,
        }
    }

    /// The tokens of `before`, the words in `list` joined by single spaces, and `after`.
    pub(super) fn spaced(
        &mut self,
        before: &str,
        words: &[impl AsRef<str>],
        list: &[u32],
        after: &str,
    ) -> Tokens {
        let each = self.each(words);
        let able = |i: usize| each[list[i] as usize];
        let last = list.len().saturating_sub(1);
        let mut sum = TokenSum::new(self.counter, before);
        for (i, word) in list.iter().enumerate() {
            // Whether a token crosses a space depends on both neighbours.
            let inner = (1..last).contains(&i) && able(i - 1).is_some() && able(i + 1).is_some();
            match able(i).filter(|_| inner) {
                Some(tokens) => sum.add(tokens),
                None => {
                    if i > 0 {
                        sum.open.push(' ');
                    }
                    sum.open.push_str(words[*word as usize].as_ref());
                }
            }
        }
        sum.total(after)
    }

    /// The tokens of `before`, the words in `list` as `1. word 2. word`, and `after`; or some
    /// number above `most`, if they certainly exceed it.
    pub(super) fn numbered(
        &mut self,
        before: &str,
        words: &[impl AsRef<str>],
        list: &[u32],
        after: &str,
        most: Tokens,
    ) -> Tokens {
        if let Some(more) = self.certainly_more(list.len(), most) {
            return more;
        }
        let each = self.each(words);
        let mut sum = TokenSum::new(self.counter, before);
        for (i, word) in (1..).zip(list.iter().map(|word| *word as usize)) {
            let alone = each[word].filter(|_| i < list.len());
            match alone {
                Some(tokens) if sum.open.is_empty() => sum.add(self.numbers[i] + tokens),
                _ => {
                    if i > 1 {
                        sum.open.push(' ');
                    }
                    sum.open.push_str(&format!("{i}."));
                    match alone {
                        Some(tokens) => sum.add(tokens),
                        None => sum.open.extend([" ", words[word].as_ref()]),
                    }
                }
            }
        }
        sum.total(after)
    }

    /// A lower bound for a numbered list of this many words, if it exceeds `most`: its numbers, and
    /// one token per word.
    fn certainly_more(&mut self, words: usize, most: Tokens) -> Option<Tokens> {
        // The first number has no space before it, and a word that depends on its neighbours might
        // share a token with a number: this allows for one in eight.
        let room = |words: usize| u64::from(most.0) + words as u64 / 8 + 8;
        let least = |counted: u32, words: usize| u64::from(counted) + words as u64;
        let adds_up = self.counter.stands_alone("word");
        while self.numbers.len() <= words {
            let number = self.numbers.len();
            if adds_up && least(self.counted, number) > room(number) {
                break;
            }
            let tokens = self.counter.count(&format!(" {number}.")).0;
            self.numbers.push(tokens);
            // Lists start at 1.
            self.counted += if number > 0 { tokens } else { 0 };
        }
        let short = self.numbers.len() <= words;
        short.then_some(Tokens(most.0.saturating_add(1)))
    }

    fn each(&mut self, words: &[impl AsRef<str>]) -> Vec<Option<u32>> {
        let counter = self.counter;
        let mut tokens = |word: &str| match self.words.get(word) {
            Some(known) => *known,
            None => {
                let alone = counter.stands_alone(word);
                let tokens = alone.then(|| counter.count(&format!(" {word}")).0);
                self.words.insert(word.to_owned(), tokens);
                tokens
            }
        };
        words.iter().map(|word| tokens(word.as_ref())).collect()
    }
}

/// A sum of tokens, and the text since the last place that no token crosses.
struct TokenSum<'c> {
    counter: &'c TokenCounter<'c>,
    tokens: u32,
    open: String,
}

impl<'c> TokenSum<'c> {
    fn new(counter: &'c TokenCounter<'c>, before: &str) -> Self {
        Self {
            counter,
            tokens: 0,
            open: before.to_owned(),
        }
    }

    /// Adds tokens of an independent part.
    fn add(&mut self, tokens: u32) {
        if !self.open.is_empty() {
            self.tokens += self.counter.count(&self.open).0;
            self.open.clear();
        }
        self.tokens += tokens;
    }

    fn total(mut self, after: &str) -> Tokens {
        self.open.push_str(after);
        Tokens(self.tokens + self.counter.count(&self.open).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One token for each run of letters, digits or other characters, with the space before it.
    fn counter() -> TokenCounter<'static> {
        let kind = |c: char| match c {
            'a'..='z' => 0,
            '0'..='9' => 1,
            ' ' => 2,
            _ => 3,
        };
        let count = move |text: &str| {
            let mut before = ' ';
            let mut tokens = 0;
            for c in text.chars() {
                let joined = kind(c) == kind(before) || (before == ' ' && c != ' ');
                tokens += usize::from(!joined || (tokens == 0));
                before = c;
            }
            tokens
        };
        TokenCounter::new("runs", count, |_| Vec::new()).in_parts(Vec::new())
    }

    #[test]
    fn as_many_as_the_written_list_has() {
        let counter = counter();
        let mut lists = WordListCounter::new(&counter);
        let words = ["one", "café", "two", "élan", "...", "don't"];
        for list in [
            &[][..],
            &[1],
            &[0, 2],
            &[0, 1, 1, 3, 2, 4, 5, 0],
            &[3, 0, 4, 2, 5, 5, 1, 1],
        ] {
            let named: Vec<_> = list.iter().map(|i| words[*i as usize]).collect();
            let text = format!("say\n{}\n?", named.join(" "));
            let spaced = lists.spaced("say\n", &words, list, "\n?");
            assert_eq!(spaced, counter.count(&text), "{text}");
            let numbered = (1..).zip(&named).map(|(i, word)| format!("{i}. {word}"));
            let text = format!("say\n{}\n?", numbered.collect::<Vec<_>>().join(" "));
            let most = Tokens(1000);
            let numbered = lists.numbered("say\n", &words, list, "\n?", most);
            assert_eq!(numbered, counter.count(&text), "{text}");
        }
    }

    #[test]
    fn a_list_that_is_far_too_long_is_not_counted() {
        let counter = counter();
        let mut lists = WordListCounter::new(&counter);
        let list = vec![0; 10_000];
        let exact = lists.numbered("", &["one"], &list, "", Tokens(u32::MAX));
        for most in [100, 9_000, exact.0 - 1, exact.0, exact.0 + 1] {
            let mut lists = WordListCounter::new(&counter);
            let got = lists.numbered("", &["one"], &list, "", Tokens(most));
            assert_eq!(got.0 > most, exact.0 > most, "{most}");
        }
        let mut lists = WordListCounter::new(&counter);
        lists.numbered("", &["one"], &list, "", Tokens(100));
        assert!(lists.numbers.len() < 100, "{}", lists.numbers.len());
    }
}
