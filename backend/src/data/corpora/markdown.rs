//! Markdown as Python's html2text writes it, as far as essays need it. What it does was found out
//! by asking it; line breaks are made where they stand between words, and not counted.

/// What was written so far.
#[derive(Default)]
pub(super) struct MarkdownWriter {
    out: String,
    /// A line break (1) or an empty line (2) is due before the next text.
    breaks: usize,
    /// A line has begun with a mark, so that a break that follows at once is dropped.
    fresh: bool,
    /// The first text of an emphasis came, perhaps its end as well, and nothing else: text that
    /// follows is held off by a space.
    after: bool,
    /// An emphasis has begun and no text yet: the next one loses the white space around it.
    before: bool,
    quotes: usize,
    verbatim: usize,
    code: usize,
    silent: usize,
    /// The next number of each list, or none where it has bullets.
    lists: Vec<Option<u32>>,
    links: Vec<Option<MarkdownLink>>,
}

struct MarkdownLink {
    href: String,
    title: Option<String>,
    /// Where its text begins.
    from: usize,
}

impl MarkdownWriter {
    pub(super) fn finish(mut self) -> String {
        self.out.truncate(self.out.trim_end().len());
        self.out.push('\n');
        self.out
    }

    pub(super) fn text(&mut self, text: &str) {
        if self.silent > 0 {
            return;
        }
        if self.verbatim > 0 {
            self.raw(&text.replace('\n', "\n    "));
            return;
        }
        let first_of_emphasis = std::mem::take(&mut self.before);
        let text = match first_of_emphasis {
            true => text.trim(),
            false => text,
        };
        let escaped = match self.code {
            0 => escape(text),
            _ => text.to_owned(),
        };
        let mut data = String::new();
        for c in escaped.chars() {
            match c.is_whitespace() {
                true if data.ends_with(' ') => {}
                true => data.push(' '),
                false => data.push(c),
            }
        }
        let data = match self.breaks {
            0 => &data,
            _ => data.trim_start(),
        };
        let Some(first) = data.chars().next() else {
            self.after |= first_of_emphasis;
            return;
        };
        if self.after && first != ' ' && !"[](){}.!?".contains(first) {
            self.out.push(' ');
        }
        self.raw(data);
        self.after = first_of_emphasis;
    }

    pub(super) fn start(&mut self, name: &str, attribute: impl Fn(&str) -> Option<String>) {
        match name {
            "br" => self.line_break(),
            "p" | "div" | "dl" => self.due(2),
            "em" | "i" | "u" => self.emphasis("_"),
            "b" | "strong" => self.emphasis("**"),
            "s" | "strike" | "del" => self.emphasis("~~"),
            "code" | "tt" | "kbd" => {
                self.raw("`");
                self.code += 1;
            }
            "q" => self.raw("\""),
            "a" => {
                let link = attribute("href").filter(|href| !href.starts_with('#'));
                if link.is_some() {
                    self.raw("[");
                }
                self.after = false;
                let from = self.out.len();
                self.links.push(link.map(|href| MarkdownLink {
                    href,
                    title: attribute("title"),
                    from,
                }));
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.due(2);
                let level = name[1..].parse().unwrap_or(1);
                self.mark(&format!("{} ", "#".repeat(level)));
            }
            "hr" => {
                self.due(2);
                self.raw("* * *");
                self.due(2);
            }
            "ul" | "ol" => {
                self.due(2);
                let first = attribute("start").and_then(|n| n.parse().ok()).unwrap_or(1);
                self.lists.push((name == "ol").then_some(first));
            }
            "li" => {
                self.due(1);
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("  {}. ", *number - 1)
                    }
                    _ => "  * ".to_owned(),
                };
                self.mark(&mark);
            }
            "blockquote" => {
                self.due(2);
                self.mark("> ");
                self.quotes += 1;
            }
            "pre" => {
                self.due(2);
                self.mark("    ");
                self.verbatim += 1;
            }
            "script" | "style" | "head" => self.silent += 1,
            _ => {}
        }
    }

    pub(super) fn end(&mut self, name: &str) {
        match name {
            "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.due(2),
            "dt" | "dd" | "li" => self.due(1),
            "tr" => self.line_break(),
            "em" | "i" | "u" => self.emphasis_end("_"),
            "b" | "strong" => self.emphasis_end("**"),
            "s" | "strike" | "del" => self.emphasis_end("~~"),
            "code" | "tt" | "kbd" => {
                self.raw("`");
                self.code = self.code.saturating_sub(1);
            }
            "q" => self.raw("\""),
            "a" => {
                if let Some(Some(link)) = self.links.pop() {
                    self.link(&link);
                }
                self.after = false;
            }
            "ul" | "ol" => {
                self.lists.pop();
                self.due(2);
            }
            "blockquote" => {
                self.quotes = self.quotes.saturating_sub(1);
                self.fresh = false;
                self.due(2);
            }
            "pre" => {
                self.verbatim = self.verbatim.saturating_sub(1);
                self.due(2);
            }
            "script" | "style" | "head" => self.silent = self.silent.saturating_sub(1),
            _ => {}
        }
    }

    fn due(&mut self, breaks: usize) {
        if !self.fresh {
            self.breaks = self.breaks.max(breaks);
        }
        self.after = false;
    }

    fn raw(&mut self, text: &str) {
        if self.breaks > 0 && !self.out.is_empty() {
            for _ in 0..self.breaks {
                self.new_line();
            }
        }
        self.breaks = 0;
        self.out.push_str(text);
        (self.fresh, self.after) = (false, false);
    }

    fn mark(&mut self, mark: &str) {
        self.raw(mark);
        self.fresh = true;
    }

    fn line_break(&mut self) {
        self.raw("");
        self.new_line();
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        self.out.push_str(&"> ".repeat(self.quotes));
    }

    fn emphasis(&mut self, mark: &str) {
        let held_off = self.after;
        self.raw("");
        let apart = match (mark, self.out.chars().next_back()) {
            (_, None) => false,
            ("_", Some('_' | '*' | '~')) => held_off,
            ("_", Some(last)) => !(last.is_whitespace() || last.is_ascii_punctuation()),
            (_, Some(last)) => mark.starts_with(last),
        };
        if apart {
            self.out.push(' ');
        }
        self.out.push_str(mark);
        self.before = true;
    }

    fn emphasis_end(&mut self, mark: &str) {
        let after = self.after;
        self.raw(mark);
        self.after = after;
    }

    fn link(&mut self, link: &MarkdownLink) {
        let text = self.out.get(link.from..).unwrap_or_default();
        if text == link.href && link.href.contains("://") {
            let text = format!("<{text}>");
            self.out.truncate(link.from - 1);
            self.raw(&text);
            return;
        }
        let href = link.href.replace('(', "\\(").replace(')', "\\)");
        let title = link.title.as_deref();
        let title = title.map(|title| format!(" \"{title}\""));
        self.raw(&format!("]({href}{})", title.unwrap_or_default()));
    }
}

/// Backslashes before what Markdown would take for a list's mark at the start of a line, and before
/// a backslash that would itself escape.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (n, line) in text.split('\n').enumerate() {
        if n > 0 {
            out.push('\n');
        }
        let body = line.trim_start();
        out.push_str(&line[..line.len() - body.len()]);
        let spaced = |rest: &str| match rest.chars().next() {
            Some(c) => c.is_whitespace(),
            None => text.split('\n').nth(n + 1).is_some(),
        };
        let digits = body.len() - body.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (head, rest) = body.split_at(digits);
        out.push_str(head);
        let marks = match digits {
            0 => {
                rest.strip_prefix('+').is_some_and(spaced)
                    || rest
                        .strip_prefix('-')
                        .is_some_and(|rest| rest.starts_with('-') || spaced(rest))
            }
            _ => rest.strip_prefix('.').is_some_and(spaced),
        };
        if marks {
            out.push('\\');
        }
        let mut chars = rest.chars().peekable();
        while let Some(c) = chars.next() {
            if c == '\\'
                && chars
                    .peek()
                    .is_some_and(|next| "\\`*_{}[]()#+-.!".contains(*next))
            {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}
