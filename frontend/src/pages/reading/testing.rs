//! A sample for tests.

use fathom_shared::task::{EvidenceKind, EvidenceSpan, Profile, Sample};
use fathom_shared::tokens::Tokens;

/// A sample of `input` with what stands in it as evidence, gold or not.
pub(super) fn sample(input: &str, evidence: &[(&str, bool)], references: &[&str]) -> Sample {
    let piece = |(text, gold): &(&str, bool)| {
        let start = input.rfind(text).unwrap();
        EvidenceSpan {
            kind: EvidenceKind::Needle,
            gold: *gold,
            label: String::new(),
            bytes: start..start + text.len(),
            tokens: 0..1,
        }
    };
    Sample {
        number: 0,
        profile: Profile::Upstream,
        sources: Vec::new(),
        index: 0,
        input: input.to_owned(),
        references: references.iter().map(|&text| text.to_owned()).collect(),
        answer_prefix: String::new(),
        options: Vec::new(),
        length: Tokens(100),
        length_w_model_temp: Tokens(100),
        token_position_answer: None,
        tokens_to_generate: Tokens(10),
        input_tokens: Tokens(90),
        evidence: evidence.iter().map(piece).collect(),
        cut: None,
    }
}
