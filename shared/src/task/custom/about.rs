//! A script's description of its own task.

use rhai::Dynamic;

use super::fields::ScriptMap;
use super::limits;
use crate::task::Metric;
use crate::tokens::Tokens;

/// The metric, if the script does not name one.
pub(super) const METRIC: Metric = Metric::StringMatchAll;
/// The answer limit, if the script does not set one.
pub(super) const TOKENS_TO_GENERATE: Tokens = Tokens(128);
const ANSWER_PREFIX: &str = " Answer:";

/// What a script's `about()` returns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskAbout {
    /// The title.
    pub title: String,
    /// One sentence that says what it asks of a model; empty if the script has none.
    pub about: String,
    /// How its answers are scored.
    pub metric: Metric,
    /// The most tokens that the answer may take.
    pub tokens_to_generate: Tokens,
    /// The words with which the answer begins.
    pub answer_prefix: String,
}

impl TaskAbout {
    pub(super) fn of(returned: Dynamic) -> Result<Self, String> {
        let mut fields = ScriptMap::new("what `about` returns", returned)?;
        let about = Self {
            title: fields.wanted_text("title")?,
            about: fields.text("about")?.unwrap_or_default(),
            metric: match fields.text("metric")?.as_deref() {
                None => METRIC,
                Some("all") => Metric::StringMatchAll,
                Some("part") => Metric::StringMatchPart,
                Some(got) => return Err(format!("`metric` is `{got}`, expected `all` or `part`")),
            },
            tokens_to_generate: match fields.count("tokens_to_generate")? {
                None => TOKENS_TO_GENERATE,
                Some(room) if (1..=limits::ANSWER.0).contains(&room) => Tokens(room),
                Some(got) => {
                    let most = limits::ANSWER;
                    return Err(format!(
                        "`tokens_to_generate` is {got}, expected 1 to {most}"
                    ));
                }
            },
            answer_prefix: fields
                .text("answer_prefix")?
                .unwrap_or_else(|| ANSWER_PREFIX.to_owned()),
        };
        fields.done("title, about, metric, tokens_to_generate and answer_prefix")?;
        Ok(about)
    }
}
