//! Cost formulas against figures computed by hand.

use super::situations::{CHAINS_LOST, GOOD, work};
use crate::advise::costs::{EvaluationPlan, Hardware, ModelDimensions, hardware};
use crate::advise::evidence::Workload::{MultiDocumentSynthesis, SafetyCritical};
use crate::advise::training::PUBLIC_RUNS;
use crate::advise::{Evidence, Thresholds, Verdict, advise};
use crate::tokens::Tokens;

const EIGHT: ModelDimensions = ModelDimensions {
    name: String::new(),
    parameters: 8e9,
    layers: 32,
    attention_width: 4_096,
    total_parameters: None,
    kv_width: None,
    local: None,
    linear_layers: 0,
    shape_by: String::new(),
};

fn near(got: f64, expected: f64) {
    assert!((got / expected - 1.0).abs() < 1e-9, "{got:e} {expected:e}");
}

#[test]
fn reading_is_two_for_each_parameter_and_attention() {
    // 2 · 8e9 · 1,000 = 1.6e13; 2 · 32 · 4,096 · 1,000² = 2.62144e11.
    near(EIGHT.prefill_flops(Tokens(1_000)), 1.626_214_4e13);
    // At 131,072 tokens: 2.097152e15 and 2 · 131,072 · 131,072² = 4.503599627370496e15.
    near(
        EIGHT.prefill_flops(Tokens(131_072)),
        6.600_751_627_370_496e15,
    );
}

#[test]
fn one_more_token_reads_the_weights_and_the_cache() {
    near(EIGHT.decode_flops(Tokens(0)), 1.6e10);
    // 1.6e10 and 4 · 131,072 · 131,072 = 6.8719476736e10.
    near(EIGHT.decode_flops(Tokens(131_072)), 8.471_947_673_6e10);
}

#[test]
fn training_is_six_for_each_parameter_and_token_and_attention() {
    let (weights, attention) = EIGHT.training_flops(1e9, Tokens(131_072));
    near(weights, 4.8e19);
    // 6 · 32 · 4,096 · 131,072 = 1.0307921510e11 a token.
    near(attention, 1.030_792_151_04e20);
}

/// The range of efficiency is that of public runs: each one's hours lie inside what is computed of
/// its own tokens.
#[test]
fn public_runs_lie_inside_the_computed_range() {
    for run in PUBLIC_RUNS {
        let shape = match run.parameters {
            size if size < 1e10 => EIGHT,
            size => ModelDimensions::of_size(size),
        };
        let peak = 989e12 * 3_600.0;
        let length = |tokens| shape.training_flops(run.tokens, Tokens(tokens));
        let (weights, attention) = match run.name {
            "ProLong-8B" => {
                let (weights, short) = length(65_536);
                let (_, long) = length(524_288);
                (weights, short.midpoint(long))
            }
            _ => length(8_192),
        };
        let reached = (weights + attention) / (run.hours * peak);
        assert!((0.135..=0.40).contains(&reached), "{}: {reached}", run.name);
        assert!(!run.source.is_empty());
    }
}

fn advised(step: &str) -> crate::advise::Advice {
    let mut evidence = match step {
        "extend" => work(MultiDocumentSynthesis, 128, 32)
            .at(4, GOOD)
            .at(32, GOOD),
        "continue" => work(MultiDocumentSynthesis, 128, 128)
            .at(4, GOOD)
            .at(128, CHAINS_LOST)
            .answers(38.0, 40.0),
        _ => work(SafetyCritical, 128, 128)
            .at(4, GOOD)
            .at(128, CHAINS_LOST)
            .answers(38.0, 40.0),
    };
    evidence.model = Some(EIGHT);
    advise(&evidence, &Thresholds::default())
}

/// An 8B: hundreds of hours, thousands to tens of thousands, hundreds of thousands and more.
#[test]
fn training_costs_what_public_runs_did() {
    for (step, low, high) in [
        ("extend", 100.0, 2_000.0),
        ("continue", 1_000.0, 25_000.0),
        ("retrain", 70_000.0, 2_000_000.0),
    ] {
        let cost = advised(step).cost.unwrap();
        let range = cost.hours.unwrap();
        assert!(low < range.low && range.high < high, "{step}: {range:?}");
        assert!(
            range.low < cost.gpu_hours * 3.0 && cost.gpu_hours < range.high * 3.0,
            "{step}: {range:?} beside {}",
            cost.gpu_hours
        );
        // Whose figure is whose: the article's words, and our number for them.
        assert!(!cost.article_says.is_empty(), "{step}");
        assert!(cost.beside_the_article.contains("ours"), "{step}");
    }
    // ProLong-8B took 14,400 hours; Llama 3.1 8B 1.46 million.
    let range = |step| advised(step).cost.unwrap().hours.unwrap();
    assert!(range("continue").low < 14_400.0 && 14_400.0 < range("continue").high);
    assert!(range("retrain").low < 1.46e6 && 1.46e6 < range("retrain").high);
}

#[test]
fn an_extension_costs_more_the_further_it_goes() {
    let hours = |window| {
        let mut evidence = work(MultiDocumentSynthesis, 256, window)
            .at(4, GOOD)
            .at(window, GOOD);
        evidence.model = Some(EIGHT);
        let advice = advise(&evidence, &Thresholds::default());
        assert!(matches!(advice.action, Verdict::Extend { .. }), "{window}");
        advice.cost.unwrap().hours.unwrap().high
    };
    assert!(hours(128) < hours(64) && hours(64) < hours(8));
}

/// Memory decides whether hardware can run a model at all.
#[test]
fn memory_is_weights_and_cache() {
    let mut evidence = work(MultiDocumentSynthesis, 128, 128).at(128, GOOD);
    evidence.model = Some(EIGHT);
    let memory = advise(&evidence, &Thresholds::default()).memory.unwrap();
    // 2 · 8e9, and 4 · 32 · 1,024 · 131,072 bytes.
    near(memory.weights_gigabytes, 16.0);
    near(memory.cache_gigabytes, 17.179_869_184);
    assert_eq!(memory.devices, 1);
    evidence.hardware = Some("RTX4090".to_owned());
    evidence.devices = Some(1);
    let advice = advise(&evidence, &Thresholds::default());
    assert_eq!(advice.memory.as_ref().unwrap().devices, 2);
    let said = advice.text();
    assert!(
        said.contains("take 16 GB of weights and about 17.2 GB of cache, 8.6 to 34.4, in 16 bits"),
        "{said}"
    );
    assert!(said.contains("There is only 1"), "{said}");
}

/// The article: three or four window targets take as much evaluation as training.
#[test]
fn several_window_targets_are_each_evaluated() {
    let mut evidence = work(MultiDocumentSynthesis, 128, 32)
        .at(4, GOOD)
        .at(32, GOOD);
    evidence.model = Some(EIGHT);
    let ruler = |evidence: &Evidence| {
        let advice = advise(evidence, &Thresholds::default());
        let item = advice
            .bill
            .iter()
            .find(|one| one.what.starts_with("RULER before"));
        (item.unwrap().hours.low, advice.plan)
    };
    let (one, _) = ruler(&evidence);
    evidence.window_targets = vec![Tokens(65_536), Tokens(262_144)];
    let (three, plan) = ruler(&evidence);
    assert!(three > 3.0 * one, "{three} {one}");
    let each = plan
        .iter()
        .find(|line| line.contains("each further window target"));
    assert!(each.unwrap().contains("64K and 256K tokens"), "{each:?}");
}

#[test]
fn an_evaluation_is_its_prompts_one_by_one() {
    let plan = EvaluationPlan {
        tasks: 13,
        lengths: vec![Tokens(1_000), Tokens(131_072)],
        samples: 100,
        checkpoints: 2,
        answer_tokens: 10,
    };
    let cost = plan.cost(&EIGHT);
    assert_eq!(cost.prompts, 5_200);
    near(cost.tokens, 2_600.0 * 132_072.0);
    near(
        cost.prefill_flops,
        2_600.0 * (1.626_214_4e13 + 6.600_751_627_370_496e15),
    );
    // 1.6e10 and 4 · 131,072 · 1,000 = 5.24288e8 at the short length.
    near(
        cost.decode_flops,
        26_000.0 * (1.652_428_8e10 + 8.471_947_673_6e10),
    );
    // Weights, and the cache: 4 · 32 · 1,024 = 131,072 bytes a token.
    let bytes = 26_000.0 * (2.0 * 1.6e10 + 131_072.0 * 132_072.0);
    near(cost.decode_bytes, bytes);
    // 1e15 operations a second and 1e12 bytes: answering waits for memory.
    let whole = Hardware {
        name: "round".to_owned(),
        teraflops: 1_000.0,
        gigabytes_per_s: 1_000.0,
        memory_gigabytes: 1_000.0,
        utilisation: 1.0,
        source: String::new(),
    };
    let seconds = cost.prefill_flops / 1e15 + bytes / 1e12;
    near(cost.hours(&whole), seconds / 3_600.0);
}

#[test]
fn five_kinds_of_hardware_are_known() {
    let names: Vec<&str> = hardware().iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["H100", "H200", "A100", "RTX 4090", "CPU"]);
    assert!(
        hardware()
            .iter()
            .all(|one| !one.source.is_empty() && one.utilisation < 1.0)
    );
}

#[test]
fn a_size_alone_has_the_usual_shape() {
    // (8e9 · 128 / 12)^(1/3) = 4,402.5…; by 128 that is 34.4.
    let model = ModelDimensions::of_size(8e9);
    assert_eq!((model.layers, model.attention_width), (34, 4_403));
}

#[test]
fn the_bill_is_in_operations_hours_and_money() {
    let mut evidence = work(MultiDocumentSynthesis, 128, 128)
        .at(128, CHAINS_LOST)
        .answers(38.0, 40.0);
    evidence.model = Some(EIGHT);
    evidence.hardware = Some("a 100".to_owned());
    evidence.price_per_hour = Some(2.5);
    assert_eq!(evidence.check(), Ok(()));
    let thresholds = Thresholds {
        draws: 20,
        ..Thresholds::default()
    };
    let advice = advise(&evidence, &thresholds);
    let training = advice.bill.last().unwrap();
    // 10e9 · (6 · 8e9 + 6 · 32 · 4,096 · 131,072) at 35% of 312e12 a second.
    let least = 10e9 * (4.8e10 + 1.030_792_151_04e11);
    near(training.flops.low, least);
    near(training.hours.low, least / (312e12 * 0.35) / 3_600.0);
    near(training.money.unwrap().low, training.hours.low * 2.5);
    let said = advice.markdown();
    assert!(
        said.contains("- Training: ") && said.contains("at your price."),
        "{said}"
    );
    assert!(!said.contains("The training: "), "{said}");
    assert!(said.contains("of one A100"), "{said}");
    evidence.hardware = Some("abacus".to_owned());
    let error = evidence.check().unwrap_err().to_string();
    assert!(
        error.contains("abacus") && error.contains("RTX 4090"),
        "{error}"
    );
}
