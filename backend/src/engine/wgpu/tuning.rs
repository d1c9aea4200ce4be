//! Which kernel variants an adapter runs, measured once and remembered.
//!
//! Variants add the same numbers in different orders, so their logits differ in the last digits.
//! If each engine measured again, it could choose differently while other work is running, and the
//! same seeded request would then get a different answer. So every engine of a process, and every
//! process of a user, uses the first measurement.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use etcetera::base_strategy::{BaseStrategy, Xdg};
use fathom_kernels::gpu::{Gpu, GpuError};
use fathom_kernels::session::KernelTuning;
use pollster::block_on;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// What this process has measured or read, by adapter.
static MEASURED: Mutex<BTreeMap<String, KernelTuning>> = Mutex::new(BTreeMap::new());

/// The variants that `gpu` runs: those measured first on this adapter.
///
/// # Errors
/// [`GpuError`], when the adapter fails while it is measured.
pub(super) fn tuning(gpu: &Gpu) -> Result<KernelTuning, GpuError> {
    let adapter = gpu.adapter();
    let file = file(adapter);
    first(adapter, file.as_deref(), || {
        block_on(KernelTuning::measure(gpu))
    })
}

/// What this process has for `adapter`, else what `file` holds, else what `measure` finds.
fn first<E>(
    adapter: &str,
    file: Option<&Path>,
    measure: impl FnOnce() -> Result<KernelTuning, E>,
) -> Result<KernelTuning, E> {
    let mut measured = MEASURED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(tuning) = measured.get(adapter) {
        return Ok(tuning.clone());
    }
    let tuning = match file.and_then(|file| read(file, adapter)) {
        Some(tuning) => tuning,
        None => keep(file, measure()?),
    };
    measured.insert(adapter.to_owned(), tuning.clone());
    Ok(tuning)
}

/// The file with the measurement of `adapter`; `None` without a home folder. Without the file, the
/// next start measures again.
fn file(adapter: &str) -> Option<PathBuf> {
    let folder = Xdg::new().ok()?.cache_dir().join("fathom/kernel-tuning");
    let name = hex::encode(&Sha256::digest(adapter)[..8]);
    Some(folder.join(format!("{name}.json")))
}

fn read(file: &Path, adapter: &str) -> Option<KernelTuning> {
    let tuning: KernelTuning = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    (tuning.adapter == adapter).then_some(tuning)
}

/// Stores `tuning`, or gives what another process stored in the meantime.
fn keep(file: Option<&Path>, tuning: KernelTuning) -> KernelTuning {
    let Some(file) = file else { return tuning };
    match store(file, &tuning) {
        Ok(()) => tuning,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            read(file, &tuning.adapter).unwrap_or(tuning)
        }
        Err(error) => {
            let file = file.display();
            tracing::warn!("`{file}` was not written, so the next start measures again: {error}");
            tuning
        }
    }
}

fn store(file: &Path, tuning: &KernelTuning) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    if file.exists() && read(file, &tuning.adapter).is_none() {
        fs::remove_file(file)?;
    }
    let mut made = NamedTempFile::new_in(folder)?;
    made.write_all(&serde_json::to_vec(tuning)?)?;
    made.persist_noclobber(file).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use fathom_kernels::session::KernelVariant;

    use super::*;

    #[test]
    fn the_first_measurement_stays() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("tuning/adapter.json");
        let [first, second] = [KernelVariant::Register, KernelVariant::Workgroup]
            .map(|variant| KernelTuning::all("an adapter", variant));
        assert_eq!(keep(Some(&file), first.clone()), first);
        assert_eq!(keep(Some(&file), second.clone()), first);
        assert_eq!(read(&file, "an adapter"), Some(first));
        assert_eq!(read(&file, "another"), None);

        // A damaged file is measured again and replaced.
        fs::write(&file, "{\"adapter\":").unwrap();
        assert_eq!(read(&file, "an adapter"), None);
        assert_eq!(keep(Some(&file), second.clone()), second);
        assert_eq!(read(&file, "an adapter"), Some(second.clone()));
        // Nothing can be written: what was measured is used.
        assert_eq!(keep(Some(Path::new("/dev/null/x")), second.clone()), second);
        assert_eq!(keep(None, second.clone()), second);
    }

    #[test]
    fn an_adapter_is_measured_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("adapter.json");
        let adapter = "an adapter that is measured once";
        let tuning = KernelTuning::all(adapter, KernelVariant::Register);
        let forget = || {
            let mut measured = MEASURED.lock().unwrap();
            measured.remove(adapter)
        };
        let fails = first(adapter, Some(&file), || Err("lost"));
        assert_eq!(fails, Err("lost"));
        let measured = first(adapter, Some(&file), || Ok::<_, &str>(tuning.clone()));
        assert_eq!(measured, Ok(tuning.clone()));
        // Neither the next engine of this process nor the next process measures.
        let again = || first(adapter, Some(&file), || Err("measured again"));
        assert_eq!(again(), Ok(tuning.clone()));
        forget();
        assert_eq!(again(), Ok(tuning));
        // Without the file another process does.
        forget();
        fs::remove_file(&file).unwrap();
        assert_eq!(again(), Err("measured again"));
    }
}
