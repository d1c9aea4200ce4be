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
fn argmax_agrees() {
    let Some(gpu) = gpu() else { return };
    for logits in cases() {
        let (vocab, chosen) = (logits.len(), gpu.words("chosen", 3));
        gpu.write(&chosen, &[u32::MAX; 3]);
        let argmax = ArgmaxKernel::new(&gpu, vocab, &floats(&gpu, &logits), &chosen);
        let mut commands = gpu.commands();
        argmax.run(&mut commands.pass());
        let got: Vec<u32> = block_on(gpu.read(commands, &chosen, 0, 3)).unwrap();
        let want = cpu::argmax(&logits);
        let words = want.map_or([0, 0], |id| [id, 1]);
        assert_eq!(got, [words[0], words[1], u32::MAX], "{vocab}");
        // The twin is what the CPU does with logits that are read back.
        let sampled = are_numbers(&logits).then(|| Sampler::greedy().sample(&logits));
        assert_eq!(sampled, want, "{vocab}");
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
                kernel.run(pass, &buffers)
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
