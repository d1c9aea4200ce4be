//! Messages to the engine worker about the runs that this browser keeps.

use std::fmt;

use fathom_shared::api::{NewRun, RowDetail, RunEstimate, RunEvent, RunView};
use fathom_shared::longbench::{AnswerVerdict, ChoiceLetter, LongBenchSetting, QuestionCard};
use fathom_shared::run::SampleKey;
use fathom_shared::tokens::Tokens;
use serde::{Deserialize, Serialize};

/// LongBench v2's predictions among the formats of an export.
pub(crate) const LONGBENCH: &str = "longbench";

/// What can be done to a run, wherever it is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RunAction {
    /// Stop it.
    Cancel,
    /// Begin no further sample.
    Pause,
    /// Go on.
    Resume,
    /// Ask its failures again.
    Retry,
    /// Change which goes first.
    Priority(i32),
}

/// How a question is put and answered: what is never mixed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct AnswerSetup {
    /// How it is put.
    pub(crate) setting: LongBenchSetting,
    /// Whether the likeliest letter is taken instead of what the model writes.
    pub(crate) letters: bool,
}

impl fmt::Display for AnswerSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = if self.letters { " by letters" } else { "" };
        write!(f, "{}{by}", self.setting)
    }
}

/// An answer to a question about a long text: a row of a run that this browser keeps.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct QuestionAnswer {
    /// The run's number.
    pub(crate) run: i64,
    /// SHA-256 of the questions' set.
    pub(crate) set: String,
    /// The question's number in it.
    pub(crate) number: u32,
    /// How it was put.
    pub(crate) setting: LongBenchSetting,
    /// Whether the likeliest letter was taken instead of what the model writes.
    pub(crate) letters: bool,
    /// Prompt and answer together.
    pub(crate) length: Tokens,
    /// The model.
    pub(crate) model: String,
    /// What it wrote, or why nothing came.
    pub(crate) response: Result<String, String>,
    /// The letter taken from it.
    pub(crate) letter: Option<ChoiceLetter>,
    /// Whether it is the right one.
    pub(crate) right: bool,
    /// When, in ms.
    pub(crate) at_ms: f64,
}

impl QuestionAnswer {
    /// What became of the question.
    pub(crate) fn verdict(&self) -> AnswerVerdict {
        match (&self.response, self.letter) {
            (Err(_), _) => AnswerVerdict::Failed,
            (Ok(_), None) => AnswerVerdict::Unparsed,
            (Ok(_), Some(_)) if self.right => AnswerVerdict::Right,
            (Ok(_), Some(_)) => AnswerVerdict::Wrong,
        }
    }

    /// Whether it is about this question, put and answered this way.
    pub(crate) fn is_about(&self, set: &str, card: &QuestionCard, way: AnswerSetup) -> bool {
        self.set == set && self.number == card.number && self.way() == way
    }

    /// How it was put and answered.
    pub(crate) fn way(&self) -> AnswerSetup {
        AnswerSetup {
            setting: self.setting,
            letters: self.letters,
        }
    }
}

/// An answer as earlier versions of the page kept it, apart from all runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct EarlierAnswer {
    /// SHA-256 of the questions' set.
    pub(crate) set: String,
    /// The question's number in it.
    pub(crate) number: u32,
    /// How it was put.
    pub(crate) setting: LongBenchSetting,
    /// Whether the likeliest letter was taken instead of what the model writes.
    #[serde(default)]
    pub(crate) letters: bool,
    /// Prompt and answer together.
    pub(crate) length: Tokens,
    /// The model, of which the hash was not kept.
    pub(crate) model: String,
    /// What ran it.
    pub(crate) device: String,
    /// What it thought first, where it was asked to.
    pub(crate) thoughts: Option<String>,
    /// What it wrote, or why nothing came.
    pub(crate) response: Result<String, String>,
    /// The right letter.
    pub(crate) answer: ChoiceLetter,
    /// When, in ms.
    pub(crate) at_ms: f64,
}

/// What is wanted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PageRunCall {
    /// Start a run.
    Start {
        /// The run spec and the priority.
        new: Box<NewRun>,
    },
    /// Say what a run would take.
    Estimate {
        /// The run spec and the priority.
        new: Box<NewRun>,
    },
    /// Tell everything about a run; what happens to it from now on comes by itself.
    Watch {
        /// Which.
        id: i64,
    },
    /// Do something to a run.
    Act {
        /// Which.
        id: i64,
        /// What.
        action: RunAction,
    },
    /// One sample of a run with its texts.
    Row {
        /// Of which run.
        id: i64,
        /// Which sample.
        place: SampleKey,
    },
    /// What a run came to, sample by sample.
    Results {
        /// Which.
        id: i64,
    },
    /// A run's answers as another program's files.
    Export {
        /// Which.
        id: i64,
        /// Whose files, by [`ExportProgram::name`](fathom_shared::results::exported::ExportProgram),
        /// or [`LONGBENCH`].
        program: String,
    },
    /// Delete a run.
    Delete {
        /// Which.
        id: i64,
    },
    /// Keep the answers of an earlier version as rows of runs.
    Adopt {
        /// The oldest first.
        answers: Vec<EarlierAnswer>,
    },
}

/// What is given.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PageRunReply {
    /// The run as it is now.
    Run(Box<RunView>),
    /// What it would take.
    Estimate(Box<RunEstimate>),
    /// What happened so far.
    Events(Vec<RunEvent>),
    /// The sample.
    Row(Box<RowDetail>),
    /// A result set, as JSON.
    Results(String),
    /// The files, as one attached archive, and what they leave out.
    Exported(Vec<String>),
    /// It is gone.
    Deleted,
    /// They are rows now.
    Adopted,
}
