//! Makes many samples in parallel.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use anyhow::Context;
use fathom_shared::corpora::Corpora;
use fathom_shared::formats::ruler::RulerDataRow;
use fathom_shared::json::python;
use fathom_shared::task::{GeneratorContext, Sample, TaskSpec};
use indicatif::ProgressBar;

use crate::tokenizer::CountingTokenizer;
use crate::{script_time, whole_file};

/// How many samples may wait for the writer: enough that neither side idles, but few, as one sample
/// can take a megabyte.
const WAITING: usize = 4;

/// The inputs that every spec needs.
pub(super) struct GenerateInputs {
    pub(super) tokenizer: CountingTokenizer,
    pub(super) corpora: Corpora,
    pub(super) samples: u32,
    pub(super) bar: ProgressBar,
}

impl GenerateInputs {
    /// Writes the samples of one spec: another thread makes them, this one writes.
    pub(super) fn write(&self, spec: &TaskSpec, out: &mut dyn Write) -> anyhow::Result<()> {
        thread::scope(|scope| {
            let (made, waiting) = mpsc::sync_channel::<Sample>(WAITING);
            let maker = scope.spawn(move || {
                let counter = self.tokenizer.counter();
                let generator_context = GeneratorContext {
                    counter: &counter,
                    corpora: &self.corpora,
                };
                let mut samples = script_time::bounded(|| spec.samples(generator_context))?;
                for _ in 0..self.samples {
                    let Some(sample) = script_time::bounded(|| samples.next()) else {
                        break;
                    };
                    if made.send(sample?).is_err() {
                        break; // the writer failed and reports the error
                    }
                }
                anyhow::Ok(())
            });
            let mut written = anyhow::Ok(());
            for sample in waiting {
                written = written.and_then(|()| {
                    python::write(&mut *out, &RulerDataRow::from(&sample))?;
                    Ok(out.write_all(b"\n")?)
                });
                if written.is_err() {
                    break;
                }
                self.bar.inc(1);
            }
            let made = maker.join().unwrap_or_else(|panic| {
                std::panic::resume_unwind(panic);
            });
            made.and(written)
        })
    }

    /// Writes one file for each spec below `folder`, as many at a time as there are cores.
    pub(super) fn write_all(
        &self,
        specs: &[(String, TaskSpec)],
        folder: &Path,
    ) -> anyhow::Result<()> {
        let next = AtomicUsize::new(0);
        let faults = Mutex::new(Vec::new());
        let cores = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for _ in 0..cores.min(specs.len()) {
                scope.spawn(|| {
                    while let Some((name, spec)) = specs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if let Err(fault) = self.write_one(name, spec, folder) {
                            let mut faults = faults.lock().unwrap_or_else(PoisonError::into_inner);
                            faults.push(format!("{fault:#}"));
                        }
                    }
                });
            }
        });
        self.bar.finish_and_clear();
        let faults = faults.into_inner().unwrap_or_else(PoisonError::into_inner);
        anyhow::ensure!(
            faults.is_empty(),
            "{} of {} files were not made:\n{}",
            faults.len(),
            specs.len(),
            faults.join("\n")
        );
        Ok(())
    }

    fn write_one(&self, name: &str, spec: &TaskSpec, folder: &Path) -> anyhow::Result<()> {
        let place = folder
            .join(spec.max_seq_length.to_string())
            .join("data")
            .join(name);
        fs::create_dir_all(&place)
            .with_context(|| format!("cannot make the folder `{}`", place.display()))?;
        let file = place.join("validation.jsonl");
        whole_file::write(&file, |out| self.write(spec, out))
    }
}
