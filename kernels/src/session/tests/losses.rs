//! Lost adapters, and memory that is given back.

use std::sync::atomic::Ordering;

use super::*;

/// A file that lies in memory.
#[derive(Debug)]
struct InMemory(Vec<u8>);

impl ModelFile for InMemory {
    fn open(&self) -> OpenedModelFile<'_> {
        let file: Box<dyn ReadSeek> = Box::new(Cursor::new(self.0.clone()));
        Box::pin(std::future::ready(Ok(file)))
    }
}

#[test]
fn a_lost_adapter_is_opened_again_and_the_answer_goes_on() {
    let file = gguf_reading("qwen2", Some(4096));
    let ids = text(2000);
    let (Some(gpu), Some(other)) = (gpu(), gpu()) else {
        return;
    };
    let mut undisturbed = load(gpu, &file, KernelVariant::Register);
    undisturbed.reserve(ids.len() + 30).unwrap();
    let (usual, _) = bits(&mut undisturbed, &ids);
    undisturbed.rewind(0);
    let (written, _) = greedy(&mut undisturbed, &ids, (30, 8));

    let lost = load(other, &file, KernelVariant::Register);
    let mut lost = lost.recovering(Box::new(InMemory(file)));
    lost.reserve(ids.len() + 30).unwrap();
    let (adapter, cancel) = (lost.gpu.clone(), AtomicBool::new(false));
    let (mut reports, mut losses) = (Vec::new(), 0);
    let mut hear = |read| {
        reports.push(read);
        if read >= 1000 && losses == 0 {
            adapter.lose();
            losses += 1;
        }
    };
    let logits = block_on(lost.read(&ids, &cancel, &mut hear, None)).unwrap();
    let got: Vec<u32> = logits.into_iter().map(f32::to_bits).collect();
    assert_eq!((got, losses), (usual, 1));
    assert!(adapter.fault().is_some() && !lost.is_lost());
    assert!(reports.is_sorted_by(|a, b| a < b), "{reports:?}");
    assert_eq!(reports.last(), Some(&2000));

    // Lost again amid the answer: its tokens are read again as they were.
    lost.rewind(0);
    let (begun, _) = greedy(&mut lost, &ids, (10, 4));
    lost.gpu.lose();
    let (rest, _) = greedy(&mut lost, &begun[9..], (15, 8));
    assert_eq!([begun, rest].concat(), written[..25]);

    // A cancel while it comes back leaves nothing half done.
    lost.gpu.lose();
    cancel.store(true, Ordering::Relaxed);
    let mut quiet = |_| ();
    let stopped = block_on(lost.read_greedy(&written[24..25], (5, 0), &cancel, &mut quiet));
    assert_eq!(stopped, Err(ModelStop::Cancelled));
    let (last, _) = greedy(&mut lost, &written[24..25], (5, 5));
    assert_eq!(last, written[25..]);
}

#[test]
fn what_cannot_be_read_again_is_told_as_lost() {
    let Some(gpu) = gpu() else { return };
    let mut session = load(gpu, &gguf("llama"), KernelVariant::Register);
    session.reserve(9).unwrap();
    session.gpu.lose();
    let (ids, cancel, mut quiet) = (text(9), AtomicBool::new(false), |_| ());
    let stop = block_on(session.read(&ids, &cancel, &mut quiet, None)).unwrap_err();
    assert!(matches!(stop, ModelStop::Lost(_)), "{stop:?}");
    assert!(session.is_lost());
}

#[test]
fn ten_models_leave_nothing_behind() {
    let Some(gpu) = gpu() else { return };
    let file = gguf_reading("llama", Some(1024));
    let mut taken = Vec::new();
    for _ in 0..10 {
        let mut session = load(gpu.clone(), &file, KernelVariant::Register);
        session.reserve(600).unwrap();
        greedy(&mut session, &text(100), (9, 4));
        let held = gpu.allocated_bytes();
        drop(session);
        // Buffers go with the next submission that is done.
        block_on(gpu.finish(gpu.commands())).unwrap();
        taken.push((held, gpu.allocated_bytes()));
    }
    // Vulkan tells; other systems may not.
    if let [(Some(held), Some(left)), later @ ..] = &taken[1..] {
        // The device keeps some memory for itself, but no more of it with each model.
        assert!(
            later.iter().all(|now| *now == (Some(*held), Some(*left))),
            "{taken:?}"
        );
        assert!(*left < held / 2, "{taken:?}");
    }
}
