//! Messages between the page and the results worker.

use fathom_shared::advise::costs::{Hardware, ModelDimensions};
use fathom_shared::advise::{Advice, DecisionMap, Evidence, Thresholds};
use fathom_shared::results::series::Checkpoint;
use fathom_shared::results::{Comparison, DepthBin, NeedleGap, ResultSetInfo};
use fathom_shared::stats::lengths::EffectiveLength;
use fathom_shared::stats::{Interval, Summary};
use fathom_shared::task::RulerCategory;
use fathom_shared::tokens::Tokens;
use serde::{Deserialize, Serialize};

/// Names a set: `run:3`, `run:page-3`, `file:my-model`, `page:...`.
pub(crate) type SetKey = String;

/// Published models, by name.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct PublishedNames {
    /// Lines of RULER's table.
    pub(crate) ruler: Vec<String>,
    /// Lines of LongBench v2's leaderboard.
    pub(crate) longbench: Vec<String>,
    /// Reports of the ranking, by their ids.
    pub(crate) ranked: Vec<String>,
}

/// What is wanted of the worker.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResultsCall {
    /// Read these files, which are attached in the same order.
    Files {
        /// Their paths as far as they are known, or their names.
        paths: Vec<String>,
        /// The length of RULER's predictions whose path does not say it.
        length: Option<Tokens>,
    },
    /// Hold this set, which is attached as JSON.
    Hold {
        /// By this name.
        key: SetKey,
    },
    /// Let go of a set.
    Drop {
        /// Which.
        key: SetKey,
    },
    /// The first against each of the others.
    Compare {
        /// The one that is measured against.
        first: SetKey,
        /// Those that are measured.
        others: Vec<SetKey>,
        /// The difference, in percent, from which on it matters; for the number of pairs too.
        margin: f64,
    },
    /// Checkpoints in order, the baseline first.
    Series {
        /// Which.
        keys: Vec<SetKey>,
        /// Lengths up to this one are short; the baseline's shortest where it is not set.
        short: Option<Tokens>,
    },
    /// One HTML file about them.
    Report {
        /// Which.
        keys: Vec<SetKey>,
        /// Now, for a reader.
        made: String,
        /// The published models on the page.
        beside: PublishedNames,
    },
    /// What to do about a model.
    Advise {
        /// From which evidence.
        question: Box<AdvisorQuestion>,
    },
}

/// What the advisor is asked. Where several know a figure, what was typed in counts first, then
/// the sets in their order, then what is published.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct AdvisorQuestion {
    /// Sets that are held.
    pub(crate) sets: Vec<SetKey>,
    /// A model of the leaderboards.
    pub(crate) published: Option<String>,
    /// What was typed in.
    pub(crate) typed: Evidence,
    /// Where the rules turn.
    pub(crate) thresholds: Thresholds,
}

/// What the advisor says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct AdvisorAnswer {
    /// The advice.
    pub(crate) advice: Advice,
    /// What of the evidence it rests on is shown.
    pub(crate) evidence: ShownEvidence,
    /// The decision drawn; nothing where no length is known.
    pub(crate) map: Option<DecisionMap>,
    /// The advice as files. Writing them takes tables that only the worker has.
    pub(crate) files: AdviceFiles,
}

/// An advice as it is saved.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct AdviceFiles {
    /// To be read.
    pub(crate) markdown: String,
    /// To be computed with.
    pub(crate) json: String,
}

/// Evidence as far as the page shows it and computes with it. The whole of it is read with tables of
/// models and devices, which only the worker has.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct ShownEvidence {
    /// What it is called in the verdict.
    pub(crate) name: String,
    /// Whether nothing was measured.
    pub(crate) unmeasured: bool,
    /// Every figure.
    pub(crate) figures: Vec<ShownFigure>,
    /// The size that costs are computed with.
    pub(crate) model: Option<ModelDimensions>,
    /// Whose word that is; empty where it was typed in.
    pub(crate) model_by: String,
    /// The length that it is about.
    pub(crate) target: Option<Tokens>,
    /// What may compute, the usual first.
    pub(crate) hardware: Vec<Hardware>,
    /// The models that figures are published of.
    pub(crate) published: Vec<String>,
}

/// A figure of the evidence.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct ShownFigure {
    /// What was measured.
    pub(crate) what: String,
    /// Percent.
    pub(crate) value: f64,
    /// Of how many samples, where that is known.
    pub(crate) n: Option<u32>,
    /// Its 95% interval, where there is one.
    pub(crate) ends: Option<(f64, f64)>,
}

/// To the worker.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct ToResults {
    /// The number of the call, which its answer repeats.
    pub(crate) ticket: u32,
    /// What is wanted.
    pub(crate) call: ResultsCall,
}

/// What the worker gives.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResultsReply {
    /// The digests of what was read.
    Sets(Vec<ResultDigest>),
    /// It is so now.
    Done,
    /// The comparisons, in the order of the others.
    Compared(Vec<SetComparison>),
    /// The checkpoints, without the baseline.
    Series(Vec<Checkpoint>),
    /// The file.
    Report(String),
    /// The advice.
    Advised(Box<AdvisorAnswer>),
}

/// A comparison, of samples that differ the first of each cell.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct SetComparison {
    /// What came of it.
    pub(crate) comparison: Comparison,
    /// Of each cell's samples that differ, where the first and the second set show them: pages of
    /// runs.
    pub(crate) pages: Vec<Vec<[Option<String>; 2]>>,
}

/// From the worker.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FromResults {
    /// It listens.
    Hello,
    /// What was wanted, or a sentence.
    Done {
        /// Of the call.
        ticket: u32,
        /// What came of it.
        outcome: Result<Box<ResultsReply>, String>,
    },
}

/// The digest of a result set: everything that the page shows of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct ResultDigest {
    /// Its name here.
    pub(crate) key: SetKey,
    /// Whose scores.
    pub(crate) about: ResultSetInfo,
    /// How many samples.
    pub(crate) samples: usize,
    /// What could not be read, a sentence each.
    pub(crate) losses: Vec<String>,
    /// Every cell, in order.
    pub(crate) cells: Vec<CellSum>,
    /// The mean of RULER's tasks, by length.
    pub(crate) means: Vec<LengthSum>,
    /// The same of each category; those without a task are left out.
    pub(crate) categories: Vec<(RulerCategory, LengthSum)>,
    /// The gap, by length.
    pub(crate) gaps: Vec<NeedleGap>,
    /// Where things were found, task by task.
    pub(crate) depths: Vec<TaskDepths>,
    /// LongBench v2.
    pub(crate) questions: Vec<LongBenchDigest>,
    /// How far RULER says it reads.
    pub(crate) effective: EffectiveLength,
}

/// A cell's mean.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct CellSum {
    /// The task.
    pub(crate) task: String,
    /// Its length, where that is known.
    pub(crate) length: Option<Tokens>,
    /// Its options, where they are not the task's own.
    pub(crate) variant: String,
    /// Its summary.
    pub(crate) sum: Summary,
}

/// A mean at a length.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct LengthSum {
    /// The length.
    pub(crate) length: Tokens,
    /// How many of the tasks that belong there are in it.
    pub(crate) tasks: usize,
    /// Its summary.
    pub(crate) sum: Summary,
}

/// Depth by length of one task.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct TaskDepths {
    /// The task.
    pub(crate) task: String,
    /// Its options, where they are not the task's own.
    pub(crate) variant: String,
    /// Length by length, from the text's beginning to its end.
    pub(crate) bins: Vec<DepthBin>,
}

/// LongBench v2, asked one way.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct LongBenchDigest {
    /// The setting; empty for direct.
    pub(crate) variant: String,
    /// The longest prompt, where that is known.
    pub(crate) length: Option<Tokens>,
    /// Overall first.
    pub(crate) groups: Vec<GroupShare>,
}

/// The score of a group of questions.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct GroupShare {
    /// What the group has in common.
    pub(crate) by: GroupBy,
    /// `overall`, `easy`, `long`, a domain.
    pub(crate) name: String,
    /// Questions; what failed is among them.
    pub(crate) n: u32,
    /// Of them without any text.
    pub(crate) failed: u32,
    /// The share of right answers.
    pub(crate) share: f64,
    /// Wilson's interval.
    pub(crate) interval: Interval,
}

/// What the questions of a group have in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GroupBy {
    /// Nothing: all questions.
    #[default]
    Overall,
    /// How hard they are.
    Difficulty,
    /// How long their texts are.
    Length,
    /// What they are about.
    Domain,
}
