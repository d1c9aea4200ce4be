//! SentencePiece vocabularies in GGUF files (`tokenizer.ggml.model` = `llama`), said again as a
//! `tokenizer.json`: byte-pair merges in the order of their scores, bytes for what has no piece, as
//! `transformers` converts them (`integrations/ggml.py`, `GGUFLlamaConverter`).

use std::cmp::Ordering;

use rustc_hash::FxHashMap;
use serde_json::{Value as Json, json};

/// How SentencePiece writes a space.
const SPACE: &str = "\u{2581}";

/// A vocabulary as a file lists it.
pub(super) struct PieceVocabulary<'a> {
    /// Spellings, by id.
    pub(super) spellings: &'a [String],
    /// How early each is made, by id: the higher, the earlier.
    pub(super) scores: &'a [f64],
    /// The id of what has no piece.
    pub(super) unknown: usize,
    /// Whether a text begins with a space.
    pub(super) spaced: bool,
    /// The added tokens of the `tokenizer.json`.
    pub(super) added: Vec<Json>,
}

impl PieceVocabulary<'_> {
    /// The `tokenizer.json`.
    pub(super) fn json(self) -> Json {
        let replace = |from: &str, to: &str| json!({ "type": "Replace", "pattern": { "String": from }, "content": to });
        let mut normalizers = Vec::new();
        let mut decoders = vec![
            replace(SPACE, " "),
            json!({ "type": "ByteFallback" }),
            json!({ "type": "Fuse" }),
        ];
        if self.spaced {
            normalizers.push(json!({ "type": "Prepend", "prepend": SPACE }));
            decoders.push(json!({ "type": "Strip", "content": " ", "start": 1, "stop": 0 }));
        }
        normalizers.push(replace(" ", SPACE));
        let vocab: serde_json::Map<_, _> = self
            .spellings
            .iter()
            .enumerate()
            .map(|(id, text)| (text.clone(), json!(id)))
            .collect();
        let merges = self.merges();
        json!({
            "version": "1.0", "truncation": null, "padding": null, "added_tokens": self.added,
            "normalizer": { "type": "Sequence", "normalizers": normalizers },
            "pre_tokenizer": null, "post_processor": null,
            "decoder": { "type": "Sequence", "decoders": decoders },
            "model": { "type": "BPE", "vocab": vocab, "merges": merges,
                "unk_token": self.spellings.get(self.unknown), "fuse_unk": true,
                "byte_fallback": true },
        })
    }

    /// Every way to make a piece of two others, the highest score first.
    fn merges(&self) -> Vec<(&str, &str)> {
        let ids: FxHashMap<&str, usize> = self
            .spellings
            .iter()
            .enumerate()
            .map(|(id, text)| (text.as_str(), id))
            .collect();
        let mut merges = Vec::new();
        for (text, score) in self.spellings.iter().zip(self.scores) {
            let places = text.char_indices().skip(1).map(|(at, _)| at);
            let halves = places.filter_map(|at| {
                let (left, right) = text.split_at(at);
                Some((*ids.get(left)?, *ids.get(right)?, left, right))
            });
            let mut halves: Vec<_> = halves.collect();
            halves.sort_unstable();
            merges.extend(halves.into_iter().map(|(_, _, l, r)| (*score, l, r)));
        }
        let length = |text: &str| text.chars().count();
        // Python's stable sort, from the last to the first.
        merges.sort_by(|(a, al, ar), (b, bl, br)| {
            b.partial_cmp(a)
                .unwrap_or(Ordering::Equal)
                .then_with(|| length(bl).cmp(&length(al)))
                .then_with(|| length(br).cmp(&length(ar)))
        });
        merges
            .into_iter()
            .map(|(_, left, right)| (left, right))
            .collect()
    }
}

/// The bytes of a piece: `<0x0A>` spells one, everything else itself.
pub(super) fn bytes(spelling: &str) -> Vec<u8> {
    let hex = spelling
        .strip_prefix("<0x")
        .and_then(|rest| rest.strip_suffix('>'));
    let byte = hex
        .filter(|hex| hex.len() == 2)
        .and_then(|hex| u8::from_str_radix(hex, 16).ok());
    match byte {
        Some(byte) => vec![byte],
        None => spelling.replace(SPACE, " ").into_bytes(),
    }
}
