//! Whole runs of the tiny stage: the golden loss curve, and going on after a kill.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::fs;
use std::path::Path;

use candle_core::Device;
use fathom_train::{
    MetricsLine, StageOutcome, TrainError, TrainOptions, TrainingStage, read_metrics, train,
};

fn tiny() -> TrainingStage {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("stages/tiny.toml");
    TrainingStage::read(&path).unwrap()
}

fn run(folder: &Path, resume: bool, stop_after: Option<u64>) -> Result<StageOutcome, TrainError> {
    let options = TrainOptions {
        folder: folder.to_owned(),
        resume,
        stop_after,
        device: Device::Cpu,
    };
    train(&tiny(), &options, &mut |_| ())
}

fn losses(folder: &Path) -> Vec<f32> {
    let lines = read_metrics(&folder.join("metrics.jsonl")).unwrap();
    let losses = lines.into_iter().filter_map(|line| match line {
        MetricsLine::Step { loss, .. } => Some(loss),
        MetricsLine::Evaluation { .. } => None,
    });
    losses.collect()
}

/// The loss of 20 steps, as they were when fused and composed operations, gradients and finite
/// differences first agreed. Processors add in other orders, and 20 steps of Muon carry the rounding
/// on: a hundredth of each loss is allowed.
#[test]
fn twenty_steps_follow_the_golden_curve() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), false, Some(20)).unwrap();
    let got = losses(folder.path());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tiny_losses.json");
    let want: Vec<f32> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(want.len(), 20);
    for (step, (got, want)) in got.iter().zip(&want).enumerate() {
        assert!(
            (got / want - 1.0).abs() < 0.01,
            "step {}: {got:?} {want}: {got:?}",
            step + 1
        );
    }
    assert_eq!(got.len(), want.len());
}

#[test]
fn a_killed_run_goes_on_bit_for_bit() {
    let (whole, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert_eq!(
        run(whole.path(), false, None).unwrap(),
        StageOutcome::Passed
    );
    // The state is written every five steps: seven steps leave two to be done again.
    assert_eq!(
        run(killed.path(), false, Some(7)).unwrap(),
        StageOutcome::Stopped
    );
    assert_eq!(losses(killed.path()).len(), 7);
    let error = run(killed.path(), false, None).unwrap_err();
    assert!(error.to_string().contains("`--resume`"), "{error}");
    assert_eq!(
        run(killed.path(), true, Some(11)).unwrap(),
        StageOutcome::Stopped
    );
    run(killed.path(), true, None).unwrap();
    let bits =
        |folder: &Path| -> Vec<u32> { losses(folder).into_iter().map(f32::to_bits).collect() };
    assert_eq!(bits(whole.path()), bits(killed.path()));
    assert_eq!(bits(whole.path()).len(), 40);
    for file in ["state.safetensors", "checkpoints/last/model.safetensors"] {
        let [a, b] = [&whole, &killed].map(|folder| fs::read(folder.path().join(file)).unwrap());
        assert!(a == b, "{file} differs");
    }
    let checkpoints = fs::read_dir(whole.path().join("checkpoints")).unwrap();
    let mut names: Vec<_> = checkpoints
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["01", "02", "03", "04", "last"]);
}

#[test]
fn another_stage_does_not_go_on_from_the_state() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), false, Some(5)).unwrap();
    let text = include_str!("../stages/tiny.toml").replace("muon = 0.02", "muon = 0.01");
    let path = folder.path().join("other.toml");
    fs::write(&path, text).unwrap();
    let other = TrainingStage::read(&path).unwrap();
    let options = TrainOptions {
        folder: folder.path().to_owned(),
        resume: true,
        stop_after: None,
        device: Device::Cpu,
    };
    let error = train(&other, &options, &mut |_| ())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`muon = 0.02`, the stage file `muon = 0.01`"),
        "{error}"
    );
}
