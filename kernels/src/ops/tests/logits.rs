//! What is read of logits on the adapter: the likeliest token, log-probabilities.

use super::*;
use crate::model::sampler::{Sampler, are_numbers};

/// Logits with what goes wrong: ties, zeros of both signs, infinities, NaN of both signs.
fn cases() -> Vec<Vec<f32>> {
    let with = |count: usize, changes: &[(usize, f32)]| {
        let mut logits = noise(count as u32, count);
        changes.iter().for_each(|(at, value)| logits[*at] = *value);
        logits
    };
    let low = f32::NEG_INFINITY;
    let mut cases: Vec<_> = [1, 2, 255, 257, 1000, 49_153].map(|n| with(n, &[])).into();
    cases.extend([
        // The lowest id of equals, within a lane, across lanes, at the ends.
        with(1000, &[(999, 7.5), (513, 7.5), (257, 7.5)]),
        with(1000, &[(0, 7.5), (999, 7.5)]),
        vec![-3.0; 700],
        vec![0.0, -0.0, 0.0],
        vec![-0.0, 0.0],
        vec![-1.0, -0.0, 0.0, -2.0],
        with(300, &[(7, low), (8, low)]),
        [vec![low; 299], vec![-3e38]].concat(),
        vec![low; 300],
        vec![f32::MAX, f32::MIN, 1e-45, -1e-45],
    ]);
    for wrong in [f32::NAN, -f32::NAN, f32::INFINITY] {
        for at in [0, 255, 256, 999] {
            cases.push(with(1000, &[(at, wrong)]));
        }
    }
    cases
}

#[test]
fn top_k_agrees() {
    let Some(gpu) = gpu() else { return };
    for logits in cases() {
        let (vocab, x) = (logits.len(), floats(&gpu, &logits));
        let kernel = TopKKernel::new(&gpu, vocab);
        for told in [0, 1, 10, 300] {
            let buffers = kernel.bind(&gpu, &x, told);
            let count = buffers.words();
            gpu.write(&buffers.best, &vec![u32::MAX; count]);
            let mut commands = gpu.commands();
            kernel.run(&mut commands.pass(), &buffers);
            let words: Vec<u32> = block_on(gpu.read(commands, &buffers.best, 0, count)).unwrap();
            let got = buffers.token(&words);
            // The first is what the CPU chooses of logits that are read back.
            let sampled = are_numbers(&logits).then(|| Sampler::greedy().sample(&logits));
            assert_eq!(got.as_ref().map(|token| token.id), sampled, "{vocab}");
            let want = cpu::top_k(&logits, told);
            assert_eq!(got.is_some(), want.is_some(), "{vocab}");
            let (Some(got), Some(want)) = (got, want) else {
                continue;
            };
            assert_eq!(got.top.len(), want.len(), "{vocab}, {told}");
            for ((id, got), (twin, want)) in got.top.iter().zip(want) {
                let near = *got == want || (got - want).abs() <= 1e-5 + 1e-6 * want.abs();
                assert!(
                    *id == twin && near,
                    "{vocab}: {id} {got}, its twin says {twin} {want}"
                );
            }
        }
    }
}

#[test]
fn logprobs_agree() {
    let Some(gpu) = gpu() else { return };
    for mut logits in cases() {
        // What is far from a probability of 0 is compared.
        logits.iter_mut().for_each(|x| {
            *x = if x.abs() > 1e30 && x.is_finite() {
                9.0
            } else {
                *x
            }
        });
        let vocab = logits.len();
        let last = vocab as u32 - 1;
        for ids in [
            vec![0],
            vec![last, 0, last],
            (0..300).map(|i| i % vocab as u32).collect(),
        ] {
            let kernel = LogprobsKernel::new(&gpu, vocab);
            let buffers = kernel.bind(&gpu, &floats(&gpu, &logits), &ids);
            gpu.write(&buffers.p, &vec![f32::NAN; 1 + ids.len()]);
            let got = run(&gpu, &buffers.p, 1 + ids.len(), |pass| {
                kernel.run(pass, &buffers);
            });
            let Some(want) = cpu::logprobs(&logits, &ids) else {
                assert_eq!(got[0], 0.0, "{vocab}");
                continue;
            };
            assert_eq!(got[0], 1.0, "{vocab}");
            for (got, want) in got[1..].iter().zip(want) {
                let near = (f64::from(*got) - want).abs() <= 1e-5 + 1e-6 * want.abs();
                assert!(
                    near || f64::from(*got) == want,
                    "{vocab}: {got}, its twin says {want}"
                );
            }
        }
    }
}
