use std::time::{Duration, Instant};

use serde::Deserialize;

use super::*;

/// What `transformers` renders; `tests/golden/templates/PROVENANCE.md`.
const FEATURES: &str = include_str!("../../../../tests/golden/templates/features.json");
const DIALOGUES: &str = include_str!("../../../../tests/golden/templates/dialogues.json");

#[derive(Deserialize)]
struct Feature {
    name: String,
    template: String,
    rendered: Vec<Option<String>>,
}

#[derive(Deserialize)]
struct Dialogues {
    tokens: BTreeMap<String, String>,
    dialogues: Vec<Dialogue>,
}

#[derive(Deserialize)]
struct Dialogue {
    answer: bool,
    messages: Vec<ChatMessage>,
}

fn rendering(source: &str) -> TemplateInput {
    TemplateInput {
        source: source.to_owned(),
        tokens: BTreeMap::new(),
        date: Date::default(),
        messages: vec![ChatMessage {
            role: "user".to_owned(),
            content: "hello".to_owned(),
        }],
        answer: true,
    }
}

#[test]
fn templates_render_as_in_transformers() {
    let features: Vec<Feature> = serde_json::from_str(FEATURES).unwrap();
    let asked: Dialogues = serde_json::from_str(DIALOGUES).unwrap();
    assert!(features.len() >= 20);
    let mut differ = Vec::new();
    for feature in features {
        assert_eq!(feature.rendered.len(), asked.dialogues.len());
        for (dialogue, want) in asked.dialogues.iter().zip(feature.rendered) {
            let rendering = TemplateInput {
                tokens: asked.tokens.clone(),
                messages: dialogue.messages.clone(),
                answer: dialogue.answer,
                ..rendering(&feature.template)
            };
            let got = rendering.here();
            if got.as_ref().ok() != want.as_ref() {
                differ.push(format!("{}: {got:?}\nwant {want:?}", feature.name));
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

#[test]
fn a_day_of_ones_own() {
    let mut rendering = rendering("{{ strftime_now('%d %B %Y') }} {{ messages[0].content }}");
    assert_eq!(rendering.here().unwrap(), "26 July 2024 hello");
    rendering.date = "2026-11-30".parse().unwrap();
    assert_eq!(rendering.here().unwrap(), "30 November 2026 hello");
    for wrong in ["2026-13-01", "2026-02-29", "26-1-1", "2026-1-1", "today"] {
        let error = wrong.parse::<Date>().unwrap_err().to_string();
        assert!(error.contains(wrong), "{error}");
    }
    // Python: date(y, m, d).strftime("%G-%V %u %j %U %W")
    let days = [
        ("2021-01-01", "2020-53 5 001 00 00"),
        ("2024-12-30", "2025-01 1 365 52 53"),
        ("2026-11-30", "2026-49 1 334 48 48"),
    ];
    for (day, want) in days {
        let day: Date = day.parse().unwrap();
        assert_eq!(day.strftime("%G-%V %u %j %U %W"), want);
    }
}

#[test]
fn what_a_template_says_itself_is_told() {
    let told = rendering("{{ raise_exception('no system message here') }}").here();
    assert!(told.unwrap_err().contains("no system message here"));
}

/// Chains and nests that have no end for an engine that follows each link by a call.
fn nested() -> Vec<String> {
    let long = |from: &str, link: &str, to: &str| {
        let link = link.repeat(20_000);
        format!("{{{{ {from}{link}{to} }}}}{{{{ messages[0].content }}}}")
    };
    vec![
        long("1", "+1", ""),
        long("a", ".b", ""),
        long("a", "[0]", ""),
        long("'a'", "|upper", ""),
        long("a", "()", ""),
        long("", "not ", "1"),
        long("", "-", "1"),
        long("", "(", "1"),
        long("", "[", "1"),
        long("", "{1:", "1"),
        long("1", " if 1 else 1", ""),
        long("1", " and 1", ""),
        format!("{{% if 0 %}}{}{{% endif %}}", "{% elif 0 %}".repeat(10_000)),
        format!(
            "{}x{}",
            "{% if 1 %}".repeat(10_000),
            "{% endif %}".repeat(10_000)
        ),
        format!("{}x", "{% for a in [1] %}".repeat(10_000)),
        "x".repeat(300_000),
    ]
}

/// Values that hold themselves, or grow by being joined, repeated and filled up.
fn growing() -> Vec<String> {
    let mut all: Vec<String> = [
        "{% set a=namespace() %}{% set a.a=a %}{% set b=namespace() %}{% set b.b=b %}{{ a==b }}",
        "{% set a=namespace() %}{% set a.a={'x': [a]} %}{{ a }}",
        "{% set a=namespace() %}{% set b=namespace(a=a) %}{% set a.b=b %}{{ a|tojson }}",
        "{% set ns=namespace(x=[1]) %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns=namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns=namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
        "{% macro m(x) %}{{ m([x]) }}{% endmacro %}{{ m(1) }}",
        "{% for x in [1] recursive %}{{ loop([x]) }}{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 'a' * 100000000 }}",
        "{{ '%100000000d'|format(1) }}{{ '{:>100000000}'.format('a') }}",
        "{{ 'a'.ljust(100000000000) }}",
        "{% set x = 'a' * 1000000 %}{{ x.replace('a', x) }}",
        "{{ (['a' * 100000] * 100000)|join }}",
        "{{ ''.join(['a' * 100000] * 100000) }}",
        "{{ ([{'x': 'a' * 100000}] * 100000)|join(attribute='x') }}",
        "{{ ([{'x': 'a' * 100000}] * 100000)|join('', 'x') }}",
        "{{ [[1]]|tojson(indent=1000000000) }}",
        "{{ 'a\nb'|indent(1000000000) }}",
        "{{ [1]|batch(1000000000, 'x')|list }}",
    ]
    .map(str::to_owned)
    .into();
    all.push(format!(
        "{{% set x = [1] %}}{}",
        "{% set x = x + x %}".repeat(40)
    ));
    all.push(format!(
        "{{% set x = 'a' %}}{}",
        "{% set x = x ~ x %}".repeat(60)
    ));
    all
}

#[test]
fn no_template_overflows_hangs_or_grows() {
    for source in nested().into_iter().chain(growing()) {
        let begun = Instant::now();
        let told = rendering(&source).here();
        let error = told.expect_err(&source[..source.len().min(200)]);
        assert!(error.len() < 400, "{error}");
        let took = begun.elapsed();
        let shown = &source[..source.len().min(80)];
        assert!(took < Duration::from_secs(20), "{shown}: {took:?}");
    }
}

/// Templates cut and joined at random: a text or a sentence, in bounded time.
#[test]
fn damaged_templates_end() {
    let features: Vec<Feature> = serde_json::from_str(FEATURES).unwrap();
    let count = if std::env::var_os("FATHOM_TEST_ALL").is_some() {
        3000
    } else {
        150
    };
    let mut state = 7_u64;
    let mut draw = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    for _ in 0..count {
        let source = &features[draw(features.len())].template;
        let mut bytes = source.clone().into_bytes();
        for _ in 0..=draw(4) {
            let at = draw(bytes.len());
            match draw(3) {
                0 => bytes[at] = b"{}%#()[]'\"|.+-~ \n\0x0"[draw(20)],
                1 => drop(bytes.remove(at)),
                _ => {
                    let from = &features[draw(features.len())].template.as_bytes();
                    let length = draw(from.len());
                    bytes.splice(at..at, from[..length].iter().copied());
                }
            }
        }
        let source = String::from_utf8_lossy(&bytes).into_owned();
        if let Ok(text) = rendering(&source).here() {
            assert!(text.len() < 64 << 20);
        }
    }
}
