use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::*;
use crate::corpora::Corpora;
use crate::tokens::TokenCounter;

fn words() -> TokenCounter<'static> {
    let starts = |text: &str| {
        let words = text.split_whitespace();
        words
            .map(|word| word.as_ptr() as usize - text.as_ptr() as usize)
            .collect()
    };
    TokenCounter::new("words", |text| text.split_whitespace().count(), starts)
}

pub(super) fn made(spec: &TaskSpec, number: u32) -> Result<Sample, GenerateError> {
    static CORPORA: LazyLock<Corpora> = LazyLock::new(Corpora::bundled);
    let generator_context = GeneratorContext {
        counter: &words(),
        corpora: &CORPORA,
    };
    spec.sample(number, generator_context)
}

fn example(name: &str, length: u32, number: u32) -> Sample {
    let example = EXAMPLES
        .iter()
        .find(|example| example.name == name)
        .unwrap();
    let file = TaskFile::read(example.file, example.text).unwrap();
    made(&file.spec(Some(Tokens(length)), Some(42)), number).unwrap()
}

fn gold(sample: &Sample) -> Vec<&str> {
    let gold = sample.evidence.iter().filter(|piece| piece.gold);
    gold.map(|piece| &sample.input[piece.bytes.clone()])
        .collect()
}

/// A script with this body of `generate`, which begins on line 2.
pub(super) fn script(body: &str) -> TaskSpec {
    let script = format!("fn about() {{ #{{ title: \"t\" }} }}\nfn generate(ctx) {{\n{body}\n}}");
    TaskSpec::custom(&script, Tokens(1000), 1)
}

#[track_caller]
fn fails(body: &str, wanted: ScriptFault, at: u32) -> String {
    match made(&script(body), 0).unwrap_err() {
        GenerateError::Script {
            fault,
            line,
            message,
            ..
        } => {
            assert_eq!((fault, line), (wanted, at), "{message}");
            message
        }
        other => panic!("{other}"),
    }
}

#[test]
fn every_example_fits_and_knows_its_evidence() {
    for Example { name, .. } in EXAMPLES {
        for length in [1024, 8192] {
            for number in [0, 1, 5] {
                let sample = example(name, length, number);
                assert_eq!(sample.profile, Profile::Stratified, "{name}");
                let used = sample.length.0;
                assert!(
                    (length * 9 / 10..=length).contains(&used),
                    "{name}: {used} of {length}"
                );
                let again = words().count(&[&*sample.input, &*sample.answer_prefix].concat());
                assert_eq!(again.0 + sample.tokens_to_generate.0, used, "{name}");
                assert_eq!(
                    sample.sources.is_empty(),
                    *name == "multikey_hard",
                    "{name}"
                );
                let gold = gold(&sample);
                assert!(!gold.is_empty(), "{name}");
                for piece in &sample.evidence {
                    let text = &sample.input[piece.bytes.clone()];
                    assert_eq!(text, text.trim(), "{name}");
                    let words = text.split_whitespace().count() as u32;
                    assert_eq!(
                        piece.tokens.end - piece.tokens.start,
                        words,
                        "{name}: {text}"
                    );
                }
                if *name == "ledger_sum" {
                    let amount = |text: &&str| -> u32 {
                        let amount = text.rsplit(' ').nth(1).unwrap();
                        amount.parse().unwrap()
                    };
                    let sum: u32 = gold.iter().map(amount).sum();
                    assert_eq!(
                        (sample.references[0].as_str(), gold.len()),
                        (&*sum.to_string(), 5)
                    );
                    continue;
                }
                for reference in &sample.references {
                    let held = gold.iter().any(|text| text.contains(reference.as_str()));
                    assert!(held, "{name}: {reference} in {gold:?}");
                }
            }
        }
    }
}

#[test]
fn every_example_reaches_the_longest() {
    for Example { name, .. } in EXAMPLES {
        // A million takes a minute each in a build with runtime checks.
        let all = std::env::var_os("FATHOM_TEST_ALL").is_some();
        let most = if all { 1_048_576 } else { 262_144 };
        let used = example(name, most, 0).length.0;
        assert!((most * 99 / 100..=most).contains(&used), "{name}: {used}");
    }
}

#[test]
fn evidence_goes_to_even_depths() {
    let mut fifths = [0; 5];
    for number in 0..50 {
        let sample = example("no_lexical_overlap", 1024, number);
        let gold = sample.evidence.iter().find(|piece| piece.gold).unwrap();
        fifths[gold.bytes.start * 5 / sample.input.len()] += 1;
    }
    assert!(fifths.iter().all(|count| *count >= 4), "{fifths:?}");
}

/// NoLiMa's property, over all landmarks and wordings drawn for 200 samples.
#[test]
fn question_and_needle_share_no_word() {
    let content = |text: &str| -> BTreeSet<String> {
        let words = text
            .split(|c: char| !c.is_alphabetic())
            .map(str::to_lowercase);
        words.filter(|word| word.chars().count() > 3).collect()
    };
    let mut asked = BTreeSet::new();
    for number in 0..200 {
        let sample = example("no_lexical_overlap", 256, number);
        let question = sample.input.lines().last().unwrap();
        let needle = gold(&sample)[0].to_owned();
        let (question, needle) = (content(question), content(&needle));
        assert!(question.is_disjoint(&needle), "{question:?} {needle:?}");
        asked.insert(question);
    }
    assert!(asked.len() >= 20, "{} countries", asked.len());
}

#[test]
fn what_is_unbounded_ends() {
    fails("let x = 1;\nloop { x += 1; }", ScriptFault::Operations, 4);
    fails("while true {}", ScriptFault::Operations, 3);
    fails("let s = \"x\";\nloop { s += s; }", ScriptFault::Memory, 4);
    fails("let a = [];\nloop { a.push(1); }", ScriptFault::Memory, 4);
    fails("let a = [1];\nloop { a = [a]; }", ScriptFault::Memory, 4);
    fails("let m = #{};\nloop {m = #{m: m};}", ScriptFault::Memory, 4);
    fails(
        "let h = ctx.haystack();\nloop { h.push(\"word\"); }",
        ScriptFault::Memory,
        4,
    );
    fails(
        "let h = ctx.noise(1);\nloop { h.push(h); }",
        ScriptFault::Memory,
        4,
    );
    fails("ctx.essay(1_000_000_000)", ScriptFault::Memory, 3);
    fails("generate(ctx)", ScriptFault::Depth, 3);
    fails("let f = |x| x;\nsleep(1)", ScriptFault::Runtime, 4);
    let nested = ["(".repeat(500), "1".into(), ")".repeat(500)].concat();
    fails(&nested, ScriptFault::Syntax, 3);
    fails("let y = 2 ** 3;", ScriptFault::Syntax, 3);
    fails("eval(\"1\")", ScriptFault::Syntax, 3);
}

#[test]
fn errors_show_their_line() {
    fails("let x = ;", ScriptFault::Syntax, 3);
    fails("\nlet x = unknown;", ScriptFault::Syntax, 4);
    fails("\n\nthrow \"no\";", ScriptFault::Runtime, 5);
    fails("let x = [1];\nx[3]", ScriptFault::Runtime, 4);
    fails("let x = #{};\nx.field", ScriptFault::Runtime, 4);
    fails("ctx.pick([])", ScriptFault::Runtime, 3);
    fails("ctx.nothing()", ScriptFault::Runtime, 3);
    let shapes = [
        (
            "42",
            "what `generate` returns is a whole number, expected a map `#{ … }`",
        ),
        ("#{}", "what `generate` returns has no `context`"),
        (
            "#{ context: [1], question: \"q\", references: [\"r\"] }",
            "`context`: a piece of context is a whole number, expected a string, a map with \
             `text`, or a haystack",
        ),
        (
            "#{ context: [\"c\"], references: [\"r\"] }",
            "what `generate` returns has no `question`",
        ),
        (
            "#{ context: [\"c\"], question: \"q\", references: [] }",
            "`references` has 0 items, expected 1 to 100",
        ),
        (
            "#{ context: [\"c\"], question: \"q\", references: [\"r\"], more: 1 }",
            "what `generate` returns has an unknown field `more`; it takes context, question, \
             references, instruction and join",
        ),
        (
            "#{ context: [#{ text: \"c\", depth: 2 }], question: \"q\", references: [\"r\"] }",
            "`context`: `depth` of a piece of context is `2`, expected a number from 0.0 to 1.0",
        ),
        (
            "#{ context: [#{ text: \"c\", evidence: \"hay\" }], question: \"q\", references: [1] }",
            "`context`: `evidence` is `hay`, expected `needle`, `hop`, `document` or `word`",
        ),
    ];
    for (body, message) in shapes {
        assert_eq!(fails(body, ScriptFault::Shape, 2), message);
    }
}

#[test]
fn a_script_says_what_it_is() {
    let about = |fields: &str| {
        let script = format!("fn generate(ctx) {{}}\nfn about() {{ #{{ {fields} }} }}");
        TaskAbout::read(&script).map_err(|error| error.to_string())
    };
    let read = about("title: \"t\", metric: \"part\", tokens_to_generate: 9").unwrap();
    assert_eq!(
        (
            read.metric,
            read.tokens_to_generate,
            read.answer_prefix.as_str()
        ),
        (Metric::StringMatchPart, Tokens(9), " Answer:")
    );
    for (fields, wanted) in [
        ("", "what `about` returns has no `title`"),
        (
            "title: 1",
            "`title` of what `about` returns is `1`, expected a string",
        ),
        (
            "title: \"t\", metric: \"f1\"",
            "`metric` is `f1`, expected `all` or `part`",
        ),
        (
            "title: \"t\", tokens_to_generate: 0",
            "`tokens_to_generate` is 0, expected 1 to 4096",
        ),
    ] {
        let error = about(fields).unwrap_err();
        assert_eq!(error, format!("line 2, column 1 of the script: {wanted}"));
    }
    let error = TaskAbout::read("fn about() {#{}}").unwrap_err().to_string();
    assert!(
        error.ends_with("the script has no `fn generate(ctx)`"),
        "{error}"
    );
}

#[test]
fn the_spec_holds_script_and_task_together() {
    let mut spec = script("#{}");
    assert_eq!(spec.title().unwrap(), "t");
    assert_eq!(
        serde_json::from_str::<TaskSpec>(&serde_json::to_string(&spec).unwrap()).unwrap(),
        spec
    );
    spec.task = "vt".to_owned();
    let unwanted = GenerateError::ScriptUnwanted { task: "vt".into() };
    assert_eq!(spec.validate(), Err(unwanted));
    let spec = TaskSpec::new("custom", Tokens(1000), 1);
    assert_eq!(spec.validate(), Err(GenerateError::ScriptMissing));
}

#[test]
fn a_context_may_ignore_the_size_and_place_its_pieces() {
    let body = r#"#{ context: ["a", #{ text: "first", depth: 0 }, "b", #{ text: "last", depth: 1 },
        #{ text: "middle", gold: false, evidence: "hop", chain: 1, hop: 2, depth: 0.5 }],
        instruction: "{context}", question: "q {query}?", references: [1, "x"] }"#;
    let mut spec = script(body);
    let sample = made(&spec, 3).unwrap();
    assert_eq!(
        sample.input,
        "{context}\nfirst\na\nmiddle\nb\nlast\nq {query}?"
    );
    assert_eq!(
        (sample.references.join(" "), &*sample.answer_prefix),
        ("1 x".into(), " Answer:")
    );
    assert_eq!(gold(&sample), ["first", "last"]);
    assert_eq!(
        sample.evidence[1].kind,
        crate::task::EvidenceKind::Hop { chain: 1, hop: 2 }
    );
    spec.set.insert("remove_newline_tab".into(), "true".into());
    assert_eq!(
        made(&spec, 3).unwrap().input,
        "{context} first a middle b last q {query}?"
    );
    let full = "#{ context: ctx.noise(ctx.size + 60), question: \"q\", references: [1] }";
    let error = made(&script(full), 0).unwrap_err();
    assert!(matches!(error, GenerateError::DoesNotFit { .. }), "{error}");
}

#[test]
fn ctx_gives_what_it_says() {
    let body = r#"
        let n = ctx.random_int(-3, 3);
        if n < -3 || n > 3 || ctx.random_int(7, 7) != 7 { throw "int"; }
        let wide = ctx.random_int(-9223372036854775807, 9223372036854775807);
        if ctx.number != 2 || ctx.seed != 1 || ctx.budget != 1000 - 128 - 1 { throw "facts"; }
        if ctx.tokens("a b c") != 3 || ctx.uuid().len != 36 { throw "tokens"; }
        if ctx.random() >= 1.0 || ctx.sample([1, 2, 3], 2).len != 2 { throw "sample"; }
        let hay = ctx.passages(2);
        let copy = hay;
        copy.push(["x", #{ text: "y", label: "l" }]);
        if hay.len != 2 || copy.len != 4 || copy[2] != "x" { throw "copies share"; }
        debug(ctx.noun() + ctx.verb() + ctx.adjective());
        print(`size ${ctx.size} ${wide}`);
        #{ context: ctx.shuffle(copy), question: "q", references: [n] }"#;
    let console = ScriptConsole::default();
    let watch = ScriptWatch {
        stop: &|| false,
        console: &console,
    };
    let sample = watched(watch, || made(&script(body), 2)).unwrap();
    let names: Vec<_> = sample
        .sources
        .iter()
        .map(|source| &source.name[..8])
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let lines = console.take();
    // Only the output of the run that became the sample.
    assert_eq!(
        (lines.len(), lines[0].line, lines[1].sample),
        (2, Some(14), 2)
    );
    assert!(lines[1].text.starts_with("size "), "{lines:?}");
}

#[test]
fn a_watch_ends_a_script() {
    let (console, asked) = (ScriptConsole::default(), std::cell::Cell::new(0));
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > 10
    };
    let watch = ScriptWatch {
        stop: &stop,
        console: &console,
    };
    let error = watched(watch, || made(&script("print(1);\nloop {}"), 0)).unwrap_err();
    assert!(
        matches!(
            error,
            GenerateError::Script {
                fault: ScriptFault::Stopped,
                line: 2,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(console.take()[0].text, "1");
}

/// The bytes of samples 0 and 7 of every example at 2,048 words, the same on every machine and in
/// the browser. A change belongs in CHANGELOG, under *Results may change*.
const FINGERPRINT: &str = "ccda4d9398516db97a5173911564c0b587706fd40adb655d964f3cbfeb572b91";

#[test]
fn the_same_spec_gives_the_same_bytes() {
    let fingerprint = || {
        let mut hash = Sha256::new();
        for Example { name, .. } in EXAMPLES {
            for number in [0, 7] {
                let sample = example(name, 2048, number);
                hash.update(serde_json::to_vec(&sample).unwrap());
            }
        }
        hex::encode(hash.finalize())
    };
    assert_eq!(fingerprint(), FINGERPRINT);
    assert_eq!(fingerprint(), FINGERPRINT);
}
