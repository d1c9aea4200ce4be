use std::path::Path;

use fathom_kernels::model::config::Architecture;
use serde_json::json;

use super::*;
use crate::data::inspect::Inspection;
use crate::data::models::ModelStore;

/// A tiny qwen2 of transformers' making; `tests/golden/rope/PROVENANCE.md`.
fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/rope/qwen2")
}

/// A tokenizer of as many tokens as that model has.
fn tokenizer() -> Json {
    let vocab: serde_json::Map<_, _> = (0..256).map(|id| (format!("t{id}"), json!(id))).collect();
    json!({ "version": "1.0", "truncation": null, "padding": null, "normalizer": null,
        "added_tokens": [], "pre_tokenizer": { "type": "Whitespace" }, "post_processor": null,
        "decoder": null, "model": { "type": "WordLevel", "vocab": vocab, "unk_token": "t0" } })
}

fn write(path: &Path, json: &Json) {
    fs::write(path, json.to_string()).unwrap();
}

pub(super) fn write_tokenizer(folder: &Path) {
    write(&folder.join("tokenizer.json"), &tokenizer());
}

/// The golden model in `folder`, its weights in two files.
fn sharded(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    fs::copy(golden().join("config.json"), folder.join("config.json")).unwrap();
    write(&folder.join("tokenizer.json"), &tokenizer());
    let whole = fs::read(golden().join("model.safetensors")).unwrap();
    let whole = ::safetensors::SafeTensors::deserialize(&whole).unwrap();
    let mut map = serde_json::Map::new();
    for (number, name) in ["a.safetensors", "b.safetensors"].into_iter().enumerate() {
        let tensors = whole.tensors();
        let ours = tensors
            .iter()
            .enumerate()
            .filter(|(at, _)| at % 2 == number);
        let ours: Vec<_> = ours
            .map(|(_, (name, view))| (name.clone(), view.clone()))
            .collect();
        map.extend(ours.iter().map(|(tensor, _)| (tensor.clone(), json!(name))));
        let bytes = ::safetensors::serialize(ours, None).unwrap();
        fs::write(folder.join(name), bytes).unwrap();
    }
    write(
        &folder.join("model.safetensors.index.json"),
        &json!({ "weight_map": map }),
    );
}

#[test]
fn weights_may_lie_in_several_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tiny");
    sharded(&path);
    let (mut parts, mut whole) = (
        ModelFolder::open(&path).unwrap(),
        ModelFolder::open(&golden()).unwrap(),
    );
    let config = parts.config().unwrap();
    assert_eq!(config, whole.config().unwrap());
    assert_eq!(
        (config.architecture, config.layers),
        (Architecture::Qwen2, 2)
    );
    for (name, shape) in config.tensors() {
        let tensor = parts.tensor(&name).unwrap();
        assert_eq!(tensor.shape, shape);
        assert_eq!(tensor, whole.tensor(&name).unwrap(), "{name}");
    }
    assert_eq!(parts.tokenizer().unwrap().encode("t5 t7"), [5, 7]);
    assert_eq!(template(&path).unwrap(), None);
    let beside = json!({ "chat_template": [{ "name": "default", "template": "old" }] });
    write(&path.join("tokenizer_config.json"), &beside);
    assert_eq!(template(&path).unwrap().as_deref(), Some("old"));
    fs::write(path.join("chat_template.jinja"), "new").unwrap();
    assert_eq!(template(&path).unwrap().as_deref(), Some("new"));
}

#[test]
fn a_list_of_weights_says_what_is_wrong_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tiny");
    sharded(&path);
    let index = path.join("model.safetensors.index.json");
    for (said, want) in [
        (json!({ "weight_map": {} }), "names no tensor"),
        (
            json!({ "metadata": { "total_size": 1 } }),
            "has no `weight_map`",
        ),
        (
            json!({ "weight_map": ["a.safetensors"] }),
            "has no `weight_map`",
        ),
        (json!({ "weight_map": { "x": 1 } }), "has no `weight_map`"),
        (json!([]), "has no `weight_map`"),
        (
            json!({ "weight_map": { "x": "../a.safetensors" } }),
            "says that `x` lies in `../a.safetensors`, expected the name of a file in the same folder",
        ),
        (
            json!({ "weight_map": { "x": "/etc/passwd" } }),
            "`/etc/passwd`",
        ),
        (json!({ "weight_map": { "x": "" } }), "lies in ``"),
    ] {
        write(&index, &said);
        let says = crate::errors::chain(&ModelFolder::open(&path).unwrap_err());
        assert!(
            says.contains("model.safetensors.index.json` ") && says.contains(want),
            "{said}: {says}"
        );
    }
}

#[test]
fn a_folder_is_a_model_with_a_hash() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tiny");
    sharded(&path);
    let models = ModelStore::new(dir.path());
    let listed = models.list().unwrap();
    assert_eq!(listed.len(), 1, "neither notes nor parts are models");
    let model = models.find("tiny").unwrap();
    assert_eq!(listed[0].as_ref().unwrap(), &model);
    assert_eq!(
        (model.info.architecture.as_str(), &model.path),
        ("qwen2", &path)
    );
    assert_eq!(model.info.quantisation, "F32");
    let told = Inspection::of(&path).unwrap().to_string();
    assert!(told.contains("runs here     yes"), "{told}");
    assert!(told.contains("name          tiny\n"), "{told}");
    assert!(told.contains("rope scaling  none\n"), "{told}");
    // The note is believed as long as no file changed.
    assert_eq!(models.find("tiny").unwrap().info.sha256, model.info.sha256);
    fs::write(
        path.join("chat_template.jinja"),
        "{{ messages[0].content }}",
    )
    .unwrap();
    assert_ne!(models.find("tiny").unwrap().info.sha256, model.info.sha256);
    // Nor is anything read again: a copy knows what was seen, another look does not.
    let config = path.join("config.json");
    let (size, copy) = (fs::metadata(&config).unwrap(), models.clone());
    fs::write(&config, " ".repeat(size.len() as usize)).unwrap();
    let touch = |at| {
        fs::File::options()
            .write(true)
            .open(&config)?
            .set_modified(at)
    };
    touch(size.modified().unwrap()).unwrap();
    assert_eq!(copy.find("tiny").unwrap(), models.find("tiny").unwrap());
    assert!(ModelStore::new(dir.path()).find("tiny").is_err());
    touch(std::time::SystemTime::now()).unwrap();
    assert!(models.find("tiny").is_err());
    sharded(&path);
    fs::remove_file(path.join("b.safetensors")).unwrap();
    let missing = models.find("tiny").unwrap_err();
    assert!(crate::errors::chain(&missing).contains("b.safetensors"));
}

#[test]
fn damaged_weights_are_named_and_never_panic() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path();
    fs::copy(golden().join("config.json"), path.join("config.json")).unwrap();
    let whole = fs::read(golden().join("model.safetensors")).unwrap();
    let says = |bytes: &[u8]| {
        fs::write(path.join("model.safetensors"), bytes).unwrap();
        ModelFolder::open(path)
            .map(|_| ())
            .map_err(|error| crate::errors::chain(&error))
    };
    assert_eq!(says(&whole), Ok(()));
    for length in [0, 7, 8, 100, 3000, whole.len() - 1] {
        let error = says(&whole[..length]).unwrap_err();
        assert!(
            error.contains("cut off") || error.contains("damaged"),
            "{length}: {error}"
        );
    }
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
    assert!(
        says(pointer)
            .unwrap_err()
            .contains("it is a Git LFS pointer")
    );
    let mut huge = whole.clone();
    huge[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(says(&huge).unwrap_err().contains("it claims"));
    let text = String::from_utf8_lossy(&whole[8..]).replacen("\"F32\"", "\"I32\"", 1);
    let mut other = whole.clone();
    other[8..][..200].copy_from_slice(&text.as_bytes()[..200]);
    assert_eq!(says(&other), Ok(()), "the header is well formed");
    let folder = ModelFolder::open(path).unwrap();
    let names = folder.config().unwrap().tensors();
    let refused = names
        .iter()
        .filter_map(|(name, _)| folder.float(name).err());
    let refused: Vec<_> = refused.map(|error| crate::errors::chain(&error)).collect();
    assert_eq!(refused.len(), 1);
    assert!(
        refused[0].contains("stored as I32, expected F32, F16 or BF16"),
        "{refused:?}"
    );
}

/// Where a folder's template stands; what each begins the prompt with.
#[test]
fn templates_are_found_where_transformers_finds_them() {
    let made = |files: &[(&str, Json)]| {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("additional_chat_templates")).unwrap();
        for (name, content) in files {
            let text = content.as_str().map(str::to_owned);
            let text = text.unwrap_or_else(|| content.to_string());
            fs::write(folder.path().join(name), text).unwrap();
        }
        template(folder.path()).unwrap()
    };
    let config = |template: Json| {
        (
            "tokenizer_config.json",
            json!({ "chat_template": template }),
        )
    };
    let file = ("chat_template.jinja", json!("[NEW]"));
    let more = |name: &'static str| (name, json!("[MORE]"));
    let (tools, default) = (
        more("additional_chat_templates/tool_use.jinja"),
        more("additional_chat_templates/default.jinja"),
    );
    let old = config(json!("[OLD]"));
    let list = config(json!([{ "name": "tool_use", "template": "[TOOLS]" },
        { "name": "default", "template": "[NEW]" }]));
    let none = config(json!([{ "name": "tool_use", "template": "[TOOLS]" }]));
    assert_eq!(made(std::slice::from_ref(&old)).as_deref(), Some("[OLD]"));
    assert_eq!(made(&[file.clone(), old.clone()]).as_deref(), Some("[NEW]"));
    assert_eq!(
        made(&[file, tools.clone(), old.clone()]).as_deref(),
        Some("[NEW]")
    );
    assert_eq!(made(&[default, old.clone()]).as_deref(), Some("[MORE]"));
    assert_eq!(made(&[list]).as_deref(), Some("[NEW]"));
    // Several, and none of them is the default: transformers takes none either.
    assert_eq!(made(&[tools, old]), None);
    assert_eq!(made(&[none]), None);
    assert_eq!(made(&[]), None);
}

#[test]
fn templates_without_a_default_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!(template_absence(path), None);
    let list = json!([{ "name": "rag", "template": "a" }, { "name": "tool_use", "template": "b" }]);
    write(
        &path.join("tokenizer_config.json"),
        &json!({ "chat_template": list }),
    );
    let told = template_absence(path).unwrap();
    assert_eq!(
        told,
        "of the templates rag, tool_use none is named `default`"
    );
    fs::write(path.join("chat_template.jinja"), "new").unwrap();
    assert_eq!(template_absence(path), None);
}

/// Before the run, and not once for each sample.
#[test]
fn a_run_in_chat_mode_is_refused_where_no_template_is_the_default() {
    use fathom_shared::{api::RunSpec, engine::EngineKind, run::RunGrid, task::TaskSpec};
    use fathom_shared::{prompt::PromptMode, tokens::Tokens};
    let dir = tempfile::tempdir().unwrap();
    sharded(&dir.path().join("tiny"));
    let list = json!([{ "name": "rag", "template": "a" }, { "name": "tool_use", "template": "b" }]);
    let beside = dir.path().join("tiny/tokenizer_config.json");
    write(&beside, &json!({ "chat_template": list }));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let models = ModelStore::new(dir.path());
    let catalog = crate::catalog::Catalog::new(models, crate::config::Config::default());
    let mut run_spec = RunSpec {
        grid: RunGrid::of(TaskSpec::new("niah_single_1", Tokens(2048), 7), 0, 1),
        model: "tiny".to_owned(),
        engine: EngineKind::CandleCpu,
        mode: PromptMode::Chat,
        rope: None,
        texts: None,
        kv: None,
    };
    let error = catalog.check(&mut run_spec).unwrap_err().to_string();
    let why = "the mode is chat, and the model `tiny` has no chat template: of the templates rag, tool_use none is named `default`; ask in completion mode";
    assert_eq!(error, why);
    fs::remove_file(&beside).unwrap();
    let error = catalog.check(&mut run_spec).unwrap_err().to_string();
    let why = "neither `chat_template.jinja` nor `tokenizer_config.json` holds one";
    assert!(error.contains(why), "{error}");
    run_spec.mode = PromptMode::Completion;
    let taken = catalog
        .check(&mut run_spec)
        .map_err(|error| error.to_string());
    assert!(!taken.is_err_and(|error| error.contains("template")));
}

/// Sentences of a folder speak of what is in its files, not of a GGUF file's.
#[test]
fn a_folders_faults_are_told_in_its_own_words() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tiny");
    sharded(&path);
    let said: Json = serde_json::from_slice(&fs::read(path.join("config.json")).unwrap()).unwrap();
    let told = |change: &dyn Fn(&mut Json)| {
        let mut said = said.clone();
        change(&mut said);
        write(&path.join("config.json"), &said);
        ModelFolder::open(&path)
            .unwrap()
            .config()
            .unwrap_err()
            .to_string()
    };
    let partial = told(&|said| said["partial_rotary_factor"] = json!(0.5));
    assert!(
        partial.contains("`partial_rotary_factor` is 0.5, expected 1"),
        "{partial}"
    );
    let vocab = told(&|said| said["vocab_size"] = json!(255));
    assert!(
        vocab.contains("tensor `model.embed_tokens.weight` has shape"),
        "{vocab}"
    );
    let layers = told(&|said| said["num_hidden_layers"] = json!(3));
    let missing = "the model has no tensor `model.layers.2.input_layernorm.weight`";
    assert_eq!(layers, missing);
    let heads = told(&|said| said["num_key_value_heads"] = json!(3));
    assert!(heads.contains("`num_attention_heads` is"), "{heads}");
}

/// The window is what the positions reach, whatever else is wrong with the files.
#[test]
fn the_window_is_told_beside_another_fault() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tiny");
    sharded(&path);
    let mut said: Json =
        serde_json::from_slice(&fs::read(path.join("config.json")).unwrap()).unwrap();
    said["max_position_embeddings"] = json!(1024);
    said["rope_scaling"] =
        json!({ "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 1024 });
    for vocab in [256, 255] {
        said["vocab_size"] = json!(vocab);
        write(&path.join("config.json"), &said);
        let told = Inspection::here(&path).unwrap().to_string();
        let window = "window        4096 tokens, stretched from 1024\n";
        assert!(told.contains(window), "{vocab}: {told}");
    }
}

#[test]
fn special_tokens_reach_the_template_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let source = "{{ bos_token }}{{ image_token }}{{ pad_token is defined }}{{ messages[0].content }}{{ eos_token }}";
    let config = json!({ "bos_token": { "__type": "AddedToken", "content": "<s>" },
        "eos_token": "</s>", "pad_token": null, "extra_special_tokens": { "image_token": "<img>" },
        "chat_template": source });
    write(&path.join("tokenizer_config.json"), &config);
    write(
        &path.join("special_tokens_map.json"),
        &json!({ "eos_token": "<old>" }),
    );
    let source = template(path).unwrap().unwrap();
    let made = ChatTemplate::with_tokens(&source, special_tokens(path).unwrap()).unwrap();
    assert_eq!(made.around_user(), ("<s><img>False", "</s>"));
}
