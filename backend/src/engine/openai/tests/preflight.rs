//! The checks before a run, against servers of several kinds, healthy and not.

use std::sync::atomic::AtomicBool;

use axum::response::Response;
use fathom_shared::engine::{CheckStatus, Preflight, PreflightPlan};
use serde_json::{Value as Json, json};

use super::fake_server::{Call, End, Fake, KEY, delta, end, json_reply, stream_of, text, usage};

/// A vLLM-like server of 2,048 tokens with the model and the tokenizer `tiny`, and what a test
/// changes of it.
#[derive(Clone, Default)]
struct Kind {
    /// Paths answered otherwise.
    instead: Vec<(&'static str, Json)>,
    /// Longer prompts are cut to this instead of refused.
    cuts: Option<u32>,
    /// Each prompt is said to have so many percent more tokens.
    counts: u32,
    /// What continues the prefix.
    continues: Option<&'static str>,
    /// The assistant's turn is left open when that is asked for.
    honours: bool,
}

impl Kind {
    fn answer(&self, call: &Call) -> Response {
        let known = self.instead.iter().find(|(path, _)| *path == call.path);
        if let Some((_, reply)) = known {
            return match reply {
                Json::Number(status) => json_reply(status.as_u64().unwrap() as u16, &json!({})),
                reply => json_reply(200, reply),
            };
        }
        match call.path.as_str() {
            "/v1/models" => {
                let model = json!({ "id": "tiny", "max_model_len": 2048 });
                json_reply(200, &json!({ "data": [model] }))
            }
            "/tokenize" => {
                let text = call.body["prompt"].as_str().unwrap();
                json_reply(200, &json!({ "tokens": tokens(text) }))
            }
            "/v1/completions" => {
                let prompt = call.body["prompt"].as_str().unwrap();
                self.complete(tokens(prompt).len(), &text("42"))
            }
            "/v1/chat/completions" => {
                let messages = call.body["messages"].as_array().unwrap();
                let content = |message: &Json| tokens(message["content"].as_str().unwrap()).len();
                let says = self.continues.unwrap_or(" six, seven");
                let chunk = delta(&json!({ "content": says }));
                let ends = !(self.honours && call.body["continue_final_message"] == json!(true));
                let ends = if ends { 5 } else { 0 };
                self.complete(messages.iter().map(content).sum::<usize>() + ends, &chunk)
            }
            _ => json_reply(404, &json!({ "detail": "Not Found" })),
        }
    }

    fn complete(&self, length: usize, chunk: &Json) -> Response {
        // The template adds seven.
        let mut prompt = length as u32 * (100 + self.counts) / 100 + 7;
        if prompt > 2048 {
            match self.cuts {
                Some(rest) => prompt = rest,
                None => {
                    let why = json!({ "message": "This model's maximum context length is 2048" });
                    return json_reply(400, &json!({ "error": why }));
                }
            }
        }
        let chunks = [chunk.clone(), end("length"), usage(prompt, 1)];
        stream_of(&chunks, End::Done)
    }
}

/// The ids of the model `tiny`: bytes stand for themselves.
fn tokens(text: &str) -> Vec<u32> {
    // Its one merge comes last in the vocabulary.
    let merged = text.replace("th", "\u{0}");
    let id = |byte: u8| if byte == 0 { 258 } else { u32::from(byte) };
    merged.bytes().map(id).collect()
}

fn check(kind: Kind, settings: &str, plan: PreflightPlan) -> (Preflight, Fake) {
    let settings = format!("context = 2048\nretries = 0\n{settings}");
    let fake = Fake::new(move |_, call| kind.answer(call), &settings);
    let cancel = AtomicBool::new(false);
    let preflight = fake.client().preflight(&plan, &cancel, &mut |_| ());
    assert!(!format!("{preflight:?}").contains(KEY));
    (preflight, fake)
}

#[track_caller]
fn verdict(preflight: &Preflight, what: &str) -> (CheckStatus, String) {
    let check = preflight.checks.iter().find(|check| check.what == what);
    let check = check.unwrap_or_else(|| panic!("{what}: {preflight:#?}"));
    (check.verdict, check.got.clone())
}

#[test]
fn a_healthy_server_may_be_asked() {
    let plan = PreflightPlan {
        prompts: 1000,
        prompt_tokens: 1_000_000,
        answer_tokens: 128_000,
        longest: 1128,
    };
    let settings = "api = \"chat\"\nprice = { input = 1.0, output = 10.0, currency = \"EUR\" }";
    let (preflight, fake) = check(Kind::default(), settings, plan);
    assert_eq!(preflight.refusal(), None, "{preflight:#?}");
    let all: Vec<_> = preflight
        .checks
        .iter()
        .map(|c| (c.what.as_str(), c.verdict))
        .collect();
    let want = [
        "reachable",
        "model",
        "context",
        "positions",
        "answer",
        "counts",
        "tokenizer",
        "prefix",
        "truncation",
        "memory",
        "cost",
        "time",
    ];
    assert_eq!(
        all,
        want.map(|what| (what, CheckStatus::Ok)),
        "{preflight:#?}"
    );
    assert_eq!(
        verdict(&preflight, "context").1,
        "2048 tokens (max_model_len)"
    );
    // 2 layers × 2 heads × 4 values × (keys and values) × 2 bytes, 8 prompts at once.
    assert_eq!(preflight.estimate.kv_bytes, Some(64 * 1128 * 8));
    assert_eq!(preflight.estimate.cost, Some(2.28));
    assert!(preflight.estimate.seconds.unwrap() > 0.0);
    assert!(fake.calls().len() < 20, "{} calls", fake.calls().len());
}

#[test]
fn a_server_that_does_not_fit_is_refused() {
    let instead = |path, reply| Kind {
        instead: vec![(path, reply)],
        ..Kind::default()
    };
    let models = |model| instead("/v1/models", json!({ "data": [model] }));
    let longest = PreflightPlan {
        longest: 4096,
        ..PreflightPlan::default()
    };
    let other = vec![1; 40];
    let chat = "api = \"chat\"";
    let cases = [
        (
            instead("/v1/models", json!(401)),
            "",
            PreflightPlan::default(),
            "reachable",
            "answered 401",
        ),
        (
            models(json!({ "id": "huge" })),
            "",
            PreflightPlan::default(),
            "model",
            "`huge`",
        ),
        (
            models(json!({ "id": "tiny", "max_model_len": 1024 })),
            "",
            PreflightPlan::default(),
            "context",
            "1024 tokens (max_model_len)",
        ),
        (Kind::default(), "", longest, "context", "2048 tokens"),
        (
            instead(
                "/props",
                json!({ "default_generation_settings": { "n_ctx": 512 } }),
            ),
            "",
            PreflightPlan::default(),
            "context",
            "512 tokens (default_generation_settings.n_ctx)",
        ),
        (
            instead("/tokenize", json!({ "tokens": other })),
            "",
            PreflightPlan::default(),
            "tokenizer",
            "40 tokens",
        ),
        (
            Kind {
                counts: 20,
                ..Kind::default()
            },
            "",
            PreflightPlan::default(),
            "counts",
            "tokens in a prompt",
        ),
        (
            Kind {
                cuts: Some(2048),
                ..Kind::default()
            },
            "",
            PreflightPlan::default(),
            "truncation",
            "read 2048 tokens of a prompt of 21",
        ),
        (
            Kind {
                continues: Some("ten"),
                ..Kind::default()
            },
            chat,
            PreflightPlan::default(),
            "prefix",
            "`ten`",
        ),
        (
            Kind {
                continues: Some("Sure! One, two, three, four, five, six"),
                ..Kind::default()
            },
            chat,
            PreflightPlan::default(),
            "prefix",
            "`Sure! One",
        ),
        (
            instead("/v1/completions", json!(422)),
            "",
            PreflightPlan::default(),
            "answer",
            "answered 422",
        ),
    ];
    for (kind, settings, plan, what, says) in cases {
        let (preflight, _) = check(kind, settings, plan);
        let (got, said) = verdict(&preflight, what);
        assert_eq!(got, CheckStatus::Fault, "{what}: {preflight:#?}");
        assert!(said.contains(says), "{what}: {said}");
        let refusal = preflight.refusal().unwrap();
        assert!(
            refusal.starts_with(&format!("the endpoint `fake` failed the check *{what}*: ")),
            "{refusal}"
        );
    }
}

#[test]
fn a_server_that_counts_only_in_one_piece_is_asked_so() {
    let answer = |_: usize, call: &Call| match call.path.as_str() {
        "/v1/completions" if call.body["stream"] == json!(false) => {
            let prompt = tokens(call.body["prompt"].as_str().unwrap()).len();
            let choice = json!({ "text": "4", "finish_reason": "length" });
            let usage = json!({ "prompt_tokens": prompt, "completion_tokens": 1 });
            json_reply(200, &json!({ "choices": [choice], "usage": usage }))
        }
        "/v1/completions" => stream_of(&[text("4"), end("length")], End::Done),
        _ => json_reply(404, &json!({})),
    };
    let fake = Fake::new(answer, "context = 2048");
    let preflight = fake
        .client()
        .preflight(&PreflightPlan::default(), &false.into(), &mut |_| ());
    assert_eq!(verdict(&preflight, "answer").0, CheckStatus::Warning);
    assert_eq!(
        verdict(&preflight, "counts").0,
        CheckStatus::Ok,
        "{preflight:#?}"
    );
    // It reads more than it was configured for.
    let (verdict, got) = verdict(&preflight, "truncation");
    assert_eq!(verdict, CheckStatus::Ok, "{got}");
    assert!(got.contains("reads all 21"), "{got}");
}

#[test]
fn sglang_tells_which_positions_it_was_given() {
    let settings = "rope = { rope_type = \"yarn\", rope_theta = 1000000, factor = 4 }";
    let told = |scaling: Json| Kind {
        instead: vec![(
            "/get_server_info",
            json!({ "json_model_override_args": scaling.to_string() }),
        )],
        ..Kind::default()
    };
    let whole = json!({ "rope_type": "yarn", "factor": 4.0, "rope_theta": 1e6 });
    let without = json!({ "rope_type": "yarn", "factor": 4.0 });
    let cases = [
        (told(json!({ "rope_scaling": whole })), CheckStatus::Ok),
        (
            told(json!({ "rope_scaling": without, "rope_theta": 1_000_000 })),
            CheckStatus::Ok,
        ),
        (told(json!({ "rope_scaling": without })), CheckStatus::Fault),
        (told(json!({})), CheckStatus::Fault),
        (Kind::default(), CheckStatus::Warning),
    ];
    for (kind, want) in cases {
        let (preflight, _) = check(kind, settings, PreflightPlan::default());
        assert_eq!(verdict(&preflight, "positions").0, want, "{preflight:#?}");
    }
}

#[test]
fn what_a_server_does_not_tell_is_a_warning() {
    let silent = Kind {
        instead: vec![("/v1/models", json!(404)), ("/tokenize", json!(404))],
        continues: Some("?"),
        honours: true,
        ..Kind::default()
    };
    let (preflight, _) = check(silent, "api = \"chat\"", PreflightPlan::default());
    assert_eq!(preflight.refusal(), None, "{preflight:#?}");
    for what in ["model", "context"] {
        assert_eq!(
            verdict(&preflight, what).0,
            CheckStatus::Warning,
            "{preflight:#?}"
        );
    }
    assert_eq!(verdict(&preflight, "prefix").0, CheckStatus::Ok);
    assert_eq!(verdict(&preflight, "tokenizer").0, CheckStatus::Ok);
    assert_eq!(verdict(&preflight, "counts").0, CheckStatus::Ok);
}

#[test]
fn a_parser_that_takes_answers_for_thinking_is_refused() {
    let answer = |_: usize, call: &Call| match call.path.as_str() {
        "/v1/chat/completions" => {
            let thought = delta(&json!({ "content": null, "reasoning_content": " six, seven" }));
            stream_of(&[thought, end("length"), usage(60, 4)], End::Done)
        }
        _ => json_reply(404, &json!({})),
    };
    let fake = Fake::new(answer, "api = \"chat\"\nretries = 0");
    let preflight = fake
        .client()
        .preflight(&PreflightPlan::default(), &false.into(), &mut |_| ());
    let (got, said) = verdict(&preflight, "prefix");
    assert_eq!(got, CheckStatus::Fault, "{preflight:#?}");
    assert!(
        said.contains("`six, seven` as thinking, which is not scored"),
        "{said}"
    );
}

#[test]
fn a_list_of_models_in_any_form_is_read() {
    for list in [
        json!({ "data": [{ "id": "tiny", "max_model_len": 2048.0 }] }),
        json!({ "data": null, "models": [{ "name": "models/tiny", "max_model_len": "2048" }] }),
        json!([{ "id": "Tiny", "max_model_len": 2048 }]),
        json!({ "data": [null, "tiny"] }),
    ] {
        let kind = Kind {
            instead: vec![("/v1/models", list.clone())],
            ..Kind::default()
        };
        let (preflight, _) = check(kind, "", PreflightPlan::default());
        assert_eq!(verdict(&preflight, "model").0, CheckStatus::Ok, "{list}");
        assert_eq!(preflight.refusal(), None, "{list}");
    }
    // Another page than a list is no sign that it cannot be asked.
    let answer = |_: usize, call: &Call| match call.path.as_str() {
        "/v1/models" => Response::new("<html>\u{1b}[2J".into()),
        "/v1/completions" => stream_of(&[text("4"), end("length"), usage(5, 1)], End::Done),
        _ => json_reply(404, &json!({})),
    };
    let fake = Fake::new(answer, "retries = 0");
    let preflight = fake
        .client()
        .preflight(&PreflightPlan::default(), &false.into(), &mut |_| ());
    assert_eq!(
        verdict(&preflight, "reachable").0,
        CheckStatus::Ok,
        "{preflight:#?}"
    );
    assert!(
        !format!("{:?}", preflight.checks).contains("\\u{1b}"),
        "{preflight:#?}"
    );
}
