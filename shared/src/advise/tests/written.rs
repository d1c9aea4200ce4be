//! Evidence as people write it: understood, or refused with what was got and what is expected.

use crate::advise::Evidence;
use crate::advise::evidence::{LongBenchMode, PositionFixMethod, Workload};
use crate::task::RulerCategory;
use crate::tokens::Tokens;

fn read(text: &str) -> Result<Evidence, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}

#[test]
fn words_are_read_whatever_their_case_and_hyphens() {
    let evidence = read(
        "workload = \"Multi-document synthesis\"\n[[position_fix]]\nmethod = \"STRING\"\ncategory = \"Multi-Hop\"\nlength = \"128K\"\nvalue = 96\n[[longbench]]\nreading = \"Chain of thought\"\nvalue = 41.0\n",
    )
    .unwrap();
    assert_eq!(evidence.workload, Some(Workload::MultiDocumentSynthesis));
    let fix = &evidence.position_fix[0];
    assert_eq!(
        (fix.method, fix.category, fix.value),
        (
            PositionFixMethod::String,
            Some(RulerCategory::MultiHop),
            96.0
        )
    );
    assert_eq!(evidence.longbench[0].reading, LongBenchMode::Cot);
    let error =
        read("[[position_fix]]\nmethod = \"glue\"\nlength = \"4K\"\nvalue = 9\n").unwrap_err();
    assert!(
        error.contains("got `glue`, expected one of string, dual_chunk, yarn"),
        "{error}"
    );
}

#[test]
fn categories_are_read_as_plain_numbers() {
    let evidence = read(
        "[[ruler]]\nlength = \"128K\"\nn = 500\nmulti_hop = 59.2\naggregation = { value = 40, n = 100 }\n[position_fix]\nmethod = \"STRING\"\nlength = \"128K\"\nmulti_hop = 95.6\n[longbench]\ndirect = 38\ncot = 41.5\n",
    )
    .unwrap();
    let ruler: Vec<_> = evidence
        .ruler
        .iter()
        .map(|one| (one.category, one.value, one.n))
        .collect();
    assert_eq!(
        ruler,
        [
            (Some(RulerCategory::MultiHop), 59.2, Some(500)),
            (Some(RulerCategory::Aggregation), 40.0, Some(100))
        ]
    );
    assert_eq!(evidence.ruler[0].length, Tokens(131_072));
    assert_eq!(evidence.position_fix[0].value, 95.6);
    assert_eq!(evidence.longbench.len(), 2);
    let error = read("[[ruler]]\nlength = \"4K\"\n").unwrap_err();
    assert!(
        error.contains("RULER at 4,096: got no figure, expected"),
        "{error}"
    );
    let error = read("[[ruler]]\nlength = \"4K\"\nmulti_hop = \"good\"\n").unwrap_err();
    assert!(
        error.contains("expected a percentage such as 62.0"),
        "{error}"
    );
    let own = read("human = 60\n[production]\nvalue = 55.0\nn = 200\n").unwrap();
    assert_eq!(own.human.map(|one| one.value), Some(60.0));
    // What is written is read back as it was.
    let again = serde_json::to_string(&evidence).unwrap();
    assert_eq!(serde_json::from_str::<Evidence>(&again).unwrap(), evidence);
}

#[test]
fn a_model_is_a_name_with_its_size_or_a_table() {
    let size = |text: &str| read(text).map(|one| one.model.map(|model| model.parameters));
    assert_eq!(size("model = \"Llama 3.1 70B\""), Ok(Some(70e9)));
    assert_eq!(size("model = \"our 13b\""), Ok(Some(13e9)));
    assert_eq!(
        size("[model]\nparameters = 8e9\nlayers = 32\nattention_width = 4096"),
        Ok(Some(8e9))
    );
    let named = read("model = \"Llama 3.1 70B\"").unwrap();
    let advice = crate::advise::advise(&named, &crate::advise::Thresholds::default());
    assert!(
        advice.verdict().contains("for Llama 3.1 70B"),
        "{}",
        advice.verdict()
    );
    let error = size("model = \"ours\"").unwrap_err();
    assert!(
        error.contains("ours") && error.contains("a name with its size"),
        "{error}"
    );
}
