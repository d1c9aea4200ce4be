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
