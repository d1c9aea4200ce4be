//! What holds for any evidence.

use proptest::prelude::*;

use super::situations::work;
use crate::advise::advice::judge;
use crate::advise::condition::Context;
use crate::advise::evidence::{Adaptation, Reading, Tolerance, Workload};
use crate::advise::{Advice, Evidence, Thresholds, advise};

fn few() -> Thresholds {
    Thresholds {
        draws: 60,
        ..Thresholds::default()
    }
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let percent = || (0_u32..=1_000).prop_map(|tenths| f64::from(tenths) / 10.0);
    let categories = || prop::array::uniform4(percent());
    let choices = (
        0..5_usize,
        prop::sample::select(vec![16_u32, 64, 128, 256]),
        prop::sample::select(vec![16_u32, 128]),
        0..3_usize,
        0..3_usize,
    );
    let figures = (categories(), categories(), percent(), percent(), 0..16_u8);
    (choices, figures).prop_map(
        |((workload, target, window, tolerance, adaptation), (first, last, direct, cot, known))| {
            let mut one = work(Workload::ALL[workload], target, window);
            one.tolerance = Some(
                [
                    Tolerance::SomeMisses,
                    Tolerance::HumanLevel,
                    Tolerance::None,
                ][tolerance],
            );
            one.adaptation = Some(
                [
                    Adaptation::None,
                    Adaptation::Extended,
                    Adaptation::Continued,
                ][adaptation],
            );
            if known & 1 == 0 {
                one = one.at(4, first);
            }
            if known & 2 == 0 {
                one = one.at(target, last);
            }
            if known & 4 == 0 {
                one = one.asked(Reading::Direct, direct);
            }
            if known & 8 == 0 {
                one = one.asked(Reading::Cot, cot);
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

/// One figure known for sure.
fn fixed(evidence: &Evidence, which: usize, value: f64) -> Evidence {
    let mut fixed = evidence.clone();
    let ruler = fixed.ruler.len();
    if which < ruler {
        let one = &mut fixed.ruler[which];
        (one.value, one.low, one.high) = (value, Some(value), Some(value));
    } else {
        let one = &mut fixed.longbench[which - ruler];
        (one.value, one.low, one.high) = (value, Some(value), Some(value));
    }
    fixed
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
            *value = (*value - by).max(0.0);
        }
    }
    Some(worse)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

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

    /// Not to know a figure is never surer than to know the value that speaks best for the verdict.
    #[test]
    fn what_is_missing_never_makes_it_surer(evidence in evidence(), which in 0..40_usize) {
        let less = without(&evidence, which);
        let advice = advise(&less, &few());
        prop_assert!(advice.certainty.share <= advice.certainty.measured);
        let figures = evidence.ruler.len() + evidence.longbench.len();
        let mut known = vec![evidence.clone()];
        if figures > 0 && which % (figures + 3) < figures {
            let which = which % (figures + 3);
            known.extend([0.0, 100.0].map(|value| fixed(&evidence, which, value)));
        }
        let known = known.iter().map(|one| advise(one, &few()));
        let same = known.filter(|one| one.action == advice.action);
        let best = same.map(|one| one.certainty.share).reduce(f64::max);
        // 60 draws: one standard deviation is at most 0.065.
        prop_assert!(best.is_none_or(|best| advice.certainty.share <= best + 0.2), "{best:?} {:?}", advice.certainty);
    }

    #[test]
    fn worse_evidence_makes_nothing_cheaper_without_a_reason(evidence in evidence(), which in 0..40_usize, by in 1.0..60.0_f64) {
        let thresholds = few();
        let Some(worse) = worse(&evidence, which, by) else { return Ok(()) };
        let before = judge(&Context::new(&evidence, &thresholds));
        let after = judge(&Context::new(&worse, &thresholds));
        if let (Some(was), Some(is)) = (before.step, after.step) && is < was {
            let new = after.fired.iter().filter(|(_, rule)| rule.then.contains(&is));
            let new = new.filter(|(_, rule)| !before.fired.iter().any(|(_, old)| std::ptr::eq(*old, *rule)));
            prop_assert!(new.count() > 0, "{was:?} became {is:?} without a rule that now fires");
        }
    }

    #[test]
    fn figures_that_cannot_be_do_no_harm(value in prop::num::f64::ANY) {
        let odd = work(Workload::LegalScientific, 128, 32).at(32, [value; 4]).asked(Reading::Direct, value);
        let advice = advise(&odd, &few());
        prop_assert!(!advice.plan.is_empty());
        prop_assert_eq!(odd.check().is_ok(), (0.0..=100.0).contains(&value) && !(value > 0.0 && value <= 1.0));
    }
}
