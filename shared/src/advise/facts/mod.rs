//! What the rules look at, read off the evidence once.

mod category; // RULER at one length
mod window; //   where the window really ends

use super::Thresholds;
use super::evidence::{Adaptation, Depth, Evidence, FixFigure, Reading};
use crate::longbench::LengthClass;
use crate::task::Category;
use crate::tokens::Tokens;

pub(super) use category::{At, TASKS, whole};
pub use window::Cliff;

/// The domain of LongBench v2 that asks about several documents.
pub(super) const MULTI_DOCUMENT: &str = "Multi-Document QA";

/// The evidence in the words of the rules.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub depth: Option<Depth>,
    pub target: Option<Tokens>,
    /// The window that may be relied on: as stated, or where RULER shows that it ends; after an
    /// extension that brought retrieval, the target.
    pub window: Option<Tokens>,
    /// As it is stated: the trained one, else the claimed one.
    pub stated: Option<Tokens>,
    pub cliff: Option<Cliff>,
    /// Every length measured, shortest first.
    pub ruler: Vec<At>,
    /// At the target: measured there, or, where a shorter length already falls short, that one. A
    /// position fix that was tried counts where it is better.
    pub at_target: Option<At>,
    /// The same without the fix.
    pub unfixed: Option<At>,
    pub human: f64,
    pub direct: Option<f64>,
    pub cot: Option<f64>,
    pub no_context: Option<f64>,
    pub tail: Option<f64>,
    pub rag: Option<f64>,
    pub multi_document: Option<f64>,
    pub long: Option<f64>,
    /// As it would be used today: direct, or with thought where the model always thinks.
    pub as_used: Option<f64>,
    /// The same, also where answers are as good without the text.
    pub as_told: Option<f64>,
}

impl Facts {
    pub(super) fn of(evidence: &Evidence, thresholds: &Thresholds) -> Self {
        let ruler = by_length(evidence);
        let target = evidence.target();
        let longbench = |reading, domain, length| evidence.longbench_at(reading, domain, length);
        let no_context = longbench(Reading::NoContext, None, None);
        // What is known as well without the text shows memory or guessing: no verdict rests on it.
        let read = |value: Option<f64>| {
            let known =
                |value: &f64| no_context.is_none_or(|without| *value > without + thresholds.flat);
            // So is what lies below chance: something else went wrong.
            let low = thresholds.chance - thresholds.flat;
            value.filter(known).filter(|value| *value >= low)
        };
        let told = longbench(Reading::Direct, None, None);
        let direct = read(told);
        let thought = longbench(Reading::Cot, None, None);
        let cot = read(thought);
        let of_domain = longbench(Reading::Direct, Some(MULTI_DOCUMENT), None);
        let unfixed = target.and_then(|target| at_target(&ruler, target, thresholds));
        let at_target = unfixed.map(|at| fixed(at, &evidence.position_fix));
        let cliff = window::cliff(&ruler, thresholds);
        let stated = evidence.window();
        Self {
            depth: evidence.depth.or(evidence.workload.map(|one| one.depth())),
            window: real_window(evidence, at_target.as_ref(), cliff, thresholds),
            target,
            stated,
            cliff,
            at_target,
            unfixed,
            ruler,
            human: evidence.human.map_or(thresholds.human, |one| one.value),
            direct,
            cot,
            no_context,
            tail: longbench(Reading::TailOnly, None, None),
            rag: longbench(Reading::Rag, None, None),
            multi_document: read(of_domain.or(told)),
            long: longbench(Reading::Direct, None, Some(LengthClass::Long)),
            as_used: direct.or(cot),
            as_told: told.or(thought),
        }
    }

    /// The longest length inside the window.
    pub(super) fn inside(&self) -> Option<&At> {
        let window = self.window?;
        let mut inside = self.ruler.iter().rev();
        inside.find(|at| near(at.length, window) || at.length <= window)
    }

    /// The shortest length measured.
    pub(super) fn shortest(&self) -> Option<&At> {
        self.ruler.first()
    }

    /// The longest length whose mean reaches the threshold.
    pub(super) fn holds_to(&self, acceptable: f64) -> Option<Tokens> {
        let passed = self.ruler.iter().filter(|at| {
            let fails = at.hard_fails(acceptable) == Some(true);
            !fails && at.overall.is_some_and(|overall| overall >= acceptable)
        });
        passed.map(|at| at.length).max()
    }
}

/// Target over window, at least 1.
pub(super) fn factor(facts: &Facts) -> f64 {
    let target = facts.target.map_or(1.0, |target| f64::from(target.0));
    let window = facts.window.map_or(target, |window| f64::from(window.0));
    (target / window.max(1.0)).max(1.0)
}

/// 128,000 and 131,072 are one window.
pub(super) fn near(length: Tokens, target: Tokens) -> bool {
    let ratio = f64::from(length.0) / f64::from(target.0.max(1));
    (0.9..=1.1).contains(&ratio)
}

/// The stated window, cut where a cliff shows its end; the target where an extension brought
/// retrieval there (the article: retrieval restored, and what is lost then is not window).
fn real_window(
    evidence: &Evidence,
    at_target: Option<&At>,
    cliff: Option<Cliff>,
    thresholds: &Thresholds,
) -> Option<Tokens> {
    let extended = evidence
        .adaptation
        .is_some_and(|one| one >= Adaptation::Extended);
    let target = evidence.target();
    let restored = at_target.is_some_and(|at| {
        let there = target.is_some_and(|target| near(at.length, target) || at.length > target);
        let holds = at.retrieval_fails(thresholds.acceptable) == Some(false)
            || at.overall.is_some_and(|mean| mean >= thresholds.acceptable);
        there && holds
    });
    if extended && restored {
        return evidence.window().max(target);
    }
    let stated = evidence.window();
    match cliff {
        Some(cliff) => Some(stated.map_or(cliff.after, |stated| stated.min(cliff.after))),
        None => stated,
    }
}

/// The target's figures, each the better one of without and with a position fix.
fn fixed(mut at: At, fixes: &[FixFigure]) -> At {
    let here = fixes.iter().filter(|fix| near(fix.length, at.length));
    for fix in here.cloned().collect::<Vec<_>>() {
        let better =
            |old: &mut Option<f64>| *old = Some(old.map_or(fix.value, |old| old.max(fix.value)));
        match fix.category {
            Some(category) => {
                if let Some(place) = Category::ALL.iter().position(|one| *one == category) {
                    better(&mut at.categories[place]);
                }
            }
            None => better(&mut at.overall),
        }
    }
    let told = fixes.iter().any(|fix| fix.category.is_none());
    // Answers about documents that were not asked again with the fix say nothing of it.
    let again = |category| fixes.iter().any(|fix| fix.category == Some(category));
    if Category::ALL[..4].iter().all(|one| again(*one)) && !again(Category::QuestionAnswering) {
        at.categories[4] = None;
    }
    let whole = category::overall(&at.categories);
    if let Some(whole) = whole.filter(|_| !told) {
        at.overall = Some(at.overall.map_or(whole, |old| old.max(whole)));
    }
    at
}

fn by_length(evidence: &Evidence) -> Vec<At> {
    let mut lengths: Vec<Tokens> = evidence.ruler.iter().map(|one| one.length).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let at = |length| {
        let value = |category: Option<Category>| {
            let mut found = evidence.ruler.iter();
            let found = found.find(|one| one.length == length && one.category == category);
            found.map(|one| one.value)
        };
        let categories = Category::ALL.map(|category| value(Some(category)));
        At {
            length,
            categories,
            overall: value(None).or_else(|| category::overall(&categories)),
        }
    };
    lengths.into_iter().map(at).collect()
}

/// What is known at the target, field by field: measured there; measured longer and good; measured
/// shorter and already bad, a longer text being no easier.
fn at_target(ruler: &[At], target: Tokens, thresholds: &Thresholds) -> Option<At> {
    let mut lengths = Vec::new();
    let mut field = |limit: f64, of: &dyn Fn(&At) -> Option<f64>| {
        let exact = ruler.iter().filter(|at| near(at.length, target));
        let longer = ruler.iter().filter(|at| at.length > target);
        let longer = longer.filter(|at| of(at).is_some_and(|value| value >= limit));
        let shorter = ruler.iter().rev().filter(|at| at.length < target);
        let shorter = shorter.filter(|at| of(at).is_some_and(|value| value < limit));
        let mut found = exact
            .filter(|at| of(at).is_some())
            .chain(longer)
            .chain(shorter);
        let found = found.next()?;
        lengths.push(found.length);
        of(found)
    };
    let overall = field(thresholds.acceptable, &|at| at.overall);
    let mut categories = [None; 5];
    for (place, category) in Category::ALL.into_iter().enumerate() {
        categories[place] = field(thresholds.good(category), &|at| at.categories[place]);
    }
    let length = lengths.first().copied()?;
    Some(At {
        length,
        categories,
        overall,
    })
}
