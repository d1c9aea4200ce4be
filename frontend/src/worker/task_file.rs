//! Reads task files and specs, which may contain scripts, run in the worker and not in the page. Pure.

use fathom_shared::task::TaskSpec;
use fathom_shared::task::custom::TaskFile;

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
    use fathom_shared::task::{Profile, TASKS};
    use fathom_shared::tokens::Tokens;

    #[test]
    fn specs_go_out_and_in() {
        for task in TASKS.iter().filter(|task| !task.takes_script()) {
            for profile in Profile::ALL {
                let mut one = TaskSpec::new(task.id(), Tokens(131_072), 1);
                one.profile = profile;
                assert_eq!(
                    read("x.json", &serde_json::to_string(&one).unwrap(), None),
                    Ok(one)
                );
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
            let (ending, text) = TaskFile::write(&mine).unwrap();
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
