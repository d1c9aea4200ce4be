use super::*;
use fathom_shared::advise::Thresholds;
use fathom_shared::advise::evidence::{ErrorTolerance, Workload};
use fathom_shared::tokens::Tokens;

fn form(query: &str) -> AdvisorForm {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
    AdvisorForm::from_query(|key| {
        pairs
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, text)| text.clone())
    })
}

#[test]
fn an_address_is_read_back_as_it_was_typed() {
    let typed = AdvisorForm::default()
        .with("model", "Llama3.1 8B".to_owned())
        .with("for", word(Workload::LegalScientific))
        .with("target", "128K".to_owned())
        .with_rows(
            "ruler",
            &[FigureInput {
                what: "hops".to_owned(),
                at: "64K".to_owned(),
                figure: "61,5/500".to_owned(),
            }],
        );
    let query = typed.to_query();
    assert_eq!(form(query.trim_start_matches('?')), typed);
    assert_eq!(AdvisorForm::default().to_query(), "");
    let read = typed.read(&[]);
    assert_eq!(read.faults, BTreeMap::new());
    let evidence = read.question.typed;
    assert_eq!(evidence.workload, Some(Workload::LegalScientific));
    assert_eq!(evidence.target_window, Some(Tokens(131_072)));
    let ruler = &evidence.ruler[0];
    assert_eq!(
        (ruler.category, ruler.length, ruler.value, ruler.n),
        (
            Some(RulerCategory::MultiHop),
            Tokens(65_536),
            61.5,
            Some(500)
        )
    );
    assert_eq!(read.question.published.as_deref(), Some("Llama3.1 8B"));
}

#[test]
fn longbench_is_of_all_of_long_texts_or_of_a_domain() {
    let read = form("longbench=direct:all:35.2/503,cot:long:30,no_context:code:28").read(&[]);
    let told: Vec<_> = read
        .question
        .typed
        .longbench
        .iter()
        .map(|one| (one.reading, one.domain.as_deref(), one.length, one.n))
        .collect();
    let expected = [
        (LongBenchMode::Direct, None, None, Some(503)),
        (LongBenchMode::Cot, None, Some(LengthClass::Long), None),
        (
            LongBenchMode::NoContext,
            Some("Code Repository Understanding"),
            None,
            None,
        ),
    ];
    assert_eq!(told, expected);
}

#[test]
fn every_domain_and_the_own_hold_outs_reach_the_advisor() {
    let rows = PARTS[2..].iter().zip(30..);
    let rows: Vec<_> = rows
        .map(|((word, _), value)| format!("direct:{word}:{value}/80"))
        .collect();
    let read = form(&format!("longbench={}&own=41.5/200", rows.join(","))).read(&[]);
    assert_eq!(read.faults, BTreeMap::new());
    let typed = read.question.typed;
    let own = typed.production.map(|own| (own.value, own.n));
    assert_eq!(own, Some((41.5, Some(200))));
    let told = typed.figures().into_iter();
    let told: Vec<_> = told
        .map(|(what, one)| format!("{what} {}", one.value))
        .collect();
    assert_eq!(told.len(), 7);
    assert_eq!(told[1], "LongBench v2 direct, Multi-Document QA 31");
    assert_eq!(told[6], "production (own hold-outs) 41.5");
}

#[test]
fn a_size_alone_is_enough_for_costs() {
    let shape = |query: &str| form(query).read(&[]).question.typed.model;
    assert_eq!(shape("layers=80"), None);
    assert_eq!(shape("parameters=8"), Some(ModelDimensions::of_size(8e9)));
    let whole = ModelDimensions {
        parameters: 70e9,
        layers: 80,
        attention_width: 8_192,
        ..ModelDimensions::of_size(8e9)
    };
    assert_eq!(shape("parameters=70&layers=80&width=8192"), Some(whole));
}

#[test]
fn what_is_wrong_is_said_at_its_field_and_left_out() {
    let read = form("target=far&budget=-3&own=140&errors=human_level&ruler=hops:far:61,all:4K:95&limits=acceptable:x,no:1,drop:4").read(&[]);
    let at: Vec<_> = read.faults.keys().map(String::as_str).collect();
    assert_eq!(
        at,
        [
            "budget",
            "limit-acceptable",
            "limit-no",
            "own",
            "ruler-0",
            "target"
        ]
    );
    assert!(read.faults["target"].contains("`far`"), "{:?}", read.faults);
    let typed = read.question.typed;
    assert_eq!(
        (
            typed.target_window,
            typed.budget_gpu_hours,
            typed.production
        ),
        (None, None, None)
    );
    assert_eq!(typed.tolerance, Some(ErrorTolerance::HumanLevel));
    assert_eq!(typed.ruler.len(), 1);
    let thresholds = Thresholds {
        drop: 4.0,
        ..Thresholds::default()
    };
    assert_eq!(read.question.thresholds, thresholds);
}

#[test]
fn a_limit_that_is_cleared_is_the_usual_one() {
    let changed = AdvisorForm::default().with_limit("draws", "50");
    assert_eq!(changed.read(&[]).question.thresholds.draws, 50);
    assert_eq!(changed.with_limit("draws", ""), AdvisorForm::default());
    let many = AdvisorForm::default()
        .with_limit("draws", "4000000000")
        .read(&[]);
    assert_eq!(many.question.thresholds, Thresholds::default());
    assert!(many.faults.contains_key("limit-draws"));
}

#[test]
fn only_sets_that_are_held_are_asked_about() {
    let held = ["run:3".to_owned(), "file:a".to_owned(), "file:b".to_owned()];
    let asked = form("run=3,4&set=file:b|file:c");
    assert_eq!(asked.read(&held).question.sets, ["run:3", "file:b"]);
    assert_eq!(asked.lost(&held), ["file:c"]);
    assert_eq!(
        form("file=x.json").read(&held).question.sets,
        ["file:a", "file:b"]
    );
    let address = super::super::address(&[RunKey::Server(3)], None, &held);
    assert_eq!(address, "/advisor?run=3&set=file%3Aa%7Cfile%3Ab");
}

#[test]
fn the_example_fills_the_three_questions_and_nothing_else() {
    let example = AdvisorForm::example();
    assert!(!example.asks_more() && !example.is_empty());
    let read = example.read(&[]);
    assert_eq!(read.faults, BTreeMap::new());
    assert_eq!(read.question.published.as_deref(), Some("Llama3.1 8B"));
    assert_eq!(read.question.typed.target_window, Some(Tokens(131_072)));
    assert!(example.with("budget", "100".to_owned()).asks_more());
}

#[test]
fn one_model_takes_the_place_of_another() {
    let set = |key: &str, label: &str| (key.to_owned(), label.to_owned());
    let sets = [
        set("run:3", "tiny (run:3)"),
        set("file:mine", "mine (file:mine)"),
    ];
    let published = ["Llama3.1 8B".to_owned()];
    let form = AdvisorForm::default().with("target", "128K".to_owned());
    let to = |form: &AdvisorForm, text: &str| form.clone().with_model(text, &sets, &published);
    let run = to(&form, "tiny (run:3)");
    assert_eq!((run.get("run"), run.get("target")), ("3", "128K"));
    assert_eq!(run.model_text(&sets), "tiny (run:3)");
    let file = to(&run, "mine (file:mine)");
    assert_eq!((file.get("run"), file.get("set")), ("", "file:mine"));
    let table = to(&file, " Llama3.1 8B ");
    assert_eq!((table.get("set"), table.get("model")), ("", "Llama3.1 8B"));
    assert_eq!(table.model_text(&sets), "Llama3.1 8B");
    let own = to(&table, "our model");
    assert_eq!((own.get("model"), own.get("name")), ("", "our model"));
    assert_eq!(own.model_text(&sets), "our model");
    assert_eq!(to(&own, "").to_query(), form.to_query());
    // A file beside the page stays where it was read from.
    let beside = form.with("file", "/results.json".to_owned());
    assert_eq!(to(&beside, "mine (file:mine)").get("file"), "/results.json");
}
