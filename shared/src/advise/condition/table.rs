//! The table of conditions: what each means, how it is tested, and which figures it looks at.

use serde::{Deserialize, Serialize};

use super::ruler::and;
use super::{
    ConditionContext, ConditionFigures, adaptation, position_fixes, questions, ruler, work,
};
use crate::advise::evidence::{
    ErrorTolerance, PriorAdaptation, ReasoningDepth, TrainingCorpus, Workload,
};
use crate::task::RulerCategory::{Aggregation, MultiHop, MultiNeedle, SingleNeedle};

/// What belongs to a condition.
struct ConditionRow {
    /// Whether it holds; `None` if the evidence does not say.
    holds: fn(&ConditionContext<'_>) -> Option<bool>,
    /// The figures that it looks at.
    figures: ConditionFigures,
}

/// Writes the conditions and their rows from one table of `name: test, figures;`.
macro_rules! conditions {
    ($($(#[$meaning:meta])* $name:ident: $holds:expr, $figures:ident;)*) => {
        /// One condition of a rule.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum Condition {
            $($(#[$meaning])* $name,)*
        }

        impl Condition {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            fn row(self) -> ConditionRow {
                match self {
                    $(Self::$name => ConditionRow {
                        holds: $holds,
                        figures: ConditionFigures::$figures,
                    },)*
                }
            }
        }
    };
}

conditions! {
    /// The work is document lookup.
    Lookup: |at| work::is(at, Workload::DocumentLookup), Nothing;
    /// The work combines many documents into one answer.
    Synthesis: |at| work::is(at, Workload::MultiDocumentSynthesis), Nothing;
    /// The work is legal or scientific.
    LegalScientific: |at| work::is(at, Workload::LegalScientific), Nothing;
    /// The documents are unlike those the model was trained on.
    DomainShifted: |at| work::is(at, Workload::DomainShifted), Nothing;
    /// A miss does harm.
    SafetyCritical: |at| work::is(at, Workload::SafetyCritical), Nothing;
    /// The work is high-stakes: legal or scientific, domain-shifted or safety-critical.
    HighStakes: work::is_high_stakes, Nothing;
    /// The work needs little reasoning.
    DepthLow: |at| work::needs(at, ReasoningDepth::Low), Nothing;
    /// The work needs some reasoning.
    DepthMedium: |at| work::needs(at, ReasoningDepth::Medium), Nothing;
    /// The work needs much reasoning.
    DepthHigh: |at| work::needs(at, ReasoningDepth::High), Nothing;
    /// Some misses are acceptable.
    MissesAcceptable: |at| work::tolerates(at, ErrorTolerance::SomeMisses), Nothing;
    /// More errors than people make are not acceptable, or the work is safety-critical.
    BelowHumanUnacceptable: work::below_human_unacceptable, Nothing;
    /// No error is acceptable: the work is safety-critical, or the user says so.
    NoErrors: work::no_errors, Nothing;

    /// The target is about 32K to 128K tokens.
    #[serde(rename = "target_32k_128k")]
    Target32kTo128k: |at| work::target_within(at, 30_000, 140_000), Nothing;
    /// The target is about 64K to 256K tokens.
    #[serde(rename = "target_64k_256k")]
    Target64kTo256k: |at| work::target_within(at, 60_000, 280_000), Nothing;
    /// The target is about 128K tokens or more.
    #[serde(rename = "target_128k_up")]
    Target128kUp: |at| work::target_within(at, 120_000, u32::MAX), Nothing;
    /// The target lies beyond the window (the trained one, else the claimed one), which ends early
    /// if a cliff shows it.
    WindowShort: |at| work::window_covers(at).map(|covers| !covers), Windows;
    /// The target lies within the window.
    WindowCovers: work::window_covers, Windows;
    /// A cliff shows that the window ends before its stated end, and before the target.
    WindowEndsEarly: ruler::window_ends_early, Cliff;
    /// RULER is good enough at the longest length measured inside the window.
    InsideHolds: |at| ruler::inside_fails(at).map(|fails| !fails), Inside;
    /// RULER falls short inside the window: the model would not read a longer window either.
    InsideFails: ruler::inside_fails, Inside;
    /// The work only looks passages up, RULER falls short inside the window, and it is not known
    /// whether its needles do.
    InsideDoubtful: ruler::inside_doubtful, Inside;
    /// RULER is good enough inside the window and falls short beyond it.
    DropsPastWindow: ruler::drops_past_window, Inside;

    /// RULER's mean at the target is good enough.
    RulerHolds: |at| ruler::mean_low(at).map(|low| !low), Mean;
    /// RULER's mean at the target is too low.
    RulerFails: ruler::mean_low, Mean;
    /// Single and multiple needles are found at the target.
    RetrievalHolds: |at| ruler::retrieval_fails(at).map(|fails| !fails), Needles;
    /// Single or multiple needles are lost at the target.
    RetrievalFails: ruler::retrieval_fails, Needles;
    /// A single needle is nearly always found at the target.
    NeedleStrong: |at| ruler::nearly_always(at, SingleNeedle), SingleNeedle;
    /// Single and multiple needles are nearly always found at the target.
    NeedlesStrong: |at| and(
        ruler::nearly_always(at, SingleNeedle),
        ruler::nearly_always(at, MultiNeedle),
    ), Needles;
    /// A single needle is found at least as often as chains are followed.
    NeedleAtLeastMultiHop: ruler::needle_at_least_multi_hop, NeedleAndHop;
    /// Multi-hop tracing falls short at the target.
    MultiHopFails: |at| ruler::category_low(at, MultiHop), MultiHop;
    /// Aggregation falls short at the target.
    AggregationFails: |at| ruler::category_low(at, Aggregation), Aggregation;
    /// Multi-hop tracing or aggregation falls short at the target.
    HardFails: ruler::hard_fails, HardAndChain;
    /// Multi-hop tracing and aggregation are good enough at the target.
    HardHolds: |at| ruler::hard_fails(at).map(|fails| !fails), Hard;
    /// A category, or the mean, is worse at the target than at the model's own shortest length, or
    /// below what good models reach in it.
    Degrades: ruler::degrades, Losses;
    /// Something at the target is below what good models reach in it; for lookup, the needles, if
    /// these are known.
    FallsShort: ruler::low_at_target, Losses;
    /// A category, or the mean, is worse at the target than at the model's own shortest length.
    LostWithLength: ruler::lost_with_length, Losses;
    /// No error is acceptable, and something falls short at the target.
    DegradesUnacceptably: |at| and(work::no_errors(at), ruler::low_at_target(at)), Losses;
    /// RULER was measured as a whole, and none of it degrades.
    NothingDegrades: |at| ruler::degrades(at).map(|degrades| !degrades), Curve;
    /// What is too low at the target is as low at the shortest length, and nothing is lost with length.
    LowAtEveryLength: ruler::low_at_every_length, LowAlike;
    /// Needles, chains or counts are lost already at the shortest length.
    TaskLostAtShort: |at| ruler::lost_at_short(at).map(|lost| !lost.is_empty()), LostAtShort;
    /// Needles are found less often at the target than at a shorter length; not known if no
    /// shorter one was measured.
    NeedlesLostWithLength: ruler::needles_lost_with_length, NeedlesByLength;
    /// RULER's mean falls gradually over three lengths or more, without a cliff.
    GradualLoss: ruler::gradual, Curve;
    /// Evidence in the middle of the text is found less often than evidence at its ends.
    DepthDependent: ruler::depth_dependent, Depths;
    /// RULER hardly changes from the shortest length to the target.
    RulerFlat: |at| ruler::lost_with_length(at).map(|lost| !lost), Curve;
    /// RULER falls short at a moderate length inside the window.
    DegradesAtModerate: ruler::degrades_at_moderate, Curve;
    /// RULER falls short at two lengths or more inside the window.
    BroadDegradation: ruler::broad_degradation, Curve;
    /// Both the needles and the harder tasks fall short at two lengths or more inside the window.
    RetrievalAndHardFail: ruler::retrieval_and_hard_fail, Curve;
    /// RULER falls well short at its shortest length, if that is a moderate one at most.
    ShortBroken: ruler::short_broken, Curve;
    /// RULER falls well short in texts of 8K tokens or less.
    UnreadAtShort: ruler::unread_at_short, Shortest;
    /// The shortest length scores far lower than the target.
    ShortWorseThanLong: ruler::short_worse_than_long, Curve;
    /// Some of RULER is known at the target.
    RulerMeasured: |at| Some(at.facts.at_target.is_some()), Nothing;
    /// Only the single needle was measured.
    NeedleOnly: |at| Some(ruler::needle_only(at)), SingleNeedle;
    /// A single needle is nearly always found at the target, and something else of RULER falls short
    /// there.
    NeedleDisagrees: ruler::needle_disagrees, AllCategories;
    /// The model's positions cannot be rescaled: they are not rotary.
    NotRotary: ruler::not_rotary, Nothing;
    /// A position fix without training could be tried, and was not.
    FixUntried: |at| Some(at.evidence.fix_untried()), Nothing;
    /// A position fix was tried and restored what was lost at the target, or a material part of the
    /// chains and counts.
    FixHelps: position_fixes::fix_helps, FixGains;
    /// A position fix was tried and restored nothing material.
    FixFails: |at| position_fixes::fix_fails(at, true), Fixes;
    /// Only the scaling of all positions was tried, and it does not help.
    ScalingFails: |at| position_fixes::fix_fails(at, false), Fixes;
    /// Only the scaling of all positions was tried, and less is found with it than without.
    ScalingHurts: position_fixes::scaling_hurts, Fixes;

    /// LongBench v2, or the user's hold-outs, are answered worse than by people.
    BelowHuman: |at| questions::as_people(at, at.facts.as_used).map(|met| !met), People;
    /// Answers are worse than people's even with a chain of thought, where LongBench v2 tells.
    BelowHumanEvenThinking: |at| questions::as_people_thinking(at).map(|met| !met),
        PeopleOrThinking;
    /// Answers are at least as good as people's, in the mode in which the model is used.
    HumanMet: |at| questions::as_people(at, at.facts.as_used), People;
    /// Answers are at least as good as people's, as the model is used or with a chain of thought.
    HumanMetOrThinking: questions::human_met_or_thinking, PeopleAndThinking;
    /// The user's own hold-outs are answered too much worse than by people to be acceptable.
    OwnFallsShort: questions::own_falls_short, People;
    /// The user's own hold-outs fall short, and no chain of thought was tried on questions that carry
    /// a verdict.
    OwnShortUntried: |at| and(
        questions::own_falls_short(at),
        Some(at.facts.cot.is_none()),
    ), Nothing;
    /// The user's own hold-outs are answered as well as by people, or indistinguishably from that.
    OwnMeets: questions::own_meets, People;
    /// The model thinks before every answer: there is no direct one.
    AlwaysThinks: |at| Some(at.evidence.always_thinks()), Nothing;
    /// Answers are as good as people's, or cannot be distinguished from theirs.
    AboutPeople: questions::about_people_where_asked, People;
    /// Answers are about as good as people's, or LongBench v2 with a chain of thought is near them.
    AboutPeopleThinking: questions::about_people_thinking, People;
    /// LongBench v2, direct or as the model is used, is near people or above.
    NearHuman: questions::near_human, UsedAndPeople;
    /// The work needs reasoning, and answers are not near people's.
    ComprehensionShort: questions::comprehension_short, UsedOrOwn;
    /// LongBench v2 is materially below what is expected.
    ComprehensionLow: |at| Some(at.facts.as_used? < questions::low(at)), Used;
    /// LongBench v2 is well below the best direct answers.
    ComprehensionFarBelow: questions::far_below_best, Used;
    /// LongBench v2 direct is at or below the best direct answers.
    DirectStalls: |at| Some(at.facts.direct? <= at.thresholds.best_direct), Direct;
    /// Questions about several documents are answered materially below what is expected.
    MultiDocLow: |at| Some(at.facts.multi_document? < questions::low(at)), MultiDocument;
    /// Questions about the longest texts are answered materially below what is expected.
    LongLow: |at| Some(at.facts.long? < questions::low(at)), LongTexts;
    /// LongBench v2 is near chance.
    NearChance: questions::near_chance, Used;
    /// LongBench v2 is below chance.
    BelowChance: questions::below_chance, Used;
    /// Thinking first closes the gap: it adds materially to direct answers, and with it answers are
    /// not materially below what is expected. A model that always thinks has to reach people.
    CotRecovers: questions::cot_recovers, Thinking;
    /// Answers are materially below what is expected, with a chain of thought and without.
    CotFails: questions::cot_fails, Thinking;
    /// A chain of thought adds at least `reasoning_gap` points, wherever answers end.
    ThinkingGap: |at| Some(questions::thought(at)? >= at.thresholds.reasoning_gap), Thinking;
    /// A chain of thought adds less than `flat` points, or was tried where nothing shows what it adds.
    ThinkingFlat: questions::thinking_flat, Thinking;
    /// A chain of thought costs right answers, beyond sampling error.
    ThinkingCosts: |at| Some(questions::thinking_gain(at)?.high < 0.0), Thinking;
    /// A chain of thought adds at least `flat` points.
    ThinkingHelps: questions::thinking_helps, Thinking;
    /// A chain of thought adds at least `flat` points, and is as far ahead of retrieved passages.
    ThinkingBeatsPassages: questions::thinking_beats_passages, Thinking;
    /// Answers with a chain of thought are near people's or better.
    CotNearHuman: questions::cot_near_human, Thinking;
    /// Answers with a chain of thought are at least as good as people's.
    CotAboveHuman: |at| Some(at.facts.cot? >= at.facts.human), Thinking;
    /// Answers with a chain of thought are worse than people's.
    CotBelowHuman: |at| Some(at.facts.cot? < at.facts.human), Thinking;
    /// Without the text about as many answers are right.
    NoContextEqualsFull: questions::no_context_equals_full, NoContext;
    /// Without the text more answers are right, beyond sampling error.
    TextHurts: questions::text_hurts, NoContext;
    /// With only the end of the text about as many answers are right.
    TailEqualsFull: |at| Some(at.facts.tail? >= at.facts.as_used? - at.thresholds.flat), TailOnly;
    /// With retrieved passages about as many answers are right as with the whole text, or more.
    RagAtLeastFull: questions::rag_at_least_full, Rag;
    /// The same, and it is worth it: more answers are right than with the whole text, or enough; for
    /// lookup, about as many.
    RagHelps: questions::rag_helps, Rag;
    /// With retrieved passages, too, answers are worse than people's.
    RagBelowHuman: |at| Some(at.facts.rag? < at.facts.human), RagAndPeople;
    /// With retrieved passages materially fewer answers are right.
    RagBelowFull: |at| Some(at.facts.rag? < at.facts.as_used? - at.thresholds.flat), Rag;

    /// Positions were rescaled, or more was done.
    ExtendedBefore: |at| adaptation::reached(at, PriorAdaptation::Extended), Nothing;
    /// Pretraining was continued.
    ContinuedBefore: |at| adaptation::reached(at, PriorAdaptation::Continued), Nothing;
    /// The adaptation improved retrieval, but not the harder tasks.
    WindowGainOnly: adaptation::window_gain_only, RetrievalBefore;
    /// The harder tasks did not gain from the adaptation.
    HardFlat: adaptation::hard_flat, HardBefore;
    /// LongBench v2 did not gain from the adaptation, or is still materially low after it.
    ComprehensionFlat: adaptation::comprehension_flat, UsedBefore;
    /// The adaptation made short texts worse, beyond sampling error.
    ShortRegressed: adaptation::short_regressed, ShortTexts;
    /// There is no corpus of long documents.
    NoCorpus: |at| adaptation::corpus(at, |one| one == TrainingCorpus::None), Nothing;
    /// There is a corpus of the work's own kind.
    DomainCorpus: |at| adaptation::corpus(at, |one| one == TrainingCorpus::Domain), Nothing;
    /// There is no corpus of the work's own kind.
    NoDomainCorpus: |at| adaptation::corpus(at, |one| one != TrainingCorpus::Domain), Nothing;
    /// The documents are unlike those of the training, and the corpus is of other kinds.
    GeneralCorpusForDomain: adaptation::general_corpus_for_domain, Nothing;
    /// The budget is too small for continued pretraining.
    BudgetSmall: adaptation::budget_small, Budget;
}

impl Condition {
    /// Whether it holds; `None` if the evidence does not say.
    pub(in crate::advise) fn holds(self, at: &ConditionContext<'_>) -> Option<bool> {
        (self.row().holds)(at)
    }

    /// The figures that it looks at.
    pub(in crate::advise) fn figures(self) -> ConditionFigures {
        self.row().figures
    }
}
