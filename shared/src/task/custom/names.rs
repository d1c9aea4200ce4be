//! The names that a script can use, for editors. Plain data: it needs no interpreter.

/// Where a name of [`SCRIPT_NAMES`] belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameGroup {
    /// What `ctx` gives.
    Context,
    /// What a haystack has.
    Haystack,
    /// A field of the map that `generate` returns.
    Prompt,
    /// A field of a piece of context.
    Piece,
    /// A field of the map that `about` returns.
    About,
}

impl NameGroup {
    /// Every group, in the order of [`SCRIPT_NAMES`].
    pub const ALL: [Self; 5] = [
        Self::Context,
        Self::Haystack,
        Self::Prompt,
        Self::Piece,
        Self::About,
    ];

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Context => "What ctx gives",
            Self::Haystack => "A haystack",
            Self::Prompt => "What generate returns",
            Self::Piece => "A piece of context that marks evidence",
            Self::About => "What about returns",
        }
    }
}

/// A name that a script can use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScriptName {
    /// Where it belongs.
    pub group: NameGroup,
    /// As it is written in a script, with the names of its parameters: `ctx.pick(items)`.
    pub code: &'static str,
    /// What it gives or is, in a few words.
    pub about: &'static str,
}

impl ScriptName {
    /// The code as far as it is the same in every script: `ctx.pick(` of `ctx.pick(items)`.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::task::custom::SCRIPT_NAMES;
    /// let pick = SCRIPT_NAMES.iter().find(|name| name.code == "ctx.pick(items)").unwrap();
    /// assert_eq!(pick.stem(), "ctx.pick(");
    /// ```
    pub fn stem(&self) -> &'static str {
        match self.code.find(['(', '[']) {
            Some(at) => &self.code[..=at],
            None => self.code,
        }
    }
}

/// Every name; `docs/custom-tasks.md` says more about each.
pub static SCRIPT_NAMES: [ScriptName; 40] = [
    name(
        NameGroup::Context,
        "ctx.size",
        "how much to fill; more must mean a longer prompt",
    ),
    name(
        NameGroup::Context,
        "ctx.number",
        "the sample's number, from 0",
    ),
    name(NameGroup::Context, "ctx.seed", "the seed"),
    name(
        NameGroup::Context,
        "ctx.budget",
        "tokens for instruction, context and question together",
    ),
    name(
        NameGroup::Context,
        "ctx.tokens(text)",
        "how many tokens a text has",
    ),
    name(NameGroup::Context, "ctx.random()", "a fraction below 1"),
    name(
        NameGroup::Context,
        "ctx.random_int(low, high)",
        "a whole number, both ends included",
    ),
    name(
        NameGroup::Context,
        "ctx.pick(items)",
        "one item of an array",
    ),
    name(
        NameGroup::Context,
        "ctx.sample(items, k)",
        "`k` different items",
    ),
    name(
        NameGroup::Context,
        "ctx.shuffle(items)",
        "a new array or haystack in random order",
    ),
    name(NameGroup::Context, "ctx.uuid()", "a UUID"),
    name(
        NameGroup::Context,
        "ctx.word()",
        "an adjective-noun pair, as in RULER's keys",
    ),
    name(NameGroup::Context, "ctx.noun()", "a noun"),
    name(NameGroup::Context, "ctx.adjective()", "an adjective"),
    name(NameGroup::Context, "ctx.verb()", "a verb"),
    name(
        NameGroup::Context,
        "ctx.essay(n)",
        "a haystack of `n` sentences of the essay",
    ),
    name(
        NameGroup::Context,
        "ctx.noise(n)",
        "a haystack of `n` sentences of RULER's noise",
    ),
    name(
        NameGroup::Context,
        "ctx.passages(n)",
        "a haystack of `n` passages, in random order",
    ),
    name(NameGroup::Context, "ctx.haystack()", "an empty haystack"),
    name(
        NameGroup::Context,
        "ctx.hide(hay, pieces)",
        "a new haystack with the pieces spread over its depth",
    ),
    name(
        NameGroup::Haystack,
        "hay.push(piece)",
        "adds a piece, a haystack or an array",
    ),
    name(NameGroup::Haystack, "hay.len", "how many pieces it has"),
    name(NameGroup::Haystack, "hay[i]", "the text of piece `i`"),
    name(
        NameGroup::Prompt,
        "context",
        "a piece, a haystack, or an array of them; required",
    ),
    name(NameGroup::Prompt, "question", "the question; required"),
    name(
        NameGroup::Prompt,
        "references",
        "what a right answer contains: strings or whole numbers; required",
    ),
    name(
        NameGroup::Prompt,
        "instruction",
        "a line before the context",
    ),
    name(
        NameGroup::Prompt,
        "join",
        "what stands between two pieces; a line break",
    ),
    name(
        NameGroup::Piece,
        "text",
        "what stands in the context; required",
    ),
    name(
        NameGroup::Piece,
        "evidence",
        "\"needle\", \"hop\", \"document\" or \"word\"",
    ),
    name(NameGroup::Piece, "gold", "false for what misleads"),
    name(NameGroup::Piece, "label", "what a reader is told about it"),
    name(
        NameGroup::Piece,
        "depth",
        "its place, 0.0 (start) to 1.0 (end)",
    ),
    name(NameGroup::Piece, "chain", "which chain, for a hop"),
    name(NameGroup::Piece, "hop", "which link of the chain"),
    name(NameGroup::About, "title", "the task's name; required"),
    name(NameGroup::About, "about", "what it asks, in one sentence"),
    name(
        NameGroup::About,
        "metric",
        "\"all\": the share of references found; \"part\": any of them",
    ),
    name(
        NameGroup::About,
        "tokens_to_generate",
        "room for the answer; 128",
    ),
    name(
        NameGroup::About,
        "answer_prefix",
        "the words the answer begins with; \" Answer:\"",
    ),
];

const fn name(group: NameGroup, code: &'static str, about: &'static str) -> ScriptName {
    ScriptName { group, code, about }
}

#[cfg(test)]
mod tests {
    use super::super::TaskFile;
    use super::super::tests::{made, script};
    use super::*;

    fn of(group: NameGroup) -> impl Iterator<Item = &'static ScriptName> {
        SCRIPT_NAMES.iter().filter(move |name| name.group == group)
    }

    #[test]
    fn every_name_of_ctx_and_haystacks_runs_as_it_is_written() {
        for name in of(NameGroup::Context).chain(of(NameGroup::Haystack)) {
            let code = name.code;
            let body = format!(
                r#"let text = "x"; let low = 1; let high = 3; let items = ["a", "b"]; let k = 1;
                let n = 2; let i = 0; let piece = "p"; let pieces = ["q"];
                let hay = ctx.haystack(); hay.push("z");
                let got = {code};
                #{{ context: "c", question: "q", references: ["r"] }}"#
            );
            if let Err(error) = made(&script(&body), 0) {
                panic!("`{code}`: {error}");
            }
        }
    }

    #[test]
    fn every_field_is_known_where_it_belongs() {
        let some = |name: &ScriptName| match name.code {
            "references" => r#"["r"]"#,
            "gold" => "true",
            "depth" => "0.5",
            "chain" | "hop" => "1",
            "evidence" => r#""hop""#,
            "metric" => r#""part""#,
            "tokens_to_generate" => "32",
            _ => r#""x""#,
        };
        let map = |group| {
            let fields = of(group).filter(|name| name.code != "context");
            let fields = fields.map(|name| format!("{}: {}", name.code, some(name)));
            fields.collect::<Vec<_>>().join(", ")
        };
        let [about, prompt, piece] =
            [NameGroup::About, NameGroup::Prompt, NameGroup::Piece].map(map);
        let text = format!(
            "fn about() {{ #{{ {about} }} }}\nfn generate(ctx) {{ #{{ context: [#{{ {piece} }}], {prompt} }} }}"
        );
        let mut spec = script("");
        spec.script = Some(text.clone());
        if let Err(error) = made(&spec, 0) {
            panic!("{error}: {text}");
        }
    }

    /// Every word in quotation marks after `before` in a file.
    fn quoted(source: &'static str, before: &str) -> Vec<&'static str> {
        let parts = source.split(before).skip(1);
        let words = parts.filter_map(|part| part.trim_start().strip_prefix('"')?.split('"').next());
        words.collect()
    }

    #[test]
    fn nothing_that_the_engine_knows_is_missing() {
        let source = include_str!("generate_context.rs");
        let registered = quoted(source, "register_fn(").into_iter();
        for name in registered.chain(quoted(source, "register_get(")) {
            let known = SCRIPT_NAMES.iter().any(|known| {
                let (_, member) = known.code.split_once('.').unwrap_or_default();
                member.split('(').next() == Some(name)
            });
            assert!(known, "`{name}` is not in SCRIPT_NAMES");
        }
        assert!(quoted(source, "register_fn(").len() > 15);
    }

    #[test]
    fn the_documentation_has_every_name_and_its_example_runs() {
        let docs = include_str!("../../../../docs/custom-tasks.md");
        for name in &SCRIPT_NAMES {
            let word = name.code.split(['(', '[']).next().unwrap_or_default();
            assert!(docs.contains(word), "`{word}` is not documented");
        }
        let (_, after) = docs.split_once("```rhai\n").unwrap();
        let (example, _) = after.split_once("```").unwrap();
        let mut spec = script("");
        spec.script = Some(example.to_owned());
        if let Err(error) = made(&spec, 0) {
            panic!("the example of the documentation: {error}");
        }
        let (_, after) = docs.split_once("```toml\n").unwrap();
        let (example, _) = after.split_once("```").unwrap();
        if let Err(error) = TaskFile::read("docs.toml", example) {
            panic!("the file of the documentation: {error}");
        }
    }
}
