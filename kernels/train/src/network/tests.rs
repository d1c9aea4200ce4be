use candle_core::backprop::GradStore;

use super::*;

const LENGTH: usize = 24;
const VOCABULARY: usize = 19;

/// Grouped heads, and sizes that are no multiples of a vector.
fn sizes() -> DecoderSizes {
    DecoderSizes {
        layers: 2,
        width: 12,
        heads: 4,
        kv_heads: 2,
        head_dim: 6,
        ffn: 20,
        context: 64,
        rope_base: 100.0,
        norm_eps: 1e-5,
    }
}

fn decoder() -> Decoder {
    let decoder = Decoder::new(sizes(), VOCABULARY, 3, &Device::Cpu).unwrap();
    // Norms of 1 and an embedding near 0 would hide faults.
    for (number, parameter) in (0_u64..).zip(decoder.parameters()) {
        let mut random = Random::of(&[7, number]);
        let tensor = parameter.tensor();
        let noise: Vec<f32> = (0..tensor.elem_count())
            .map(|_| 0.2 * random.normal() as f32)
            .collect();
        let noise = Tensor::from_vec(noise, tensor.shape(), &Device::Cpu).unwrap();
        parameter.var.set(&(tensor + noise).unwrap()).unwrap();
    }
    decoder
}

/// Three sequences with their targets; every fourth target does not count.
struct Case {
    ids: Vec<u32>,
    targets: Vec<u32>,
    weights: Vec<f32>,
    answers: Vec<bool>,
}

fn case(sequences: usize, length: usize) -> Case {
    let mut random = Random::of(&[5]);
    let count = sequences * length;
    let mut draw = || {
        (0..count)
            .map(|_| random.below(VOCABULARY) as u32)
            .collect()
    };
    let (ids, targets) = (draw(), draw());
    let weight = |at: usize| [1.0, 0.05, 0.3, 0.0][at % 4];
    Case {
        ids,
        targets,
        weights: (0..count).map(weight).collect(),
        answers: (0..count).map(|at| at % 4 == 0).collect(),
    }
}

impl Case {
    fn targets(&self) -> LossTargets<'_> {
        LossTargets {
            ids: &self.targets,
            weights: &self.weights,
            answers: &self.answers,
        }
    }
}

/// The forward pass of candle's own operations alone.
fn composed(decoder: &Decoder, case: &Case, length: usize) -> (Tensor, LossValues) {
    let sizes = decoder.sizes();
    let eps = sizes.norm_eps;
    let layout = QkvLayout {
        heads: sizes.heads,
        kv_heads: sizes.kv_heads,
        head_dim: sizes.head_dim,
        sequence: length,
        norm_eps: eps,
    };
    let norm =
        |x: &Tensor, weight: &Parameter| rms_norm::composed(x, weight.tensor(), eps).unwrap();
    let ids = Tensor::from_slice(&case.ids, case.ids.len(), &Device::Cpu).unwrap();
    let mut x = decoder.embedding.tensor().index_select(&ids, 0).unwrap();
    for layer in &decoder.layers {
        let qkv = linear(&norm(&x, &layer.attention_norm), &layer.qkv).unwrap();
        let norms = (layer.q_norm.tensor(), layer.k_norm.tensor());
        let attended = attention::composed(&qkv, norms, layout, &decoder.rotations).unwrap();
        x = (x + linear(&attended, &layer.out).unwrap()).unwrap();
        let both = linear(&norm(&x, &layer.ffn_norm), &layer.gate_up).unwrap();
        let gated = swiglu::composed(&both).unwrap();
        x = (x + linear(&gated, &layer.down).unwrap()).unwrap();
    }
    let hidden = norm(&x, &decoder.norm);
    head_loss::composed(&hidden, decoder.head(), case.targets()).unwrap()
}

fn fused(decoder: &Decoder, case: &Case, length: usize) -> (Tensor, LossValues) {
    let hidden = decoder.hidden(&case.ids, length).unwrap();
    head_loss(&hidden, decoder.head(), case.targets()).unwrap()
}

fn gradient(gradients: &GradStore, parameter: &Parameter) -> Vec<f32> {
    let gradient = gradients.get(parameter.tensor()).unwrap();
    gradient.flatten_all().unwrap().to_vec1().unwrap()
}

/// The fused operations and candle's own, forward and backward, at lengths of one block of queries, of
/// several, and of a block that is not whole.
#[test]
fn fused_operations_are_candles_own() {
    let decoder = decoder();
    for (sequences, length) in [(3, LENGTH), (2, 64), (1, 45)] {
        let case = case(sequences, length);
        let (loss, values) = fused(&decoder, &case, length);
        let (plain, plain_values) = composed(&decoder, &case, length);
        let [got, want] = [&loss, &plain].map(|loss| loss.to_scalar::<f32>().unwrap());
        assert!((got - want).abs() < 1e-5, "{length}: {got} {want}");
        assert!((values.answer_loss - plain_values.answer_loss).abs() < 1e-5);
        assert_eq!(values.answer_hits, plain_values.answer_hits);
        assert_eq!(
            values.answer_tokens,
            case.answers.iter().filter(|a| **a).count()
        );
        let (fused, plain) = (loss.backward().unwrap(), plain.backward().unwrap());
        for parameter in decoder.parameters() {
            let (got, want) = (gradient(&fused, parameter), gradient(&plain, parameter));
            let most = want.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
            for (at, (got, want)) in got.iter().zip(&want).enumerate() {
                let name = &parameter.name;
                assert!(
                    (got - want).abs() < 2e-5 + 1e-4 * most,
                    "{name} {at}: {got} {want}"
                );
            }
        }
    }
}

/// Along the gradient of each parameter, the loss rises as fast as the gradient says.
#[test]
fn gradients_are_finite_differences() {
    let (decoder, case) = (decoder(), case(2, LENGTH));
    let (loss, _) = fused(&decoder, &case, LENGTH);
    let gradients = loss.backward().unwrap();
    let loss = || f64::from(fused(&decoder, &case, LENGTH).1.loss);
    for parameter in decoder.parameters() {
        let slope = gradients.get(parameter.tensor()).unwrap();
        let length = slope.sqr().unwrap().sum_all().unwrap();
        let length = f64::from(length.to_scalar::<f32>().unwrap()).sqrt();
        let old = parameter.tensor().copy().unwrap();
        let at = |by: f64| {
            let moved = (&old + (slope * (by / length)).unwrap()).unwrap();
            parameter.var.set(&moved).unwrap();
            let loss = loss();
            parameter.var.set(&old).unwrap();
            loss
        };
        let step = 0.01;
        let got = (at(step) - at(-step)) / (2.0 * step);
        let name = &parameter.name;
        assert!(
            (got / length - 1.0).abs() < 0.01,
            "{name}: {got}, gradient {length}"
        );
    }
}

#[test]
fn a_token_sees_none_after_it_and_no_other_sequence() {
    let decoder = decoder();
    let mut case = case(2, LENGTH);
    let before = decoder
        .logits(&case.ids, LENGTH)
        .unwrap()
        .to_vec2::<f32>()
        .unwrap();
    case.ids[LENGTH - 1] = (case.ids[LENGTH - 1] + 1) % VOCABULARY as u32;
    let after = decoder
        .logits(&case.ids, LENGTH)
        .unwrap()
        .to_vec2::<f32>()
        .unwrap();
    for (at, (before, after)) in before.iter().zip(&after).enumerate() {
        assert_eq!(before == after, at != LENGTH - 1, "token {at}");
    }
    let error = decoder.hidden(&[0; 65], 65).unwrap_err();
    assert!(error.to_string().contains("at most 64"), "{error}");
}
