//! The models of this machine: GGUF files and Hugging Face folders in one folder, each known by its
//! name and its hash.

mod pullable; // models that can be pulled by name
mod read_models; // what has been read of each model, cached
mod unusable_files; // files that look like models but are not

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use fathom_shared::api::ModelInfo;
use fathom_shared::transcript::EngineInfo;

use super::hash::hash_of;
use super::inspect::Inspection;
pub use super::model_error::{ModelError, ModelFileError};
use crate::errors::chain;
use crate::whole_file;
pub use pullable::{KNOWN, KnownModel, known};
use read_models::{ReadModels, stamps_of};
use unusable_files::odd_one;

/// A model's files.
#[derive(Clone, PartialEq, Debug)]
pub struct LocalModel {
    /// What the API says about it.
    pub info: ModelInfo,
    /// Its path: a file or a folder.
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

/// An id, and the model or why there is none.
pub type NamedModel = (String, Result<LocalModel, ModelError>);

/// What makes a folder a model.
const CONFIG: &str = "config.json";

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

    /// Every `.gguf` file and every folder with a `config.json`, by name; those that cannot be used,
    /// or are no files, or are called what no model can be, with the reason. New files are looked into a few at a time.
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
        let (ids, odd) = self.names()?;
        let mut named = match ids
            .iter()
            .all(|id| self.seen.known(&self.place_of(id)).is_some())
        {
            true => ids.into_iter().map(|id| self.named(id)).collect(),
            false => self.look_at_all(&ids),
        };
        named.extend(odd);
        named.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(named)
    }

    fn named(&self, id: String) -> NamedModel {
        let model = self.look(&id).and_then(LocalModel::usable);
        (id, model)
    }

    fn look_at_all(&self, ids: &[String]) -> Vec<NamedModel> {
        // In turns, so that names that stand side by side do not all fall to one.
        let turns = (0..AT_ONCE).map(|first| ids.iter().skip(first).step_by(AT_ONCE));
        let mut looked = Vec::with_capacity(ids.len());
        thread::scope(|scope| {
            let looks: Vec<_> = turns
                .map(|ids| {
                    scope.spawn(move || ids.map(|id| self.named(id.clone())).collect::<Vec<_>>())
                })
                .collect();
            for look in looks {
                match look.join() {
                    Ok(seen) => looked.extend(seen),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        looked
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
                let mut listed = self.list_named()?;
                let odd = |(known, model): &NamedModel| known == id && model.is_err();
                if let Some(at) = listed.iter().position(odd) {
                    return listed.swap_remove(at).1;
                }
                let usable = listed.iter().filter_map(|(_, model)| model.as_ref().ok());
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
            // The part has a name of ours, and is gone.
            return Err(match error {
                ModelError::Bad { source, .. } => ModelError::Bad {
                    path: self.path(id),
                    source,
                },
                other => other,
            });
        }
        let path = self.path(id);
        whole_file::put(part, &path).map_err(|source| ModelError::Read { path, source })?;
        self.look(id)
    }

    /// Marks a model whose weights turned out to be unusable when they were loaded: it is refused
    /// until its files change.
    pub fn refuse(&self, model: &LocalModel, why: String) {
        if let Some(stamps) = stamps_of(&model.path) {
            let refusal = Some(why);
            let refused = LocalModel {
                refusal,
                ..model.clone()
            };
            self.seen.keep(&model.path, stamps, Ok(refused));
        }
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

    /// The names of the models in the folder, and those of files that only look like models, with
    /// the reason.
    fn names(&self) -> Result<(Vec<String>, Vec<NamedModel>), ModelError> {
        let read = |source| ModelError::Read {
            path: self.folder.clone(),
            source,
        };
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(<_>::default()),
            Err(error) => return Err(read(error)),
        };
        let (mut ids, mut odd) = (Vec::new(), Vec::new());
        for entry in entries {
            let path = entry.map_err(read)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let id = name.strip_suffix(".gguf").unwrap_or(&name).to_owned();
            match (check_name(&id), self.place(&id)) {
                (Ok(()), Some(_)) => ids.push(id),
                (named, _) => odd.extend(odd_one(&path, id, named.err())),
            }
        }
        ids.sort_unstable();
        ids.dedup();
        Ok((ids, odd))
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.gguf"))
    }

    /// The path of the model with this id, whether or not it exists; reading it finds out.
    fn place_of(&self, id: &str) -> PathBuf {
        self.place(id).unwrap_or_else(|| self.path(id))
    }

    /// The path of the model with this id, if it exists; the file if there is also a folder.
    fn place(&self, id: &str) -> Option<PathBuf> {
        let (file, folder) = (self.path(id), self.folder.join(id));
        if file.is_file() {
            return Some(file);
        }
        folder.join(CONFIG).is_file().then_some(folder)
    }
}

fn bad(path: &Path, why: String) -> ModelError {
    ModelError::Bad {
        path: path.to_owned(),
        source: Box::new(ModelFileError::Apart(why).on_one_line()),
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
mod tests;
