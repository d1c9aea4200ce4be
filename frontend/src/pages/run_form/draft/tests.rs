use super::super::super::query::RUN_DIALOG;
use super::*;

fn engines() -> Vec<EngineView> {
    let view = |engine, models: &[&str], context| EngineView {
        engine,
        models: models.iter().map(|model| (*model).to_owned()).collect(),
        context,
    };
    let endpoint = "vllm".to_owned();
    vec![
        view(EngineKind::CandleCpu, &["small", "large"], None),
        view(
            EngineKind::Openai { endpoint },
            &["remote"],
            Some(Tokens(32_768)),
        ),
    ]
}

fn models() -> Vec<ModelInfo> {
    vec![ModelInfo {
        id: "small".to_owned(),
        name: String::new(),
        architecture: String::new(),
        quantisation: String::new(),
        size_bytes: 0,
        sha256: String::new(),
        context: Tokens(8192),
    }]
}

fn refused(change: impl Fn(&mut RunDraft)) -> FieldErrors {
    let mut plan = RunDraft::default();
    change(&mut plan);
    plan.new_run(&engines(), &models()).unwrap_err()
}

#[test]
fn the_default_is_a_short_run_on_the_first_model() {
    let new = RunDraft::default().new_run(&engines(), &models()).unwrap();
    let tasks = new
        .run_spec
        .grid
        .tasks
        .iter()
        .map(|task| task.task.as_str());
    assert_eq!(tasks.collect::<Vec<_>>(), ["niah_single_2", "vt"]);
    assert_eq!(new.run_spec.grid.asked(), 20);
    assert_eq!((new.run_spec.model.as_str(), new.priority), ("small", 0));
    let remote = RunDraft {
        engine: "openai:vllm".to_owned(),
        model: "small".to_owned(),
        lengths: "4K, 32K".to_owned(),
        seeds: "1 2 3".to_owned(),
        priority: "-2".to_owned(),
        tasks: offered().map(str::to_owned).collect(),
        ..RunDraft::default()
    };
    let new = remote.new_run(&engines(), &models()).unwrap();
    assert_eq!(new.run_spec.model, "remote");
    assert_eq!(new.run_spec.grid.lengths, [Tokens(4096), Tokens(32_768)]);
    assert_eq!((new.run_spec.grid.len(), new.priority), (84, -2));
    let last = new.run_spec.grid.tasks.last().unwrap();
    assert_eq!(last.task, "kv_retrieval", "a task that is not RULER's");
}

#[test]
fn faults_stand_beside_their_field() {
    let parts = |change: fn(&mut RunDraft)| {
        let faults = refused(change).into_iter();
        faults.map(|(part, _)| part).collect::<Vec<_>>()
    };
    assert_eq!(parts(|plan| plan.tasks.clear()), [RunField::Tasks]);
    assert_eq!(parts(|plan| plan.lengths.clear()), [RunField::Lengths]);
    assert_eq!(
        parts(|plan| plan.lengths = "4096 4096".into()),
        [RunField::Lengths]
    );
    assert_eq!(
        parts(|plan| plan.lengths = "16384".into()),
        [RunField::Lengths]
    );
    assert_eq!(
        parts(|plan| plan.lengths = "10".into()),
        [RunField::Lengths]
    );
    assert_eq!(parts(|plan| plan.seeds = "x".into()), [RunField::Seeds]);
    assert_eq!(parts(|plan| plan.count = "0".into()), [RunField::Count]);
    assert_eq!(parts(|plan| plan.count = "99999".into()), [RunField::Count]);
    let both = |plan: &mut RunDraft| {
        plan.seeds = "x".into();
        plan.count.clear();
    };
    assert_eq!(parts(both), [RunField::Seeds, RunField::Count]);
    assert_eq!(
        refused(|plan| plan.lengths = "16K".into())[0].1,
        "small can read 8192 tokens; 16384 is too many."
    );
    let nobody = RunDraft::default().new_run(&[], &[]).unwrap_err();
    assert_eq!(nobody[0].0, RunField::Engine);
}

#[test]
fn the_builders_task_keeps_its_options() {
    let mut spec = TaskSpec::new("vt", Tokens(2048), 7);
    spec.set.insert("num_hops".into(), "2".into());
    let plan = RunDraft::default().with_own(spec.clone(), PromptMode::Completion);
    let run_spec = plan.new_run(&engines(), &models()).unwrap().run_spec;
    assert_eq!(run_spec.grid.cells().collect::<Vec<_>>(), [spec]);
    assert_eq!(run_spec.mode, PromptMode::Completion);
}

#[test]
fn lengths_are_switched() {
    let mut plan = RunDraft {
        lengths: "4096".to_owned(),
        ..RunDraft::default()
    };
    plan.toggle(16_384);
    plan.toggle(8192);
    assert_eq!(plan.lengths, "4096, 8192, 16384");
    plan.toggle(4096);
    assert!(plan.has(8192) && !plan.has(4096));
    // What is half typed is not thrown away.
    plan.lengths = "81x".to_owned();
    plan.toggle(4096);
    assert_eq!(plan.lengths, "81x");
}

fn read(query: &str) -> RunDraft {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
    RunDraft::from_query(pairs.iter().map(|(name, value)| (&**name, &**value)))
}

#[test]
fn the_address_holds_the_form() {
    assert_eq!(read("task=vt&order=open"), RunDraft::default());
    assert_eq!(RunDraft::default().pairs(), []);
    let mut plan = RunDraft {
        tasks: ["vt", "cwe"].map(str::to_owned).into(),
        wants_own: false,
        lengths: "4096, 8x".to_owned(),
        seeds: "1 2".to_owned(),
        count: String::new(),
        first: "20".to_owned(),
        profile: "stratified".to_owned(),
        model: "a/b & c".to_owned(),
        engine: "openai:vllm".to_owned(),
        chat: false,
        priority: "-2".to_owned(),
        ..RunDraft::default()
    };
    plan.positions.kind = "yarn".to_owned();
    plan.positions
        .set
        .insert("factor".to_owned(), "4".to_owned());
    let pairs = plan.pairs();
    assert!(pairs.iter().all(|(name, _)| is_ours(name)));
    assert_eq!(read(&serde_urlencoded::to_string(&pairs).unwrap()), plan);
    let nothing = RunDraft {
        tasks: BTreeSet::new(),
        ..RunDraft::default()
    };
    assert_eq!(nothing.pairs(), [("order.tasks".to_owned(), String::new())]);
    assert_eq!(read("order.tasks="), nothing);
    // A page's own parameters are left alone.
    assert!(is_ours(RUN_DIALOG) && !is_ours("orders") && !is_ours("lengths"));
}

#[test]
fn all_options_of_a_run_are_in_the_address() {
    let mut plan = read("order.first=20&order.profile=stratified");
    assert!(plan.says_more() && !RunDraft::default().says_more());
    plan.own = Some(TaskChoice::new("vt"));
    let grid = plan.new_run(&engines(), &models()).unwrap().run_spec.grid;
    assert_eq!((grid.first, grid.count), (20, 10));
    // The builder's task has the builder's profile.
    assert_eq!(grid.tasks[0].profile, Profile::Upstream);
    assert!(
        grid.tasks[1..]
            .iter()
            .all(|task| task.profile == Profile::Stratified)
    );
    let far = refused(|plan| plan.first = "99995".into());
    assert_eq!(far[0].0, RunField::First);
    assert!(far[0].1.contains("100000"), "{far:?}");
    let other = refused(|plan| plan.profile = "mine".into());
    assert_eq!(other[0].0, RunField::Profile);
    assert!(far.iter().chain(&other).all(|(part, _)| part.is_folded()));
}

#[test]
fn positions_are_checked_as_the_engine_reads_them() {
    let with = |query: &str| read(query).new_run(&engines(), &models());
    let yarn = with("order.lengths=32K&order.rope=yarn&order.rope.factor=4&order.rope.beta_fast=");
    let rope = yarn.unwrap().run_spec.rope.unwrap();
    assert_eq!(
        serde_json::to_string(&rope).unwrap(),
        r#"{"factor":4,"rope_type":"yarn"}"#
    );
    let fault = |query: &str| {
        let faults = with(query).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].0.is_folded());
        faults.into_iter().next().unwrap()
    };
    let factor = RunField::Number("factor");
    assert_eq!(
        fault("order.rope=linear"),
        (factor, "The positions' `factor` is missing.".to_owned())
    );
    assert_eq!(
        fault("order.rope=linear&order.rope.factor=four"),
        (
            factor,
            "`four` is not a number, such as 4 or 0.5.".to_owned()
        )
    );
    let negative = fault("order.rope=ntk&order.rope.factor=-1");
    assert_eq!(negative.0, factor);
    assert!(
        negative.1.contains("expected a number above 0"),
        "{negative:?}"
    );
    let kind = fault("order.rope=mine");
    assert_eq!(kind.0, RunField::Positions);
    assert!(
        kind.1.contains("`mine`") && kind.1.contains("yarn"),
        "{kind:?}"
    );
    let engine = fault("order.engine=openai:vllm&order.rope=default");
    assert_eq!(
        engine,
        (
            RunField::Positions,
            "openai:vllm does not support RoPE scaling.".to_owned()
        )
    );
    // What another kind does not have goes.
    let mut plan = read("order.rope=yarn&order.rope.factor=4&order.rope.beta_fast=8");
    plan.positions.choose("linear".to_owned());
    assert_eq!(plan.positions.set.len(), 1);
    plan.positions.choose(String::new());
    assert_eq!(plan, RunDraft::default());
}

#[test]
fn every_kind_of_the_form_is_read() {
    for kind in &KINDS {
        let mut plan = RunDraft::default();
        plan.positions.kind = kind.name.to_owned();
        for number in kind.numbers {
            plan.positions
                .set
                .insert(number.name.to_owned(), "2".to_owned());
        }
        let run_spec = plan.new_run(&engines(), &models()).unwrap().run_spec;
        assert_eq!(run_spec.rope.unwrap().0.len(), kind.numbers.len() + 1);
    }
}

#[test]
fn a_length_too_short_for_a_task_comes_with_one_that_is_not() {
    let mut plan = RunDraft {
        lengths: "100, 4096".to_owned(),
        ..RunDraft::default()
    };
    assert_eq!(plan.too_short(), Some((100, 1024)));
    plan.lengthen("1024");
    assert_eq!(plan.lengths, "1024, 4096");
    assert_eq!(plan.too_short(), None);
    // What cannot be read has no length yet.
    plan.lengths = "100, many".to_owned();
    assert_eq!(plan.too_short(), None);
    // A length that is there already is not asked twice.
    plan.lengths = "100, 1024".to_owned();
    plan.lengthen("1024");
    assert_eq!(plan.lengths, "1024");
}
