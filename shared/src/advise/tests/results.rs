//! Evidence of what was measured.

use crate::advise::evidence::{LongBenchMode, Workload};
use crate::advise::{Evidence, Thresholds, Verdict, advise};
use crate::formats::RowId;
use crate::longbench::{Difficulty, LengthClass};
use crate::results::{
    QuestionTags, ResultCell, ResultOrigin, ResultSet, ResultSetInfo, SampleScore,
};
use crate::task::Metric;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

fn cell(task: &str, length: u32, variant: &str, metric: Metric, scores: &[f64]) -> ResultCell {
    let mut cell = ResultCell::new(task, Some(Tokens(length)), variant, metric);
    for (at, score) in (0..).zip(scores) {
        let question = (task == "longbench_v2").then(|| QuestionTags {
            domain: Some("Multi-Document QA".to_owned()),
            difficulty: Some(Difficulty::Hard),
            length: Some(LengthClass::Long),
        });
        cell.samples.push(SampleScore {
            id: RowId::Number(at),
            score: Some(*score),
            blank: false,
            parts: Vec::new(),
            cluster: None,
            question,
            place: None,
        });
    }
    cell
}

#[test]
fn a_run_becomes_evidence_and_evidence_advice() {
    let all = Metric::StringMatchAll;
    // Enough samples that the verdict does not wait for more.
    let (good, bad) = (
        [1.0; 20],
        [0.0, 0.5, 1.0, 0.0, 0.5, 0.0, 0.0, 0.0].repeat(5),
    );
    let mut cells = Vec::new();
    for task in ["niah_single_1", "niah_multikey_1"] {
        cells.push(cell(task, 4_096, "", all, &good));
        cells.push(cell(task, 32_768, "", all, &good));
    }
    cells.push(cell("vt", 4_096, "", all, &good));
    cells.push(cell("vt", 32_768, "", all, &bad));
    cells.push(cell("cwe", 32_768, "", all, &bad));
    let (letter, right) = (Metric::Letter, [1.0, 0.0, 0.0, 0.0].repeat(20));
    cells.push(cell("longbench_v2", 32_768, "", letter, &right));
    cells.push(cell("longbench_v2", 32_768, "setting=cot", letter, &right));
    let about = ResultSetInfo {
        name: "run 7".to_owned(),
        model: "some model".to_owned(),
        origin: ResultOrigin::Page,
    };
    let mut evidence = Evidence {
        workload: Some(Workload::MultiDocumentSynthesis),
        trained_window: Some(Tokens(32_768)),
        ..Evidence::default()
    };
    evidence.add_results(&ResultSet::new(about, cells));
    assert_eq!(evidence.check(), Ok(()));
    assert_eq!(evidence.name, "some model");
    assert_eq!(evidence.target(), Some(Tokens(32_768)));
    let hop = evidence
        .ruler
        .iter()
        .find(|one| one.category == Some(RulerCategory::MultiHop) && one.length == Tokens(32_768));
    let hop = hop.unwrap();
    assert_eq!((hop.value, hop.n), (25.0, Some(40)));
    assert!(
        hop.low.unwrap() < 25.0 && hop.high.unwrap() > 25.0,
        "{hop:?}"
    );
    let direct = evidence.longbench_at(LongBenchMode::Direct, None, None);
    let domain = evidence.longbench_at(LongBenchMode::Cot, Some("Multi-Document QA"), None);
    assert_eq!((direct, domain), (Some(25.0), Some(25.0)));
    let advice = advise(&evidence, &Thresholds::default());
    let expected = Verdict::ContinuePretraining {
        reason_longer: false,
    };
    assert_eq!(advice.action, expected);
    assert_eq!(advice.sources, ["measured: run 7"]);
}

#[test]
fn a_run_s_window_is_its_model_s_unless_another_is_known() {
    let about = ResultSetInfo {
        name: "run 7".to_owned(),
        model: "some model".to_owned(),
        origin: ResultOrigin::Run {
            id: 7,
            engine: "candle-cpu".to_owned(),
            created_ms: 0,
            window: Some(Tokens(8_192)),
        },
    };
    let set = ResultSet::new(about, Vec::new());
    let mut evidence = Evidence::default();
    evidence.add_results(&set);
    assert_eq!(evidence.window(), Some(Tokens(8_192)));
    let told = evidence.told_by();
    let said = "Claimed window: 8K tokens (the model of run 7, as its server holds it)";
    assert!(told.iter().any(|one| one == said), "{told:?}");
    let mut typed = Evidence {
        claimed_window: Some(Tokens(32_768)),
        ..Evidence::default()
    };
    typed.add(evidence);
    assert_eq!(typed.window(), Some(Tokens(32_768)));
    assert_eq!(typed.told_by(), ["measured: run 7"]);
}

#[test]
fn what_is_typed_in_is_checked() {
    let read = |text: &str| toml::from_str::<Evidence>(text).map_err(|error| error.to_string());
    let error = read("workload = \"tea\"").unwrap_err();
    assert!(
        error.contains("got `tea`, expected one of document_lookup"),
        "{error}"
    );
    assert!(read("nonsense = 1").is_err());
    let fractions = read("[[ruler]]\nlength = 4096\nvalue = 0.9").unwrap();
    let error = fractions.check().unwrap_err().to_string();
    assert!(error.contains("percentages from 0 to 100"), "{error}");
    let odd = read("[[ruler]]\nlength = 4096\nvalue = 90.0\nlow = 95.0").unwrap();
    assert!(odd.check().is_err());
    let none = read("budget_gpu_hours = -1.0").unwrap();
    let error = none.check().unwrap_err().to_string();
    assert_eq!(error, "budget_gpu_hours: got -1, expected a number above 0");
}

#[test]
fn own_figures_go_before_published_ones() {
    let mut own: Evidence =
        toml::from_str("[[ruler]]\nlength = 4096\nvalue = 70.0\nn = 20").unwrap();
    own.add(Evidence::published("Llama3.1 8B").unwrap());
    let at = |length| {
        own.ruler
            .iter()
            .filter(move |one| one.length == Tokens(length))
    };
    assert_eq!(at(4_096).map(|one| one.value).collect::<Vec<_>>(), [70.0]);
    assert_eq!(at(8_192).count(), 1);
    assert_eq!(own.claimed_window, Some(Tokens(131_072)));
}
