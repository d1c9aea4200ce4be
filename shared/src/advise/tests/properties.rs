//! Property tests: what holds for any evidence.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::situations::work;
use crate::advise::condition::ConditionContext;
use crate::advise::decide::decide as judge;
use crate::advise::draws::agreeing;
use crate::advise::evidence::{ErrorTolerance, LongBenchMode, PriorAdaptation, Workload};
use crate::advise::missing::MissingKind;
use crate::advise::{AdaptationStep, Advice, Evidence, Thresholds, advise};

const TOLERANCES: [ErrorTolerance; 3] = [
    ErrorTolerance::SomeMisses,
    ErrorTolerance::HumanLevel,
    ErrorTolerance::None,
];
const ADAPTATIONS: [PriorAdaptation; 3] = [
    PriorAdaptation::None,
    PriorAdaptation::Extended,
    PriorAdaptation::Continued,
];

fn few() -> Thresholds {
    Thresholds {
        draws: 60,
        ..Thresholds::default()
    }
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let percent = || (0_u32..=1_000).prop_map(|tenths| f64::from(tenths) / 10.0);
    // Below what guessing reaches, figures carry no verdict: that has tests of its own.
    let answered = || (250_u32..=1_000).prop_map(|tenths| f64::from(tenths) / 10.0);
    let categories = || prop::array::uniform4(percent());
    let choices = (
        0..5_usize,
        prop::sample::select(vec![16_u32, 64, 128, 256]),
        prop::sample::select(vec![16_u32, 128]),
        0..3_usize,
        0..3_usize,
    );
    let figures = (categories(), categories(), answered(), answered(), 0..16_u8);
    (choices, figures).prop_map(
        |((workload, target, window, tolerance, adaptation), (first, last, direct, cot, known))| {
            let mut one = work(Workload::ALL[workload], target, window);
            one.tolerance = Some(TOLERANCES[tolerance]);
            one.adaptation = Some(ADAPTATIONS[adaptation]);
            if known & 1 == 0 {
                one = one.at(4, first);
            }
            if known & 2 == 0 {
                one = one.at(target, last);
            }
            if known & 4 == 0 {
                one = one.asked(LongBenchMode::Direct, direct);
            }
            if known & 8 == 0 {
                one = one.asked(LongBenchMode::Cot, cot);
            }
            one
        },
    )
}

/// Takes one thing away.
fn without(evidence: &Evidence, which: usize) -> Evidence {
    let mut less = evidence.clone();
    let (ruler, longbench) = (less.ruler.len(), less.longbench.len());
    match which % (ruler + longbench + 3) {
        at if at < ruler => drop(less.ruler.remove(at)),
        at if at < ruler + longbench => drop(less.longbench.remove(at - ruler)),
        at if at == ruler + longbench => less.workload = None,
        at if at == ruler + longbench + 1 => less.tolerance = None,
        _ => less.adaptation = None,
    }
    less
}

/// Makes one figure worse.
fn worse(evidence: &Evidence, which: usize, by: f64) -> Option<Evidence> {
    let mut worse = evidence.clone();
    let ruler = worse.ruler.len();
    let figures = ruler + worse.longbench.len();
    match which.checked_rem(figures)? {
        at if at < ruler => worse.ruler[at].value = (worse.ruler[at].value - by).max(0.0),
        at => {
            let value = &mut worse.longbench[at - ruler].value;
            *value = (*value - by).max(25.0);
        }
    }
    Some(worse)
}

/// The same cases every time; others, and as many as one likes, with `FATHOM_PROPERTY_CASES`.
fn config() -> ProptestConfig {
    let wanted = std::env::var("FATHOM_PROPERTY_CASES").ok();
    match wanted.and_then(|cases| cases.parse().ok()) {
        Some(cases) => ProptestConfig::with_cases(cases),
        None => ProptestConfig {
            rng_seed: RngSeed::Fixed(7),
            ..ProptestConfig::with_cases(64)
        },
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn advice_is_deterministic_and_never_panics(evidence in evidence()) {
        let advice = advise(&evidence, &few());
        prop_assert_eq!(&advice, &advise(&evidence, &few()));
        prop_assert!((0.0..=1.0).contains(&advice.certainty.share));
        prop_assert!(!advice.plan.is_empty() && !advice.text().is_empty());
        // Printed floats may come back with another last digit.
        let back: Advice = serde_json::from_str(&advice.json()).unwrap();
        prop_assert_eq!((back.reasons, back.plan), (advice.reasons, advice.plan));
    }

    /// Not to know something is never surer than to be told what speaks best for the verdict, and
    /// never surer than what was measured alone. RULER's categories are asked about by what they are
    /// likely to be, not by their extremes, and are left out.
    #[test]
    fn what_is_missing_never_makes_it_surer(evidence in evidence(), which in 0..40_usize) {
        let (less, few) = (without(&evidence, which), few());
        let certainty = advise(&less, &few).certainty;
        prop_assert!(certainty.share <= certainty.measured);
        let step = judge(&ConditionContext::new(&less, &few)).step;
        let all = agreeing(&less, &few, step);
        let open = |gap: &MissingKind| gap.is_open(&less, &few);
        let gaps = MissingKind::ALL.into_iter().filter(open);
        for gap in gaps.filter(|gap| !matches!(gap, MissingKind::Ruler(_))) {
            let told = gap.options(&less, &few).into_iter();
            let best = told.map(|(_, told)| agreeing(&told, &few, step)).max();
            // Of 60 draws one standard deviation is at most 4, and what is told narrows what the rest
            // can be.
            prop_assert!(best.is_none_or(|best| all <= best + 18), "{gap:?}: {all} above {best:?}");
        }
    }

    /// A reason is a rule that now fires.
    #[test]
    fn worse_evidence_makes_nothing_cheaper_without_a_reason(evidence in evidence(), which in 0..40_usize, by in 1.0..60.0_f64) {
        let thresholds = few();
        let Some(worse) = worse(&evidence, which, by) else { return Ok(()) };
        let before = judge(&ConditionContext::new(&evidence, &thresholds));
        let after = judge(&ConditionContext::new(&worse, &thresholds));
        // Another model and training are one measure: what is there does not read.
        let comparable = |was: &AdaptationStep| *was != AdaptationStep::SwitchModel;
        if let (Some(was), Some(is)) = (before.step.filter(comparable), after.step) && is < was {
            let new = after.fired.iter().filter(|(_, rule)| rule.then.contains(&is));
            let new = new.filter(|(_, rule)| !before.fired.iter().any(|(_, old)| std::ptr::eq(*old, *rule)));
            prop_assert!(new.count() > 0, "{was:?} became {is:?} without a rule that now fires");
        }
    }

    /// A better direct answer never turns a way without training into one with it, unless thinking
    /// first no longer adds to it. After continued pretraining its gain itself is evidence.
    #[test]
    fn a_better_direct_answer_asks_for_no_training(evidence in evidence(), by in 0.1..60.0_f64) {
        let thresholds = few();
        let mut better = evidence.clone();
        for one in better.longbench.iter_mut().filter(|one| one.reading == LongBenchMode::Direct) {
            one.value = (one.value + by).min(100.0);
        }
        let adds = |at: &ConditionContext<'_>| at.facts.cot.zip(at.facts.direct).is_some_and(|(cot, direct)| cot > direct);
        let (was, is) = (ConditionContext::new(&evidence, &thresholds), ConditionContext::new(&better, &thresholds));
        if adds(&was) != adds(&is) || evidence.adaptation == Some(PriorAdaptation::Continued) {
            return Ok(());
        }
        if let (Some(was), Some(is)) = (judge(&was).step, judge(&is).step) {
            // Another model and training anew are one measure: what is there does not read.
            let fits = is <= was.max(AdaptationStep::Extend) || was == AdaptationStep::SwitchModel;
            prop_assert!(fits, "{was:?} became {is:?}");
        }
    }

    #[test]
    fn figures_that_cannot_be_do_no_harm(value in prop::num::f64::ANY) {
        let odd = work(Workload::LegalScientific, 128, 32).at(32, [value; 4]).asked(LongBenchMode::Direct, value);
        let advice = advise(&odd, &few());
        prop_assert!(!advice.plan.is_empty());
        prop_assert_eq!(odd.check().is_ok(), (0.0..=100.0).contains(&value) && !(value > 0.0 && value <= 1.0));
    }
}
