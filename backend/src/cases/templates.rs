//! Chat templates, and where a folder keeps them.

use std::path::Path;

use axum::body::Body;
use axum::response::Response;
use fathom_shared::corpora::Corpora;
use fathom_shared::prompt::chat::{ChatMessage, DialogueEnding};
use fathom_shared::prompt::{ChatTemplate, Prompt, PromptMode};
use fathom_shared::score::score;
use fathom_shared::task::{GeneratorContext, Metric, TaskSpec};
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::Outcome;
use serde_json::json;

use super::{HostileCase, text};
use crate::data::folder;
use crate::engine::openai::tests::fake_server::{Call, Fake};

pub(super) const ALL: &[HostileCase] = &[
    ("generation-tag.jinja", generation),
    ("strftime-now.jinja", date),
    ("think-prefix.jinja", think_prefix),
    ("template-list", begins_new),
    ("template-precedence", begins_new),
];

fn rendered(source: &str, said: &[(&str, &str)]) -> String {
    let template = ChatTemplate::new(source, "", "").unwrap();
    let said = said.iter().map(|(role, content)| ChatMessage {
        role: (*role).to_owned(),
        content: (*content).to_owned(),
    });
    let said: Vec<_> = said.collect();
    template.dialogue(&said, DialogueEnding::Closed).unwrap()
}

fn generation(path: &Path) {
    let said = [("user", "2 + 2?"), ("assistant", "4")];
    assert_eq!(rendered(&text(path), &said), "[U]2 + 2?[/U]4");
}

/// The date is fixed, so that prompts are reproducible.
fn date(path: &Path) {
    let told = rendered(&text(path), &[("user", "hi")]);
    assert_eq!(told, "Today is 2024-07-26.[U]hi[/U]");
}

fn begins_new(path: &Path) {
    let source = folder::template(path).unwrap().unwrap();
    let told = rendered(&source, &[("user", "hi")]);
    assert!(told.starts_with("[NEW]"), "{told}");
}

/// The template opens the thinking and an answer prefix follows: what the model writes is the
/// answer.
fn think_prefix(path: &Path) {
    let settings = format!("chat_template = \"{}\"", path.display());
    let reply = json!({ "choices": [{ "text": " 1234567", "finish_reason": "stop" }] });
    let send = move |_: usize, _: &Call| Response::new(Body::from(reply.to_string()));
    let fake = Fake::new(send, &settings);
    let client = fake.client();
    let (counter, corpora) = (client.counter(), Corpora::bundled());
    let generator_context = GeneratorContext {
        counter: &counter,
        corpora: &corpora,
    };
    let sample = TaskSpec::new("niah_single_1", Tokens(1500), 7).sample(0, generator_context);
    let sample = sample.unwrap();
    assert!(!sample.answer_prefix.is_empty());
    let prompt = Prompt::render(&sample, PromptMode::Chat, &client.dialogue()).unwrap();
    let end = &prompt.text[prompt.input.end..prompt.prefix.start];
    assert!(end.contains("<think>") && end.contains("</think>"), "{end}");
    match fake.ask(&prompt).0.outcome {
        Outcome::Completed(got) => {
            assert_eq!(got.thinking, None, "{got:?}");
            let references = ["1234567".to_owned()];
            let score = score(Metric::StringMatchAll, &got.text, &references);
            assert_eq!(score.value, 1.0, "{got:?}");
        }
        Outcome::Failed(failure) => panic!("{failure:?}"),
    }
}
