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
        error.contains("RULER at 4K: got no figure, expected"),
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

/// The example of the docs and the one of `fathom advise --help` are read as they stand.
#[test]
fn the_examples_of_docs_and_help_are_read() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
    let docs = text("docs/advisor.md");
    let docs = docs
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let help = text("backend/src/cli/advise.rs");
    let help: String = help
        .lines()
        .skip_while(|line| !line.starts_with("///   workload = "))
        .map_while(|line| line.strip_prefix("///   "))
        .fold(String::new(), |all, line| all + line + "\n");
    for example in [docs.unwrap(), &help] {
        let evidence = read(example).unwrap_or_else(|error| panic!("{error}: {example}"));
        assert_eq!(evidence.check(), Ok(()));
        let hops = evidence.ruler.iter().map(|one| (one.category, one.value));
        let hops: Vec<_> = hops.collect();
        assert_eq!(hops, [(Some(RulerCategory::MultiHop), 62.0)], "{example}");
    }
    let json = "{\"ruler\": [{\"length\": \"4K\", \"multi_hop\": 62.0}], \"position_fix\": [{\"length\": \"4K\", \"aggregation\": 62.0}]}";
    let evidence: Evidence = serde_json::from_str(json).unwrap();
    assert_eq!(
        evidence.position_fix[0].category,
        Some(RulerCategory::Aggregation)
    );
}

#[test]
fn a_category_may_be_called_by_what_all_of_its_tasks_are_called() {
    use RulerCategory::{Aggregation, MultiHop, MultiNeedle, QuestionAnswering, SingleNeedle};
    for (word, category) in [
        ("vt", MultiHop),
        ("variable_tracking", MultiHop),
        ("multi-hop tracing", MultiHop),
        ("niah_single", SingleNeedle),
        ("niah_multi", MultiNeedle),
        ("qa", QuestionAnswering),
        ("Aggregation", Aggregation),
    ] {
        let evidence = read(&format!("[[ruler]]\nlength = \"4K\"\n\"{word}\" = 90\n")).unwrap();
        assert_eq!(evidence.ruler[0].category, Some(category), "{word}");
        let named = format!("[[ruler]]\nlength = \"4K\"\ncategory = \"{word}\"\nvalue = 90\n");
        assert_eq!(read(&named).unwrap().ruler, evidence.ruler, "{word}");
    }
    // One of two tasks, tasks of two categories, no task at all.
    for word in ["cwe", "niah", "hopes"] {
        let error = read(&format!("[[ruler]]\nlength = \"4K\"\n{word} = 90\n")).unwrap_err();
        assert!(
            error.contains(&format!("unknown field `{word}`, expected one of length,"))
                && error.contains("multi_hop"),
            "{error}"
        );
    }
}

#[test]
fn a_model_is_a_name_with_its_size_or_a_table() {
    let size = |text: &str| read(text).map(|one| one.model.map(|model| model.parameters));
    assert_eq!(size("model = \"Llama 3.1 70B\""), Ok(Some(70e9)));
    assert_eq!(size("model = \"our 13b\""), Ok(Some(13e9)));
    for (written, parameters) in [
        ("\"jamba 1.5 LARGE\"", 94e9),
        ("\"Jamba-1.5-large\"", 94e9),
        ("\"8B\"", 8e9),
        ("\"70 B\"", 70e9),
        ("\"8e9\"", 8e9),
        ("8e9", 8e9),
    ] {
        assert_eq!(
            size(&format!("model = {written}")),
            Ok(Some(parameters)),
            "{written}"
        );
    }
    let error = size("model = \"Jamba\"").unwrap_err();
    assert!(error.contains("Jamba-1.5-large 94B/398B"), "{error}");
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

#[test]
fn numbers_are_read_with_their_units() {
    let budget =
        |text: &str| read(&format!("budget_gpu_hours = {text}")).map(|one| one.budget_gpu_hours);
    for text in [
        "20000",
        "20_000",
        "\"20K\"",
        "\"20,000\"",
        "\"20 thousand\"",
        "2e4",
    ] {
        assert_eq!(budget(text), Ok(Some(20_000.0)), "{text}");
    }
    let error = budget("\"lots\"").unwrap_err();
    assert!(
        error.contains("got `lots`, expected a number: 20000"),
        "{error}"
    );
    for text in ["\"128 k\"", "\"128K tokens\"", "\"131,072\"", "131072"] {
        let evidence = read(&format!("target_window = {text}")).unwrap();
        assert_eq!(evidence.target_window, Some(Tokens(131_072)), "{text}");
    }
}

#[test]
fn parts_of_longbench_are_read_however_they_are_written() {
    let evidence = read(
        "[[longbench]]\ndomain = \"multi-document qa\"\ndirect = 33.0\n[[longbench]]\nlength = \"Long\"\ndirect = 30.0\n",
    )
    .unwrap();
    let part = &evidence.longbench[0];
    assert_eq!(part.domain.as_deref(), Some("Multi-Document QA"));
    assert!(evidence.longbench[1].length.is_some());
    let error = read("[[longbench]]\ndomain = \"poems\"\ndirect = 33.0\n").unwrap_err();
    assert!(
        error.contains("expected one of Single-Document QA"),
        "{error}"
    );
}

/// Where both ends of a range are one number, it is printed once.
#[test]
fn a_range_with_equal_ends_is_one_number() {
    let mut evidence = super::situations::work(Workload::DocumentLookup, 128, 128)
        .at(128, [60.0, 60.0, 60.0, 60.0])
        .mean(128, 90.0);
    let last = evidence.ruler.len() - 1;
    let mean = evidence.ruler.remove(last);
    let answers = crate::advise::evidence::RulerFigure {
        category: Some(RulerCategory::QuestionAnswering),
        value: 60.0,
        ..mean.clone()
    };
    evidence.ruler.extend([mean, answers]);
    let error = evidence.check().unwrap_err().to_string();
    assert!(
        error.contains("the categories at that length allow 60.0; correct"),
        "{error}"
    );
}

#[test]
fn keys_figures_and_hardware_are_read_as_people_write_them() {
    let evidence = read(
        "hardware = \"8xH100\"\nmodel = { parameters = \"8B\" }\n[[ruler]]\nlength = \"64K\"\nmulti-hop = \"62%\"\nqa = \"70\"\naverage = 80\n",
    )
    .unwrap();
    assert_eq!(evidence.check(), Ok(()));
    let values: Vec<f64> = evidence.ruler.iter().map(|one| one.value).collect();
    assert_eq!(values, [80.0, 62.0, 70.0]);
    assert_eq!(evidence.model.map(|one| one.layers > 10), Some(true));
    for (written, name) in [
        ("A100 80GB", "A100"),
        ("4090", "RTX 4090"),
        ("h200", "H200"),
    ] {
        let found = crate::advise::costs::named(written).map(|one| one.name.as_str());
        assert_eq!(found, Some(name), "{written}");
    }
    assert!(crate::advise::costs::named("T4").is_none());
    let error = read("target_window = 128").unwrap_err();
    assert!(error.contains("write `128K` for 131,072"), "{error}");
}
