//! What the parts of an advice say, each in a sentence.

use std::fmt::Write as _;

use super::advice::WindowEnd;
use super::cost_items::CostItem;
use super::costs::{CostRange, two_digits};
use super::facts::{AccuracyCliff, mean_of};
use super::reasons::Contradiction;
use super::rules::AdaptationStep;
use crate::chart::length_name;
use crate::numbers::{self, count, tenths};
use crate::tokens::Tokens;

impl WindowEnd {
    /// In words.
    pub fn says(&self) -> String {
        let AccuracyCliff {
            after,
            at,
            from,
            to,
            tasks,
        } = self.cliff;
        let mut told = format!(
            "The window ends after {} tokens: RULER's {} falls from {from:.1} there to {to:.1} at {} ({:.0} points, 95% interval {}).",
            short(after),
            mean_of(tasks),
            short(at),
            from - to,
            numbers::span(self.lost.0, self.lost.1, |one| format!("{one:.0}"))
        );
        told.push_str(&self.doubt());
        if let Some(stated) = self.stated {
            let _infallible = write!(
                told,
                " The stated window is {} tokens, but quality drops sharply beyond {}.",
                short(stated),
                short(after)
            );
        }
        told
    }
}

impl CostItem {
    /// In words.
    pub fn says(&self) -> String {
        let money = self.money.map_or_else(String::new, |money| {
            format!(", {} at your price", span(money, two_digits))
        });
        format!(
            "{}: {} operations, {} of one {}{money}.",
            capital(&self.what),
            span(self.flops, |one| format!("{one:.2e}")),
            span(self.hours, hours),
            self.hardware
        )
    }
}

impl super::MissingEvidence {
    /// Whether no answer to it moves the verdict unless another thing is known too.
    pub(super) fn only_together(&self) -> bool {
        let first = self.outcomes.first().map(|one| one.verdict);
        self.outcomes.iter().all(|one| Some(one.verdict) == first)
    }

    /// In words: what it is and what each answer leads to.
    pub fn says(&self) -> String {
        let outcomes = self.outcomes.iter();
        let outcomes: Vec<String> = outcomes
            .map(|one| format!("{}: {}{}", one.given, named(one.verdict), one.then()))
            .collect();
        match self.only_together() {
            true => format!(
                "{}. By itself it changes nothing; together with another missing answer it can.",
                self.what
            ),
            false => format!("{}. {}.", self.what, capital(&outcomes.join("; "))),
        }
    }
}

impl super::UnsettledFigure {
    /// In words: the interval, what lies on both sides of the turn, how many samples would tell.
    pub fn says(&self) -> String {
        let samples = match self.more() {
            Some(more) => format!(
                "about {} more samples would narrow it down",
                two_digits(f64::from(more))
            ),
            None if self.limit.is_some() => format!(
                "it cannot be told: LongBench v2 has {} questions of this kind, and more would be needed",
                count(self.limit.unwrap_or_default().into())
            ),
            None => format!(
                "more than {} samples would be needed to tell",
                count(self.n.max(super::unsettled::MOST).into())
            ),
        };
        format!(
            "{} is {:.1} (95% interval {}, n = {}{}): below {:.1} the verdict is {}, above it {}; {samples}.",
            self.what,
            self.value,
            tenths(self.low, self.high),
            count(self.n.into()),
            if self.assumed {
                " assumed, as none was given"
            } else {
                ""
            },
            self.turn,
            named(self.below),
            named(self.above),
        )
    }
}

impl Contradiction {
    /// What it would do instead.
    pub fn would(&self) -> String {
        let instead: Vec<&str> = self.instead.iter().map(|step| step.name()).collect();
        match instead.is_empty() {
            true => String::new(),
            false => format!(" It would: {}.", instead.join(", or ")),
        }
    }
}

pub(super) fn short(tokens: Tokens) -> String {
    length_name(tokens.0.into())
}

pub(super) fn span(range: CostRange, told: impl Fn(f64) -> String) -> String {
    numbers::span(range.low, range.high, told)
}

/// Of so many in 100, in words that are not surer than the figure.
pub(super) fn hundreds(share: f64) -> String {
    match share {
        share if share >= 0.995 => "in more than 99 of 100 draws".to_owned(),
        share if share < 0.005 => "in fewer than 1 of 100 draws".to_owned(),
        share => format!("in {:.0} of 100 draws", share * 100.0),
    }
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

pub(super) fn hours(hours: f64) -> String {
    match hours {
        hours if hours < 1.0 => format!("{:.0} min", (hours * 60.0).ceil()),
        hours if hours < 100.0 => format!("{hours:.1} h"),
        hours => format!("{} h", two_digits(hours)),
    }
}

/// A verdict's name; of none, that.
pub(super) fn named(step: Option<AdaptationStep>) -> &'static str {
    step.map_or("not decided", AdaptationStep::name)
}
