//! Which tokenizers first cut a text into words, digits and punctuation.

use serde_json::Value as Json;

/// The expression of cl100k and Llama 3, as `tokenizer.json` files spell it.
pub(super) const LLAMA_3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// The expression of Qwen 2 and 3.
pub(super) const QWEN_2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// The expression of o200k.
pub(super) const O200K: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const EXPRESSIONS: [&str; 3] = [LLAMA_3, QWEN_2, O200K];

/// The added spellings that stand for one token in a plain text, if `tokenizer` is of the family.
pub(super) fn cuts_words(tokenizer: &Json) -> Option<Vec<String>> {
    let is = |value: &Json, kind: &str| value["type"] == kind;
    let normalizer = &tokenizer["normalizer"];
    let model = &tokenizer["model"];
    let family = (normalizer.is_null() || is(normalizer, "NFC"))
        && is(model, "BPE")
        && model["dropout"].is_null()
        && cuts(&tokenizer["pre_tokenizer"]);
    let added = tokenizer["added_tokens"].as_array()?;
    // Special ones are ordinary text in a plain text.
    let plain = added.iter().filter(|token| token["special"] == false);
    family.then(|| {
        plain
            .filter_map(|token| token["content"].as_str())
            .map(str::to_owned)
            .collect()
    })
}

fn cuts(before: &Json) -> bool {
    let byte_level = |step: &Json, own_rule: bool| {
        step["type"] == "ByteLevel"
            && step["add_prefix_space"] == false
            && step["use_regex"] == own_rule
    };
    let digits = |step: &Json| step["type"] == "Digits";
    let known = |step: &Json| {
        let expression = step["pattern"]["Regex"].as_str().unwrap_or_default();
        step["type"] == "Split"
            && step["behavior"] == "Isolated"
            && step["invert"] == false
            && EXPRESSIONS.contains(&expression)
    };
    if before["type"] != "Sequence" {
        return byte_level(before, true);
    }
    match before["pretokenizers"].as_array().map(Vec::as_slice) {
        Some([only]) => byte_level(only, true),
        Some([first, second]) => {
            digits(first) && byte_level(second, true) || known(first) && byte_level(second, false)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tokenizer(before: &Json) -> Json {
        json!({ "normalizer": null, "pre_tokenizer": before, "model": { "type": "BPE", "dropout": null },
            "added_tokens": [{ "content": "<a>", "special": true }, { "content": "<b>", "special": false }] })
    }

    #[test]
    fn the_family_is_known_by_its_rule() {
        let own = json!({ "type": "ByteLevel", "add_prefix_space": false, "use_regex": true });
        let digits = json!({ "type": "Digits", "individual_digits": true });
        let split = json!({ "type": "Split", "pattern": { "Regex": EXPRESSIONS[1] },
            "behavior": "Isolated", "invert": false });
        let bytes = json!({ "type": "ByteLevel", "add_prefix_space": false, "use_regex": false });
        let both = |a: &Json, b: &Json| json!({ "type": "Sequence", "pretokenizers": [a, b] });
        let found = Some(vec!["<b>".to_owned()]);
        assert_eq!(cuts_words(&tokenizer(&own)), found);
        assert_eq!(cuts_words(&tokenizer(&both(&digits, &own))), found);
        assert_eq!(cuts_words(&tokenizer(&both(&split, &bytes))), found);
        let spaced = json!({ "type": "ByteLevel", "add_prefix_space": true, "use_regex": true });
        let metaspace = json!({ "type": "Metaspace", "replacement": "_" });
        for other in [&spaced, &metaspace, &both(&own, &bytes), &json!(null)] {
            assert_eq!(cuts_words(&tokenizer(other)), None);
        }
    }
}
