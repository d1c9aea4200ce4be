//! What is carried in and out: a command line, a row, a spec. Pure.

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
    order: &BuildRequest,
    worn: &[BuilderAsset],
    models: &[String],
) -> String {
    let spec = &order.spec;
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
    option("--num-samples", &(order.sample + 1).to_string());
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
pub(super) fn stem(order: &BuildRequest) -> String {
    let spec = &order.spec;
    format!("{}-{}-{}", spec.task, spec.max_seq_length, spec.random_seed)
}

/// The task as a file for `--task-file`: its ending and text.
pub(super) fn task_file(spec: &TaskSpec) -> Option<(&'static str, String)> {
    TaskFile::write(spec).ok()
}

/// Reads a spec's file, or a task's (`.rhai`, `.toml`); what that leaves open is as in `form`.
///
/// # Errors
/// A sentence that names the file, the thing and the place.
pub(super) fn read(name: &str, text: &str, form: Option<&TaskSpec>) -> Result<TaskSpec, String> {
    let text = text.trim_start_matches('\u{feff}');
    let spec = match name.rsplit_once('.') {
        Some((_, "rhai" | "toml")) => {
            let file = TaskFile::read(name, text).map_err(|error| format!("{error}."))?;
            let (length, seed) = form.map_or((None, None), |form| {
                (Some(form.max_seq_length), Some(form.random_seed))
            });
            file.spec(
                file.max_seq_length.or(length),
                file.random_seed.or(seed),
            )
        }
        _ => serde_json::from_str(text).map_err(|error| {
            format!(
                "`{name}` is not a task spec: {error}. Expected a JSON object with `task`, `max_seq_length`, \
                 `random_seed` and, where wanted, `profile` and `set`; or a task's file, `.rhai` or `.toml`."
            )
        })?,
    };
    spec.validate()
        .map_err(|error| format!("`{name}`: {error}."))?;
    Ok(spec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::corpora::CorpusKind;
    use fathom_shared::prompt::PromptMode;
    use fathom_shared::task::TASKS;
    use fathom_shared::tokens::Tokens;

    fn order(profile: Profile, set: &[(&str, &str)]) -> BuildRequest {
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
            &order(
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
            let command = command_line(&order(Profile::Upstream, &[]), &[piece], &models);
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

    #[test]
    fn specs_go_out_and_in() {
        for task in TASKS
            .iter()
            .filter(|task| task.id() != fathom_shared::task::custom::ID)
        {
            for profile in Profile::ALL {
                let mut one = TaskSpec::new(task.id(), Tokens(131_072), 1);
                one.profile = profile;
                assert_eq!(read("x.json", &spec(&one), None), Ok(one));
            }
        }
    }

    #[test]
    fn a_wrong_file_is_told_apart() {
        let says = |text: &str| read("x.json", text, None).unwrap_err();
        assert!(says("").starts_with("`x.json` is not a task spec: EOF"));
        assert!(says("[1]").contains("Expected a JSON object with `task`"));
        let hops = r#"{"task": "vt", "max_seq_length": 4096, "random_seed": 1, "hops": 2}"#;
        assert!(
            says(hops).contains("unknown field `hops`"),
            "{}",
            says(hops)
        );
        let short = r#"{"task": "vt", "max_seq_length": 4, "random_seed": 1}"#;
        assert!(says(short).starts_with("`x.json`: max_seq_length is 4"));
    }

    #[test]
    fn a_task_file_leaves_length_and_seed_to_the_form() {
        let form = TaskSpec::new("vt", Tokens(8192), 7);
        for example in fathom_shared::task::custom::EXAMPLES {
            let mine = read(example.file, example.text, Some(&form)).unwrap();
            assert_eq!((mine.max_seq_length, mine.random_seed), (Tokens(8192), 7));
            let (ending, text) = task_file(&mine).unwrap();
            let again = read(&format!("task.{ending}"), &text, Some(&form));
            assert_eq!(again, Ok(mine), "{}", example.file);
        }
        let asks = "task = \"vt\"\nmax_seq_length = 2048\n";
        let asked = read("t.toml", asks, Some(&form)).unwrap();
        assert_eq!((asked.max_seq_length, asked.random_seed), (Tokens(2048), 7));
        let wrong = read("t.toml", "task = \"vt\"\nhops = 2\n", None).unwrap_err();
        assert!(wrong.starts_with("`t.toml`, line 2"), "{wrong}");
    }
}
