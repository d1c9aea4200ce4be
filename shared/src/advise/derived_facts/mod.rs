//! What the rules look at, derived from the evidence once.

mod cliff; // detects where the usable window ends
mod ruler_at_length; // RULER by category at one length

use super::benchmarks::{MULTI_DOCUMENT, ruler_tasks};
use super::evidence::{
    Evidence, LongBenchMode, PositionFixFigure, PriorAdaptation, ReasoningDepth,
};
use super::sentences::short;
use super::thresholds::Thresholds;
use crate::longbench::LengthClass;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

pub use cliff::AccuracyCliff;
pub(super) use ruler_at_length::RulerAtLength;

/// The facts that rules test.
#[derive(Clone, Debug)]
pub(super) struct EvidenceFacts {
    pub depth: Option<ReasoningDepth>,
    pub target: Option<Tokens>,
    /// The window that may be relied on: as stated, or where RULER shows that it ends; after an
    /// extension that brought retrieval, the target.
    pub window: Option<Tokens>,
    /// The stated window: the trained one, else the claimed one.
    pub stated: Option<Tokens>,
    pub cliff: Option<AccuracyCliff>,
    /// Every length measured, shortest first.
    pub ruler: Vec<RulerAtLength>,
    /// RULER at the target today: measured there, or at a shorter length that already falls short.
    pub at_target: Option<RulerAtLength>,
    /// The same with a position fix that was tried, in each figure that the fix improves.
    pub fixed: Option<RulerAtLength>,
    /// People on LongBench v2.
    pub human: f64,
    /// The own hold-outs, and people on the same questions.
    pub own: Option<(f64, f64)>,
    pub direct: Option<f64>,
    pub cot: Option<f64>,
    /// With a chain of thought as given, also if that carries no verdict.
    pub cot_told: Option<f64>,
    pub no_context: Option<f64>,
    pub tail: Option<f64>,
    pub rag: Option<f64>,
    pub multi_document: Option<f64>,
    pub long: Option<f64>,
    /// As the model would be used today: direct, or with a chain of thought if it always thinks.
    pub as_used: Option<f64>,
    /// The same, also if answers are as good without the text.
    pub as_told: Option<f64>,
}

impl EvidenceFacts {
    pub(super) fn of(evidence: &Evidence, thresholds: &Thresholds) -> Self {
        let ruler = by_length(evidence);
        let target = evidence.target();
        let longbench = |reading, domain, length| evidence.longbench_at(reading, domain, length);
        let no_context = longbench(LongBenchMode::NoContext, None, None);
        // Answers that are as good without the text show memory or guessing: no verdict rests on them.
        let read = |value: Option<f64>| {
            let known =
                |value: &f64| no_context.is_none_or(|without| *value > without + thresholds.flat);
            // Nor on answers below chance: something else went wrong.
            let low = thresholds.chance - thresholds.flat;
            value.filter(known).filter(|value| *value >= low)
        };
        let told = longbench(LongBenchMode::Direct, None, None);
        let direct = read(told);
        let thought = longbench(LongBenchMode::Cot, None, None);
        // If direct answers come from memory, thinking first does not show that the text was read.
        let by_heart = told.zip(no_context);
        let by_heart = by_heart.is_some_and(|(told, without)| told <= without + thresholds.flat);
        let cot = read(thought).filter(|_| !by_heart);
        let of_domain = longbench(LongBenchMode::Direct, Some(MULTI_DOCUMENT), None);
        let at_target = target.and_then(|target| at_target(&ruler, target, thresholds));
        let fixed = at_target.map(|at| fixed(at, &evidence.position_fix));
        let cliff = cliff::cliff(&ruler, thresholds);
        let stated = evidence.window();
        Self {
            depth: evidence.depth.or(evidence.workload.map(|one| one.depth())),
            window: real_window(evidence, &ruler, at_target.as_ref(), cliff, thresholds),
            target,
            stated,
            cliff,
            at_target,
            fixed,
            ruler,
            human: {
                // With own hold-outs, the figure is for those and not for LongBench v2.
                let told = evidence.human.filter(|_| evidence.production.is_none());
                let people = evidence.drawn_people.unwrap_or(thresholds.human);
                told.map_or(people, |one| one.value)
            },
            own: evidence
                .own_and_people()
                .map(|(own, people)| (own.value, people.value)),
            direct,
            cot,
            cot_told: thought,
            no_context,
            tail: longbench(LongBenchMode::TailOnly, None, None),
            rag: longbench(LongBenchMode::Rag, None, None),
            multi_document: read(of_domain.or(told)),
            // Part of the same questions as the whole, and void with it.
            long: longbench(LongBenchMode::Direct, None, Some(LengthClass::Long))
                .filter(|_| told.is_none() || direct.is_some()),
            as_used: direct.or(cot),
            as_told: told.or(thought),
        }
    }

    /// The longest length inside the window.
    pub(super) fn inside(&self) -> Option<&RulerAtLength> {
        let window = self.window?;
        let mut inside = self.ruler.iter().rev();
        inside.find(|at| near(at.length, window) || at.length <= window)
    }

    /// Where RULER's figures for the target were measured, in words: at the target, or at a shorter
    /// length that already falls short if nothing was measured at the target or beyond.
    pub(super) fn where_measured(&self) -> String {
        let longest = self.ruler.last().map(|at| at.length);
        let shorter = self.at_target.filter(|_| self.is_shorter(longest));
        self.where_is(shorter.map(|at| at.length))
    }

    /// A length in words, if it is shorter than the target.
    pub(super) fn where_is(&self, length: Option<Tokens>) -> String {
        match length.filter(|one| self.is_shorter(Some(*one))) {
            Some(length) => format!("at {} already", short(length)),
            None => "at the target".to_owned(),
        }
    }

    fn is_shorter(&self, length: Option<Tokens>) -> bool {
        let both = length.zip(self.target);
        both.is_some_and(|(length, target)| length < target && !near(length, target))
    }

    /// The shortest length measured.
    pub(super) fn shortest(&self) -> Option<&RulerAtLength> {
        self.ruler.first()
    }

    /// The shortest length below the target, which the target is compared with.
    pub(super) fn shorter(&self) -> Option<&RulerAtLength> {
        let target = self.at_target.as_ref()?;
        let mut shorter = self.ruler.iter();
        shorter.find(|at| at.length < target.length && !near(at.length, target.length))
    }

    /// The lengths that were not measured and would show where the loss begins: 4K if none shorter than
    /// the target is known; else those between the last length that is good and the first that is not,
    /// if these lie further apart than a doubling. Empty if nothing is lost.
    pub(super) fn between(&self, thresholds: &Thresholds) -> Vec<Tokens> {
        let Some(target) = self.at_target.filter(|at| self.falls(at, thresholds)) else {
            return Vec::new();
        };
        let shorter =
            |at: &&RulerAtLength| at.length < target.length && !near(at.length, target.length);
        let mut shorter: Vec<&RulerAtLength> = self.ruler.iter().filter(shorter).collect();
        if shorter.is_empty() {
            let short = Tokens(4_096);
            return match target.length.0 > 2 * short.0 {
                true => vec![short],
                false => Vec::new(),
            };
        }
        let holds = |at: &&&RulerAtLength| !self.falls(at, thresholds);
        let Some(last) = shorter.iter().rev().find(holds).map(|at| at.length) else {
            return Vec::new();
        };
        shorter.retain(|at| at.length > last);
        let first = shorter.first().map_or(target.length, |at| at.length);
        let mut lengths = Vec::new();
        let mut next = last.0.saturating_mul(2);
        while f64::from(next) < f64::from(first.0) * 0.9 {
            lengths.push(Tokens(next));
            next = next.saturating_mul(2);
        }
        // The lengths next to the loss show most.
        let far = lengths.len().saturating_sub(4);
        lengths.split_off(far)
    }

    /// Whether something of RULER falls short at a length, or is materially worse there than at the
    /// shortest.
    pub(super) fn falls(&self, at: &RulerAtLength, thresholds: &Thresholds) -> bool {
        let lost = self.shortest().is_some_and(|first| {
            let pairs = first.categories.into_iter().zip(at.categories);
            let mut pairs = pairs.chain([(first.overall, at.overall)]);
            pairs.any(|pair| matches!(pair, (Some(a), Some(b)) if a - b >= thresholds.drop))
        });
        let low = at.any_below_good(thresholds)
            || at.overall.is_some_and(|mean| mean < thresholds.acceptable);
        low || lost
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

/// Whether LongBench v2's answers of one kind carry no verdict: about as many are right without the
/// text, or fewer than by guessing. For the answers without the text: whether others carry no verdict
/// because of them.
pub(super) fn void(evidence: &Evidence, thresholds: &Thresholds, reading: LongBenchMode) -> bool {
    let at = |reading| evidence.longbench_at(reading, None, None);
    let without = at(LongBenchMode::NoContext);
    let memory = |value: f64| without.is_some_and(|without| value <= without + thresholds.flat);
    let void = |value: f64| memory(value) || value < thresholds.chance - thresholds.flat;
    match reading {
        LongBenchMode::Direct => at(reading).is_some_and(void),
        LongBenchMode::Cot => at(reading)
            .is_some_and(|thought| void(thought) || at(LongBenchMode::Direct).is_some_and(memory)),
        LongBenchMode::NoContext => at(LongBenchMode::Direct)
            .or(at(LongBenchMode::Cot))
            .is_some_and(void),
        LongBenchMode::TailOnly | LongBenchMode::Rag => false,
    }
}

/// Target over window, at least 1.
pub(super) fn factor(facts: &EvidenceFacts) -> f64 {
    let target = facts.target.map_or(1.0, |target| f64::from(target.0));
    let window = facts.window.map_or(target, |window| f64::from(window.0));
    (target / window.max(1.0)).max(1.0)
}

/// Whether two lengths are within 10% of each other: 128,000 and 131,072 are one window.
pub(super) fn near(length: Tokens, target: Tokens) -> bool {
    let ratio = f64::from(length.0) / f64::from(target.0.max(1));
    (0.9..=1.1).contains(&ratio)
}

/// The usable window: up to a cliff, if there is one; else the stated one, or a longer length at which
/// nothing that was measured falls short; the target, if an extension restored retrieval there (the
/// article: what is still lost then is not a matter of the window). Not known after an extension whose
/// figures at the target do not show whether it restored retrieval.
fn real_window(
    evidence: &Evidence,
    ruler: &[RulerAtLength],
    at_target: Option<&RulerAtLength>,
    cliff: Option<AccuracyCliff>,
    thresholds: &Thresholds,
) -> Option<Tokens> {
    let extended = evidence
        .adaptation
        .is_some_and(|one| one >= PriorAdaptation::Extended);
    let target = evidence.target();
    let there =
        |at: &&RulerAtLength| target.is_some_and(|one| near(at.length, one) || at.length > one);
    if let Some(at) = at_target.filter(there).filter(|_| extended) {
        let mean = at.overall.is_some_and(|mean| mean >= thresholds.acceptable);
        let needle = at.of(RulerCategory::SingleNeedle);
        let needle = needle.is_some_and(|value| value >= thresholds.needle_strong);
        match at.retrieval_fails(thresholds.acceptable) {
            Some(true) => {}
            Some(false) => return evidence.window().max(target),
            None if mean || needle => return evidence.window().max(target),
            None => return None,
        }
    }
    let read = ruler.iter().rev().find(|one| reads(one, thresholds));
    let read = read.map(|one| one.length);
    match (cliff, evidence.window()) {
        (Some(cliff), _) => Some(cliff.after),
        (None, Some(stated)) => Some(read.map_or(stated, |read| read.max(stated))),
        (None, None) => read.filter(|read| Some(*read) >= target),
    }
}

/// Whether a length is read well: both kinds of needles, or the mean, are good enough there, and
/// nothing that was measured falls short.
fn reads(one: &RulerAtLength, thresholds: &Thresholds) -> bool {
    let limit = thresholds.acceptable;
    let mean = one.overall.map(|mean| mean >= limit);
    let needles = one.retrieval_fails(limit).map(|fails| !fails);
    let holds = mean == Some(true) || needles == Some(true);
    holds && mean != Some(false) && needles != Some(false) && one.hard_fails(limit) != Some(true)
}

/// Figures, each the better one of without and with a position fix.
fn fixed(mut at: RulerAtLength, fixes: &[PositionFixFigure]) -> RulerAtLength {
    let here = fixes.iter().filter(|fix| near(fix.length, at.length));
    for fix in here.cloned().collect::<Vec<_>>() {
        let better =
            |old: &mut Option<f64>| *old = Some(old.map_or(fix.value, |old| old.max(fix.value)));
        match fix.category {
            Some(category) => {
                if let Some(place) = RulerCategory::ALL.iter().position(|one| *one == category) {
                    better(&mut at.categories[place]);
                }
            }
            None => better(&mut at.overall),
        }
    }
    let told = fixes.iter().any(|fix| fix.category.is_none());
    // Question answering that was not measured with the fix says nothing about it.
    let again = |category| fixes.iter().any(|fix| fix.category == Some(category));
    if RulerCategory::ALL[..4].iter().all(|one| again(*one))
        && !again(RulerCategory::QuestionAnswering)
    {
        at.categories[4] = None;
    }
    let whole = ruler_at_length::overall(&at.categories);
    if let Some((whole, tasks)) = whole.filter(|_| !told)
        && at.overall.is_none_or(|old| whole > old)
    {
        (at.overall, at.tasks) = (Some(whole), tasks);
    }
    at
}

fn by_length(evidence: &Evidence) -> Vec<RulerAtLength> {
    let mut lengths: Vec<Tokens> = evidence.ruler.iter().map(|one| one.length).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let at = |length| {
        let value = |category: Option<RulerCategory>| {
            let mut found = evidence.ruler.iter();
            let found = found.find(|one| one.length == length && one.category == category);
            found.map(|one| one.value)
        };
        let categories = RulerCategory::ALL.map(|category| value(Some(category)));
        let whole = ruler_at_length::overall(&categories);
        RulerAtLength {
            length,
            categories,
            overall: value(None).or(whole.map(|one| one.0)),
            tasks: match (value(None), whole) {
                (None, Some((_, tasks))) => tasks.saturating_sub(lacking(evidence, length, false)),
                _ => ruler_tasks().saturating_sub(lacking(evidence, length, true)),
            },
        }
    };
    lengths.into_iter().map(at).collect()
}

/// The number of tasks that belong to the mean, or to the categories, at a length but were not measured
/// there.
fn lacking(evidence: &Evidence, length: Tokens, mean: bool) -> u32 {
    let here = evidence.ruler.iter();
    let here = here.filter(|one| one.length == length && one.category.is_none() == mean);
    here.map(super::evidence::RulerFigure::lacking).sum()
}

/// What is known at the target, field by field: measured there; or at a longer length and good; or at a
/// shorter length and already bad, as a longer text is no easier.
fn at_target(
    ruler: &[RulerAtLength],
    target: Tokens,
    thresholds: &Thresholds,
) -> Option<RulerAtLength> {
    let mut lengths = Vec::new();
    let mut field = |limit: f64, of: &dyn Fn(&RulerAtLength) -> Option<f64>| {
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
    for (place, category) in RulerCategory::ALL.into_iter().enumerate() {
        categories[place] = field(thresholds.good(category), &|at| at.categories[place]);
    }
    let length = lengths.first().copied()?;
    // The mean's length comes first, if there is a mean.
    let of = ruler.iter().find(|at| at.length == length);
    let tasks = of
        .filter(|_| overall.is_some())
        .map_or_else(ruler_tasks, |at| at.tasks);
    Some(RulerAtLength {
        length,
        categories,
        overall,
        tasks,
    })
}
