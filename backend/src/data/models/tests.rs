//! What is offered, and what is named with its reason.

use super::*;

#[test]
fn what_looks_like_a_model_and_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let models = ModelStore::new(folder.path());
    crate::testing::write_model(folder.path(), "good");
    for name in ["sp ace", "ü", "..dots", "._good"] {
        crate::testing::write_model(folder.path(), name);
    }
    fs::create_dir(folder.path().join("dir.gguf")).unwrap();
    fs::write(folder.path().join("notes.txt"), "").unwrap();
    let listed = models.list_named().unwrap();
    let told = listed.iter().map(|(id, model)| {
        let why = model.as_ref().err().map(ModelError::reason);
        (id.as_str(), why.unwrap_or_default())
    });
    let told: Vec<_> = told.collect();
    let ids: Vec<_> = told.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, ["..dots", "dir", "good", "sp ace", "ü"]);
    assert_eq!(told[1].1, "it is a folder, expected a file");
    for at in [0, 3, 4] {
        assert!(told[at].1.contains("cannot be a model's id"), "{told:?}");
    }
    assert!(told[2].1.is_empty());
    let asked = models.find("dir").unwrap_err();
    assert_eq!(asked.reason(), told[1].1);
}

/// What stands where a folder's `config.json` is looked for, and is no file.
#[test]
#[cfg(unix)]
fn a_folder_whose_config_is_no_file_is_named() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let models = ModelStore::new(folder.path());
    let config = |name: &str| {
        let model = folder.path().join(name);
        fs::create_dir(&model).unwrap();
        model.join("config.json")
    };
    symlink("/dev/zero", config("device")).unwrap();
    symlink("../blobs/0", config("link")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(config("pipe"))
        .status();
    assert!(made.unwrap().success());
    symlink("../blobs/1", folder.path().join("pruned.gguf")).unwrap();
    fs::create_dir(folder.path().join("notes")).unwrap();
    let listed = models.list_named().unwrap();
    let told = listed.iter().map(|(id, model)| {
        let why = model.as_ref().err().map(ModelError::reason);
        (id.as_str(), why.unwrap_or_default())
    });
    let told: Vec<_> = told.collect();
    let nowhere = "it is a link to a file that is not there";
    let want = [
        (
            "device",
            "`config.json`: it is a device or a socket, expected a file".to_owned(),
        ),
        ("link", format!("`config.json`: {nowhere}")),
        (
            "pipe",
            "`config.json`: it is a pipe, expected a file".to_owned(),
        ),
        ("pruned", nowhere.to_owned()),
    ];
    assert_eq!(told, want);
    assert_eq!(models.find("pipe").unwrap_err().reason(), told[2].1);
}

/// A file's own words are one line of limited length, and no command to a terminal.
#[test]
fn what_a_file_says_of_itself_is_one_short_line() {
    let folder = tempfile::tempdir().unwrap();
    let models = ModelStore::new(folder.path());
    let write = |file: &str, key: &str, text: &str| {
        let mut model = crate::testing::tiny();
        model.metadata.retain(|(known, _)| known != key);
        let value = crate::testing::TestGgufValue::Text(text.to_owned());
        model.metadata.push((key.to_owned(), value));
        fs::write(folder.path().join(file), model.bytes()).unwrap();
        Inspection::of(&folder.path().join(file)).unwrap()
    };
    let evil = "ev\u{1b}]0;pwn\u{7}il\nruns here     yes";
    let named = write("named.gguf", "general.name", evil);
    assert_eq!(named.name, "evil runs here yes");
    let long = write("long.gguf", "general.name", &"x".repeat(100_000));
    assert!(long.name.chars().count() < 400, "{}", long.name.len());
    let other = write("other.gguf", "general.architecture", "qw\u{1b}[31men\0\n");
    assert_eq!(other.architecture, "qwen");
    for told in [named.to_string(), long.to_string(), other.to_string()] {
        assert!((10..=11).contains(&told.lines().count()), "{told}");
        assert!(!told.contains(['\u{1b}', '\0']), "{told}");
        assert!(told.len() < 3_000, "{}", told.len());
    }
    for (id, model) in models.list_named().unwrap() {
        let why = model.err().map(|error| error.reason()).unwrap_or_default();
        assert!(!why.contains('\n') && why.len() < 1_000, "{id}: {why}");
    }
}

#[test]
fn weights_that_were_found_to_be_no_use_are_marked() {
    let folder = tempfile::tempdir().unwrap();
    let models = ModelStore::new(folder.path());
    crate::testing::write_model(folder.path(), "tiny");
    let model = models.find("tiny").unwrap();
    models.refuse(&model, "tensor `x` is no use".to_owned());
    let refused = models.clone().find("tiny").unwrap_err();
    assert_eq!(refused.reason(), "tensor `x` is no use");
    assert!(models.files_of("tiny").is_ok(), "its tokenizer counts");
    // Other files are looked at anew.
    fs::remove_file(folder.path().join("tiny.gguf")).unwrap();
    let mut other = crate::testing::tiny();
    other.metadata.retain(|(key, _)| key != "general.name");
    fs::write(folder.path().join("tiny.gguf"), other.bytes()).unwrap();
    assert!(models.find("tiny").is_ok());
}

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
