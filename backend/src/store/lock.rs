//! One process answers the runs of a database.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::StoreError;

/// The right to answer the runs of a database. The system takes it back when the process ends,
/// however it ends, so that a server that was killed leaves nothing to clear up.
#[derive(Debug)]
pub struct WorkerLock {
    _file: File,
}

impl WorkerLock {
    /// Locks a file beside `database`: a file of its own, as SQLite's locks on the database
    /// itself would be lost when a second handle to it is closed.
    pub(super) fn take(database: &Path) -> Result<Self, StoreError> {
        let mut name = database.as_os_str().to_owned();
        name.push(".lock");
        let failed = |source: std::io::Error| StoreError::Open {
            path: PathBuf::from(&name),
            source: source.into(),
        };
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&name)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Only for the sentence; where it cannot be read, the sentence says "unknown".
                let known = file.read_to_string(&mut holder).is_ok() && !holder.is_empty();
                return Err(StoreError::InUse {
                    path: database.to_owned(),
                    holder: if known { holder } else { "unknown".to_owned() },
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let pid = std::process::id().to_string();
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(pid.as_bytes()))
            .map_err(failed)?;
        Ok(Self { _file: file })
    }
}
