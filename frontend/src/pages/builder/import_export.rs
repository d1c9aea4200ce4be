//! What can be imported and exported: a command line, a row, a spec. Pure.

use fathom_shared::formats::ruler::RulerDataRow;
use fathom_shared::json::python;
use fathom_shared::task::custom::TaskFile;
use fathom_shared::task::{Profile, Sample, TaskSpec};

use crate::protocol::{BuildRequest, BuilderAsset};

/// A larger file is no spec.
pub(super) const MOST_BYTES: f64 = 1024.0 * 1024.0;

/// What the command line calls the model that comes with the page.
const OUR_MODEL: &str = "smollm2-135m-instruct";

/// The command that makes the samples up to the one that is shown, which is its last row.
/// `worn` is what they are made with, beside what comes with the page; `models` are the server's.
pub(super) fn command_line(
    request: &BuildRequest,
    worn: &[BuilderAsset],
    models: &[String],
) -> String {
    let spec = &request.spec;
    let known = |name: &str| name == OUR_MODEL || models.iter().any(|id| id == name);
    let tokenizer = worn.iter().find_map(|piece| match piece {
        BuilderAsset::Gguf { name } if !known(name) => Some(format!("{name}.gguf")),
        BuilderAsset::Gguf { name }
        | BuilderAsset::Json { name }
        | BuilderAsset::Tiktoken { name } => Some(name.clone()),
        BuilderAsset::OurModel | BuilderAsset::Own { .. } | BuilderAsset::Bundled { .. } => None,
    });
    let tokenizer = tokenizer.unwrap_or_else(|| OUR_MODEL.to_owned());
    let mut words = vec!["fathom".to_owned(), "generate".to_owned()];
    let mut option = |name: &str, value: &str| words.extend([name.to_owned(), quoted(value)]);
    if spec.script.is_some() {
        // The script goes out as a file beside the command.
        option("--task-file", "task.rhai");
    } else {
        option("--task", &spec.task);
    }
    option("--max-seq-length", &spec.max_seq_length.to_string());
    option("--num-samples", &(request.sample + 1).to_string());
    option("--random-seed", &spec.random_seed.to_string());
    option("--tokenizer", &tokenizer);
    for (name, value) in &spec.set {
        option("--set", &format!("{name}={value}"));
    }
    if spec.profile != Profile::Upstream {
        option("--profile", spec.profile.name());
    }
    for piece in worn {
        if let BuilderAsset::Own { text, name } = piece {
            option(text.flag(), name);
        }
    }
    words.join(" ")
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The sample as a row of RULER's JSONL, byte for byte as `fathom generate` writes it.
pub(super) fn row(sample: &Sample) -> String {
    let mut json = Vec::new();
    // A row of texts and numbers is always JSON, and memory takes it.
    let written = python::write(&mut json, &RulerDataRow::from(sample));
    debug_assert!(written.is_ok(), "a row is JSON");
    json.push(b'\n');
    String::from_utf8_lossy(&json).into_owned()
}

/// The spec as a file.
pub(super) fn spec(spec: &TaskSpec) -> String {
    let json = serde_json::to_string_pretty(spec).unwrap_or_default();
    format!("{json}\n")
}

/// A name that tells files of different specs apart.
pub(super) fn stem(request: &BuildRequest) -> String {
    let spec = &request.spec;
    format!("{}-{}-{}", spec.task, spec.max_seq_length, spec.random_seed)
}

/// The task as a file for `--task-file`: its ending and text.
pub(super) fn task_file(spec: &TaskSpec) -> Option<(&'static str, String)> {
    TaskFile::write(spec).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::corpora::CorpusKind;
    use fathom_shared::prompt::PromptMode;
    use fathom_shared::tokens::Tokens;

    fn a_request(profile: Profile, set: &[(&str, &str)]) -> BuildRequest {
        let mut spec = TaskSpec::new("vt", Tokens(4096), 7);
        spec.profile = profile;
        let set = set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        spec.set = set.collect();
        BuildRequest {
            spec,
            sample: 2,
            mode: PromptMode::Chat,
        }
    }

    #[test]
    fn a_command_has_every_flag() {
        let command = command_line(
            &a_request(
                Profile::Stratified,
                &[("num_chains", "2"), ("num_hops", "3")],
            ),
            &[BuilderAsset::Own {
                text: CorpusKind::Essay,
                name: "my essays.json".to_owned(),
            }],
            &[],
        );
        assert_eq!(
            command,
            "fathom generate --task vt --max-seq-length 4096 --num-samples 3 --random-seed 7 \
             --tokenizer smollm2-135m-instruct --set num_chains=2 --set num_hops=3 \
             --profile stratified --essay-file 'my essays.json'"
        );
    }

    #[test]
    fn tokenizers_are_ids_or_files() {
        let command = |piece: BuilderAsset| {
            let models = ["mine".to_owned()];
            let command = command_line(&a_request(Profile::Upstream, &[]), &[piece], &models);
            let tail = command.split("--tokenizer ").nth(1).map(str::to_owned);
            tail.unwrap()
        };
        let gguf = |name: &str| {
            command(BuilderAsset::Gguf {
                name: name.to_owned(),
            })
        };
        assert_eq!(gguf("mine"), "mine");
        assert_eq!(gguf("it's mine"), r"'it'\''s mine.gguf'");
        let name = "tokenizer.json".to_owned();
        assert_eq!(command(BuilderAsset::Json { name }), "tokenizer.json");
        let name = "o200k_base".to_owned();
        assert_eq!(command(BuilderAsset::Tiktoken { name }), "o200k_base");
    }
}
