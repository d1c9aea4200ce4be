//! Numbers with n and interval.

use serde::{Deserialize, Serialize};

use super::{LongBenchMode, PositionFixMethod};
use crate::advise::benchmarks::{questions_of, tasks_in};
use crate::longbench::LengthClass;
use crate::results::length_text;
use crate::stats::wilson::wilson;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// A struct with the fields of a share beside its own: in a file they stand in one table, and serde
/// does not refuse unknown fields of one that is flattened into another.
macro_rules! share {
    ($(#[$of:meta])* pub struct $name:ident { $($(#[$about:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$of])*
        #[derive(Clone, PartialEq, Debug, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$about])* pub $field: $type,)*
            /// Percent.
            pub value: f64,
            /// Samples behind it.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub n: Option<u32>,
            /// Lower end of a 95% interval, percent.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub low: Option<f64>,
            /// Upper end.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub high: Option<f64>,
        }

        impl $name {
            /// The share alone.
            pub fn share(&self) -> PercentFigure {
                let Self { value, n, low, high, .. } = *self;
                PercentFigure { value, n, low, high }
            }
        }
    };
}

share! {
    /// A share in percent.
    #[derive(Copy)]
    pub struct PercentFigure {}
}

share! {
    /// A mean of RULER.
    pub struct RulerFigure {
        /// The category; the mean of all thirteen tasks where left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub category: Option<RulerCategory>,
        /// Prompt and answer together.
        pub length: Tokens,
        /// The number of tasks that it is a mean of, if not all were measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub tasks: Option<u32>,
    }
}

share! {
    /// A share of right answers of LongBench v2.
    pub struct LongBenchFigure {
        /// How it was asked.
        pub reading: LongBenchMode,
        /// The domain by the dataset's name; all of them where left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub domain: Option<String>,
        /// The class of text length; all of them where left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub length: Option<LengthClass>,
    }
}

share! {
    /// A mean of RULER with positions changed and nothing trained.
    pub struct PositionFixFigure {
        /// What was changed.
        pub method: PositionFixMethod,
        /// The category; the mean of all thirteen tasks where left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub category: Option<RulerCategory>,
        /// Prompt and answer together.
        pub length: Tokens,
    }
}

share! {
    /// How often something was found at one depth of the text.
    #[derive(Deserialize)]
    pub struct DepthFigure {
        /// Percent of the text before it: 0 is the beginning, 100 the end.
        pub depth: f64,
        /// Prompt and answer together.
        #[serde(deserialize_with = "super::written_numbers::tokens")]
        pub length: Tokens,
    }
}

/// What thinking first adds on the same questions, sample by sample.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ThinkingGain {
    /// Points: with a chain of thought less direct.
    pub value: f64,
    /// Pairs behind it.
    pub n: u32,
    /// Lower end of a 95% interval, points.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl PercentFigure {
    /// A figure of `n` samples.
    pub fn new(value: f64, n: u32) -> Self {
        Self {
            value,
            n: Some(n),
            low: None,
            high: None,
        }
    }

    /// A figure without an error.
    pub(in crate::advise) fn exact(value: f64) -> Self {
        Self {
            value,
            n: None,
            low: Some(value),
            high: Some(value),
        }
    }

    /// The 95% interval, percent: as given, else Wilson's for `n`; `None` if neither is known.
    pub fn ends(&self) -> Option<(f64, f64)> {
        let known = self.n.is_some() || self.low.and(self.high).is_some();
        known.then(|| self.interval(1))
    }

    /// The same, else Wilson's for `assumed` samples; it always includes the value.
    pub(in crate::advise) fn interval(&self, assumed: u32) -> (f64, f64) {
        let value = self.value;
        if let (Some(low), Some(high)) = (self.low, self.high) {
            return (low.min(value), high.max(value));
        }
        let n = self.n.unwrap_or(assumed).max(1);
        let hits = (value.clamp(0.0, 100.0) / 100.0 * f64::from(n)).round();
        let wilson = wilson(hits as u32, n);
        let ends = wilson.map(|ends| (ends.low * 100.0, ends.high * 100.0));
        let (low, high) = ends.unwrap_or((value, value));
        (low.min(value), high.max(value))
    }
}

impl RulerFigure {
    /// The share alone.
    pub fn figure(&self) -> PercentFigure {
        self.share()
    }

    /// A figure of a category, or of all tasks, at a length.
    pub fn of(category: Option<RulerCategory>, length: Tokens, figure: PercentFigure) -> Self {
        let PercentFigure {
            value,
            n,
            low,
            high,
        } = figure;
        Self {
            category,
            length,
            tasks: None,
            value,
            n,
            low,
            high,
        }
    }

    /// What was measured: `RULER multi-hop at 128K`, `RULER single needle (1 of 3 tasks) at 4K`.
    pub fn what(&self) -> String {
        format!("RULER {} at {}", self.part(), length_text(self.length))
    }

    /// Its category, or the mean, with the number of its tasks if not all were measured.
    pub(in crate::advise) fn part(&self) -> String {
        let part = self.category.map_or("mean", RulerCategory::name);
        match self.lacking() {
            0 => part.to_owned(),
            _ => format!(
                "{part} ({} of {} tasks)",
                self.tasks.unwrap_or_default(),
                self.whole()
            ),
        }
    }

    /// The number of its tasks that were not measured.
    pub(in crate::advise) fn lacking(&self) -> u32 {
        self.tasks
            .map_or(0, |tasks| self.whole().saturating_sub(tasks))
    }

    fn whole(&self) -> u32 {
        tasks_in(self.category)
    }
}

impl PositionFixFigure {
    /// The share alone.
    pub fn figure(&self) -> PercentFigure {
        self.share()
    }

    /// A figure of a category, or of all tasks, at a length with a position fix.
    pub fn of(
        method: PositionFixMethod,
        category: Option<RulerCategory>,
        length: Tokens,
        figure: PercentFigure,
    ) -> Self {
        let PercentFigure {
            value,
            n,
            low,
            high,
        } = figure;
        Self {
            method,
            category,
            length,
            value,
            n,
            low,
            high,
        }
    }

    /// What was measured: `RULER multi-hop at 128K with STRING`.
    pub fn what(&self) -> String {
        let part = self.category.map_or("mean", RulerCategory::name);
        format!(
            "RULER {part} at {} with {}",
            length_text(self.length),
            self.method.name()
        )
    }
}

impl DepthFigure {
    /// The share alone.
    pub fn figure(&self) -> PercentFigure {
        self.share()
    }

    /// What was measured: `found at depth 50% of 32K`.
    pub fn what(&self) -> String {
        format!(
            "found at depth {:.0}% of {}",
            self.depth,
            length_text(self.length)
        )
    }
}

impl LongBenchFigure {
    /// A figure of all questions, or of some.
    pub fn of(
        reading: LongBenchMode,
        (domain, length): (Option<String>, Option<LengthClass>),
        figure: PercentFigure,
    ) -> Self {
        let PercentFigure {
            value,
            n,
            low,
            high,
        } = figure;
        Self {
            reading,
            domain,
            length,
            value,
            n,
            low,
            high,
        }
    }

    /// The number of questions that the benchmark has of its part.
    pub fn questions(&self) -> u32 {
        questions_of(self.domain.as_deref(), self.length)
    }

    /// The share alone; of all questions of its part if it gives no number.
    pub fn figure(&self) -> PercentFigure {
        let share = self.share();
        let told = share.n.is_some() || share.low.and(share.high).is_some();
        PercentFigure {
            n: share.n.or_else(|| (!told).then(|| self.questions())),
            ..share
        }
    }

    /// What was measured: `LongBench v2 direct, all questions`.
    pub fn what(&self) -> String {
        let part = match (&self.domain, self.length) {
            (Some(domain), _) => domain,
            (None, Some(LengthClass::Long)) => "long texts",
            (None, Some(LengthClass::Medium)) => "medium texts",
            (None, Some(LengthClass::Short)) => "short texts",
            (None, None) => "all questions",
        };
        format!("LongBench v2 {}, {part}", self.reading.name())
    }
}
