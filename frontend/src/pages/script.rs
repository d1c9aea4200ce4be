//! The user's own scripts: how a script is stored in a spec and in an address, and the examples to
//! start from. Pure.

use std::io::Read;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use fathom_shared::task::TaskSpec;
use fathom_shared::task::custom::{EXAMPLES, Example};
use fathom_shared::task::{Task, find};
use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};

/// A longer script is no script: a damaged link must not fill the memory.
const MOST_BYTES: u64 = 256 * 1024;

/// A script, or what is left of one that did not come whole.
pub(crate) type ScriptText = Result<String, DamagedScript>;

/// A script that an address carried is not whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the script in this link is damaged; copy the link again, or start from an example")]
pub(crate) struct DamagedScript;

/// The scripts to begin with, the simplest first.
pub(crate) fn examples() -> Vec<&'static Example> {
    let scripts = EXAMPLES.iter();
    scripts
        .filter(|example| example.file.ends_with(".rhai"))
        .collect()
}

/// Whether `task` is a script.
pub(crate) fn is_script(task: &str) -> bool {
    find(task).is_ok_and(Task::takes_script)
}

/// The script of the form after its task became `task`: the one it had, else the first example.
pub(crate) fn beginning(task: &str, before: Option<ScriptText>) -> Option<ScriptText> {
    let first = || examples().first().map_or("", |example| example.text);
    is_script(task).then(|| before.unwrap_or_else(|| Ok(first().to_owned())))
}

/// The script of a spec.
pub(crate) fn of_spec(spec: &TaskSpec) -> Option<String> {
    spec.script.clone()
}

/// `spec` with a script.
pub(crate) fn put(spec: TaskSpec, text: &str) -> TaskSpec {
    TaskSpec {
        script: Some(text.to_owned()),
        ..spec
    }
}

/// A script as an address carries it: compressed, in base64.
pub(crate) fn pack(text: &str) -> String {
    let mut packed = Vec::new();
    let read = GzEncoder::new(text.as_bytes(), Compression::best()).read_to_end(&mut packed);
    match read {
        Ok(_) => BASE64_URL_SAFE_NO_PAD.encode(packed),
        // Reading from memory does not fail.
        Err(_) => String::new(),
    }
}

/// What [`pack`] made, as it was.
pub(crate) fn unpack(carried: &str) -> ScriptText {
    let packed = BASE64_URL_SAFE_NO_PAD
        .decode(carried)
        .map_err(|_| DamagedScript)?;
    let mut text = String::new();
    let mut read = GzDecoder::new(&packed[..]).take(MOST_BYTES + 1);
    read.read_to_string(&mut text).map_err(|_| DamagedScript)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(DamagedScript);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_go_through_addresses() {
        let long = "fn generate(ctx) { ctx.needle(\"ä\"); }\n".repeat(200);
        for text in ["", "fn about() {}", &long] {
            let carried = pack(text);
            assert!(
                carried
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
            );
            assert_eq!(unpack(&carried).as_deref(), Ok(text));
        }
        assert!(pack(&long).len() < 400, "it is compressed");
    }

    #[test]
    fn damage_is_noticed() {
        let carried = pack("fn about() { #{ title: \"x\" } }");
        assert_eq!(unpack("%%"), Err(DamagedScript));
        assert_eq!(unpack(&carried[..carried.len() / 2]), Err(DamagedScript));
        let bomb = pack(&"x".repeat(1 << 20));
        assert_eq!(unpack(&bomb), Err(DamagedScript));
    }
}
