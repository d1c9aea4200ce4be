//! A model as Hugging Face's hub keeps it: `config.json`, `tokenizer.json` and files of weights.

#[cfg(test)]
mod hostile; // damaged folders
mod safetensors; // one safetensors file
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fathom_kernels::model::config::{ModelConfig, ModelConfigError, hugging_face_name};
use fathom_kernels::model::tokenizer::{Tokenizer, TokenizerError};
use fathom_shared::prompt::{ChatError, ChatTemplate};
use serde_json::Value as Json;

use crate::named_file::{self, SMALL};
use safetensors::SafetensorsFile;
pub use safetensors::{FloatType, SafetensorsError, SafetensorsTensor};

/// What is wrong with a folder.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file cannot be read.
    #[error("`{}` cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file that is not JSON.
    #[error("`{}` is not JSON", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A file of weights.
    #[error("`{}` cannot be used", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: SafetensorsError,
    },
    /// The list of files with weights.
    #[error("`{}` {fault}", path.display())]
    Index {
        /// The list.
        path: PathBuf,
        /// What is wrong with it.
        fault: IndexFault,
    },
    /// The model's numbers.
    #[error(transparent)]
    Config(#[from] ModelConfigError),
    /// The tokenizer.
    #[error("`tokenizer.json` cannot be used")]
    Tokenizer(#[from] TokenizerError),
    /// The chat template.
    #[error(transparent)]
    Template(#[from] ChatError),
    /// No such tensor.
    #[error("the folder has no tensor `{0}`")]
    NoTensor(String),
}

/// What is wrong with a list of files with weights.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IndexFault {
    /// No list, or none of names.
    #[error("has no `weight_map`, an object with a file's name for each tensor")]
    NoMap,
    /// An empty list.
    #[error("names no tensor in its `weight_map`")]
    Empty,
    /// A place outside.
    #[error(
        "says that `{tensor}` lies in `{file}`, expected the name of a file in the same folder"
    )]
    Elsewhere {
        /// The tensor.
        tensor: String,
        /// Its file.
        file: String,
    },
}

/// The folder, the headers of its weights read.
#[derive(Debug)]
pub struct ModelFolder {
    path: PathBuf,
    config: Json,
    files: Vec<(PathBuf, SafetensorsFile)>,
    /// Which file has a tensor.
    places: HashMap<String, usize>,
}

impl ModelFolder {
    /// Reads `config.json` and the headers: of the files that `model.safetensors.index.json` names,
    /// else of `model.safetensors`.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let config = json(&path.join("config.json"))?.unwrap_or(Json::Null);
        if config.is_null() {
            return Err(FolderError::Read {
                path: path.join("config.json"),
                source: io::ErrorKind::NotFound.into(),
            });
        }
        let (mut files, mut places) = (Vec::new(), HashMap::new());
        for name in weights(path)? {
            let path = path.join(name);
            let file = SafetensorsFile::open(&path);
            let file = file.map_err(|source| FolderError::Weights {
                path: path.clone(),
                source,
            })?;
            places.extend(file.names().map(|name| (name.clone(), files.len())));
            files.push((path, file));
        }
        Ok(Self {
            path: path.to_owned(),
            config,
            files,
            places,
        })
    }

    /// The model's numbers; every tensor is there in its shape.
    ///
    /// # Errors
    /// [`ModelConfigError`].
    pub fn config(&self) -> Result<ModelConfig, ModelConfigError> {
        ModelConfig::from_json(&self.config, &|name| {
            let name = hugging_face_name(name)?;
            let (_, file) = &self.files[*self.places.get(&name)?];
            file.info(&name).map(|info| info.shape.clone())
        })
    }

    /// The tokenizer.
    ///
    /// # Errors
    /// A file that is missing or damaged.
    pub fn tokenizer(&self) -> Result<Tokenizer, FolderError> {
        let path = self.path.join("tokenizer.json");
        let tokenizer = named_file::read(&path, SMALL * 16);
        let tokenizer = tokenizer.map_err(|source| FolderError::Read { path, source })?;
        let beside = self.beside("tokenizer_config.json")?;
        let generation = match self.beside("generation_config.json")? {
            said if said["eos_token_id"].is_null() => self.config.clone(),
            said => said,
        };
        Ok(Tokenizer::from_folder(&tokenizer, &beside, &generation)?)
    }

    /// The chat template, with the special tokens it may name.
    ///
    /// # Errors
    /// A file that cannot be read, or a template that does not render.
    pub fn chat_template(&self) -> Result<Option<ChatTemplate>, FolderError> {
        let Some(source) = template(&self.path)? else {
            return Ok(None);
        };
        let tokens = special_tokens(&self.path)?;
        Ok(Some(ChatTemplate::with_tokens(&source, tokens)?))
    }

    /// `model_type`.
    pub fn architecture(&self) -> &str {
        self.config["model_type"].as_str().unwrap_or("unknown")
    }

    /// What `config.json` says about the text model, which may come with an image model.
    pub fn said(&self) -> &Json {
        let text = self.config.get("text_config");
        text.filter(|text| text.is_object()).unwrap_or(&self.config)
    }

    /// Tokens it was made for, by its own word.
    pub fn context(&self) -> u32 {
        let context = self.said()["max_position_embeddings"].as_u64();
        context.and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
    }

    /// How many weights are stored in each format.
    pub fn formats(&self) -> BTreeMap<String, u64> {
        let mut all = BTreeMap::new();
        for (_, file) in &self.files {
            for (format, count) in file.summary() {
                *all.entry(format).or_insert(0) += count;
            }
        }
        all
    }

    /// How a tensor is stored, by its GGUF name.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn float(&self, name: &str) -> Result<FloatType, FolderError> {
        let (name, place) = self.place(name)?;
        let (path, file) = &self.files[place];
        let float = file.float(&name).map_err(|source| FolderError::Weights {
            path: path.clone(),
            source,
        })?;
        float.ok_or(FolderError::NoTensor(name))
    }

    /// Reads a tensor by its GGUF name.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn tensor(&mut self, name: &str) -> Result<SafetensorsTensor, FolderError> {
        let (name, place) = self.place(name)?;
        let (path, file) = &mut self.files[place];
        let read = file.tensor(&name);
        let read = read.map_err(|source| FolderError::Weights {
            path: path.clone(),
            source,
        })?;
        read.ok_or(FolderError::NoTensor(name))
    }

    fn place(&self, name: &str) -> Result<(String, usize), FolderError> {
        let none = |name: &str| FolderError::NoTensor(name.to_owned());
        let name = hugging_face_name(name).ok_or_else(|| none(name))?;
        let place = self.places.get(&name).copied();
        let place = place.ok_or_else(|| none(&name))?;
        Ok((name, place))
    }

    /// A file of JSON that need not be there.
    fn beside(&self, name: &str) -> Result<Json, FolderError> {
        Ok(json(&self.path.join(name))?.unwrap_or(Json::Null))
    }
}

/// The chat template of a folder, where it has one, as `transformers` finds it: `chat_template.jinja`,
/// and files of `additional_chat_templates`, by their names, come before `tokenizer_config.json`;
/// of several the one named `default` counts.
///
/// # Errors
/// A file that cannot be read.
pub fn template(folder: &Path) -> Result<Option<String>, FolderError> {
    let more = folder.join("additional_chat_templates");
    for path in [
        folder.join("chat_template.jinja"),
        more.join("default.jinja"),
    ] {
        match named_file::read_text(&path, SMALL) {
            Ok(template) => return Ok(Some(template)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (),
            Err(source) => return Err(FolderError::Read { path, source }),
        }
    }
    let jinja = |entry: &fs::DirEntry| entry.path().extension().is_some_and(|e| e == "jinja");
    let mut named = fs::read_dir(more).into_iter().flatten().flatten();
    if named.any(|entry| jinja(&entry)) {
        return Ok(None);
    }
    let beside = json(&folder.join("tokenizer_config.json"))?.unwrap_or(Json::Null);
    let said = &beside["chat_template"];
    let default = said.as_array().into_iter().flatten();
    let default = default
        .filter(|entry| entry["name"] == "default")
        .find_map(|entry| entry["template"].as_str());
    let template = said.as_str().or(default).or(said["default"].as_str());
    Ok(template.map(str::to_owned))
}

/// Why none of the several chat templates of a folder is taken, where none is named `default`.
pub fn template_absence(folder: &Path) -> Option<String> {
    if !matches!(template(folder), Ok(None)) {
        return None;
    }
    let beside = json(&folder.join("tokenizer_config.json")).ok()??;
    let said = &beside["chat_template"];
    let listed = said.as_array().into_iter().flatten();
    let listed = listed.filter_map(|entry| entry["name"].as_str());
    let keys = said
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str());
    let files = fs::read_dir(folder.join("additional_chat_templates"));
    let files = files.into_iter().flatten().flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        Some(name.strip_suffix(".jinja")?.to_owned())
    });
    let names = listed.chain(keys).map(str::to_owned).chain(files);
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names.dedup();
    let names = names.join(", ");
    (!names.is_empty()).then(|| format!("of the templates {names} none is named `default`"))
}

/// The special tokens that a folder names: what `tokenizer_config.json` and, where that is silent,
/// `special_tokens_map.json` call `…_token`, as a text or an object with its `content`.
///
/// # Errors
/// A file that cannot be read.
pub fn special_tokens(folder: &Path) -> Result<BTreeMap<String, String>, FolderError> {
    let mut tokens = BTreeMap::new();
    for name in ["special_tokens_map.json", "tokenizer_config.json"] {
        let said = json(&folder.join(name))?.unwrap_or(Json::Null);
        // Models with images name more of them.
        let more = said["extra_special_tokens"]
            .as_object()
            .into_iter()
            .flatten();
        for (key, token) in said.as_object().into_iter().flatten().chain(more) {
            let text = token.as_str().or_else(|| token["content"].as_str());
            if let Some(text) = text.filter(|_| key.ends_with("_token")) {
                tokens.insert(key.clone(), text.to_owned());
            }
        }
    }
    Ok(tokens)
}

/// The names of the files with the weights. They come from a file: a name that leads elsewhere is
/// refused.
fn weights(folder: &Path) -> Result<BTreeSet<String>, FolderError> {
    let path = folder.join("model.safetensors.index.json");
    let Some(index) = json(&path)? else {
        return Ok(BTreeSet::from(["model.safetensors".to_owned()]));
    };
    named(&index).map_err(|fault| FolderError::Index { path, fault })
}

fn named(index: &Json) -> Result<BTreeSet<String>, IndexFault> {
    let map = index["weight_map"].as_object().ok_or(IndexFault::NoMap)?;
    let mut names = BTreeSet::new();
    for (tensor, file) in map {
        let name = file.as_str().ok_or(IndexFault::NoMap)?;
        if name.is_empty() || name.contains(['/', '\\', ':']) || name.starts_with('.') {
            return Err(IndexFault::Elsewhere {
                tensor: tensor.clone(),
                file: name.to_owned(),
            });
        }
        names.insert(name.to_owned());
    }
    match names.is_empty() {
        true => Err(IndexFault::Empty),
        false => Ok(names),
    }
}

/// A file's content, where the file is.
fn json(path: &Path) -> Result<Option<Json>, FolderError> {
    let text = match named_file::read(path, SMALL * 16) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            let path = path.to_owned();
            return Err(FolderError::Read { path, source });
        }
    };
    let read = serde_json::from_slice(&text).map_err(|source| FolderError::Json {
        path: path.to_owned(),
        source,
    });
    read.map(Some)
}
