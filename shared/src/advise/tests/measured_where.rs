//! Sentences name the length at which a figure was measured, and what is low at every length.

use super::situations::{told, work};
use crate::advise::Evidence;
use crate::advise::evidence::Workload::DocumentLookup;

/// Needles lost at 64K, and nothing measured at the target of 128K.
#[test]
fn what_was_measured_below_the_target_is_said_to_be() {
    let text = r#"
workload = "document_lookup"
target_window = "128K"
trained_window = "32K"
model = "Mistral 7B"
hardware = "rtx4090"
devices = 1
budget_gpu_hours = 500
corpus = "general"
[[ruler]]
length = "4K"
single_needle = { value = 100, n = 300 }
multi_needle = { value = 98, n = 500 }
[[ruler]]
length = "32K"
single_needle = { value = 100, n = 300 }
multi_needle = { value = 98, n = 500 }
[[ruler]]
length = "64K"
single_needle = { value = 40, n = 300 }
multi_needle = { value = 20, n = 500 }
"#;
    let evidence: Evidence = toml::from_str(text).unwrap();
    let said = told(&evidence).text();
    assert!(
        said.contains("65.6 points too low at 64K already"),
        "{said}"
    );
    assert!(!said.contains("too low at the target"), "{said}");
    let there = work(DocumentLookup, 128, 128).at(4, [99.0; 4]);
    let there = told(&there.at(128, [40.0, 20.0, 20.0, 20.0])).text();
    assert!(there.contains("too low at the target"), "{there}");
}

/// Question answering of 62 at 4K as at 128K, all else level.
const LEVEL: &str = r#"
workload = "multi_document_synthesis"
tolerance = "some_misses"
target_window = "128K"
trained_window = "128K"
adaptation = "none"
corpus = "general"
budget_gpu_hours = 50000
model = "Llama 3.1 8B"
[[ruler]]
length = "4K"
single_needle = { value = 100, n = 300 }
multi_needle = { value = 98, n = 500 }
multi_hop = { value = 96, n = 100 }
aggregation = { value = 94, n = 200 }
question_answering = { value = 62, n = 200 }
[[ruler]]
length = "128K"
single_needle = { value = 100, n = 300 }
multi_needle = { value = 98, n = 500 }
multi_hop = { value = 96, n = 100 }
aggregation = { value = 94, n = 200 }
question_answering = { value = 62, n = 200 }
[[longbench]]
direct = 40
cot = 46
"#;

#[test]
fn what_is_low_at_every_length_is_said_to_be_and_not_trained_away() {
    let evidence: Evidence = toml::from_str(LEVEL).unwrap();
    let advice = told(&evidence);
    let said = advice.text();
    assert!(
        said.contains("RULER question answering is low at every length, at 4K tokens as at 128K"),
        "{said}"
    );
    assert!(!said.contains("vanilla needle test disagree"), "{said}");
    let shares = advice.certainty.shares.iter();
    let trained = shares.filter(|one| one.verdict.and_then(|step| step.path()).is_some());
    let trained: f64 = trained.map(|one| one.share).sum();
    assert!(trained < 0.1, "{said}");
}

/// An assumed number of samples is said to be assumed, also beside figures that no reason names.
#[test]
fn other_figures_say_which_number_is_assumed() {
    let evidence: Evidence = toml::from_str(&format!("{LEVEL}no_context = 40\n")).unwrap();
    let advice = told(&evidence);
    let thought = advice
        .untold
        .iter()
        .find(|one| one.contains("chain of thought"));
    let thought = thought.unwrap_or_else(|| panic!("{}", advice.text()));
    assert!(thought.contains("n = 503 assumed"), "{thought}");
    let given = LEVEL.replace("cot = 46", "cot = { value = 46, n = 503 }");
    let evidence: Evidence = toml::from_str(&format!("{given}no_context = 40\n")).unwrap();
    let untold = told(&evidence).untold;
    assert!(
        untold.iter().all(|one| !one.contains("assumed")),
        "{untold:?}"
    );
}
