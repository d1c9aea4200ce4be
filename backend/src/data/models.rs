//! The models of this machine: GGUF files and Hugging Face folders in one folder, each known by its
//! name and its hash.

mod known; // models that can be pulled by name
mod read_models; // what is known of each

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use fathom_shared::api::ModelInfo;
use fathom_shared::transcript::EngineInfo;

use super::hash::hash_of;
use super::inspect::{Inspection, ModelFileError};
use crate::errors::chain;
use crate::whole_file;
pub use known::{KNOWN, KnownModel, known};
use read_models::{ReadModels, stamps_of};

/// A model's files.
#[derive(Clone, PartialEq, Debug)]
pub struct LocalModel {
    /// What is told about it.
    pub info: ModelInfo,
    /// Where it lies: a file, or a folder.
    pub path: PathBuf,
    /// Why no engine here runs it.
    pub refusal: Option<String>,
}

impl LocalModel {
    /// The model, where an engine here runs it.
    fn usable(self) -> Result<Self, ModelError> {
        match self.refusal {
            Some(why) => Err(bad(&self.path, why)),
            None => Ok(self),
        }
    }

    /// Who will answer with this model; the device is known when it is loaded.
    pub fn engine(&self) -> EngineInfo {
        EngineInfo {
            model: self.info.id.clone(),
            model_sha256: self.info.sha256.clone(),
            ..EngineInfo::default()
        }
    }
}

/// Why there is no such model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No file of this name.
    #[error("there is no model `{id}` in `{}`; there is {here}", folder.display())]
    Unknown {
        /// The id asked for.
        id: String,
        /// Where it was looked for.
        folder: PathBuf,
        /// The ids of those that can be used.
        here: String,
    },
    /// A name that could lead out of the folder, or that no file should have.
    #[error(
        "`{id}` cannot be a model's id: expected letters, digits and `-_.`, at most 128, no dot first"
    )]
    Name {
        /// The id asked for.
        id: String,
    },
    /// The file is not a model that we read.
    #[error("`{}` is not a model that can be used", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<ModelFileError>,
    },
    /// The file or folder cannot be read or written.
    #[error("cannot use `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl ModelError {
    /// What is wrong, without the place of the files.
    pub fn reason(&self) -> String {
        match self {
            Self::Bad { source, .. } => chain(&**source),
            Self::Read { source, .. } => format!("it cannot be read: {source}"),
            other => other.to_string(),
        }
    }
}

/// An id, and the model or why there is none.
pub type NamedModel = (String, Result<LocalModel, ModelError>);

/// Models that are looked into at once. Each look may take as much time and memory as a child of
/// this process is allowed, so a listing neither adds up the time of all nor takes the memory of all.
const AT_ONCE: usize = 4;

/// The folder with the models. Everything here blocks: it reads headers, and hashes new files.
/// A clone knows what the others have seen.
#[derive(Clone, Debug)]
pub struct ModelStore {
    folder: PathBuf,
    /// What was read of a model, good as long as its files are these: workers ask before every
    /// sample, and reading a tokenizer takes a while.
    seen: Arc<ReadModels>,
}

impl ModelStore {
    /// The models in `folder`, which need not be there yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let seen = Arc::default();
        Self { folder, seen }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every `.gguf` file and every folder with a `config.json`, by name; those that cannot be used
    /// with the reason. New files are looked into a few at a time.
    ///
    /// # Errors
    /// A folder that is there but cannot be read.
    pub fn list(&self) -> Result<Vec<Result<LocalModel, ModelError>>, ModelError> {
        let named = self.list_named()?.into_iter();
        Ok(named.map(|(_, model)| model).collect())
    }

    /// The same, each with its id.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn list_named(&self) -> Result<Vec<NamedModel>, ModelError> {
        let ids = self.ids()?;
        if ids
            .iter()
            .all(|id| self.seen.known(&self.place_of(id)).is_some())
        {
            let seen = |id: String| {
                let model = self.look(&id).and_then(LocalModel::usable);
                (id, model)
            };
            return Ok(ids.into_iter().map(seen).collect());
        }
        // In turns, so that names that stand side by side do not all fall to one.
        let turns = (0..AT_ONCE).map(|first| ids.iter().skip(first).step_by(AT_ONCE));
        let mut looked = BTreeMap::new();
        thread::scope(|scope| {
            let looks: Vec<_> = turns
                .map(|ids| {
                    scope.spawn(move || ids.map(|id| (id, self.look(id))).collect::<Vec<_>>())
                })
                .collect();
            for look in looks {
                match look.join() {
                    Ok(seen) => looked.extend(seen),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        let looked = looked.into_iter();
        Ok(looked
            .map(|(id, model)| (id.clone(), model.and_then(LocalModel::usable)))
            .collect())
    }

    /// The model of this id, or the known model of this id under its origin's name.
    ///
    /// # Errors
    /// An id that is not there, or a file that cannot be used.
    pub fn find(&self, id: &str) -> Result<LocalModel, ModelError> {
        self.files_of(id)?.usable()
    }

    /// Whether files of this name are here, usable or not; none is looked into.
    pub fn is_here(&self, id: &str) -> bool {
        let names = [Some(id), known(id).map(|known| known.origin_stem)];
        let mut names = names.into_iter().flatten();
        check_name(id).is_ok() && names.any(|name| self.place(name).is_some())
    }

    /// The same where no engine here runs it too: it may be looked into, and its tokenizer may be
    /// one that counts.
    ///
    /// # Errors
    /// An id that is not there, or a file that is no model's.
    pub fn files_of(&self, id: &str) -> Result<LocalModel, ModelError> {
        check_name(id)?;
        let names = [Some(id), known(id).map(|known| known.origin_stem)];
        match names
            .into_iter()
            .flatten()
            .find(|name| self.place(name).is_some())
        {
            Some(name) => self.look(name),
            None => {
                let listed = self.list()?;
                let usable = listed.iter().filter_map(|model| model.as_ref().ok());
                let usable: Vec<&str> = usable.map(|model| model.info.id.as_str()).collect();
                Err(ModelError::Unknown {
                    id: id.to_owned(),
                    folder: self.folder.clone(),
                    here: match (listed.is_empty(), usable.is_empty()) {
                        (true, _) => "none; `fathom model pull` gets one".to_owned(),
                        (_, true) => {
                            "none that can be used; `fathom model list` says why".to_owned()
                        }
                        _ => usable.join(", "),
                    },
                })
            }
        }
    }

    /// Makes the whole file at `part` the model `id`, after a look into it.
    ///
    /// # Errors
    /// A file that is no model; it is removed.
    pub fn install(&self, part: &Path, id: &str) -> Result<LocalModel, ModelError> {
        if let Err(error) = Inspection::of(part) {
            fs::remove_file(part).map_err(|source| ModelError::Read {
                path: part.to_owned(),
                source,
            })?;
            return Err(error);
        }
        let path = self.path(id);
        whole_file::put(part, &path).map_err(|source| ModelError::Read { path, source })?;
        self.look(id)
    }

    fn look(&self, id: &str) -> Result<LocalModel, ModelError> {
        let path = self.place_of(id);
        let told = |seen: Result<LocalModel, String>| seen.map_err(|why| bad(&path, why));
        if let Some(seen) = self.seen.known(&path) {
            return told(seen);
        }
        let _turn = self.seen.turn(&path);
        // Another may have looked meanwhile.
        if let Some(seen) = self.seen.known(&path) {
            return told(seen);
        }
        // Before it is read: what changes meanwhile is read again.
        let stamps = stamps_of(&path);
        let looked = self.read(id, &path);
        let seen = match &looked {
            Ok(model) => Ok(model.clone()),
            Err(ModelError::Bad { source, .. }) => Err(chain(&**source)),
            // The system's fault, and perhaps a passing one.
            Err(_) => return looked,
        };
        if let Some(stamps) = stamps {
            self.seen.keep(&path, stamps, seen);
        }
        looked
    }

    fn read(&self, id: &str, path: &Path) -> Result<LocalModel, ModelError> {
        let seen = Inspection::of(path)?;
        if let Some(why) = seen.template_fault.clone() {
            return Err(bad(path, why));
        }
        let read = |source| ModelError::Read {
            path: path.to_owned(),
            source,
        };
        let info = ModelInfo {
            id: id.to_owned(),
            quantisation: seen.quantisation(),
            name: seen.name,
            architecture: seen.architecture,
            size_bytes: seen.size_bytes,
            sha256: hash_of(path).map_err(read)?,
            context: seen.context,
        };
        Ok(LocalModel {
            info,
            path: path.to_owned(),
            refusal: seen.refusal,
        })
    }

    fn ids(&self) -> Result<Vec<String>, ModelError> {
        let read = |source| ModelError::Read {
            path: self.folder.clone(),
            source,
        };
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(read(error)),
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry.map_err(read)?.file_name();
            let Some(name) = name.to_str() else { continue };
            let id = name.strip_suffix(".gguf").unwrap_or(name);
            if check_name(id).is_ok() && self.place(id).is_some() {
                ids.push(id.to_owned());
            }
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.gguf"))
    }

    /// Where the model of this id lies, or would; what vanished is missed where it is read.
    fn place_of(&self, id: &str) -> PathBuf {
        self.place(id).unwrap_or_else(|| self.path(id))
    }

    /// Where the model of this id lies; the file where there is a folder of its name too.
    fn place(&self, id: &str) -> Option<PathBuf> {
        let (file, folder) = (self.path(id), self.folder.join(id));
        if file.is_file() {
            return Some(file);
        }
        folder.join("config.json").is_file().then_some(folder)
    }
}

fn bad(path: &Path, why: String) -> ModelError {
    ModelError::Bad {
        path: path.to_owned(),
        source: Box::new(ModelFileError::Apart(why)),
    }
}

/// Whether `id` can be a file's name within the folder.
///
/// # Errors
/// [`ModelError::Name`].
pub fn check_name(id: &str) -> Result<(), ModelError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match (1..=128).contains(&id.len()) && id.chars().all(plain) && !id.starts_with('.') {
        true => Ok(()),
        false => Err(ModelError::Name { id: id.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_models_that_can_be_used_are_offered() {
        let folder = tempfile::tempdir().unwrap();
        let models = ModelStore::new(folder.path());
        let refused = || models.find("nothere").unwrap_err().to_string();
        assert!(refused().contains("there is none; `fathom model pull`"));
        fs::write(folder.path().join("junk.gguf"), "junk").unwrap();
        assert!(refused().contains("there is none that can be used"));
        crate::testing::write_model(folder.path(), "tiny");
        let told = refused();
        assert!(told.ends_with("there is tiny"), "{told}");
        assert!(models.is_here("junk") && !models.is_here("nothere"));
        assert!(!models.is_here("../junk"));
    }
}
