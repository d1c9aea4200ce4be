//! Keys of llama.cpp: which are read, and what becomes of the others.

use super::*;
use crate::model::testing;

fn read(kind: Option<&str>, more: &[(&str, GgufValue)]) -> Result<RopeConfig, String> {
    let text = |text: &str| GgufValue::Str(text.to_owned());
    let mut pairs = vec![
        ("general.architecture", text("llama")),
        ("llama.rope.scaling.factor", GgufValue::Float(4.0)),
        (
            "llama.rope.scaling.original_context_length",
            GgufValue::Int(64),
        ),
    ];
    pairs.extend(kind.map(|kind| ("llama.rope.scaling.type", text(kind))));
    pairs.retain(|(key, _)| more.iter().all(|(other, _)| other != key));
    pairs.extend(more.iter().cloned());
    let gguf = Gguf::header(&testing::gguf(&pairs, &[])).unwrap();
    RopeConfig::from_gguf(&gguf, 64).map_err(|error| error.to_string())
}

fn yarn(name: &str, number: f64) -> Result<RopeConfig, String> {
    let key = format!("llama.rope.scaling.{name}");
    read(Some("yarn"), &[(key.as_str(), GgufValue::Float(number))])
}

#[test]
fn yarns_numbers_are_read_as_llama_cpp_reads_them() {
    let plain = read(Some("yarn"), &[]).unwrap();
    let log = 0.1 * 4_f64.ln();
    for (name, number) in [
        ("yarn_ext_factor", 1.0),
        ("yarn_ext_factor", -1.0),
        ("yarn_attn_factor", 1.0),
        ("yarn_attn_factor", f64::from((log + 1.0) as f32)),
        ("yarn_beta_fast", 32.0),
        ("yarn_beta_slow", 1.0),
        ("yarn_log_multiplier", 0.0),
        ("attn_factor", 1.0),
    ] {
        assert_eq!(yarn(name, number).as_ref(), Ok(&plain), "{name} {number}");
    }
    assert!((plain.attention() - (log + 1.0)).abs() < 1e-12);
    let more = yarn("yarn_log_multiplier", 0.5).unwrap();
    let want = (log + 1.0) / (0.5 * log + 1.0);
    assert!((more.attention() - want).abs() < 1e-12);
    let twice = yarn("attn_factor", 2.0).unwrap();
    assert!((twice.attention() - 2.0 * (log + 1.0)).abs() < 1e-12);
    let RopeScaling::Yarn(parameters) = yarn("yarn_beta_fast", 16.0).unwrap().scaling else {
        panic!("no YaRN");
    };
    assert_eq!(parameters.beta_fast, 16.0);
    // Nothing of the ramp: interpolation alone, and no factor for the attention.
    let none = yarn("yarn_ext_factor", 0.0).unwrap();
    assert_eq!(none.scaling, RopeScaling::Linear { factor: 4.0 });
}

#[test]
fn what_cannot_be_honoured_is_refused_by_its_name() {
    for (name, number, want) in [
        ("yarn_ext_factor", 0.5, "1 or 0"),
        ("yarn_attn_factor", 1.5, "1 or 1.1386"),
        ("yarn_log_multiplier", -1.0, "0 or above"),
        ("yarn_beta_slow", 0.0, "a number above 0"),
    ] {
        let says = yarn(name, number).unwrap_err();
        let start =
            format!("the positions' `llama.rope.scaling.{name}` is {number}, expected {want}");
        assert!(says.starts_with(&start), "{says}");
    }
    let float = GgufValue::Float;
    for kind in [None, Some("linear"), Some("none")] {
        let attention = read(kind, &[("llama.rope.scaling.attn_factor", float(1.2))]);
        let says = attention.unwrap_err();
        assert!(says.contains("`llama.rope.scaling.attn_factor`"), "{says}");
    }
    let ramp = read(None, &[("llama.rope.scaling.yarn_ext_factor", float(1.0))]);
    assert!(
        ramp.unwrap_err()
            .contains("expected 0 with linear positions")
    );
    for unknown in [
        "llama.rope.scaling.yarn_beta_fats",
        "llama.rope.scaling.alpha",
        "llama.rope.freq_base_swa",
        "llama.rope.freq_base_per_layer",
        "llama.rope.dimension_count_swa",
        "llama.rope.dimension_sections",
    ] {
        let says = read(None, &[(unknown, GgufValue::Ints(vec![1, 2]))]).unwrap_err();
        assert_eq!(
            says,
            format!("the positions' `{unknown}` is not known here and may mean other positions")
        );
    }
    // Another family's is none of this model's.
    assert!(read(None, &[("gemma3.rope.freq_base_swa", float(1e4))]).is_ok());
    assert!(read(None, &[("llama.rope.scaling.finetuned", GgufValue::Int(1))]).is_ok());
}

#[test]
fn a_kind_that_no_gguf_file_holds_is_refused() {
    let longrope = read(Some("longrope"), &[]).unwrap_err();
    assert_eq!(
        longrope,
        "the positions' `rope_factors_long.weight` is missing"
    );
    let dynamic = read(Some("dynamic"), &[]).unwrap_err();
    assert_eq!(
        dynamic,
        "the positions are scaled by `dynamic`, expected none, linear, yarn or longrope, which a GGUF file may hold"
    );
}

#[test]
fn a_value_of_another_kind_is_not_taken_for_nothing() {
    for (key, value, says) in [
        (
            "llama.rope.scaling.type",
            GgufValue::Int(2),
            "the whole number 2, expected a text",
        ),
        (
            "llama.rope.dimension_count",
            GgufValue::Float(64.0),
            "64, expected a whole number",
        ),
        (
            "llama.rope.scaling.factor",
            GgufValue::Str("4".to_owned()),
            "the text \"4\", expected a number above 0",
        ),
        (
            "llama.rope.scaling.factor",
            GgufValue::Float(f64::NAN),
            "NaN, expected a number above 0",
        ),
    ] {
        let got = read(Some("yarn"), &[(key, value)]).unwrap_err();
        assert_eq!(got, format!("the positions' `{key}` is {says}"));
    }
    let window = "llama.rope.scaling.original_context_length";
    let got = read(Some("yarn"), &[(window, GgufValue::Float(64.0))]).unwrap_err();
    assert!(got.contains("expected a whole number"), "{got}");
}
