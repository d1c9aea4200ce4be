//! GGUF files: headers, the numbers in them, the tokenizer, the tensors.
#![no_main]

use std::io::Cursor;

use fathom_kernels::model::config::ModelConfig;
use fathom_kernels::model::gguf::Gguf;
use fathom_kernels::model::tokenizer::Tokenizer;
use libfuzzer_sys::fuzz_target;

// What the library panics at is caught where tokenizers are built; the fuzzer's own hook would end
// there. A panic that reaches it ends it still.
fuzz_target!(init: std::panic::set_hook(Box::new(|_| ())), |bytes: &[u8]| {
    let mut file = Cursor::new(bytes);
    let Ok(gguf) = Gguf::read(&mut file) else {
        return;
    };
    if let Ok(tokenizer) = Tokenizer::from_gguf(&gguf) {
        let ids = tokenizer.encode("The special magic number is 1234567.");
        tokenizer.decode(&ids);
    }
    if let Ok(config) = ModelConfig::from_gguf(&gguf) {
        for (name, shape) in config.tensors() {
            let tensor = gguf.tensor(&mut file, &name).expect("what was checked is there");
            assert_eq!(tensor.shape, shape);
            tensor.dtype.is_finite(&tensor.bytes);
        }
    }
});
