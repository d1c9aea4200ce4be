//! Memory: the shapes of known models, estimates with their range, and a model that does not fit.

use super::situations::{CHAINS_LOST, GOOD, work};
use crate::advise::costs::{AdapterMemory, ModelDimensions, TrainingMemory, known_shapes, named};
use crate::advise::evidence::PositionEncoding;
use crate::advise::evidence::Workload::{DocumentLookup, MultiDocumentSynthesis};
use crate::advise::{AdaptationStep, Advice, Evidence, Thresholds, Verdict, advise};
use crate::tokens::Tokens;

fn told(evidence: &Evidence) -> Advice {
    let thresholds = Thresholds {
        draws: 100,
        ..Thresholds::default()
    };
    advise(evidence, &thresholds)
}

fn gigabytes(name: &str, tokens: u32) -> f64 {
    ModelDimensions::of_known(name, 30e9).cache_bytes(Tokens(tokens)) / 1e9
}

/// By their config.json: 80 · 8 · 128, 48 · 4 · 128, 32 · 8 · 128; two numbers of two bytes each.
#[test]
fn known_models_have_their_own_cache() {
    assert!(known_shapes() > 50, "{}", known_shapes());
    for (name, tokens, expected) in [
        ("Llama 3.1 70B", 131_072, 42.95),
        ("meta-llama/Meta-Llama-3.1-70B-Instruct", 131_072, 42.95),
        ("llama3.1 8b", 131_072, 17.18),
        ("Qwen3-30B-A3B-Instruct-2507", 1_048_576, 103.08),
        ("Qwen/Qwen2.5-7B-Instruct", 131_072, 7.52),
        // One number for keys and values: 61 · 576 · 2 bytes.
        ("DeepSeek-V3", 131_072, 9.21),
        // Ten layers of 62 look back over the whole text.
        ("Gemma 3 27B", 131_072, 11.17),
        // Seven layers of 27.
        ("Kimi Linear 48B", 1_048_576, 8.46),
    ] {
        let got = gigabytes(name, tokens);
        assert!((got / expected - 1.0).abs() < 2e-3, "{name}: {got}");
    }
    // Names alike at the beginning are other models.
    for (name, layers) in [
        ("GLM-4.5-Air", 46),
        ("GLM-4.5", 92),
        ("Command R+ 104B", 64),
    ] {
        assert_eq!(
            ModelDimensions::of_known(name, 1e11).layers,
            layers,
            "{name}"
        );
    }
    assert!(
        ModelDimensions::of_known("Command R7B", 7e9)
            .shape_by
            .is_empty()
    );
}

#[test]
fn an_unknown_shape_is_told_as_an_estimate_with_a_range() {
    let mut evidence = work(DocumentLookup, 128, 128).at(4, GOOD).at(128, GOOD);
    evidence.model = Some(ModelDimensions::of_known("our own 70B", 70e9));
    let memory = told(&evidence).memory.unwrap();
    let (low, high) = memory.cache_range;
    assert!(low < 42.95 && 42.95 < high, "{memory:?}");
    assert!(memory.says().contains("an estimate from the model's size"));
    evidence.model = Some(ModelDimensions::of_known("Llama 3.1 70B", 70e9));
    let memory = told(&evidence).memory.unwrap();
    let said = memory.says();
    assert!(
        said.contains("42.9 GB of cache in 16 bits") && said.contains("3 × H100"),
        "{said}"
    );
    assert!(
        said.contains("config.json of meta-llama/Llama-3.1-70B"),
        "{said}"
    );
}

/// Of layers without attention nobody knows how many there are: no model is refused for them.
#[test]
fn a_hybrid_s_cache_is_an_upper_bound() {
    for (name, positions) in [
        ("our own 48B", Some(PositionEncoding::None)),
        ("some-mamba-48B", None),
    ] {
        let mut evidence = work(DocumentLookup, 1_024, 1_024).at(1_024, GOOD);
        evidence.model = Some(ModelDimensions::of_known(name, 48e9));
        evidence.positions = positions;
        evidence.devices = Some(2);
        let advice = told(&evidence);
        let memory = advice.memory.clone().unwrap();
        assert!(
            memory.says().contains("This is an upper bound"),
            "{}",
            memory.says()
        );
        assert!(
            !memory.lacks() && !advice.verdict().contains("fit"),
            "{name}"
        );
    }
}

#[test]
fn a_model_that_does_not_run_is_made_to_fit_first() {
    let mut evidence = work(DocumentLookup, 128, 128).at(4, GOOD).at(128, GOOD);
    evidence.model = Some(ModelDimensions::of_known("Llama 3.1 70B", 70e9));
    evidence.hardware = Some("rtx4090".to_owned());
    evidence.devices = Some(1);
    let advice = told(&evidence);
    assert_eq!(advice.action, Verdict::Keep);
    let said = advice.verdict();
    assert!(
        said.contains("does not run at 128K tokens on 1 × RTX 4090: make it fit first"),
        "{said}"
    );
    assert!(!said.contains("keep the model"), "{said}");
    assert!(
        advice.next.what.contains("on 9 of these devices"),
        "{:?}",
        advice.next
    );
    assert!(
        advice.next.what.contains("4 bits are still too large"),
        "{:?}",
        advice.next
    );
    let plan = advice.plan.join(" ");
    assert!(!plan.contains("Use it as it is"), "{plan}");

    // Two of 80 GB hold the weights and a text of 11K, or all of it in fewer bits.
    evidence.hardware = Some("h100".to_owned());
    evidence.devices = Some(2);
    let advice = told(&evidence);
    let next = &advice.next.what;
    for part in [
        "with its weights in 8 bits",
        "on 3 of these devices",
        "texts of up to 11K tokens",
        "a smaller model",
    ] {
        assert!(next.contains(part), "{part}: {next}");
    }
    evidence.devices = Some(3);
    let advice = told(&evidence);
    assert!(!advice.verdict().contains("fit"), "{}", advice.verdict());

    // Whatever the verdict is.
    let mut lost = work(MultiDocumentSynthesis, 128, 128)
        .at(4, GOOD)
        .at(128, CHAINS_LOST)
        .fixed(128, GOOD);
    lost.model = evidence.model;
    lost.hardware = Some("h100".to_owned());
    lost.devices = Some(2);
    let advice = told(&lost);
    assert_eq!(advice.action, Verdict::FixPositions);
    assert!(
        advice.verdict().contains("make it fit first"),
        "{}",
        advice.verdict()
    );
    assert!(
        advice.next.what.starts_with("Make it fit first"),
        "{:?}",
        advice.next
    );
}

#[test]
fn published_models_have_their_own_shape() {
    let evidence = Evidence::published("Llama-3.1-70B-Instruct").unwrap();
    let model = evidence.model.as_ref().unwrap();
    assert_eq!((model.layers, model.kv_width), (80, Some(1_024)));
    let told = evidence.told_by().join(" ");
    assert!(
        told.contains("config.json of meta-llama/Llama-3.1-70B"),
        "{told}"
    );
}

/// A table writes active and all parameters with a slash between them.
#[test]
fn sizes_with_a_slash_hide_no_known_shape() {
    for name in ["Jamba-1.5-mini 12B/52B", "ai21labs/Jamba-1.5-mini 12B/52B"] {
        let model = ModelDimensions::of_known(name, 12e9);
        assert!(model.shape_by.contains("AI21-Jamba-1.5-Mini"), "{model:?}");
    }
}

/// LongLoRA (arXiv 2309.12307) trained Llama 2 70B on eight A100, which do not hold the training of all
/// weights: 16 · 70e9 bytes, against 2 · 70e9 + 16 (128,256 · 8,192 + 80 · 66 · 8,192).
#[test]
fn adapters_take_far_less_than_all_weights() {
    let model = ModelDimensions::of_known("Llama 3.1 70B", 70e9);
    let on = named("A100").unwrap();
    let adapters = AdapterMemory::of(&model, on);
    assert!((adapters.gigabytes - 157.5).abs() < 0.1, "{adapters:?}");
    assert!(adapters.devices <= 8, "{adapters:?}");
    assert!(TrainingMemory::of(&model, on).devices > 8);
}

/// An extension that fits with adapters alone is the plan, and is called so; nothing else fits with them.
#[test]
fn an_extension_that_fits_with_adapters_is_within_reach() {
    let mut evidence = work(DocumentLookup, 16, 8)
        .at(4, GOOD)
        .at(8, GOOD)
        .at(16, [30.0, 10.0, 5.0, 10.0]);
    evidence.model = Some(ModelDimensions::of_known("Llama 3.1 70B", 70e9));
    evidence.hardware = Some("a100".to_owned());
    evidence.devices = Some(8);
    let advice = told(&evidence);
    let said = advice.text();
    assert!(matches!(advice.action, Verdict::Extend { .. }), "{said}");
    assert!(
        advice.sentence.contains("with adapters, as the devices"),
        "{said}"
    );
    assert!(
        advice
            .out_of_reach
            .iter()
            .all(|one| one.step != AdaptationStep::Extend),
        "{said}"
    );
    assert!(
        said.contains("LongLoRA") && said.contains("fine-tune of adapters"),
        "{said}"
    );
    evidence.devices = Some(1);
    let advice = told(&evidence);
    let mut out = advice.out_of_reach.iter();
    let extends = out.find(|one| one.step == AdaptationStep::Extend);
    assert!(
        extends.is_some_and(|one| !one.why.join(" ").contains("it fits")),
        "{}",
        advice.text()
    );
}
