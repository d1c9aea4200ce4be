//! `tokenizer.json` files.
#![no_main]

use fathom_kernels::model::tokenizer::Tokenizer;
use libfuzzer_sys::fuzz_target;

// What the library panics at is caught where tokenizers are built; the fuzzer's own hook would end
// there. A panic that reaches it ends it still.
fuzz_target!(init: std::panic::set_hook(Box::new(|_| ())), |bytes: &[u8]| {
    if let Ok(tokenizer) = Tokenizer::from_json(bytes) {
        let ids = tokenizer.encode("The special magic number is 1234567.");
        tokenizer.decode(&ids);
        tokenizer.cuts_words();
    }
});
