use serde_json::{Value as Json, json};

use super::*;

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
