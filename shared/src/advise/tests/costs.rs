//! The formulas of costs against figures reckoned by hand.

use super::situations::{CHAINS_LOST, work};
use crate::advise::costs::{EvaluationPlan, Hardware, Model, hardware};
use crate::advise::evidence::Workload::MultiDocumentSynthesis;
use crate::advise::{Thresholds, advise};
use crate::tokens::Tokens;

const EIGHT: Model = Model {
    parameters: 8e9,
    layers: 32,
    attention_width: 4_096,
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
fn training_is_six_for_each_parameter_and_token() {
    near(EIGHT.training_flops(1e9), 4.8e19);
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
    near(cost.decode_bytes, 5_200.0 * 10.0 * 1.6e10);
    // 1e15 operations a second and 1e12 bytes: answering waits for memory.
    let whole = Hardware {
        name: "round".to_owned(),
        teraflops: 1_000.0,
        gigabytes_per_s: 1_000.0,
        utilisation: 1.0,
        source: String::new(),
    };
    let seconds = cost.prefill_flops / 1e15 + 5_200.0 * 10.0 * 1.6e10 / 1e12;
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
    let model = Model::of_size(8e9);
    assert_eq!((model.layers, model.attention_width), (34, 4_403));
}

#[test]
fn the_bill_is_in_operations_hours_and_money() {
    let mut evidence = work(MultiDocumentSynthesis, 128, 128)
        .at(128, CHAINS_LOST)
        .answers(38.0, 40.0);
    evidence.model = Some(EIGHT);
    evidence.hardware = Some("a100".to_owned());
    evidence.price_per_hour = Some(2.5);
    assert_eq!(evidence.check(), Ok(()));
    let thresholds = Thresholds {
        draws: 20,
        ..Thresholds::default()
    };
    let advice = advise(&evidence, &thresholds);
    let training = advice.bill.last().unwrap();
    // 6 · 8e9 · 40e9 = 1.92e21; 312e12 · 0.45 = 1.404e14 a second.
    near(training.flops, 1.92e21);
    near(training.hours, 1.92e21 / 1.404e14 / 3_600.0);
    near(training.money.unwrap(), training.hours * 2.5);
    assert!(
        advice
            .markdown()
            .contains("training, 6 N D: 1.92e21 operations, 3799 h of one A100"),
        "{}",
        advice.markdown()
    );
    evidence.hardware = Some("abacus".to_owned());
    let error = evidence.check().unwrap_err().to_string();
    assert!(
        error.contains("abacus") && error.contains("RTX 4090"),
        "{error}"
    );
}
