//! Properties of every task, seed and length.

mod answer_tokens; // how much room is kept for the answer

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::corpora::Corpora;
use crate::task::{
    EvidenceKind, GenerateError, GeneratorContext, OptionValues, Profile, Sample, TaskSpec, find,
};
use crate::tokens::{TokenCounter, Tokens};

const RULER: [&str; 13] = [
    "niah_single_1",
    "niah_single_2",
    "niah_single_3",
    "niah_multikey_1",
    "niah_multikey_2",
    "niah_multikey_3",
    "niah_multivalue",
    "niah_multiquery",
    "vt",
    "cwe",
    "fwe",
    "qa_1",
    "qa_2",
];

/// Counts words and punctuation as tokens: close enough to a tokenizer, and fast.
fn words() -> TokenCounter<'static> {
    let starts = |text: &str| {
        let mut starts = Vec::new();
        let mut in_word = false;
        for (at, c) in text.char_indices() {
            let word = c.is_alphanumeric();
            if !(c.is_whitespace() || word && in_word) {
                starts.push(at);
            }
            in_word = word;
        }
        starts
    };
    TokenCounter::new("words", move |text| starts(text).len(), starts)
}

fn holds(sample: &Sample, spec: &TaskSpec, counter: &TokenCounter<'_>) {
    let what = format!("{spec:?} #{}", sample.number);
    assert!(sample.length_w_model_temp <= spec.max_seq_length, "{what}");
    assert_eq!(sample.profile, spec.profile);
    let flat = spec.set.contains_key("remove_newline_tab");
    if !flat {
        let text = [sample.input.as_str(), &sample.answer_prefix].concat();
        let length = counter.count(&text).0 + sample.tokens_to_generate.0;
        assert_eq!(sample.length, Tokens(length), "{what}");
    }
    assert!(!flat || !sample.input.contains(['\n', '\t']), "{what}");
    let gold = || sample.evidence.iter().filter(|piece| piece.gold);
    assert!(gold().count() > 0, "{what}");
    let mut from = 0;
    for piece in &sample.evidence {
        let words = &sample.input[piece.bytes.clone()];
        match piece.kind {
            EvidenceKind::Document => assert!(words.starts_with("Document "), "{what}: {words}"),
            EvidenceKind::Word => assert_eq!(words, piece.label, "{what}"),
            _ => assert!(words.contains(&piece.label), "{what}: {words}"),
        }
        assert!(piece.bytes.start >= from, "{what}: not in order");
        assert!(piece.tokens.start < piece.tokens.end, "{what}");
        assert!(piece.tokens.end <= sample.input_tokens.0, "{what}");
        from = piece.bytes.start;
    }
    for reference in &sample.references {
        let held = |piece: &&crate::task::EvidenceSpan| {
            let words = sample.input[piece.bytes.clone()].to_lowercase();
            words.contains(&reference.to_lowercase())
        };
        // An alternative spelling of an answer need not occur in the passage.
        let alternative = sample.tokens_to_generate == Tokens(32);
        assert!(
            alternative || gold().any(|piece| held(&piece)),
            "{what}: {reference}"
        );
    }
    let first = sample.references[0].to_lowercase();
    assert!(sample.input.to_lowercase().contains(&first), "{what}");
}

fn is_an_answer(error: &GenerateError, spec: &TaskSpec) -> bool {
    match error {
        GenerateError::DoesNotFit { needed, .. } => *needed > spec.max_seq_length,
        GenerateError::NoRoom { .. }
        | GenerateError::TooManyPieces { .. }
        | GenerateError::TooFewWords { .. }
        | GenerateError::NameCollision { .. } => true,
        _ => false,
    }
}

fn spec() -> impl Strategy<Value = TaskSpec> {
    let profile = prop_oneof![Just(Profile::Upstream), Just(Profile::Stratified)];
    let parts = (
        0..RULER.len(),
        40_u32..6000,
        any::<u32>(),
        profile,
        any::<bool>(),
        0_i32..60,
    );
    parts.prop_map(|(task, length, random_seed, profile, flat, aside)| {
        let mut set = BTreeMap::new();
        if flat {
            set.insert("remove_newline_tab".to_owned(), "true".to_owned());
        }
        if aside > 30 {
            set.insert("model_template_token".to_owned(), aside.to_string());
        }
        TaskSpec {
            profile,
            set,
            ..TaskSpec::new(RULER[task], Tokens(length), random_seed)
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]
    #[test]
    fn any_spec_ends_fits_and_says_where_its_evidence_lies(spec in spec()) {
        let (counter, corpora) = (words(), Corpora::bundled());
        let generator_context = GeneratorContext { counter: &counter, corpora: &corpora };
        let made: Result<Vec<_>, _> = spec.samples(generator_context).and_then(|made| made.take(2).collect());
        match made {
            Err(error) => prop_assert!(is_an_answer(&error, &spec), "{spec:?}: {error}"),
            Ok(samples) => samples.iter().for_each(|sample| holds(sample, &spec, &counter)),
        }
    }
}

fn stratified(task: &str, length: u32) -> TaskSpec {
    TaskSpec {
        profile: Profile::Stratified,
        ..TaskSpec::new(task, Tokens(length), 42)
    }
}

#[test]
fn a_stratified_sample_stands_alone() {
    let (counter, corpora) = (words(), Corpora::bundled());
    let generator_context = GeneratorContext {
        counter: &counter,
        corpora: &corpora,
    };
    for task in RULER {
        let spec = stratified(task, 3000);
        let third = spec
            .samples(generator_context)
            .unwrap()
            .nth(3)
            .unwrap()
            .unwrap();
        assert_eq!(spec.sample(3, generator_context).unwrap(), third, "{task}");
        assert_ne!(
            spec.sample(4, generator_context).unwrap().input,
            third.input
        );
    }
}

/// Where each gold piece stands, from 0 to 1.
fn depths(spec: &TaskSpec, samples: u32, generator_context: GeneratorContext<'_>) -> Vec<f64> {
    let mut depths = Vec::new();
    for number in 0..samples {
        let sample = spec.sample(number, generator_context).unwrap();
        let gold = sample.evidence.iter().filter(|piece| piece.gold);
        let of = f64::from(sample.input_tokens.0);
        depths.extend(gold.map(|piece| f64::from(piece.tokens.start) / of));
    }
    depths
}

#[test]
fn stratified_evidence_is_spread_evenly() {
    let (counter, corpora) = (words(), Corpora::bundled());
    let generator_context = GeneratorContext {
        counter: &counter,
        corpora: &corpora,
    };
    for (task, length) in [
        ("niah_single_1", 4000),
        ("niah_single_2", 4000),
        ("niah_multikey_2", 4000),
        ("qa_1", 6000),
        ("qa_2", 6000),
        ("cwe", 6000),
        ("fwe", 4000),
    ] {
        let depths = depths(&stratified(task, length), 40, generator_context);
        let mean = depths.iter().sum::<f64>() / depths.len() as f64;
        let quarter = |q: usize| {
            let range = q as f64 / 4.0..(q + 1) as f64 / 4.0;
            depths.iter().filter(|depth| range.contains(depth)).count() as f64 / depths.len() as f64
        };
        // A worked example precedes the list of `cwe`; questions stand at either end.
        let (low, high) = if task == "cwe" {
            (0.05, 0.40)
        } else {
            (0.17, 0.33)
        };
        assert!((mean - 0.5).abs() < 0.1, "{task}: {mean}");
        for q in 0..4 {
            assert!(
                (low..high).contains(&quarter(q)),
                "{task}: quarter {q} has {}",
                quarter(q)
            );
        }
    }
}

#[test]
fn what_the_original_never_ends_says_what_it_needs() {
    let (counter, corpora) = (words(), Corpora::bundled());
    let generator_context = GeneratorContext {
        counter: &counter,
        corpora: &corpora,
    };
    for (task, length) in [
        ("niah_single_2", 512),
        ("qa_1", 500),
        ("qa_2", 500),
        ("cwe", 300),
    ] {
        let spec = TaskSpec::new(task, Tokens(length), 42);
        let made = spec
            .samples(generator_context)
            .and_then(|mut made| made.next().unwrap());
        let error = made.unwrap_err();
        let GenerateError::DoesNotFit { needed, .. } = error else {
            panic!("{task}: {error}");
        };
        assert!(needed.0 > length, "{task}");
    }
}

fn chains(set: &[(&str, &str)], length: u32) -> TaskSpec {
    let set = set
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    TaskSpec {
        profile: Profile::Stratified,
        set: set.collect(),
        ..TaskSpec::new("vt", Tokens(length), 42)
    }
}

/// Chains too long for the original's worked example.
#[test]
fn long_chains_are_refused_with_the_reason_or_made() {
    let long = chains(&[("num_hops", "6")], 4096);
    let upstream = TaskSpec {
        profile: Profile::Upstream,
        ..long.clone()
    };
    let told = upstream.validate().unwrap_err().to_string();
    for word in [
        "6 hops",
        "five sentences",
        "4 hops are the maximum",
        "type_haystack=essay",
        "`stratified`",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let counter = words();
    let corpora = Corpora::bundled();
    let generator_context = GeneratorContext {
        counter: &counter,
        corpora: &corpora,
    };
    let many = chains(&[("num_hops", "10"), ("num_chains", "10")], 4096);
    let hundred = chains(&[("num_hops", "100")], 16_384);
    let mut essay = upstream.clone();
    essay
        .set
        .insert("type_haystack".to_owned(), "essay".to_owned());
    let cases = [
        (&long, 6, 42),
        (&many, 10, 66),
        (&hundred, 100, 606),
        (&essay, 6, 30),
    ];
    for (spec, hops, room) in cases {
        let sample = spec.sample(0, generator_context).unwrap();
        assert_eq!(sample.references.len(), hops + 1, "{spec:?}");
        assert_eq!(sample.tokens_to_generate, Tokens(room));
        let gold = sample.evidence.iter().filter(|piece| piece.gold).count();
        assert_eq!(gold, hops + 1);
        assert!(sample.length <= spec.max_seq_length);
    }
}

/// RULER's `synthetic.yaml` contains nothing that differs from our defaults.
#[test]
fn the_originals_options_are_our_defaults() {
    const NIAH: [&str; 6] = [
        "type_haystack",
        "type_needle_k",
        "type_needle_v",
        "num_needle_k",
        "num_needle_v",
        "num_needle_q",
    ];
    let niah = |task, values: &str| {
        (
            task,
            NIAH.into_iter()
                .zip(values.split(' '))
                .map(|(k, v)| format!("{k}={v}"))
                .collect::<Vec<_>>(),
        )
    };
    let plain = |task, set: &str| (task, set.split(' ').map(str::to_owned).collect::<Vec<_>>());
    let all = [
        niah("niah_single_1", "noise words numbers 1 1 1"),
        niah("niah_single_2", "essay words numbers 1 1 1"),
        niah("niah_single_3", "essay words uuids 1 1 1"),
        niah("niah_multikey_1", "essay words numbers 4 1 1"),
        niah("niah_multikey_2", "needle words numbers 1 1 1"),
        niah("niah_multikey_3", "needle uuids uuids 1 1 1"),
        niah("niah_multivalue", "essay words numbers 1 4 1"),
        niah("niah_multiquery", "essay words numbers 1 1 4"),
        plain("vt", "type_haystack=noise num_chains=1 num_hops=4"),
        plain("cwe", "freq_cw=30 freq_ucw=3 num_cw=10"),
        plain("fwe", "alpha=2.0"),
        plain("qa_1", "dataset=squad"),
        plain("qa_2", "dataset=hotpotqa"),
    ];
    for (task, set) in all {
        let set: BTreeMap<String, String> = set
            .iter()
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let spec = TaskSpec {
            set: set.clone(),
            ..TaskSpec::new(task, Tokens(4096), 42)
        };
        spec.validate().unwrap();
        let task_options = find(task).unwrap().task_options();
        let parsed = |set| format!("{:?}", OptionValues::parse(task_options, set).unwrap());
        assert_eq!(parsed(&set), parsed(&BTreeMap::new()), "{task}");
    }
    let other = TaskSpec {
        set: [("dataset".to_owned(), "hotpotqa".to_owned())].into(),
        ..TaskSpec::new("qa_1", Tokens(4096), 42)
    };
    let told = other.validate().unwrap_err().to_string();
    assert_eq!(
        told,
        "`qa_1` asks `dataset=squad`; `dataset=hotpotqa` is the task `qa_2`"
    );
}

/// Beyond RULER's published million with `FATHOM_TEST_ALL`, otherwise beyond a quarter of a
/// million.
#[test]
fn very_long_samples_are_made() {
    let all = std::env::var_os("FATHOM_TEST_ALL").is_some();
    let length = if all { 1_048_576 } else { 300_000 };
    let counter = words();
    let corpora = Corpora::bundled();
    let generator_context = GeneratorContext {
        counter: &counter,
        corpora: &corpora,
    };
    let few = ["niah_single_1", "vt", "qa_1"];
    for task in RULER.into_iter().filter(|task| all || few.contains(task)) {
        let spec = TaskSpec {
            profile: Profile::Stratified,
            ..TaskSpec::new(task, Tokens(length), 42)
        };
        let begun = std::time::Instant::now();
        match spec.sample(0, generator_context) {
            Ok(sample) => {
                let used = sample.length.0;
                assert!((length / 10 * 9..=length).contains(&used), "{task}: {used}");
            }
            // There are not enough words; the error says so.
            Err(error) => assert!(
                matches!(error, GenerateError::TooFewWords { .. }),
                "{error}"
            ),
        }
        use std::io::Write;
        writeln!(std::io::stderr(), "{task}: {:?}", begun.elapsed()).unwrap();
    }
}
