use serde_json::{Value as Json, json};

use super::*;
use crate::model::gguf::{Gguf, GgufError};

/// What `transformers` 5.23.0 computes; `tests/golden/rope/PROVENANCE.md`.
const GOLDEN: &str = include_str!("../../../../tests/golden/rope/frequencies.json");

fn read(config: &Json) -> Result<RopeConfig, RopeError> {
    RopeConfig::from_config(config, 16)
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
    let mut rope = RopeConfig::new(10_000.0, 16);
    let plain = rope.frequencies(1);
    rope.scaling = RopeScaling::Ntk { factor: 4.0 };
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
        says(json!("yarn")),
        "the positions' `rope_scaling` is \"yarn\", expected an object"
    );
    assert_eq!(
        says(json!({ "type": "linear" })),
        "the positions' `factor` is missing"
    );
    assert_eq!(
        says(json!({ "factor": 2.0 })),
        "the positions' `rope_type` is missing"
    );
    let misspelt =
        json!({ "rope_type": "yarn", "factor": 4.0, "orignal_max_position_embeddings": 512 });
    assert!(
        says(misspelt).starts_with("the positions' `orignal_max_position_embeddings` is not known")
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
    assert_eq!(read(&json!({})).unwrap(), RopeConfig::new(10_000.0, 16));
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
        RopeConfig::from_gguf(&header(&pairs), 16)
    };
    let factor = ("llama.rope.scaling.factor", json!(4.0));
    let window = ("llama.rope.scaling.original_context_length", json!(64));
    assert_eq!(
        gguf("yarn", &[factor.clone(), window.clone()]).unwrap(),
        yarn.unwrap()
    );
    let linear = gguf("linear", std::slice::from_ref(&factor)).unwrap();
    assert_eq!(linear.scaling, RopeScaling::Linear { factor: 4.0 });
    assert_eq!(gguf("none", &[]).unwrap(), RopeConfig::new(10_000.0, 16));
    let says = |rope: Result<RopeConfig, RopeFileError>| rope.unwrap_err().to_string();
    assert_eq!(
        says(gguf("yarn", std::slice::from_ref(&factor))),
        "the positions' `llama.rope.scaling.original_context_length` is missing"
    );
    // As llama.cpp loads them.
    let context = ("llama.context_length", json!(64));
    let silent = gguf("yarn", &[factor.clone(), context]).unwrap();
    assert_eq!(silent, gguf("yarn", &[factor.clone(), window]).unwrap());
    assert_eq!(gguf("linear", &[]).unwrap(), RopeConfig::new(10_000.0, 16));
    let nought = ("llama.rope.scaling.factor", json!(0.0));
    assert_eq!(
        gguf("linear", &[nought]).unwrap(),
        RopeConfig::new(10_000.0, 16)
    );
    assert_eq!(
        gguf("none", std::slice::from_ref(&factor)).unwrap(),
        RopeConfig::new(10_000.0, 16)
    );
    let whole = ("llama.rope.freq_base", json!(500_000));
    assert_eq!(
        says(gguf("none", &[whole])),
        "the positions' `llama.rope.freq_base` is the whole number 500000, expected a number above 0"
    );
    let kindless = |key: &str| {
        let pairs = [("general.architecture", json!("llama")), (key, json!(4.0))];
        RopeConfig::from_gguf(&header(&pairs), 16).unwrap()
    };
    assert_eq!(
        kindless("llama.rope.scaling.factor").scaling,
        RopeScaling::Linear { factor: 4.0 }
    );
    assert_eq!(
        kindless("llama.rope.scale_linear").scaling,
        RopeScaling::Linear { factor: 4.0 }
    );
    let none = ("llama.rope.scaling.factor", json!(-2.5));
    assert_eq!(
        says(gguf("linear", &[none])),
        "the positions' `llama.rope.scaling.factor` is -2.5, expected a number above 0"
    );
    assert_eq!(
        says(gguf("longrope", &[])),
        "the positions' `rope_factors_long.weight` is missing"
    );
}

#[test]
fn factors_may_be_tensors() {
    fn text(bytes: &mut Vec<u8>, text: &str) {
        bytes.extend((text.len() as u64).to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    let file = |tensors: &[(&str, [f32; 2])]| {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend((tensors.len() as u64).to_le_bytes());
        bytes.extend(3_u64.to_le_bytes());
        text(&mut bytes, "general.architecture");
        bytes.extend(8_u32.to_le_bytes());
        text(&mut bytes, "llama");
        for (key, number) in [
            ("llama.context_length", 256_u32),
            ("llama.rope.scaling.original_context_length", 64),
        ] {
            text(&mut bytes, key);
            bytes.extend(4_u32.to_le_bytes());
            bytes.extend(number.to_le_bytes());
        }
        for (number, (name, values)) in tensors.iter().enumerate() {
            text(&mut bytes, name);
            bytes.extend(1_u32.to_le_bytes());
            bytes.extend((values.len() as u64).to_le_bytes());
            bytes.extend(0_u32.to_le_bytes());
            bytes.extend((32 * number as u64).to_le_bytes());
        }
        for (_, values) in tensors {
            bytes.resize(bytes.len().next_multiple_of(32), 0);
            bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }
        bytes
    };
    let read = |bytes: &[u8]| {
        let gguf = Gguf::read(&mut std::io::Cursor::new(bytes)).unwrap();
        RopeConfig::from_gguf(&gguf, 4)
    };
    let divided = file(&[("rope_freqs.weight", [1.0, 8.0])]);
    let rope = read(&divided).unwrap();
    assert_eq!(rope.frequencies(1), [1.0, 0.01 / 8.0]);
    let header = RopeConfig::from_gguf(&Gguf::header(&divided).unwrap(), 4);
    let unread = matches!(header, Err(RopeFileError::Gguf(GgufError::Unread(_))));
    assert!(unread, "a header alone does not hold the factors");

    let long = ("rope_factors_long.weight", [2.0, 4.0]);
    let both = file(&[long, ("rope_factors_short.weight", [1.0, 2.0])]);
    let rope = read(&both).unwrap();
    assert_eq!(rope.frequencies(64), [1.0, 0.005]);
    assert_eq!(rope.frequencies(65), [0.5, 0.0025]);
    assert!((rope.attention() - (1.0 + 4_f64.ln() / 64_f64.ln()).sqrt()).abs() < 1e-12);

    let says = |bytes: Vec<u8>| read(&bytes).unwrap_err().to_string();
    assert_eq!(
        says(file(&[long])),
        "the positions' `rope_factors_short.weight` is missing"
    );
    assert_eq!(
        says(file(&[("rope_freqs.weight", [1.0, -1.0])])),
        "the positions' `rope_freqs.weight` is [1.0, -1.0], expected 2 numbers above 0, one for each pair"
    );
}

/// Right values: `tests/golden/rope` for YaRN, `transformers` 5.24 for which of several counts.
#[test]
fn old_and_new_spellings_and_both_at_once() {
    let yarn = json!({ "type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64 });
    let alone = read(&json!({ "rope_theta": 1e6, "rope_scaling": yarn })).unwrap();
    let RopeScaling::Yarn(parameters) = &alone.scaling else {
        panic!("{alone:?}");
    };
    assert_eq!((parameters.factor, parameters.original), (4.0, 64));
    let plain = json!({ "rope_type": "default", "rope_theta": 1e6 });
    let both = json!({ "rope_theta": 1e6, "rope_parameters": plain, "rope_scaling": yarn });
    assert_eq!(read(&both).unwrap(), alone);
    let empty = json!({ "rope_theta": 1e6, "rope_parameters": plain, "rope_scaling": {} });
    assert_eq!(read(&empty).unwrap(), RopeConfig::new(1e6, 16));
}

#[test]
fn positions_of_each_type_of_layer() {
    let yarn = json!({ "rope_type": "yarn", "rope_theta": 1e6, "factor": 4.0,
        "original_max_position_embeddings": 64 });
    let flat = read(&json!({ "rope_parameters": yarn })).unwrap();
    let nested = json!({ "full_attention": yarn,
        "sliding_attention": { "rope_type": "default", "rope_theta": 1e4 } });
    let of = |layers: &[&str]| read(&json!({ "layer_types": layers, "rope_parameters": nested }));
    assert_eq!(of(&["full_attention", "full_attention"]).unwrap(), flat);
    assert_eq!(of(&[]).unwrap(), flat);
    assert_eq!(
        of(&["sliding_attention"]).unwrap(),
        RopeConfig::new(1e4, 16)
    );
    let says = |layers: &[&str]| of(layers).unwrap_err().to_string();
    assert!(says(&["full_attention", "sliding_attention"]).contains("several types"));
    assert_eq!(
        says(&["chunked_attention"]),
        "the positions' `rope_parameters.chunked_attention` is missing"
    );
    let misspelt = json!({ "full_attention": { "rope_type": "yarn", "facter": 4.0 } });
    let error = read(&json!({ "rope_parameters": misspelt })).unwrap_err();
    assert!(error.to_string().contains("`facter`"), "{error}");
}

#[test]
fn noughts_are_nothing_said() {
    let with = |more: Json| {
        let mut said = json!({ "rope_type": "yarn", "factor": 4.0,
            "original_max_position_embeddings": 64 });
        for (key, value) in more.as_object().unwrap() {
            said[key] = value.clone();
        }
        read(&json!({ "rope_scaling": said, "max_position_embeddings": 512 })).unwrap()
    };
    let plain = with(json!({}));
    assert!((plain.attention() - (0.1 * 4_f64.ln() + 1.0)).abs() < 1e-12);
    for nought in [
        "mscale",
        "mscale_all_dim",
        "beta_fast",
        "beta_slow",
        "attention_factor",
    ] {
        if nought != "attention_factor" {
            assert_eq!(with(json!({ nought: 0 })), plain, "{nought}");
        }
        assert_eq!(with(json!({ nought: null })), plain, "{nought}");
    }
    assert_eq!(with(json!({ "mscale": 0, "mscale_all_dim": 0 })), plain);
    assert_eq!(with(json!({ "mscale": 0.7, "mscale_all_dim": 0 })), plain);
    let half = with(json!({ "mscale": 1.0, "mscale_all_dim": 0.5 })).attention();
    let want = (0.1 * 4_f64.ln() + 1.0) / (0.05 * 4_f64.ln() + 1.0);
    assert!((half - want).abs() < 1e-12);
    // The factor is then that of the windows.
    let RopeScaling::Yarn(yarn) = with(json!({ "factor": null })).scaling else {
        panic!("no YaRN");
    };
    assert_eq!(yarn.factor, 8.0);
}
