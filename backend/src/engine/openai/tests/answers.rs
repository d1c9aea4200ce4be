//! Servers that answer.

use fathom_shared::prompt::{DialogueRenderer, Prompt};
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{FinishReason, Outcome, TokenUsage};
use serde_json::json;

use super::fake_server::{End, Fake, KEY, delta, end, json_reply, stream_of, text, usage};
use super::{completed, prompt};

#[test]
fn a_stream_is_read_to_its_end() {
    let answer = |_: usize, _: &_| {
        stream_of(
            &[text("4"), text("2"), text("."), end("stop"), usage(5, 3)],
            End::Done,
        )
    };
    let fake = Fake::new(answer, "");
    let (answer, shown) = fake.ask(&prompt());
    assert_eq!(answer.prompt_tokens, Some(Tokens(5)));
    let completion = completed(answer);
    assert_eq!(completion.text, "42.");
    assert_eq!(shown, "42.");
    assert_eq!(completion.thinking, None);
    assert_eq!(completion.finish, FinishReason::Stop);
    assert_eq!(completion.tokens, Tokens(3));
    let counts = TokenUsage {
        prompt: Tokens(5),
        completion: Tokens(3),
        thinking: None,
    };
    assert_eq!(completion.usage, Some(counts));
    assert!(completion.timings.prefill_ms > 0.0, "{completion:?}");
    assert!(completion.timings.decode_ms > 0.0, "{completion:?}");
    let call = &fake.calls()[0];
    assert_eq!(call.path, "/v1/completions");
    assert_eq!(call.key, format!("Bearer {KEY}"));
    let sent = json!({
        "model": "tiny", "prompt": "hello", "max_tokens": 16, "temperature": 0.0, "top_p": 1.0,
        "seed": 0, "stream": true, "stream_options": { "include_usage": true },
    });
    assert_eq!(call.body, sent);
}

#[test]
fn a_chat_continues_the_prefix() {
    let answer = |_: usize, _: &_| {
        let role = delta(&json!({ "role": "assistant", "content": "" }));
        let word = delta(&json!({ "content": " 42" }));
        stream_of(&[role, word, end("length"), usage(40, 1)], End::Done)
    };
    let settings = "api = \"chat\"\nroom = \"max_completion_tokens\"\nthinking_tokens = 100\nomit = [\"seed\", \"top_p\"]\nbody = { reasoning_effort = \"low\" }";
    let fake = Fake::new(answer, settings);
    assert_eq!(fake.client().dialogue(), DialogueRenderer::Endpoint);
    let asked = Prompt {
        text: "What is it?It is".to_owned(),
        input: 0..11,
        prefix: 11..16,
    };
    let completion = completed(fake.ask(&asked).0);
    assert_eq!(completion.text, " 42");
    assert_eq!(completion.finish, FinishReason::Length);
    let call = &fake.calls()[0];
    assert_eq!(call.path, "/v1/chat/completions");
    let sent = json!({
        "model": "tiny", "max_completion_tokens": 116, "temperature": 0.0, "stream": true,
        "stream_options": { "include_usage": true }, "reasoning_effort": "low",
        "messages": [
            { "role": "user", "content": "What is it?" },
            { "role": "assistant", "content": "It is" },
        ],
        "continue_final_message": true, "add_generation_prompt": false,
    });
    assert_eq!(call.body, sent);

    let fake = Fake::new(answer, "api = \"chat\"\nprefix = \"user\"");
    completed(fake.ask(&asked).0);
    let sent = &fake.calls()[0].body;
    let messages = json!([{ "role": "user", "content": "What is it? It is" }]);
    assert_eq!(sent["messages"], messages);
    assert_eq!(sent["continue_final_message"], json!(null));
}

#[test]
fn the_template_writes_the_first_token() {
    let answer = |_: usize, _: &_| stream_of(&[text("42"), end("stop")], End::Done);
    let fake = Fake::new(answer, "");
    let DialogueRenderer::Template(template) = fake.client().dialogue() else {
        panic!("the template of the GGUF file");
    };
    let (before, after) = template.around_user();
    completed(fake.ask(&Prompt::plain(&format!("{before}hi{after}"))).0);
    assert_eq!(fake.calls()[0].body["add_special_tokens"], json!(false));
}

#[test]
fn a_reply_in_one_piece_is_an_answer() {
    let answer = |_: usize, _: &_| {
        let message = json!({ "role": "assistant", "content": "42", "reasoning_content": "why?" });
        let choice = json!({ "index": 0, "message": message, "finish_reason": "stop" });
        json_reply(
            200,
            &json!({ "choices": [choice], "usage": { "prompt_tokens": 5, "completion_tokens": 4 } }),
        )
    };
    let fake = Fake::new(answer, "api = \"chat\"\nstream = false");
    let (answer, shown) = fake.ask(&prompt());
    let completion = completed(answer);
    assert_eq!((completion.text.as_str(), shown.as_str()), ("42", "42"));
    assert_eq!(completion.thinking.as_deref(), Some("why?"));
    assert_eq!(completion.tokens, Tokens(4));
    assert_eq!(fake.calls()[0].body["stream"], json!(false));
}

#[test]
fn without_usage_we_count() {
    let answer = |_: usize, _: &_| stream_of(&[text("abc"), end("stop")], End::Done);
    let fake = Fake::new(answer, "");
    let (answer, _) = fake.ask(&prompt());
    assert_eq!(answer.prompt_tokens, Some(Tokens(5)));
    let completion = completed(answer);
    assert_eq!(completion.usage, None);
    assert_eq!(completion.tokens, Tokens(3));
}

#[test]
fn thinking_is_no_part_of_the_answer() {
    let apart = |_: usize, _: &_| {
        let pieces =
            ["why", "?"].map(|text| delta(&json!({ "reasoning_content": text, "content": null })));
        let word = delta(&json!({ "content": "42" }));
        let [one, two] = pieces;
        stream_of(&[one, two, word, end("stop"), usage(5, 9)], End::Done)
    };
    let named = |_: usize, _: &_| {
        let thought = delta(&json!({ "reasoning": "why?" }));
        stream_of(
            &[
                thought,
                delta(&json!({ "content": "42" })),
                end("stop"),
                usage(5, 9),
            ],
            End::Done,
        )
    };
    let tags = |_: usize, _: &_| {
        let pieces = ["<th", "ink>why", "?</thi", "nk>\n\n4", "2"];
        let mut chunks: Vec<_> = pieces.map(|text| delta(&json!({ "content": text }))).into();
        chunks.extend([end("stop"), usage(5, 9)]);
        stream_of(&chunks, End::Done)
    };
    let fakes = [
        Fake::new(apart, "api = \"chat\""),
        Fake::new(named, "api = \"chat\""),
        Fake::new(tags, "api = \"chat\""),
    ];
    for fake in fakes {
        let (answer, shown) = fake.ask(&prompt());
        let completion = completed(answer);
        assert_eq!((completion.text.as_str(), shown.as_str()), ("42", "42"));
        assert_eq!(completion.thinking.as_deref(), Some("why?"));
        assert_eq!(completion.tokens, Tokens(9));
    }
}

#[test]
fn an_answer_cut_off_in_the_thinking_is_empty_and_says_so() {
    let answer = |_: usize, _: &_| {
        stream_of(
            &[text("<think>let me"), text(" see"), end("length")],
            End::Done,
        )
    };
    let fake = Fake::new(answer, "");
    let (answer, shown) = fake.ask(&prompt());
    let completion = completed(answer);
    assert_eq!((completion.text.as_str(), shown.as_str()), ("", ""));
    assert_eq!(completion.thinking.as_deref(), Some("let me see"));
    assert_eq!(completion.finish, FinishReason::Length);

    let answer = |_: usize, _: &_| stream_of(&[text("let me"), end("length")], End::Done);
    let fake = Fake::new(answer, "opens_thinking = true");
    let completion = completed(fake.ask(&prompt()).0);
    assert_eq!(completion.text, "");
    assert_eq!(completion.thinking.as_deref(), Some("let me"));
}

#[test]
fn a_template_that_opens_the_thinking_is_noticed() {
    let answer = |_: usize, _: &_| stream_of(&[text("why?</think>42"), end("stop")], End::Done);
    let fake = Fake::new(answer, "");
    let asked = Prompt {
        text: "<s>hello<think>\n".to_owned(),
        input: 3..8,
        prefix: 16..16,
    };
    let completion = completed(fake.ask(&asked).0);
    assert_eq!(completion.text, "42");
    assert_eq!(completion.thinking.as_deref(), Some("why?"));
}

/// An end without a beginning is text where the prompt is known to open no thought; where nobody
/// knows it, the answer says that it was taken for one.
#[test]
fn an_end_alone_takes_no_answer_without_a_word() {
    const SAID: &str = " 8038374.\n</think>\n\nHope this helps.";
    let piece = |settings: &'static str| {
        let answer = |_: usize, _: &_| {
            let word = json!({ "choices": [{ "index": 0, "text": SAID, "delta": { "content": SAID }, "finish_reason": null }] });
            stream_of(&[word, end("stop")], End::Done)
        };
        completed(Fake::new(answer, settings).ask(&prompt()).0)
    };
    for known in ["", "api = \"chat\"\nopens_thinking = false"] {
        let done = piece(known);
        assert_eq!((done.text.as_str(), done.thinking), (SAID, None), "{known}");
        assert!(!done.thinking_end_alone, "{known}");
    }
    for (settings, guessed) in [
        ("api = \"chat\"", true),
        ("api = \"chat\"\nprefix = \"user\"", true),
        ("api = \"chat\"\nopens_thinking = true", false),
    ] {
        let done = piece(settings);
        assert_eq!(done.text, "Hope this helps.", "{settings}");
        assert_eq!(done.thinking.as_deref(), Some("8038374."), "{settings}");
        assert_eq!(done.thinking_end_alone, guessed, "{settings}");
    }
}

#[test]
fn an_order_for_another_model_is_refused() {
    let answer = |_: usize, _: &_| stream_of(&[text("42"), end("stop")], End::Done);
    let fake = Fake::new(answer, "rope = { rope_type = \"default\", rope_theta = 5 }");
    let rope = |theta: i32| {
        let json = json!({ "rope_type": "default", "rope_theta": theta });
        serde_json::from_value::<fathom_shared::engine::RopeParameters>(json).unwrap()
    };
    let open = |model, rope: Option<&_>| {
        let opened = fake.endpoints.open_for("fake", model, rope);
        opened.map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(open("tiny", None), Ok(()));
    assert_eq!(open("tiny", Some(&rope(5))), Ok(()));
    let other = open("huge", None).unwrap_err();
    assert_eq!(
        other,
        "the endpoint `fake` serves the model `tiny`, asked for was `huge`"
    );
    let other = open("tiny", Some(&rope(6))).unwrap_err();
    assert!(
        other.contains("positions are chosen when a server starts"),
        "{other}"
    );
    let none = fake.endpoints.open("none").unwrap_err().to_string();
    assert_eq!(
        none,
        "there is no endpoint `none` in the configuration; there is fake"
    );
}

#[test]
fn many_ask_at_once() {
    let answer = |_: usize, call: &super::fake_server::Call| {
        let echo = call.body["prompt"].as_str().unwrap().to_uppercase();
        stream_of(&[text(&echo), end("stop")], End::Done)
    };
    let fake = Fake::new(answer, "");
    std::thread::scope(|scope| {
        let asked = ["one", "two", "three", "four"].map(|word| {
            let fake = &fake;
            scope.spawn(move || (word, fake.ask(&Prompt::plain(word)).0))
        });
        for thread in asked {
            let (word, answer) = thread.join().unwrap();
            assert_eq!(completed(answer).text, word.to_uppercase());
        }
    });
}

#[test]
fn the_likeliest_option_is_taken_from_what_a_server_tells() {
    let options = ["A)", "B)", "C)", "D)"].map(str::to_owned);
    let told = |told: serde_json::Value| json!({ "choices": [{ "text": " x", "finish_reason": "length", "logprobs": told }] });
    let completions = move |number: usize, _: &_| match number {
        0 => json_reply(
            200,
            &told(json!({
                "top_logprobs": [{ " B": -0.5, "C": -2.0, "A)": -1.5, "The": -0.1 }]
            })),
        ),
        1 => json_reply(200, &told(json!({ "top_logprobs": [{ "The": -0.1 }] }))),
        _ => json_reply(200, &told(json!(null))),
    };
    let fake = Fake::new(completions, "stream = false");
    let chosen = completed(fake.choose(&prompt(), &options));
    assert_eq!(chosen.text, "B)");
    assert_eq!(chosen.options, [Some(-1.5), Some(-0.5), Some(-2.0), None]);
    let sent = &fake.calls()[0].body;
    assert_eq!(
        (&sent["max_tokens"], &sent["logprobs"]),
        (&json!(1), &json!(20))
    );
    let failed = |answer: crate::engine::EngineAnswer| match answer.outcome {
        Outcome::Failed(failure) => failure.message,
        Outcome::Completed(done) => panic!("it chose {}", done.text),
    };
    let none = failed(fake.choose(&prompt(), &options));
    assert!(
        none.contains("has none of A), B), C), D) among its 1 likeliest"),
        "{none}"
    );
    let silent = failed(fake.choose(&prompt(), &options));
    assert!(silent.contains("told no log-probabilities"), "{silent}");

    let chat = |_: usize, _: &_| {
        json_reply(
            200,
            &json!({ "choices": [{
            "message": { "content": "D" }, "finish_reason": "length",
            "logprobs": { "content": [{ "token": "D", "top_logprobs": [
                { "token": "D", "logprob": -0.2 }, { "token": "A", "logprob": -3.0 }] }] }
        }] }),
        )
    };
    let fake = Fake::new(chat, "api = \"chat\"\nstream = false");
    let chosen = completed(fake.choose(&prompt(), &options));
    assert_eq!(chosen.options, [Some(-3.0), None, None, Some(-0.2)]);
    assert_eq!(chosen.text, "D)");
    let sent = &fake.calls()[0].body;
    assert_eq!(
        (&sent["logprobs"], &sent["top_logprobs"]),
        (&json!(true), &json!(20))
    );
}
