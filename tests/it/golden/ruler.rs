//! Generators against the rows of NVIDIA/RULER's own scripts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fathom_shared::formats::ruler::DataRow;
use fathom_shared::task::{Sample, TaskSpec};
use fathom_shared::tokens::{Counter, Tokens};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokenizers::Tokenizer;

#[derive(Deserialize)]
struct Case {
    name: String,
    task: String,
    args: BTreeMap<String, serde_json::Value>,
    extra: BTreeMap<String, serde_json::Value>,
    max_seq_length: u32,
    num_samples: usize,
    random_seed: u32,
    tokenizer: String,
    file: Option<String>,
    rows: Option<Vec<LongRow>>,
}

/// A row of a long case, with a hash in place of the text.
#[derive(Deserialize)]
struct LongRow {
    index: i64,
    outputs: Vec<String>,
    length: Tokens,
    answer_prefix: String,
    token_position_answer: Option<Tokens>,
    input_sha256: String,
}

fn smollm2() -> Counter<'static> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../models/smollm2-135m-instruct/tokenizer.json.gz");
    let mut bytes = Vec::new();
    let file = std::fs::File::open(&path).unwrap();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(file), &mut bytes).unwrap();
    let tokenizer = Tokenizer::from_bytes(&bytes).unwrap();
    let other = tokenizer.clone();
    Counter::new(
        "smollm2",
        move |text| tokenizer.encode_fast(text, false).unwrap().len(),
        move |text| {
            let encoding = other.encode(text, false).unwrap();
            encoding
                .get_offsets()
                .iter()
                .map(|(start, _)| *start)
                .collect()
        },
    )
}

fn cl100k() -> Counter<'static> {
    let bpe = tiktoken_rs::cl100k_base_singleton();
    let starts = move |text: &str| {
        let mut at = 0;
        bpe.encode_ordinary(text)
            .into_iter()
            .map(|token| {
                let start = at;
                at += bpe.decode_bytes(&[token]).unwrap().len();
                start
            })
            .collect()
    };
    Counter::new(
        "cl100k_base",
        move |text| bpe.encode_ordinary(text).len(),
        starts,
    )
}

fn samples(case: &Case) -> Vec<Sample> {
    let counter = match case.tokenizer.as_str() {
        "smollm2" => smollm2(),
        "cl100k_base" => cl100k(),
        other => panic!("case {} has an unknown tokenizer {other}", case.name),
    };
    let mut spec = TaskSpec::new(&case.task, Tokens(case.max_seq_length), case.random_seed);
    let knobs = fathom_shared::task::find(&case.task).unwrap().knobs();
    for (name, value) in case.args.iter().chain(&case.extra) {
        // What the two tasks fix (their haystack, one needle) is no option of theirs.
        if knobs.iter().any(|knob| knob.name == name) {
            spec.set.insert(name.clone(), value.to_string());
        } else {
            assert!(
                case.args.contains_key(name),
                "{}: unknown option {name}",
                case.name
            );
        }
    }
    let made = spec.samples(&counter).unwrap();
    made.take(case.num_samples)
        .collect::<Result<_, _>>()
        .unwrap()
}

fn check(wanted: impl Fn(&Case) -> bool, number: usize) {
    let cases: Vec<Case> = super::json("ruler/cases.json");
    let cases: Vec<_> = cases.into_iter().filter(wanted).collect();
    assert_eq!(cases.len(), number, "cases of the golden set");
    for case in &cases {
        let samples = samples(case);
        match (&case.file, &case.rows) {
            (Some(file), _) => {
                let rows: Vec<DataRow> = super::lines(&format!("ruler/{file}"));
                assert_eq!(rows.len(), case.num_samples, "{}", case.name);
                for (sample, row) in samples.iter().zip(&rows) {
                    assert_eq!(DataRow::from(sample), *row, "{}", case.name);
                }
            }
            (None, Some(rows)) => {
                for (sample, row) in samples.iter().zip(rows) {
                    assert_eq!(
                        hex::encode(Sha256::digest(&sample.input)),
                        row.input_sha256,
                        "{}",
                        case.name
                    );
                    let got = (sample.index, &sample.references, sample.length);
                    assert_eq!(got, (row.index, &row.outputs, row.length), "{}", case.name);
                    assert_eq!(sample.answer_prefix, row.answer_prefix, "{}", case.name);
                    assert_eq!(sample.token_position_answer, row.token_position_answer);
                }
            }
            (None, None) => panic!("{} has no rows", case.name),
        }
        samples.iter().for_each(evidence_lies_where_it_says);
    }
}

fn evidence_lies_where_it_says(sample: &Sample) {
    assert!(!sample.evidence.is_empty());
    for piece in &sample.evidence {
        let words = &sample.input[piece.bytes.clone()];
        assert!(
            words.contains(&piece.label),
            "{words:?} lacks {:?}",
            piece.label
        );
        assert!(piece.tokens.start < piece.tokens.end);
        assert!(piece.tokens.end <= sample.input_tokens.0);
    }
    for reference in &sample.references {
        let held = sample.evidence.iter().filter(|piece| piece.gold);
        assert!(
            held.map(|piece| &sample.input[piece.bytes.clone()])
                .any(|w| w.contains(reference)),
            "no gold evidence holds {reference}"
        );
    }
}

#[test]
fn niah_single_1_equals_the_original() {
    check(
        |case| case.task == "niah_single_1" && case.rows.is_none(),
        5,
    );
}

#[test]
fn vt_equals_the_original() {
    check(|case| case.task == "vt" && case.rows.is_none(), 6);
}

#[test]
fn at_131072_tokens_equal_the_original() {
    check(|case| case.rows.is_some(), 2);
}
