//! The tokenizer of a Hugging Face folder: `tokenizer.json` and the files beside it.

use serde_json::Value as Json;

use super::{Tokenizer, TokenizerError};

impl Tokenizer {
    /// Reads `tokenizer.json`; `beside` is the content of `tokenizer_config.json`, and
    /// `generation` that of `generation_config.json` or `config.json`, which names what ends an
    /// answer. Either may be `null`.
    ///
    /// # Errors
    /// [`TokenizerError::Build`].
    pub fn from_folder(
        tokenizer: &[u8],
        beside: &Json,
        generation: &Json,
    ) -> Result<Self, TokenizerError> {
        let mut read = Self::from_json(tokenizer)?;
        (read.bos, read.eos) = (
            spelling(&beside["bos_token"]),
            spelling(&beside["eos_token"]),
        );
        read.ends.extend(read.prompt.token_to_id(&read.eos));
        let ends = &generation["eos_token_id"];
        let ends = ends
            .as_array()
            .map_or(std::slice::from_ref(ends), Vec::as_slice);
        let ends = ends.iter().filter_map(Json::as_u64);
        read.ends
            .extend(ends.filter_map(|id| u32::try_from(id).ok()));
        // What stands before a text with special tokens and without any text.
        let before = read.prompt.encode("", true);
        let before = before
            .ok()
            .and_then(|empty| empty.get_ids().first().copied());
        let bos = read.prompt.token_to_id(&read.bos);
        read.first = match beside["add_bos_token"].as_bool() {
            Some(false) => None,
            Some(true) => bos,
            None => bos.filter(|bos| before == Some(*bos)),
        };
        Ok(read)
    }
}

/// A token as older files and newer ones spell it.
fn spelling(token: &Json) -> String {
    let text = token.as_str().or_else(|| token["content"].as_str());
    text.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Two words and the marks around them; `post` says what is put before a text.
    fn file(post: &Json) -> Vec<u8> {
        let token = |id: u32, text: &str| {
            json!({ "id": id, "content": text, "special": true, "normalized": false,
                "single_word": false, "lstrip": false, "rstrip": false })
        };
        json!({
            "version": "1.0", "truncation": null, "padding": null, "normalizer": null,
            "added_tokens": [token(0, "<s>"), token(1, "</s>"), token(2, "<|stop|>")],
            "pre_tokenizer": { "type": "Whitespace" }, "post_processor": post, "decoder": null,
            "model": { "type": "WordLevel", "vocab": { "<s>": 0, "</s>": 1, "<|stop|>": 2, "a": 3,
                "b": 4 }, "unk_token": "a" },
        })
        .to_string()
        .into_bytes()
    }

    #[test]
    fn the_files_beside_say_where_texts_begin_and_end() {
        let post = json!({ "type": "TemplateProcessing",
            "single": [{ "SpecialToken": { "id": "<s>", "type_id": 0 } },
                { "Sequence": { "id": "A", "type_id": 0 } }],
            "pair": [{ "Sequence": { "id": "A", "type_id": 0 } },
                { "Sequence": { "id": "B", "type_id": 1 } }],
            "special_tokens": { "<s>": { "id": "<s>", "ids": [0], "tokens": ["<s>"] } } });
        let beside = json!({ "bos_token": "<s>", "eos_token": { "content": "</s>" } });
        let generation = json!({ "eos_token_id": [2, 4] });
        let read = Tokenizer::from_folder(&file(&post), &beside, &generation).unwrap();
        assert_eq!(read.encode("a b"), [0, 3, 4]);
        assert_eq!(read.encode("<s> a b"), [0, 3, 4], "not twice");
        assert_eq!((read.bos(), read.eos()), ("<s>", "</s>"));
        let ends: Vec<_> = (0..5).filter(|id| read.is_end(*id)).collect();
        assert_eq!(ends, [1, 2, 4]);

        let one = json!({ "eos_token_id": 2 });
        let plain = Tokenizer::from_folder(&file(&Json::Null), &beside, &one).unwrap();
        assert_eq!(plain.encode("a b"), [3, 4]);
        let told = json!({ "bos_token": "<s>", "add_bos_token": true });
        let told = Tokenizer::from_folder(&file(&Json::Null), &told, &Json::Null).unwrap();
        assert_eq!(told.encode("a b"), [0, 3, 4]);
    }
}
