//! How many tokens and layers one submission has depends on time, so it must make no difference to
//! what is computed: not in one bit.

use super::*;
use crate::model::logprobs::log_softmax;
use crate::session::pace::SubmissionPace;

const VARIANTS: [KernelVariant; 2] = [KernelVariant::Register, KernelVariant::Workgroup];

#[test]
fn batches_make_no_difference() {
    let file = gguf_reading("qwen3", Some(1024));
    for variant in VARIANTS {
        let Some(gpu) = gpu() else { return };
        let mut session = load(gpu, &file, variant);
        session.reserve(700).unwrap();
        let ids = text(467);
        let (usual, _) = bits(&mut session, &ids);
        // Whole blocks together where the adapter is fast; pieces of eight tokens where it is slow.
        for (rate, share, reports) in [(1e-15, 1.0, 2..9), (1e-15, 8.0 / 512.0, 58..59)] {
            session.rewind(0);
            session.llama.prefill_pace = SubmissionPace::at(rate, share);
            let (got, told) = bits(&mut session, &ids);
            assert!(reports.contains(&told.len()), "{variant:?}: {told:?}");
            assert_eq!(told.last(), Some(&ids.len()));
            assert_eq!(got, usual, "{variant:?}: {told:?}");
        }
        // One layer in each submission.
        session.rewind(0);
        session.llama.prefill_pace = SubmissionPace::at(1.0, 1.0);
        assert_eq!(bits(&mut session, &ids).0, usual, "{variant:?}");
    }
}

#[test]
fn tokens_written_together_are_those_written_singly() {
    let file = gguf_reading("llama", Some(1024));
    for variant in VARIANTS {
        let Some(gpu) = gpu() else { return };
        let mut session = load(gpu, &file, variant);
        let ids = text(150);
        session.reserve(ids.len() + 40).unwrap();
        let (single, _) = greedy(&mut session, &ids, (40, 1));
        session.rewind(0);
        session.llama.decode_pace = SubmissionPace::at(1e-13, 1.0);
        let (several, goes) = greedy(&mut session, &ids, (40, 16));
        assert_eq!(several, single, "{variant:?}: {goes:?}");
        assert!(goes.iter().any(|count| *count > 2), "{goes:?}");
        // Those after a stop are thrown away: what follows the fifth is read anew.
        session.rewind(ids.len() + 4);
        let (rest, _) = greedy(&mut session, &several[4..5], (7, 7));
        assert_eq!(rest, several[5..12], "{variant:?}");
        // The likeliest is chosen as on the CPU.
        session.rewind(0);
        let (logits, _) = bits(&mut session, &ids);
        let logits: Vec<f32> = logits.into_iter().map(f32::from_bits).collect();
        let twin = crate::cpu::top_k(&logits, 10).unwrap();
        assert_eq!(twin[0].0, single[0]);
        // Log-probabilities change nothing, and are those of the logits.
        session.rewind(0);
        let (cancel, mut quiet) = (AtomicBool::new(false), |_| ());
        let first = session.read_greedy(&ids, (1, 10), &cancel, &mut quiet);
        let first = block_on(first).unwrap();
        for ((id, got), (twin, want)) in first[0].top.iter().zip(&twin) {
            assert!(
                id == twin && (got - want).abs() < 1e-4,
                "{id}: {got}, {twin}: {want}"
            );
        }
        let read = [single[0]];
        session.llama.decode_pace = SubmissionPace::at(1e-13, 1.0);
        let next = session.read_greedy(&read, (8, 10), &cancel, &mut quiet);
        let next = block_on(next).unwrap();
        let (told, tops): (Vec<u32>, Vec<u32>) =
            next.iter().map(|token| (token.id, token.top[0].0)).unzip();
        assert_eq!((told.len(), &told[..]), (8, &single[1..9]));
        assert_eq!(told, tops);
        // And so are letters.
        session.rewind(0);
        let letters = [65, 66, single[0]];
        let told = session.read_logprobs(&ids, &letters, &cancel, &mut quiet);
        for (id, got) in letters.iter().zip(block_on(told).unwrap()) {
            let (want, _) = log_softmax(&logits, *id, 0);
            assert!((got - want).abs() < 1e-4, "{id}: {got}, expected {want}");
        }
    }
}
