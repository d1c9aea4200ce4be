//! `tokenizer.json` files.
#![no_main]

use fathom_kernels::model::tokenizer::Tokenizer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(tokenizer) = Tokenizer::from_json(bytes) {
        let ids = tokenizer.encode("The special magic number is 1234567.");
        tokenizer.decode(&ids);
        tokenizer.cuts_words();
    }
});
