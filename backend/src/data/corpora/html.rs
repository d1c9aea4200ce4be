//! A page of paulgraham.com as the text that RULER's script makes of it: the page's first `font`
//! element in html2text's Markdown. Only the words are meant to be the same, as RULER reads them
//! split at white space; html2text's line breaks, which also fall behind hyphens, are not made.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::markdown::MarkdownWriter;

/// The text of the first `font` element, or nothing where there is none.
pub(super) fn essay(page: &[u8]) -> Option<String> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(unescape(page)));
    let tokenizer = Tokenizer::new(EssaySink::default(), TokenizerOpts::default());
    // Nothing but a script that is to be run would interrupt it, and none is.
    let _done = tokenizer.feed(&input);
    tokenizer.end();
    let mut page = tokenizer.sink.0.into_inner();
    page.close(0);
    page.found.then(|| page.text.finish())
}

/// The characters as the script reads them: each byte is one (Latin-1), and backslashes escape as
/// in Python's literals. An escape that is none stays as it is; the script loses such a page.
fn unescape(page: &[u8]) -> String {
    let chars: Vec<char> = page.iter().copied().map(char::from).collect();
    let number = |from: usize, most: usize, radix: u32| {
        let digits = chars[from..].iter().take(most);
        let digits: String = digits.take_while(|c| c.is_digit(radix)).collect();
        let value = u32::from_str_radix(&digits, radix).ok()?;
        Some((digits.len(), char::from_u32(value)?))
    };
    let exactly =
        |from: usize, count: usize| number(from, count, 16).filter(|(digits, _)| *digits == count);
    let mut text = String::with_capacity(chars.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        at += 1;
        let Some(&escaped) = chars.get(at).filter(|_| c == '\\') else {
            text.push(c);
            continue;
        };
        let (digits, meant) = match escaped {
            '\n' => (0, None),
            '\\' | '\'' | '"' => (0, Some(escaped)),
            'a' => (0, Some('\u{7}')),
            'b' => (0, Some('\u{8}')),
            'f' => (0, Some('\u{c}')),
            'n' => (0, Some('\n')),
            'r' => (0, Some('\r')),
            't' => (0, Some('\t')),
            'v' => (0, Some('\u{b}')),
            '0'..='7' => match number(at, 3, 8) {
                Some((digits, meant)) => (digits - 1, Some(meant)),
                None => (0, Some(escaped)),
            },
            'x' | 'u' | 'U' => {
                let count = [2, 4, 8][usize::from(escaped != 'x') + usize::from(escaped == 'U')];
                match exactly(at + 1, count) {
                    Some((digits, meant)) => (digits, Some(meant)),
                    None => {
                        text.push(c);
                        continue;
                    }
                }
            }
            _ => {
                text.push(c);
                continue;
            }
        };
        text.extend(meant);
        at += 1 + digits;
    }
    text
}

/// Follows the tags as Beautiful Soup does over Python's `html.parser`: an end tag closes
/// everything down to its start tag, or nothing where there is no such start tag.
#[derive(Default)]
struct EssayExtractor {
    open: Vec<String>,
    /// How many elements were open when the first `font` began, while that one is open.
    essay: Option<usize>,
    found: bool,
    /// Text since the last tag.
    pending: String,
    text: MarkdownWriter,
}

#[derive(Default)]
struct EssaySink(RefCell<EssayExtractor>);

impl TokenSink for EssaySink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut page = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => return page.tag(&tag),
            Token::CharacterTokens(text) if page.essay.is_some() => page.pending.push_str(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl EssayExtractor {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        self.flush();
        let name: &str = &tag.name;
        if tag.kind == TagKind::EndTag {
            if let Some(from) = self.open.iter().rposition(|open| open == name) {
                self.close(from);
            }
            return TokenSinkResult::Continue;
        }
        if self.essay.is_some() {
            let value = |name: &str| {
                let named = tag.attrs.iter().find(|attr| &*attr.name.local == name);
                named.map(|attr| attr.value.to_string())
            };
            self.text.start(name, value);
        } else if name == "font" && !self.found {
            self.found = true;
            self.essay = Some(self.open.len());
        }
        self.open.push(name.to_owned());
        if tag.self_closing || is_void(name) {
            self.close(self.open.len() - 1);
        }
        match name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" => TokenSinkResult::RawData(RawKind::Rawtext),
            _ => TokenSinkResult::Continue,
        }
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.pending);
        if self.essay.is_some() && !text.is_empty() {
            // These three come to html2text as entities, each of them a text of its own.
            for piece in text.split_inclusive(['&', '<', '>']) {
                let (before, entity) = match piece.strip_suffix(['&', '<', '>']) {
                    Some(before) => piece.split_at(before.len()),
                    None => (piece, ""),
                };
                for piece in [before, entity] {
                    if !piece.is_empty() {
                        self.text.text(piece);
                    }
                }
            }
        }
    }

    /// Closes what is open until only `keep` elements are.
    fn close(&mut self, keep: usize) {
        self.flush();
        while self.open.len() > keep {
            let Some(name) = self.open.pop() else { break };
            match self.essay {
                Some(at) if self.open.len() == at => self.essay = None,
                Some(_) => self.text.end(&name),
                None => {}
            }
        }
    }
}

fn is_void(name: &str) -> bool {
    const VOID: [&str; 14] = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
        "source", "track", "wbr",
    ];
    VOID.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::{essay, unescape};

    fn words(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The right-hand sides are what CPython 3.11 makes of the bytes.
    #[test]
    fn bytes_are_read_as_the_script_reads_them() {
        let cases: [(&[u8], &str); 7] = [
            (br"a\n b", "a\n b"),
            (br"a\' b \d", r"a' b \d"),
            (br"\x41\101\u2019", "AA\u{2019}"),
            (br"\\n", r"\n"),
            (b"\x92 \xc3\xa9", "\u{92} \u{c3}\u{a9}"),
            (br"\xzz \u12", r"\xzz \u12"),
            (b"end\\", "end\\"),
        ];
        for (bytes, text) in cases {
            assert_eq!(unescape(bytes), text);
        }
    }

    /// Beautiful Soup 4.15.0 and html2text 2025.4.15 with the script's settings and a line width
    /// of 0 made the text of the page; both were written for this test.
    #[test]
    fn a_page_becomes_the_words_that_the_script_makes() {
        let text = essay(include_bytes!("testdata/page.html")).unwrap();
        assert_eq!(words(&text), words(include_str!("testdata/page.txt")));
    }

    #[test]
    fn only_the_first_font_counts() {
        let text = |page: &str| essay(page.as_bytes()).map(|text| words(&text));
        let one = "<td>x<font>a<font>b</font>c</font>d<font>e</font></td>";
        assert_eq!(text(one).unwrap(), "abc");
        assert_eq!(text("<td><font>a<font>b</td>c").unwrap(), "ab");
        assert_eq!(text("<p>no essay"), None);
    }
}
