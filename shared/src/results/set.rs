//! A result set: one model's scores from one source.

use serde::{Deserialize, Serialize};

use super::length_text;
use crate::formats::RowId;
use crate::longbench::{Difficulty, LengthClass};
use crate::run::SampleKey;
use crate::score::answer_parts::AnswerPart;
use crate::score::ruler;
use crate::task::Metric;
use crate::tokens::Tokens;

/// One model's scores from one source: a run, files, or answers given in the page.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResultSet {
    /// The description of the model and the source.
    pub about: ResultSetInfo,
    /// RULER's tasks first, in RULER's order, then others by name; shorter lengths first.
    pub cells: Vec<ResultCell>,
}

/// The model and the source of scores.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResultSetInfo {
    /// The name shown to readers: `run 7`, a file's name.
    pub name: String,
    /// The model; empty if unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// The source of the scores.
    pub origin: ResultOrigin,
}

/// The source of scores. Published figures are not result sets, because they have no samples.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ResultOrigin {
    /// A run on a server.
    Run {
        /// Its number there.
        id: i64,
        /// The engine, as [`EngineKind`](crate::engine::EngineKind) writes it.
        engine: String,
        /// When it was created, in milliseconds since 1970 (UTC).
        created_ms: i64,
        /// The window in tokens that the model's own file claims, or that its endpoint accepts;
        /// `None` if the model is no longer available.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<Tokens>,
    },
    /// A file of this or another program.
    File {
        /// The format, in words: `RULER predictions` and the like.
        format: String,
    },
    /// Answers that a model gave in this page.
    Page,
    /// A run kept in a browser.
    PageRun {
        /// Its number there.
        id: i64,
        /// The engine, as [`EngineKind`](crate::engine::EngineKind) writes it.
        engine: String,
        /// When it was created, in milliseconds since 1970 (UTC).
        created_ms: i64,
        /// The window in tokens that the model's own file claims.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<Tokens>,
    },
}

impl ResultOrigin {
    /// The page of the run, if it has one.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::results::ResultOrigin;
    /// let engine = "wgpu".to_owned();
    /// let run = ResultOrigin::PageRun { id: 2, engine, created_ms: 0, window: None };
    /// assert_eq!(run.href().as_deref(), Some("/runs/page-2"));
    /// assert_eq!(ResultOrigin::Page.href(), None);
    /// ```
    pub fn href(&self) -> Option<String> {
        match self {
            Self::Run { id, .. } => Some(format!("/runs/{id}")),
            Self::PageRun { id, .. } => Some(format!("/runs/page-{id}")),
            Self::File { .. } | Self::Page => None,
        }
    }

    /// The window that its model claims, and the source of that claim; `name` is the set's name.
    pub fn window(&self, name: &str) -> Option<(Tokens, String)> {
        let (window, holder) = match self {
            Self::Run { window, .. } => (*window, "its server holds it"),
            Self::PageRun { window, .. } => (*window, "the browser loaded it"),
            Self::File { .. } | Self::Page => return None,
        };
        Some((window?, format!("the model of {name}, as {holder}")))
    }
}

/// One task at one length with one choice of its options.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResultCell {
    /// The task's id; for RULER's tasks in RULER's spelling.
    pub task: String,
    /// Length of prompt and answer together; `None` if a file does not state it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<Tokens>,
    /// The options that set this cell apart, as written by [`variant`](super::variant), for example
    /// `setting=cot`; empty for the defaults.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
    /// How answers were scored; decides whether failures stay in the denominator.
    pub metric: Metric,
    /// Every sample with an answer or failure.
    pub samples: Vec<SampleScore>,
}

/// The result of one sample.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SampleScore {
    /// Its name within the cell: the same question has the same name in every set, which is how
    /// pairs are found.
    pub id: RowId,
    /// A fraction; `None` for a failure.
    pub score: Option<f64>,
    /// Whether the answer has nothing to judge: it is empty after cleaning, or names no letter.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blank: bool,
    /// Its needles, hops and gold passages; empty if their places are unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<AnswerPart>,
    /// Samples with the same value share a source, such as an article, and are not independent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Facts about a question of LongBench v2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<QuestionTags>,
    /// Its key in its run, `[cell, sample]`, by which it is found in a run on a server.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "place")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<(u32, u32)>"))]
    pub place: Option<SampleKey>,
}

/// The fields by which LongBench v2 groups its questions.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuestionTags {
    /// Its domain; `None` if a file does not state it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Easy or hard; `None` if a file does not state it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difficulty: Option<Difficulty>,
    /// The length class of its text; `None` if a file does not state it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<LengthClass>,
}

impl ResultCell {
    /// A cell without samples.
    pub fn new(task: &str, length: Option<Tokens>, variant: &str, metric: Metric) -> Self {
        Self {
            task: task.to_owned(),
            length,
            variant: variant.to_owned(),
            metric,
            samples: Vec::new(),
        }
    }

    /// The name shown to readers: `vt at 4K`, `longbench_v2 (setting=cot) at 32K`.
    pub fn name(&self) -> String {
        let mut name = self.task.clone();
        if !self.variant.is_empty() {
            name.push_str(&format!(" ({})", self.variant));
        }
        if let Some(length) = self.length {
            name.push_str(&format!(" at {}", length_text(length)));
        }
        name
    }

    /// Whether it is one of RULER's thirteen tasks with RULER's own options.
    pub fn is_ruler(&self) -> bool {
        self.variant.is_empty() && ruler::metric(&self.task).is_some()
    }

    /// Whether both cells ask a model the same thing.
    pub fn is_like(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// The sort key: RULER's order of tasks, then length, then variant.
    fn key(&self) -> (usize, &str, Option<Tokens>, &str) {
        let (place, task) = ruler::order(&self.task);
        (place, task, self.length, &self.variant)
    }
}

impl ResultSet {
    /// A set of cells, which are sorted.
    pub fn new(about: ResultSetInfo, mut cells: Vec<ResultCell>) -> Self {
        cells.sort_by(|a, b| a.key().cmp(&b.key()));
        Self { about, cells }
    }

    /// The total number of samples.
    pub fn samples(&self) -> usize {
        self.cells.iter().map(|cell| cell.samples.len()).sum()
    }
}

/// Writes a key as two numbers: with a hundred thousand samples, every byte counts.
mod place {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::run::SampleKey;

    pub(super) fn serialize<S: Serializer>(
        place: &Option<SampleKey>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        place.map(|at| (at.cell, at.sample)).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<SampleKey>, D::Error> {
        let numbers = Option::<(u32, u32)>::deserialize(from)?;
        Ok(numbers.map(|(cell, sample)| SampleKey { cell, sample }))
    }
}
