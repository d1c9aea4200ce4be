//! What a rule can ask of the evidence. Three-valued: yes, no, not known.

mod difference; // differences between two ways of answering the same questions
mod figures; // the figures behind a condition, for a reader
mod holds; // whether a condition holds
mod losses; // what is lost with length, in words
mod measured; // the figures behind a condition
mod ruler; // what RULER's figures show

pub(super) use difference::gain;
pub use measured::MeasuredValue;
pub(super) use ruler::{helping, lost_at_short};
use serde::{Deserialize, Serialize};

use super::Thresholds;
use super::evidence::Evidence;
use super::facts::EvidenceFacts;

/// One condition of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The work is document lookup.
    Lookup,
    /// The work puts many documents into one answer.
    Synthesis,
    /// The work is legal or scientific.
    LegalScientific,
    /// The documents are unlike those of the training.
    DomainShifted,
    /// A miss does harm.
    SafetyCritical,
    /// The work is high stakes: legal or scientific, domain-shifted or safety-critical.
    HighStakes,
    /// Little reasoning is asked for.
    DepthLow,
    /// Some.
    DepthMedium,
    /// Much.
    DepthHigh,
    /// Some misses are acceptable.
    MissesAcceptable,
    /// More errors than people make are not acceptable, or the work is safety-critical.
    BelowHumanUnacceptable,
    /// The target is about 32K to 128K tokens.
    #[serde(rename = "target_32k_128k")]
    Target32kTo128k,
    /// The target is about 64K to 256K tokens.
    #[serde(rename = "target_64k_256k")]
    Target64kTo256k,
    /// The target is about 128K tokens or more.
    #[serde(rename = "target_128k_up")]
    Target128kUp,
    /// The target lies beyond the window: the trained one, else the claimed one, cut where a cliff
    /// shows its end.
    WindowShort,
    /// It lies within.
    WindowCovers,
    /// A cliff shows that the window ends before what is stated, and before the target.
    WindowEndsEarly,
    /// RULER holds at the longest length measured inside the window.
    InsideHolds,
    /// It does not: a longer window would not be read either.
    InsideFails,
    /// Only passages are to be found; RULER falls short inside the window, and whether its needles
    /// do is not known.
    InsideDoubtful,
    /// RULER holds inside the window and falls short beyond it.
    DropsPastWindow,
    /// RULER's mean at the target will do.
    RulerHolds,
    /// It will not.
    RulerFails,
    /// Needles, one and several, are found at the target.
    RetrievalHolds,
    /// They are not.
    RetrievalFails,
    /// A single needle is found nearly always at the target.
    NeedleStrong,
    /// A single needle is found at least as often as chains are followed.
    NeedleAtLeastMultiHop,
    /// Multi-hop tracing falls short at the target.
    MultiHopFails,
    /// Aggregation falls short at the target.
    AggregationFails,
    /// Either falls short.
    HardFails,
    /// Both hold.
    HardHolds,
    /// A category, or the mean, is worse at the target than at the model's own shortest length, or
    /// below what good models reach in it.
    Degrades,
    /// A category, or the mean, is worse at the target than at the model's own shortest length.
    LostWithLength,
    /// A position fix without training could be tried, and was not.
    FixUntried,
    /// One was tried and brought back what was lost at the target, or a material part of the chains
    /// and counts.
    FixHelps,
    /// One was tried, and brought nothing material.
    FixFails,
    /// The scaling of all positions was tried alone, and it does not help.
    ScalingFails,
    /// Needles, chains or counts are lost at the shortest length already.
    TaskLostAtShort,
    /// Needles are found less often at the target than at a shorter length; not known where no
    /// shorter one was measured.
    NeedlesLostWithLength,
    /// RULER's mean falls bit by bit over three lengths or more, and off no cliff.
    GradualLoss,
    /// What stands in the middle of the text is found less often than what stands at its ends.
    DepthDependent,
    /// RULER hardly changes from the shortest length to the target.
    RulerFlat,
    /// RULER falls short at a moderate length inside the window.
    DegradesAtModerate,
    /// RULER falls short at two lengths or more inside the window.
    BroadDegradation,
    /// Both needles and the harder tasks fall short at two lengths or more inside the window.
    RetrievalAndHardFail,
    /// RULER falls well short at its shortest length, a moderate one at most.
    ShortBroken,
    /// Something of RULER is known at the target.
    RulerMeasured,
    /// The shortest length scores far lower than the target.
    ShortWorseThanLong,
    /// LongBench v2, or the user's hold-outs, below people.
    BelowHuman,
    /// The same with a chain of thought, where LongBench v2 tells; or the user's hold-outs.
    BelowHumanEvenThinking,
    /// At least as good as people, as it is used.
    HumanMet,
    /// The same, as it is used or with a chain of thought.
    HumanMetOrThinking,
    /// The user's own hold-outs are answered so much worse than by people that it will not do.
    OwnFallsShort,
    /// No error is acceptable, and something degrades.
    DegradesUnacceptably,
    /// Nothing that was measured of RULER degrades, and the whole of it was.
    NothingDegrades,
    /// The model thinks before every answer: there is no direct one.
    AlwaysThinks,
    /// Answers are as good as people's, or cannot be told from them.
    AboutPeople,
    /// The same, or with a chain of thought LongBench v2 is near people.
    AboutPeopleThinking,
    /// The user's hold-outs are answered at least as well as people answer the same questions.
    HoldoutsHold,
    /// LongBench v2 direct, or as it is used, near people or above.
    NearHuman,
    /// Reasoning is asked for and answers are not near people's.
    ComprehensionShort,
    /// LongBench v2 is materially below what is expected.
    ComprehensionLow,
    /// LongBench v2 is well below the best direct answers.
    ComprehensionFarBelow,
    /// LongBench v2 direct is at or below the best direct answers.
    DirectStalls,
    /// Questions about several documents are answered materially below what is expected.
    MultiDocLow,
    /// The longest texts are answered materially below what is expected.
    LongLow,
    /// The longest texts are answered as expected.
    LongHolds,
    /// LongBench v2 is near chance.
    NearChance,
    /// LongBench v2 is below chance.
    BelowChance,
    /// Thinking first closes the gap: it adds materially to direct answers, and with it answers are
    /// not materially below what is expected. A model that always thinks has to reach people.
    CotRecovers,
    /// Answers are materially below what is expected, with thinking first and without.
    CotFails,
    /// Thinking first adds the gap that counts, wherever it ends.
    ThinkingGap,
    /// Thinking first adds nothing material: less than a change that is none.
    ThinkingFlat,
    /// Thinking first costs right answers, beyond what sampling explains.
    ThinkingCosts,
    /// Thinking first reaches people.
    CotAboveHuman,
    /// It does not.
    CotBelowHuman,
    /// Without the text as many answers are right.
    NoContextEqualsFull,
    /// Without the text more answers are right, beyond what sampling explains.
    TextHurts,
    /// With the text's end alone as many are right.
    TailEqualsFull,
    /// With retrieved passages at least as many are right as with the whole text.
    RagAtLeastFull,
    /// With retrieved passages materially fewer are right.
    RagBelowFull,
    /// Positions were rescaled, or more was done.
    ExtendedBefore,
    /// Pretraining was continued.
    ContinuedBefore,
    /// The adaptation brought retrieval, but not the harder tasks.
    WindowGainOnly,
    /// The harder tasks did not gain by the adaptation.
    HardFlat,
    /// LongBench v2 did not gain by the adaptation, or is still materially low after it.
    ComprehensionFlat,
    /// Short texts lost by the adaptation.
    ShortRegressed,
    /// There is no long-document corpus.
    NoCorpus,
    /// There is one of the work's own kind.
    DomainCorpus,
    /// There is none of the work's own kind.
    NoDomainCorpus,
    /// The documents are unlike those of the training, and only others are there to train on.
    GeneralCorpusForDomain,
    /// The budget does not reach continued pretraining.
    BudgetSmall,
    /// Nothing but the single needle was measured.
    NeedleOnly,
    /// A single needle is found nearly always at the target, and something else of RULER falls short
    /// there.
    NeedleDisagrees,
}

/// All that a condition may look at.
pub(super) struct ConditionContext<'a> {
    pub evidence: &'a Evidence,
    pub facts: EvidenceFacts,
    pub thresholds: &'a Thresholds,
}

impl<'a> ConditionContext<'a> {
    pub(super) fn new(evidence: &'a Evidence, thresholds: &'a Thresholds) -> Self {
        Self {
            evidence,
            facts: EvidenceFacts::of(evidence, thresholds),
            thresholds,
        }
    }
}
