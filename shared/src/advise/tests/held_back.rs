//! Verdicts that rest on too few samples, on void answers or on contradicted figures are held back.

use crate::advise::{Advice, Evidence, Thresholds, Verdict, advise};
use crate::tokens::Tokens;

const WORK: &str = r#"
workload = "multi_document_synthesis"
tolerance = "some_misses"
target_window = "128K"
trained_window = "128K"
corpus = "general"
budget_gpu_hours = 60000
model = "8B"
"#;

/// RULER at a length: good, but for the single needle.
fn good(length: &str, needle: u32) -> String {
    format!(
        r#"
[[ruler]]
length = "{length}"
single_needle = {{ value = {needle}, n = 300 }}
multi_needle = {{ value = 97, n = 500 }}
multi_hop = {{ value = 96, n = 100 }}
aggregation = {{ value = 94, n = 200 }}
question_answering = {{ value = 80, n = 200 }}
"#
    )
}

/// Chains and counts of `hops` samples at 4K and 128K.
fn lost(needles: u32, hops: u32, questions: u32) -> String {
    format!(
        r#"{WORK}
[[ruler]]
length = "4K"
single_needle = {{ value = 100, n = {needles} }}
multi_hop = {{ value = 100, n = {hops} }}
aggregation = {{ value = 90, n = {hops} }}
[[ruler]]
length = "128K"
single_needle = {{ value = 100, n = {needles} }}
multi_hop = {{ value = 60, n = {hops} }}
aggregation = {{ value = 60, n = {hops} }}
[[longbench]]
direct = {{ value = 40, n = {questions} }}
"#
    )
}

fn told(text: &str) -> Advice {
    let evidence: Evidence = toml::from_str(text).unwrap();
    assert_eq!(evidence.check(), Ok(()));
    advise(&evidence, &Thresholds::default())
}

/// Chains and counts would both be good enough within their intervals, though neither alone changes
/// anything: the next step asks for these, with lengths and prices, and no number of draws is given.
#[test]
fn a_verdict_on_few_samples_asks_for_these_samples() {
    for (needles, questions) in [(5, 20), (46, 30), (300, 503)] {
        let advice = told(&lost(needles, 5, questions));
        let text = advice.text();
        assert_eq!(advice.action, Verdict::Undecided, "{text}");
        let next = &advice.next;
        for part in ["multi-hop tracing at 128K", "aggregation at 128K"] {
            let asked = format!("RULER {part} (50 in all instead of 5)");
            assert!(next.what.contains(&asked), "{text}");
        }
        assert!(!next.what.contains("LongBench"), "{text}");
        assert_eq!(next.runs[0].plan.lengths, [Tokens(131_072)]);
        assert!(next.runs.iter().all(|run| run.cost.is_some()));
        assert!(text.contains("there are too few samples"), "{text}");
        assert!(
            text.contains("no number of draws says how sure it is"),
            "{text}"
        );
        assert!(!advice.sureness().contains("of 100 draws"), "{text}");
        assert!(!text.contains("not be enough by itself"), "{text}");
    }
    let enough = told(&lost(300, 200, 503));
    assert!(enough.path.is_some(), "{}", enough.text());
}

/// Hold-outs are figures like any other.
#[test]
fn five_hold_outs_keep_no_model() {
    let own = "[production]\nvalue = 80\nn = 5\n";
    let few = format!(
        "human = {{ value = 82, n = 300 }}\n{WORK}{}{own}",
        good("128K", 99)
    );
    let advice = told(&few);
    assert_eq!(advice.action, Verdict::Undecided, "{}", advice.text());
    assert!(
        advice.next.what.contains("(50 in all instead of 5)"),
        "{}",
        advice.text()
    );
    let many = told(&few.replace("n = 5", "n = 200"));
    assert_eq!(many.action, Verdict::Keep, "{}", many.text());
}

/// Of two turns within an interval, the nearer one is named, as under "Nearest".
#[test]
fn the_nearer_of_two_turns_is_named() {
    let advice = told(&lost(300, 200, 20));
    let mut questions = advice.unsettled.iter();
    let questions = questions
        .find(|one| one.what.starts_with("LongBench"))
        .unwrap();
    assert!((questions.turn - 45.0).abs() < 0.1, "{questions:?}");
}

/// A gain that is enough at the upper end of a figure's interval may be enough.
#[test]
fn a_shortfall_within_its_interval_is_no_certain_one() {
    let counted = |n: u32| {
        let cell = "aggregation = { value = 60, n = 500 }";
        let again = format!("aggregation = {{ value = 60, n = {n} }}");
        told(&lost(300, 500, 503).replace(cell, &again)).text()
    };
    let (few, many) = (counted(25), counted(2_000));
    assert!(!few.contains("not be enough by itself"), "{few}");
    assert!(many.contains("not be enough by itself"), "{many}");
}

/// Worse evidence makes nothing surer: direct answers that show memory leave a chain of thought over
/// the same questions nothing to show.
#[test]
fn thinking_over_questions_known_by_heart_decides_nothing() {
    let void = "no_context = 55";
    for (own, cot, without) in [(40, 57, ""), (40, 57, void), (78, 57, void), (40, 70, void)] {
        let text = format!(
            "human = {{ value = 85, n = 300 }}\n{WORK}{}{}[[longbench]]\ndirect = 55\ncot = {cot}\n{without}\n[production]\nvalue = {own}\nn = 300\n",
            good("4K", 100),
            good("128K", 100)
        );
        let advice = told(&text);
        let text = advice.text();
        assert_eq!(advice.action, Verdict::Undecided, "{own} {cot}: {text}");
        let next = &advice.next.what;
        assert!(
            next.contains("a chain of thought and with retrieved passages"),
            "{own} {cot}: {text}"
        );
    }
}

/// The harder needles are there: the single needle's run is checked before anything rests on it.
#[test]
fn a_contradicted_needle_is_checked_first() {
    for workload in ["multi_document_synthesis", "document_lookup"] {
        let text = format!("{WORK}{}{}", good("4K", 100), good("128K", 55));
        let advice = told(&text.replace("multi_document_synthesis", workload));
        let text = advice.text();
        assert_eq!(advice.action, Verdict::Undecided, "{text}");
        assert!(
            advice
                .next
                .what
                .starts_with("Check the prompt and the scoring of RULER's single needle at 128K"),
            "{text}"
        );
        assert!(!text.contains("restored chains"), "{text}");
        assert!(!advice.sureness().contains("of 100 draws"), "{text}");
    }
}

/// What changes the verdict by itself comes before what changes it only together with something else.
#[test]
fn the_next_measurement_changes_the_verdict_by_itself() {
    let level = good("128K", 100)
        .replace("multi_hop = { value = 96", "multi_hop = { value = 85")
        .replace("aggregation = { value = 94", "aggregation = { value = 84");
    let asked = "[[longbench]]\ndirect = 48\ncot = 50\n";
    let advice = told(&format!("{WORK}{}{level}{asked}", good("4K", 100)));
    let text = advice.text();
    assert_eq!(advice.action, Verdict::Undecided, "{text}");
    assert_eq!(
        advice.next.what,
        "Measure LongBench v2 with retrieved passages"
    );
    assert!(text.contains("no verdict in"), "{text}");
    assert!(!text.contains("no rule applies"), "{text}");
}
