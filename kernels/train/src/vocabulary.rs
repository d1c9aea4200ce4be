//! Trains the tokenizer: byte-level BPE with single digits, on texts of the generators.

use fathom_kernels::model::tokenizer::{Tokenizer, TokenizerError};
use tokenizers::AddedToken;
use tokenizers::models::TrainerWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainerBuilder};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;

/// The token that ends every text, and that fills a batch.
pub(crate) const END: &str = "<|endoftext|>";

/// Why there is no tokenizer.
#[derive(Debug, thiserror::Error)]
pub enum VocabularyError {
    /// The library fails.
    #[error("the tokenizer cannot be trained: {reason}")]
    Train {
        /// What it says.
        reason: String,
    },
    /// Its file cannot be read back.
    #[error(transparent)]
    Read(#[from] TokenizerError),
    /// It has no end of text.
    #[error("the tokenizer has no token `{END}`")]
    NoEnd,
}

impl From<tokenizers::Error> for VocabularyError {
    fn from(error: tokenizers::Error) -> Self {
        Self::Train {
            reason: error.to_string(),
        }
    }
}

/// A `tokenizer.json` of at most `size` tokens.
///
/// Each digit is a token of its own, so that a number is copied digit by digit. Names of variables,
/// words of capital letters, are left out of the texts, so that their letters stay apart as well:
/// random letters would otherwise be joined now and then, and every name be cut in another way.
///
/// # Errors
/// [`VocabularyError`].
pub fn train_vocabulary(
    texts: impl Iterator<Item = String>,
    size: usize,
) -> Result<String, VocabularyError> {
    let mut tokenizer = tokenizers::Tokenizer::new(BPE::default());
    let steps: Vec<PreTokenizerWrapper> = vec![
        Digits::new(true).into(),
        ByteLevel::new(false, true, true).into(),
    ];
    tokenizer.with_pre_tokenizer(Some(Sequence::new(steps)));
    tokenizer.with_decoder(Some(ByteLevel::default()));
    let trainer = BpeTrainerBuilder::new()
        .show_progress(false)
        .vocab_size(size)
        .min_frequency(2)
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .special_tokens(vec![AddedToken::from(END, true)])
        .build();
    let texts: Vec<String> = texts.map(|text| without_names(&text)).collect();
    let mut trainer = TrainerWrapper::BpeTrainer(trainer);
    tokenizer.train(&mut trainer, texts.iter())?;
    Ok(tokenizer.to_string(true)?)
}

/// The id of [`END`].
///
/// # Errors
/// There is none.
pub(crate) fn end_of(tokenizer: &Tokenizer) -> Result<u32, VocabularyError> {
    match tokenizer.encode(END).as_slice() {
        [end] => Ok(*end),
        _ => Err(VocabularyError::NoEnd),
    }
}

/// `text` without words of capital letters, `VAR` excepted.
fn without_names(text: &str) -> String {
    let name = |word: &&str| {
        let letters = word.trim_matches(|c: char| !c.is_ascii_alphabetic());
        letters.len() > 2 && letters.bytes().all(|c| c.is_ascii_uppercase()) && letters != "VAR"
    };
    let words = text.split_inclusive([' ', '\n']);
    words.filter(|word| !name(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_the_letters_of_names_are_tokens_of_their_own() {
        let text =
            "VAR QWERT = 12345 VAR QWERT = VAR QWERT and the number 12345 for amber is 1212. ";
        let texts = (0..50).map(|_| text.to_owned());
        let json = train_vocabulary(texts, 320).unwrap();
        let tokenizer = Tokenizer::from_json(json.as_bytes()).unwrap();
        let spelled = |text: &str| -> Vec<String> {
            let ids = tokenizer.encode(text);
            ids.iter().map(|id| tokenizer.decode(&[*id])).collect()
        };
        assert_eq!(
            spelled(" number 12345."),
            [" number", " ", "1", "2", "3", "4", "5", "."]
        );
        assert_eq!(spelled("QWERT"), ["Q", "W", "E", "R", "T"]);
        assert_eq!(spelled(" amber"), [" amber"]);
        assert!(tokenizer.size() <= 320);
        assert!(tokenizer.is_end(end_of(&tokenizer).unwrap()));
        assert_eq!(
            tokenizer.cuts_words(),
            Some(Vec::new()),
            "counted part by part"
        );
        assert_eq!(
            without_names("VAR AB = VAR XYZ. ABC, Abc"),
            "VAR AB = VAR Abc"
        );
    }
}
