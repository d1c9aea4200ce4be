//! The figures that a condition looks at.

/// Which figures of the evidence a condition looks at. They are shown with the reason that the
/// condition belongs to: in words, and each with n, interval and source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::advise) enum ConditionFigures {
    /// None: it is a choice of the user's, or a fact without a figure.
    Nothing,
    /// Target and window.
    Windows,
    /// RULER before and after the cliff.
    Cliff,
    /// RULER at the longest length inside the window.
    Inside,
    /// RULER's mean at the target.
    Mean,
    /// Both kinds of needles at the target; the mean if neither is known.
    Needles,
    /// Both kinds of needles at the target, with what they lost.
    NeedlesByLength,
    /// The single needle at the target.
    SingleNeedle,
    /// The single needle and multi-hop tracing at the target.
    NeedleAndHop,
    /// Multi-hop tracing at the target.
    MultiHop,
    /// Aggregation at the target.
    Aggregation,
    /// Both harder categories at the target.
    Hard,
    /// Both, with what single retrievals alone would imply for a chain.
    HardAndChain,
    /// Both, today and before an adaptation.
    HardBefore,
    /// Both and the single needle, today and before an adaptation.
    RetrievalBefore,
    /// Every category at the target, and the mean.
    AllCategories,
    /// What is lost with length, or below what good models reach.
    Losses,
    /// What is lost already at the shortest length.
    LostAtShort,
    /// What is as low at the shortest length as at the target.
    LowAlike,
    /// RULER at the shortest length.
    Shortest,
    /// RULER's mean at every length.
    Curve,
    /// What was found at each depth.
    Depths,
    /// The position fixes that gained something material.
    FixGains,
    /// Every position fix that was tried.
    Fixes,
    /// Answers as the model is used, or the user's own hold-outs, and people's.
    People,
    /// The same, and answers with a chain of thought.
    PeopleAndThinking,
    /// The same in words; with n and interval, answers direct and with a chain of thought.
    PeopleOrThinking,
    /// LongBench v2 as the model is used, and people's.
    UsedAndPeople,
    /// The same; own hold-outs if LongBench v2 carries no verdict.
    UsedOrOwn,
    /// LongBench v2 as the model is used.
    Used,
    /// The same, today and before an adaptation.
    UsedBefore,
    /// LongBench v2 direct, and the best direct answers.
    Direct,
    /// LongBench v2 on questions about several documents.
    MultiDocument,
    /// LongBench v2 on its long texts.
    LongTexts,
    /// LongBench v2 direct and with a chain of thought.
    Thinking,
    /// LongBench v2 with the text and without it.
    NoContext,
    /// LongBench v2 with the whole text and with its end alone.
    TailOnly,
    /// LongBench v2 with the whole text and with retrieved passages.
    Rag,
    /// The same, and people's.
    RagAndPeople,
    /// Short texts before and after an adaptation.
    ShortTexts,
    /// The budget.
    Budget,
}
