//! The tokenizers that the golden files were made with.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::rc::Rc;

use fathom_kernels::model::tokenizer::tiktoken::{Tiktoken, TiktokenEncoding};
use fathom_shared::tokens::TokenCounter;
use flate2::read::GzDecoder;
use tokenizers::Tokenizer;

/// As it comes with Fathom.
pub(super) fn tiktoken(encoding: TiktokenEncoding) -> Tiktoken {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(format!("../models/openai/{}.tokens.gz", encoding.name()));
    let mut list = Vec::new();
    let file = File::open(&path).unwrap();
    GzDecoder::new(file).read_to_end(&mut list).unwrap();
    Tiktoken::new(encoding, list).unwrap()
}

/// Counts with the tokenizer of SmolLM2, as its authors published it.
pub(super) fn smollm2() -> TokenCounter<'static> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../models/smollm2-135m-instruct/tokenizer.json.gz");
    let mut bytes = Vec::new();
    let file = File::open(&path).unwrap();
    GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    let mut tokenizer = Tokenizer::from_bytes(&bytes).unwrap();
    // Special tokens in a text are text.
    tokenizer.set_encode_special_tokens(true);
    let other = tokenizer.clone();
    TokenCounter::new(
        "smollm2",
        move |text| tokenizer.encode_fast(text, false).unwrap().len(),
        move |text| {
            let encoding = other.encode(text, false).unwrap();
            encoding
                .get_offsets()
                .iter()
                .map(|(start, _)| *start)
                .collect()
        },
    )
    .in_parts(Vec::new())
}

/// Counts with our own code for OpenAI's tokenizers.
pub(super) fn tiktoken_counter(encoding: TiktokenEncoding) -> TokenCounter<'static> {
    let count = Rc::new(tiktoken(encoding));
    let starts = Rc::clone(&count);
    TokenCounter::new(
        encoding.name(),
        move |text| count.count(text),
        move |text| starts.starts(text),
    )
    .in_parts(Vec::new())
}
