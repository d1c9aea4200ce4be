//! Chat templates from files that anyone may have made.
#![no_main]

use fathom_shared::prompt::chat::Message;
use fathom_shared::prompt::jinja::{Date, Rendering};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    let message = |role: &str, content: &str| Message {
        role: role.to_owned(),
        content: content.to_owned(),
    };
    let rendering = Rendering {
        source: source.to_owned(),
        tokens: [("bos_token".to_owned(), "<s>".to_owned())].into(),
        date: Date::default(),
        messages: vec![message("system", "Be short."), message("user", "Hello")],
        answer: true,
    };
    // A text or a sentence, and never more than a template may make.
    if let Ok(text) = rendering.here() {
        assert!(text.len() < 64 << 20);
    }
});
