//! Models that think before every answer, by name.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::advise::costs::without_maker;
use crate::published::plain_name;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ThinkersFile {
    begins: Vec<String>,
    holds: Vec<String>,
}

// A test holds that it can be read.
static THINKERS: LazyLock<ThinkersFile> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/advise/thinkers.toml")).unwrap_or_default()
});

/// Whether a model of this name has no direct answer.
pub(super) fn thinks(name: &str) -> bool {
    let name = plain_name(without_maker(name));
    let begins = |one: &String| name.starts_with(&plain_name(one));
    let holds = |one: &String| name.contains(&plain_name(one));
    THINKERS.begins.iter().any(begins) || THINKERS.holds.iter().any(holds)
}

#[cfg(test)]
mod tests {
    use super::thinks;

    #[test]
    fn names_of_models_that_think_are_known() {
        for name in [
            "Gemini 2.5 Pro",
            "o1-preview",
            "openai/o3-mini",
            "DeepSeek-R1",
            "QwQ-32B",
        ] {
            assert!(thinks(name), "{name}");
        }
        for name in ["Gemini 1.5 Pro", "GPT-4o", "Llama 3.1 8B", "Qwen3 8B", ""] {
            assert!(!thinks(name), "{name}");
        }
    }
}
