use serde_json::{Value as Json, json};

use super::*;
use crate::model::gguf::Gguf;

/// What `transformers` 5.23.0 computes; `tests/golden/rope/PROVENANCE.md`.
const GOLDEN: &str = include_str!("../../../../tests/golden/rope/frequencies.json");

fn read(config: &Json) -> Result<Rope, RopeError> {
    Rope::from_config(config, 16)
}

#[test]
fn frequencies_are_those_of_transformers() {
    let cases: Vec<Json> = serde_json::from_str(GOLDEN).unwrap();
    assert_eq!(cases.len(), 7);
    for case in cases {
        let name = &case["rope"];
        let mut older = case.clone();
        let parameters = older["rope_parameters"].take();
        older["rope_theta"] = parameters["rope_theta"].clone();
        older["rope_scaling"] = parameters;
        for config in [&case, &older] {
            let rope = read(config).unwrap();
            for (length, when) in [(1, "initial"), (64, "after_64"), (300, "after_300")] {
                let want = case[format!("inv_freq_{when}")].as_array().unwrap().clone();
                let got = rope.frequencies(length);
                assert_eq!(got.len(), want.len());
                for (got, want) in got.iter().zip(want) {
                    let want = want.as_f64().unwrap() as f32;
                    assert!((got / want - 1.0).abs() < 1e-6, "{name}: {got} for {want}");
                }
                let want = case[format!("attention_scaling_{when}")].as_f64().unwrap();
                assert!((rope.attention() - want).abs() < 1e-12, "{name}");
            }
        }
    }
}

#[test]
fn a_larger_base_keeps_the_fastest_and_slows_the_rest() {
    let mut rope = Rope::new(10_000.0, 16);
    let plain = rope.frequencies(1);
    rope.scaling = Scaling::Ntk { factor: 4.0 };
    let ntk = rope.frequencies(1);
    assert_eq!(ntk[0], plain[0]);
    // The slowest pair is stretched by the whole factor: that is how the base is chosen.
    assert!((plain[7] / ntk[7] - 4.0).abs() < 1e-5);
    let at = rotations(&ntk, 2.0, 0, 1);
    assert_eq!(at[0], [2.0, 0.0]);
}

#[test]
fn what_is_not_understood_is_refused() {
    let says = |scaling: Json| {
        read(&json!({ "rope_scaling": scaling }))
            .unwrap_err()
            .to_string()
    };
    assert!(
        says(json!({ "type": "mine", "factor": 2 }))
            .starts_with("the positions are scaled by `mine`")
    );
    assert_eq!(
        says(json!({ "type": "linear" })),
        "the positions' `factor` is missing"
    );
    assert_eq!(
        says(json!({ "type": "linear", "factor": -1 })),
        "the positions' `factor` is -1, expected a number above 0"
    );
    assert_eq!(
        says(json!({ "rope_type": "yarn", "factor": 4 })),
        "the positions' `original_max_position_embeddings` is missing"
    );
    let short = json!({ "type": "longrope", "short_factor": [1, 2], "long_factor": [],
        "original_max_position_embeddings": 64 });
    assert_eq!(
        says(short),
        "the positions' `short_factor` is [1,2], expected 8 numbers above 0, one for each pair"
    );
    assert_eq!(read(&json!({})).unwrap(), Rope::new(10_000.0, 16));
}

/// A GGUF file's header with these values: texts, or numbers as f32.
fn header(pairs: &[(&str, Json)]) -> Gguf {
    fn text(bytes: &mut Vec<u8>, text: &str) {
        bytes.extend((text.len() as u64).to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(3_u32.to_le_bytes());
    bytes.extend(0_u64.to_le_bytes());
    bytes.extend((pairs.len() as u64).to_le_bytes());
    for (key, value) in pairs {
        text(&mut bytes, key);
        if let Some(value) = value.as_str() {
            bytes.extend(8_u32.to_le_bytes());
            text(&mut bytes, value);
        } else if let Some(count) = value.as_u64() {
            bytes.extend(4_u32.to_le_bytes());
            bytes.extend(u32::try_from(count).unwrap().to_le_bytes());
        } else {
            bytes.extend(6_u32.to_le_bytes());
            bytes.extend((value.as_f64().unwrap() as f32).to_le_bytes());
        }
    }
    Gguf::header(&bytes).unwrap()
}

#[test]
fn gguf_files_say_the_same() {
    let yarn = read(
        &json!({ "rope_theta": 10000.0, "rope_scaling": { "rope_type": "yarn",
        "factor": 4.0, "original_max_position_embeddings": 64 } }),
    );
    let gguf = |kind: &str, more: &[(&str, Json)]| {
        let mut pairs = vec![
            ("general.architecture", json!("llama")),
            ("llama.rope.scaling.type", json!(kind)),
        ];
        pairs.extend(more.iter().cloned());
        Rope::from_gguf(&header(&pairs), 16)
    };
    let factor = ("llama.rope.scaling.factor", json!(4.0));
    let window = ("llama.rope.scaling.original_context_length", json!(64));
    assert_eq!(gguf("yarn", &[factor.clone(), window]), yarn);
    let linear = gguf("linear", &[factor.clone()]).unwrap();
    assert_eq!(linear.scaling, Scaling::Linear { factor: 4.0 });
    assert_eq!(gguf("none", &[]), Ok(Rope::new(10_000.0, 16)));
    let says = |rope: Result<Rope, RopeError>| rope.unwrap_err().to_string();
    assert_eq!(
        says(gguf("yarn", &[factor])),
        "the positions' `llama.rope.scaling.original_context_length` is missing"
    );
    let none = ("llama.rope.scaling.factor", json!(-2.5));
    assert_eq!(
        says(gguf("linear", &[none])),
        "the positions' `llama.rope.scaling.factor` is -2.5, expected a number above 0"
    );
    assert!(says(gguf("longrope", &[])).starts_with("the positions are scaled by `longrope`"));
}
