//! Pieces of evidence that may be missing.

use serde::{Deserialize, Serialize};

use crate::advise::condition::{Condition, ConditionContext};
use crate::advise::derived_facts::EvidenceFacts;
use crate::advise::evidence::{
    Evidence, LongBenchMode, PriorAdaptation, ReasoningDepth, TrainingCorpus, Workload,
};
use crate::advise::thresholds::Thresholds;
use crate::longbench::LengthClass;
use crate::task::RulerCategory;

/// A piece of evidence that may be missing, cheapest to find out first: what the user knows, then the
/// article's order of experiments.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MissingKind {
    /// What the model is for.
    Workload,
    /// The window that the work needs.
    Target,
    /// The model's window.
    Window,
    /// Which errors are acceptable.
    Tolerance,
    /// What was already tried to extend the window.
    Adapted,
    /// Which long documents there are to train on.
    Corpus,
    /// Whether documents of the work's own kind can be had, where there are only others.
    DomainCorpus,
    /// How large the model is, which its training costs depend on.
    Size,
    /// How people score on the user's own hold-outs.
    People,
    /// RULER at the present window.
    RulerInside,
    /// RULER at a short length.
    RulerShort,
    /// RULER between the last length that is good and the first that is not.
    RulerBetween,
    /// A category of RULER at the target.
    Ruler(RulerCategory),
    /// LongBench v2, direct.
    Direct,
    /// LongBench v2 on its long texts.
    LongTexts,
    /// LongBench v2 with a chain of thought.
    Cot,
    /// LongBench v2 without the texts.
    NoContext,
    /// LongBench v2 with retrieved passages.
    Rag,
    /// The user's own hold-outs.
    Holdouts,
    /// RULER at the target with a position fix.
    PositionFix,
    /// The harder tasks before an adaptation.
    HardBefore,
    /// LongBench v2 before an adaptation.
    ComprehensionBefore,
}

impl MissingKind {
    pub(in crate::advise) const ALL: [Self; 25] = [
        Self::Workload,
        Self::Target,
        Self::Window,
        Self::Tolerance,
        Self::Adapted,
        Self::Corpus,
        Self::DomainCorpus,
        Self::Size,
        Self::People,
        Self::RulerInside,
        Self::RulerShort,
        Self::RulerBetween,
        Self::Ruler(RulerCategory::SingleNeedle),
        Self::Ruler(RulerCategory::MultiNeedle),
        Self::Ruler(RulerCategory::MultiHop),
        Self::Ruler(RulerCategory::Aggregation),
        Self::Direct,
        Self::LongTexts,
        Self::Cot,
        Self::NoContext,
        Self::Rag,
        Self::Holdouts,
        Self::PositionFix,
        Self::HardBefore,
        Self::ComprehensionBefore,
    ];

    /// The name that seeds its stream of draws.
    pub(in crate::advise) fn key(self) -> &'static str {
        match self {
            Self::Workload => "gap workload",
            Self::Target => "gap target",
            Self::Window => "gap window",
            Self::Tolerance => "gap tolerance",
            Self::Adapted => "gap adapted",
            Self::Corpus => "gap corpus",
            Self::DomainCorpus => "gap domain corpus",
            Self::Size => "gap size",
            Self::People => "gap people",
            Self::RulerInside => "gap inside",
            Self::RulerShort => "gap short",
            Self::RulerBetween => "gap between",
            Self::Ruler(category) => category.name(),
            Self::Direct => "gap direct",
            Self::LongTexts => "gap long",
            Self::Cot => "gap cot",
            Self::NoContext => "gap no context",
            Self::Rag => "gap rag",
            Self::Holdouts => "gap hold-outs",
            Self::PositionFix => "gap position fix",
            Self::HardBefore => "gap hard before",
            Self::ComprehensionBefore => "gap comprehension before",
        }
    }

    pub(in crate::advise) fn what(self) -> String {
        match self {
            Self::Workload => "what the model is for".to_owned(),
            Self::Target => "how long the texts are".to_owned(),
            Self::Window => "the window that the model was trained on".to_owned(),
            Self::Tolerance => "which errors are acceptable".to_owned(),
            Self::Adapted => "what was already tried to extend the window".to_owned(),
            Self::Corpus => "which long documents there are to train on".to_owned(),
            Self::DomainCorpus => {
                "whether documents of your own kind can be had to train on".to_owned()
            }
            Self::Size => "the model's size".to_owned(),
            Self::People => "how people score on your own hold-outs".to_owned(),
            Self::RulerInside => "RULER at the present window".to_owned(),
            Self::RulerShort => "RULER, all tasks, at a short length".to_owned(),
            Self::RulerBetween => "RULER at the lengths in between".to_owned(),
            Self::Ruler(category) => format!("RULER, {}, at the target", category.name()),
            Self::Direct => "LongBench v2, direct".to_owned(),
            Self::LongTexts => "LongBench v2 on its long texts".to_owned(),
            Self::Cot => "LongBench v2 with a chain of thought".to_owned(),
            Self::NoContext => "LongBench v2 without the texts".to_owned(),
            Self::Rag => "LongBench v2 with retrieved passages".to_owned(),
            Self::Holdouts => "your own hold-outs".to_owned(),
            Self::PositionFix => "RULER at the target with a position fix".to_owned(),
            Self::HardBefore => "RULER's harder tasks before the adaptation".to_owned(),
            Self::ComprehensionBefore => "LongBench v2 before the adaptation".to_owned(),
        }
    }

    /// Whether the user can answer it without measuring.
    pub(in crate::advise) fn is_told(self) -> bool {
        matches!(
            self,
            Self::Workload
                | Self::Target
                | Self::Window
                | Self::Tolerance
                | Self::Adapted
                | Self::Corpus
                | Self::Size
                | Self::People
                | Self::HardBefore
                | Self::ComprehensionBefore
        )
    }

    /// Whether it is missing and relevant.
    pub(in crate::advise) fn is_open(self, evidence: &Evidence, thresholds: &Thresholds) -> bool {
        let facts = || EvidenceFacts::of(evidence, thresholds);
        let share = |reading, length| evidence.longbench_at(reading, None, length).is_some();
        match self {
            Self::Workload => evidence.workload.is_none(),
            Self::Target => evidence.target_window.is_none(),
            Self::Window => evidence.window().is_none(),
            Self::Tolerance => evidence.tolerance.is_none(),
            Self::Adapted => evidence.adaptation.is_none(),
            Self::Corpus => evidence.corpus.is_none(),
            Self::DomainCorpus => {
                evidence.workload == Some(Workload::DomainShifted)
                    && evidence.corpus == Some(TrainingCorpus::General)
            }
            Self::Size => evidence.budget_gpu_hours.is_some() && evidence.model.is_none(),
            Self::People => evidence.production.is_some() && evidence.human.is_none(),
            Self::RulerInside => {
                let short = evidence.window().is_some() && evidence.target() > evidence.window();
                short && (facts().inside().is_none() || is_doubtful(evidence, thresholds))
            }
            Self::RulerShort => {
                let facts = facts();
                let partly = facts.shortest().is_some_and(|at| at.overall.is_none());
                partly || only_long(&facts)
            }
            Self::RulerBetween => {
                let facts = facts();
                !only_long(&facts) && !facts.between(thresholds).is_empty()
            }
            Self::Ruler(category) => {
                let known = facts().at_target.and_then(|at| at.of(category));
                evidence.target().is_some() && known.is_none()
            }
            Self::Direct => {
                let asked = [LongBenchMode::Direct, LongBenchMode::Cot];
                !evidence.always_thinks() && !asked.iter().any(|one| share(*one, None))
            }
            Self::LongTexts => {
                let beyond = evidence.target() > evidence.window();
                beyond && !share(LongBenchMode::Direct, Some(LengthClass::Long))
            }
            Self::Cot => !share(LongBenchMode::Cot, None),
            Self::NoContext => !share(LongBenchMode::NoContext, None),
            Self::Rag => {
                let lookup = || facts().depth == Some(ReasoningDepth::Low);
                let asks = share(LongBenchMode::Direct, None) || lookup();
                asks && !share(LongBenchMode::Rag, None)
            }
            Self::Holdouts => evidence.production.is_none(),
            Self::PositionFix => {
                let limit = thresholds.acceptable;
                let falls = facts().at_target.is_some_and(|at| {
                    at.hard_fails(limit) == Some(true)
                        || at.retrieval_fails(limit) == Some(true)
                        || at.overall.is_some_and(|mean| mean < limit)
                });
                evidence.fix_untried() && falls
            }
            Self::HardBefore => adapted(evidence) && evidence.before.hard.is_none(),
            Self::ComprehensionBefore => adapted(evidence) && evidence.before.longbench.is_none(),
        }
    }
}

/// Whether nothing shorter than the target was measured, and the target is long and inside the window;
/// beyond the window, the present window is measured first.
pub(super) fn only_long(facts: &EvidenceFacts) -> bool {
    let long = facts.at_target.is_some_and(|at| at.length.0 > 8_192);
    let ends = facts.target.zip(facts.stated);
    let covered = ends.is_none_or(|(target, window)| target <= window);
    long && covered && facts.shorter().is_none()
}

fn adapted(evidence: &Evidence) -> bool {
    evidence
        .adaptation
        .is_some_and(|one| one != PriorAdaptation::None)
}

/// Whether the mean at the present window leaves its needles open, and the work depends on these.
pub(super) fn is_doubtful(evidence: &Evidence, thresholds: &Thresholds) -> bool {
    let at = ConditionContext::new(evidence, thresholds);
    Condition::InsideDoubtful.holds(&at) == Some(true)
}
