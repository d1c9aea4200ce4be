//! Renders every `*.jinja` of a folder as a run would, and compares the hashes with
//! `tests/golden/templates/published.json`. Prints what differs, and exits with 1 if anything does.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool for whoever works on this"
)]

use std::collections::BTreeMap;
use std::process::ExitCode;

use fathom_shared::prompt::chat::ChatMessage;
use fathom_shared::prompt::jinja::{Date, TemplateInput};
use serde::Deserialize;
use sha2::{Digest, Sha256};

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

#[derive(Deserialize)]
struct Published {
    name: String,
    template: String,
    rendered: Vec<Option<String>>,
}

fn main() -> ExitCode {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/templates");
    let read = |name: &str| std::fs::read(format!("{golden}/{name}")).unwrap();
    let asked: Dialogues = serde_json::from_slice(&read("dialogues.json")).unwrap();
    let known: Vec<Published> = serde_json::from_slice(&read("published.json")).unwrap();
    let folder = std::env::args().nth(1).expect("a folder with *.jinja");
    let (mut same, mut other, mut unknown) = (0, 0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Some(source) = std::fs::read_to_string(&path).ok() else {
            continue;
        };
        let template = hex::encode(Sha256::digest(&source));
        let Some(known) = known.iter().find(|known| known.template == template) else {
            unknown += 1;
            println!("unknown   {}", path.display());
            continue;
        };
        for (dialogue, want) in asked.dialogues.iter().zip(&known.rendered) {
            let rendering = TemplateInput {
                source: source.clone(),
                tokens: asked.tokens.clone(),
                date: Date::default(),
                messages: dialogue.messages.clone(),
                answer: dialogue.answer,
            };
            let told = rendering.text();
            let got = told.as_ref().ok();
            let got = got.map(|text| hex::encode(Sha256::digest(text)));
            if got == *want {
                same += 1;
            } else {
                other += 1;
                println!("differs   {}: {told:?}", known.name);
            }
        }
    }
    println!("{same} texts the same, {other} differ, {unknown} templates unknown");
    ExitCode::from(u8::from(other > 0))
}
