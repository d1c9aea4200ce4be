//! Compares generators with the rows of NVIDIA/RULER's own scripts.

use std::collections::BTreeMap;

use fathom_kernels::model::tokenizer::tiktoken::TiktokenEncoding;
use fathom_shared::corpora::{Corpora, CorpusKind};
use fathom_shared::formats::ruler::RulerDataRow;
use fathom_shared::task::{EvidenceKind, GenerateError, GeneratorContext, Sample, TaskSpec};
use fathom_shared::tokens::{TokenCounter, Tokens};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::tokenizers::{smollm2, tiktoken_counter};

/// The question sets that the original scripts read.
pub(crate) const QA_FILES: [(CorpusKind, &str); 2] = [
    (CorpusKind::Squad, "squad.json"),
    (CorpusKind::Hotpotqa, "hotpotqa.json"),
];

#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    task: String,
    script: String,
    pub(crate) outcome: String,
    args: BTreeMap<String, serde_json::Value>,
    extra: BTreeMap<String, serde_json::Value>,
    max_seq_length: u32,
    pub(crate) num_samples: usize,
    random_seed: u32,
    pub(crate) tokenizer: String,
    pub(crate) file: Option<String>,
    pub(crate) rows: Option<Vec<LongRow>>,
}

/// A row of a long case, with a hash in place of the text.
#[derive(Deserialize)]
pub(crate) struct LongRow {
    pub(crate) index: i64,
    outputs: Vec<String>,
    pub(crate) length: Tokens,
    answer_prefix: String,
    token_position_answer: Option<Tokens>,
    pub(crate) input_sha256: String,
}

/// The texts that the originals read; the essay is the bundled one, byte for byte.
fn corpora() -> Corpora {
    let mut corpora = Corpora::bundled();
    for (text, file) in QA_FILES {
        let json = super::bytes(&format!("ruler/inputs/{file}.gz"));
        corpora.read(text, file, &json).unwrap();
    }
    corpora
}

pub(crate) fn spec(case: &Case) -> TaskSpec {
    let mut spec = TaskSpec::new(&case.task, Tokens(case.max_seq_length), case.random_seed);
    for (name, value) in case.args.iter().chain(&case.extra) {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        // Here the question set is part of the task.
        if name != "dataset" {
            spec.set.insert(name.clone(), text);
        }
    }
    spec
}

fn samples(
    case: &Case,
    counter: &TokenCounter<'_>,
    corpora: &Corpora,
) -> Result<Vec<Sample>, GenerateError> {
    let made = spec(case).samples(GeneratorContext { counter, corpora })?;
    made.take(case.num_samples).collect()
}

/// All cases.
pub(crate) fn cases() -> Vec<Case> {
    super::json("ruler/cases.json")
}

fn check(wanted: impl Fn(&Case) -> bool, number: usize) {
    let cases: Vec<_> = cases().into_iter().filter(wanted).collect();
    assert_eq!(cases.len(), number, "cases of the golden set");
    let cl100k = tiktoken_counter(TiktokenEncoding::Cl100kBase);
    let (smollm2, corpora) = (smollm2(), corpora());
    for case in &cases {
        let name = &case.name;
        let counter = match case.tokenizer.as_str() {
            "smollm2" => &smollm2,
            "cl100k_base" => &cl100k,
            other => panic!("{name} has an unknown tokenizer {other}"),
        };
        let made = samples(case, counter, &corpora);
        if case.outcome == "hang" {
            let error = made.unwrap_err();
            let needed = matches!(error, GenerateError::DoesNotFit { needed, .. } if needed.0 > case.max_seq_length);
            assert!(needed, "{name}: {error}");
            continue;
        }
        let samples = made.unwrap_or_else(|error| panic!("{name}: {error}"));
        match (&case.file, &case.rows) {
            (Some(file), _) => {
                let rows: Vec<RulerDataRow> = super::lines(&format!("ruler/{file}"));
                assert_eq!(rows.len(), case.num_samples, "{name}");
                for (sample, row) in samples.iter().zip(&rows) {
                    let got = RulerDataRow::from(sample);
                    // The first difference is more useful than two long texts.
                    let at = got
                        .input
                        .bytes()
                        .zip(row.input.bytes())
                        .position(|(a, b)| a != b);
                    assert_eq!(at, None, "{name} #{}", sample.number);
                    assert!(got == *row, "{name}: {} against {}", got.length, row.length);
                }
            }
            (None, Some(rows)) => {
                for (sample, row) in samples.iter().zip(rows) {
                    let got = (sample.index, &sample.references, sample.length);
                    assert_eq!(got, (row.index, &row.outputs, row.length), "{name}");
                    assert_eq!(sample.answer_prefix, row.answer_prefix, "{name}");
                    assert_eq!(sample.token_position_answer, row.token_position_answer);
                    let hash = hex::encode(Sha256::digest(&sample.input));
                    assert_eq!(hash, row.input_sha256, "{name}");
                }
            }
            (None, None) => panic!("{name} has no rows"),
        }
        for sample in &samples {
            evidence_lies_where_it_says(sample);
            tokens_are_those_of_the_whole_text(sample, counter);
        }
    }
}

fn evidence_lies_where_it_says(sample: &Sample) {
    let gold = || sample.evidence.iter().filter(|piece| piece.gold);
    assert!(gold().count() > 0);
    for piece in &sample.evidence {
        let words = &sample.input[piece.bytes.clone()];
        let held = match piece.kind {
            EvidenceKind::Document => words.starts_with("Document "),
            _ => words.contains(&piece.label),
        };
        assert!(held, "{words:?} lacks {:?}", piece.label);
        assert!(piece.tokens.start < piece.tokens.end);
        assert!(piece.tokens.end <= sample.input_tokens.0);
    }
    let held = |reference: &String| {
        gold().any(|piece| sample.input[piece.bytes.clone()].contains(reference))
    };
    // Yes and no do not occur in passages.
    let spoken = ["yes", "no"].map(str::to_owned);
    let found = sample
        .references
        .iter()
        .filter(|r| !spoken.contains(r))
        .all(held);
    assert!(found, "no gold evidence holds {:?}", sample.references);
}

fn tokens_are_those_of_the_whole_text(sample: &Sample, counter: &TokenCounter<'_>) {
    let starts = counter.starts(&sample.input);
    assert_eq!(sample.input_tokens.0 as usize, starts.len());
    for piece in &sample.evidence {
        let first = starts.partition_point(|start| *start <= piece.bytes.start) - 1;
        let end = starts.partition_point(|start| *start < piece.bytes.end);
        assert_eq!(piece.tokens, first as u32..end as u32, "{piece:?}");
    }
}

fn short(script: &str) -> impl Fn(&Case) -> bool {
    move |case| case.script == script && case.rows.is_none()
}

#[test]
fn niah_equals_the_original() {
    check(short("niah"), 31);
}

#[test]
fn vt_equals_the_original() {
    check(short("variable_tracking"), 7);
}

#[test]
fn cwe_equals_the_original() {
    check(short("common_words_extraction"), 6);
}

#[test]
fn fwe_equals_the_original() {
    check(short("freq_words_extraction"), 5);
}

#[test]
fn qa_equals_the_original() {
    check(short("qa"), 9);
}

#[test]
fn at_131072_tokens_equal_the_original() {
    check(|case| case.rows.is_some(), 7);
}
