//! Twelve published models, each for a sensible workload; the results were read.

use std::fmt::Write as _;

use super::situations::K;
use crate::advise::costs::ModelDimensions;
use crate::advise::evidence::{ErrorTolerance, Workload};
use crate::advise::{Evidence, Thresholds, advise};
use crate::tokens::Tokens;

const MODELS: [(&str, Workload, u32); 12] = [
    ("Llama3.1 70B", Workload::MultiDocumentSynthesis, 128),
    ("Llama3.1 8B", Workload::DocumentLookup, 32),
    ("Mistral-Large-2411 123B", Workload::LegalScientific, 128),
    ("Mistral-Large-2407 123B", Workload::DocumentLookup, 128),
    (
        "Command-R-plus-0824 104B",
        Workload::MultiDocumentSynthesis,
        64,
    ),
    ("Qwen3-235B-A22B 235B", Workload::LegalScientific, 128),
    ("Qwen3-32B 32B", Workload::MultiDocumentSynthesis, 64),
    ("Qwen3-30B-A3B 30B", Workload::DomainShifted, 64),
    ("Gemini-1.5-pro", Workload::DocumentLookup, 128),
    ("Together 7B", Workload::DocumentLookup, 64),
    ("MiniMax-Text-01", Workload::LegalScientific, 1_024),
    ("o1-preview", Workload::SafetyCritical, 128),
];

#[test]
fn twelve_published_models() {
    let mut told = String::new();
    for (name, workload, target) in MODELS {
        let mut evidence = Evidence::published(name).unwrap();
        evidence.workload = Some(workload);
        evidence.tolerance = Some(match workload {
            Workload::SafetyCritical => ErrorTolerance::None,
            _ => ErrorTolerance::SomeMisses,
        });
        evidence.target_window = Some(Tokens(target * K));
        assert_eq!(evidence.check(), Ok(()), "{name}");
        let advice = advise(&evidence, &Thresholds::default());
        writeln!(
            told,
            "=== {name}, {}, {target}K ===\n{}",
            workload.name(),
            advice.markdown()
        )
        .unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn every_published_name_is_known() {
    let names = Evidence::published_names();
    assert!(names.len() > 75, "{}", names.len());
    for name in names {
        let evidence = Evidence::published(&name).unwrap();
        assert_eq!(evidence.check(), Ok(()), "{name}");
        assert!(!evidence.is_unmeasured(), "{name}");
    }
    let both = MODELS.iter().filter(|(name, ..)| {
        let sources = Evidence::published(name).unwrap().sources;
        let of = |board: &str| sources.iter().any(|one| one.starts_with(board));
        of("RULER: ") && of("LongBench v2: ")
    });
    assert_eq!(both.count(), 8);
    let error = Evidence::published("Llama3.1").unwrap_err();
    assert_eq!(error.like.len(), 4);
}

/// However a name is written; where it could be several, or none, the error says so.
#[test]
fn near_names_are_understood() {
    for (written, name) in [
        ("Jamba 1.5 large", "Jamba-1.5-large 94B/398B"),
        ("llama-3.1-8b-instruct", "Llama3.1 8B"),
        ("meta-llama/Meta-Llama-3.1-70B-Instruct", "Llama3.1 70B"),
        ("qwen2-72b-instruct", "Qwen2 72B"),
    ] {
        let (one, other) = (Evidence::published(written), Evidence::published(name));
        assert_eq!(one.unwrap().ruler, other.unwrap().ruler, "{written}");
    }
    let error = |name: &str| Evidence::published(name).unwrap_err().to_string();
    assert!(
        error("").contains("got an empty name, expected"),
        "{}",
        error("")
    );
    assert!(
        error("Jamba").contains("Jamba-1.5-large 94B/398B"),
        "{}",
        error("Jamba")
    );
    assert!(
        error("Llama 3.1 9B").contains("Llama"),
        "{}",
        error("Llama 3.1 9B")
    );
    assert!(
        error("xyzzy").contains("no name like it"),
        "{}",
        error("xyzzy")
    );
}

/// What STRING brings is published by category for three models, and is used.
#[test]
fn published_position_fixes_are_used() {
    for (name, hop) in [
        ("Llama3.1 70B", "59.2 to 95.6"),
        ("Qwen2 72B", "53.7 to 84.6"),
    ] {
        let mut evidence = Evidence::published(name).unwrap();
        evidence.workload = Some(Workload::MultiDocumentSynthesis);
        evidence.tolerance = Some(ErrorTolerance::SomeMisses);
        evidence.target_window = Some(Tokens(128 * K));
        let advice = advise(&evidence, &Thresholds::default());
        let said = advice.verdict();
        assert!(said.contains("use STRING") && said.contains(hop), "{said}");
        let source = "RULER by category: ";
        assert!(
            advice.sources.iter().any(|one| one.starts_with(source)),
            "{name}"
        );
    }
}

#[test]
fn a_published_model_has_its_table_s_size_and_window_unless_told_otherwise() {
    let evidence = Evidence::published("Llama3.1 70B").unwrap();
    assert_eq!(
        evidence.model.as_ref().map(|one| one.parameters),
        Some(70e9)
    );
    let told = evidence.told_by();
    let says = |part: &str| told.iter().any(|one| one.contains(part));
    assert!(
        says("Claimed window: 128K tokens (NVIDIA/RULER README"),
        "{told:?}"
    );
    assert!(says("70B parameters, NVIDIA/RULER README"), "{told:?}");
    // Of a mixture of experts the active ones count.
    for (name, active) in [
        ("Jamba-1.5-large 94B/398B", 94e9),
        ("Qwen3-235B-A22B 235B", 22e9),
        ("MiniMax-Text-01", 45.9e9),
    ] {
        let evidence = Evidence::published(name).unwrap();
        let size = evidence.model.map(|one| one.parameters);
        assert_eq!(size, Some(active), "{name}");
    }
    assert_eq!(Evidence::published("Gemini-1.5-pro").unwrap().model, None);
    let mut own = Evidence {
        claimed_window: Some(Tokens(8_192)),
        model: Some(ModelDimensions::of_size(8e9)),
        ..Evidence::default()
    };
    own.add(evidence);
    assert_eq!(own.claimed_window, Some(Tokens(8_192)));
    assert_eq!(own.model.as_ref().map(|one| one.parameters), Some(8e9));
    assert_eq!(own.told_by().len(), 3, "no source for what was typed in");
}
