//! The user's own texts, and Punkt on whatever they hold.
#![no_main]

use fathom_shared::corpora::{Corpora, Text, punkt};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for text in Text::ALL {
        let _read = Corpora::bundled().read(text, "f", bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let mut from = 0;
        for sentence in punkt::sentences(text) {
            assert!(from <= sentence.start && sentence.start < sentence.end, "{sentence:?}");
            assert!(text.is_char_boundary(sentence.start) && text.is_char_boundary(sentence.end));
            from = sentence.end;
        }
    }
});
