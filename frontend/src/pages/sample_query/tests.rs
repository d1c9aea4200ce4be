use super::super::query::parameters;
use super::*;

fn read(query: &str) -> SampleQuery {
    SampleQuery::from_query(parameters(query))
}

#[test]
fn an_empty_url_is_the_default() {
    assert_eq!(read(""), SampleQuery::default());
    assert!(SampleQuery::default().request().is_ok());
}

#[test]
fn the_url_says_everything() {
    let ask = SampleQuery {
        length: "131072".to_owned(),
        sample: "3".to_owned(),
        set: BTreeMap::from([("num_hops".to_owned(), "2".to_owned())]),
        profile: "stratified".to_owned(),
        script: Some(Ok("fn about() {}".to_owned())),
        mode: PromptMode::Completion,
        tokenizer: "o200k_base".to_owned(),
        count: "50".to_owned(),
        run: Some(7),
        beside: Some("niah_single_1".to_owned()),
        ..SampleQuery::default().with_task("vt")
    };
    let script = script::pack("fn about() {}");
    assert_eq!(
        ask.to_query(),
        format!(
            "?task=vt&length=131072&seed=42&sample=3&num_hops=2&profile=stratified\
             &script={script}&mode=completion&tokenizer=o200k_base&count=50&run=7&beside=niah_single_1"
        )
    );
    assert_eq!(read(&ask.to_query()), ask);
    let own = ask.pairs().into_iter().map(|(name, _)| name.to_owned());
    let own = own.filter(|name| name != "num_hops").collect::<Vec<_>>();
    for name in own {
        assert!(SampleQuery::is_in(|has| has == name), "{name}");
    }
}

#[test]
fn what_is_half_typed_survives_the_url() {
    let ask = SampleQuery {
        length: "10x & ä".to_owned(),
        ..SampleQuery::default()
    };
    assert_eq!(read(&ask.to_query()), ask);
    let fault = ask.request().unwrap_err();
    assert_eq!(fault.field, FormField::Length);
    assert_eq!(
        fault.message,
        "length is `10x & ä`; expected a whole number of tokens, such as 1024"
    );
}

#[test]
fn faults_name_their_field() {
    let fault = |ask: SampleQuery| ask.request().unwrap_err().field;
    let with = |change: fn(&mut SampleQuery)| {
        let mut ask = SampleQuery::default().with_task("vt");
        change(&mut ask);
        fault(ask)
    };
    assert_eq!(with(|ask| ask.length = "12".into()), FormField::Length);
    assert_eq!(with(|ask| ask.seed = "-1".into()), FormField::Seed);
    assert_eq!(with(|ask| ask.sample.clear()), FormField::Sample);
    assert_eq!(with(|ask| ask.sample = "500".into()), FormField::Sample);
    assert_eq!(with(|ask| ask.task = "niah".into()), FormField::Task);
    assert_eq!(with(|ask| ask.profile = "mine".into()), FormField::Profile);
    let words = with(|ask| ask.tokenizer = "words".into());
    assert_eq!(words, FormField::Tokenizer);
    let damaged = with(|ask| ask.script = Some(script::unpack("%%")));
    assert_eq!(damaged, FormField::Script);
    let hops = |ask: &mut SampleQuery| {
        ask.set.insert("num_hops".into(), "99".into());
    };
    assert_eq!(with(hops), FormField::Option("num_hops".into()));
    let none = SampleQuery {
        count: "0".into(),
        ..SampleQuery::default()
    };
    assert_eq!(none.count().unwrap_err().field, FormField::Count);
}

#[test]
fn a_spec_makes_the_form_that_makes_it() {
    for task in TASKS.iter().filter(|task| !script::is_script(task.id())) {
        let mut spec = TaskSpec::new(task.id(), Tokens(4096), 7);
        spec.profile = Profile::Stratified;
        // RULER's tasks have this one in common.
        let task_option = task
            .task_options()
            .iter()
            .find(|task_option| task_option.name == "model_template_token");
        let (name, value) =
            task_option.map_or(("setting", "rag"), |task_option| (task_option.name, "50"));
        spec.set.insert(name.into(), value.into());
        assert_eq!(SampleQuery::of_spec(&spec).request().unwrap().spec, spec);
    }
}

#[test]
fn another_task_drops_foreign_options() {
    let mut ask = SampleQuery::default().with_task("vt");
    ask.set.insert("num_hops".into(), "2".into());
    ask.set.insert("remove_newline_tab".into(), "true".into());
    let back = ask.with_task("niah_single_1");
    assert_eq!(back.set.keys().collect::<Vec<_>>(), ["remove_newline_tab"]);
}

#[test]
fn no_option_of_a_task_is_called_as_a_parameter_of_the_page() {
    let all = TASKS.iter().flat_map(|task| task.task_options());
    for option in all {
        assert!(!["beside", "present", "embed"].contains(&option.name));
    }
}
