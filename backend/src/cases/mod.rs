//! The project's cases: what other people's servers, models and programs write, each with its right
//! outcome. They lie beside the repository (`../shared/cases/`), whose READMEs say where each comes
//! from; where they do not, the test says so. Every file there has its outcome here.

mod models; // models
mod replies; // a server's whole answer to one prompt whose reference is 1234567
mod results; // other programs' results
mod templates; // chat templates, and where a folder's stands

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// A case by its file's name, and what must come of it.
type HostileCase = (&'static str, fn(&Path));

const CASES: [&[HostileCase]; 4] = [replies::ALL, templates::ALL, models::ALL, results::ALL];

fn folder() -> Option<PathBuf> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases");
    let folder = cases.join("replies_templates_models");
    folder.is_dir().then_some(folder)
}

#[test]
fn every_case_comes_to_its_right_outcome() {
    let Some(folder) = folder() else {
        println!("skipped: ../shared/cases is not beside this repository");
        return;
    };
    let mut wrong = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "README.md" {
            continue;
        }
        let mut all = CASES.iter().flat_map(|some| some.iter());
        match all.find(|(known, _)| *known == name) {
            Some((_, check)) => {
                if catch_unwind(|| check(&path)).is_err() {
                    wrong.push(name);
                }
            }
            None => wrong.push(format!("{name}, which has no outcome here")),
        }
    }
    assert!(wrong.is_empty(), "wrong: {}", wrong.join(", "));
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}
