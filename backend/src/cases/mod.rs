//! Cases from other people's servers, models and programs, each with its expected outcome. They are
//! stored beside the repository (`../shared/cases/`), and the READMEs there name their sources;
//! without that folder, the test reports that it was skipped. Every file there must have its
//! outcome here.

mod models; // expected outcomes for model files
mod replies; // expected outcomes for server replies, each to one prompt whose reference is 1234567
mod results; // expected outcomes for other programs' result files
mod templates; // expected outcomes for chat templates, and where a folder keeps them

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// The file name of a case, and the function that checks its outcome.
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
