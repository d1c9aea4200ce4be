//! Compares random numbers with CPython and numpy.

use std::collections::BTreeMap;

use fathom_shared::python_random::{NumpyRandom, PythonRandom};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    seed: serde_json::Value,
    random: Vec<f64>,
    getrandbits: BTreeMap<String, Vec<String>>,
    randint: Vec<IntCase>,
    choice: Vec<DrawCase>,
    choices: Vec<DrawCase>,
    sample: Vec<DrawCase>,
    shuffle_20: Vec<usize>,
    uuid4: Vec<String>,
    numpy_seed: serde_json::Value,
    numpy_randint_10000_99999: Vec<u32>,
}

#[derive(Deserialize)]
struct IntCase {
    a: usize,
    b: usize,
    values: Vec<usize>,
}

#[derive(Deserialize)]
struct DrawCase {
    n: usize,
    k: Option<usize>,
    values: Vec<usize>,
}

fn seed(value: &serde_json::Value) -> Option<u32> {
    match value {
        serde_json::Value::String(text) => text.parse().ok(),
        other => other.as_u64().and_then(|seed| seed.try_into().ok()),
    }
}

#[test]
fn every_draw_equals_cpython_and_numpy() {
    let all: Vec<Vectors> = super::json("ruler/pyrandom.json");
    let mut seen = 0;
    for vectors in &all {
        if let Some(seed) = seed(&vectors.numpy_seed) {
            let mut numpy = NumpyRandom::new(seed);
            for value in &vectors.numpy_randint_10000_99999 {
                assert_eq!(numpy.int(10_000, 99_999), *value);
            }
        }
        // RULER's seeds are 32-bit here; the file has longer ones too.
        let Some(seed) = seed(&vectors.seed) else {
            continue;
        };
        seen += 1;
        check(vectors, || PythonRandom::new(seed));
    }
    assert!(seen >= 3, "{seen} of {} seeds are below 2^32", all.len());
}

fn check(vectors: &Vectors, fresh: impl Fn() -> PythonRandom) {
    let mut random = fresh();
    for value in &vectors.random {
        assert_eq!(random.random().to_bits(), value.to_bits());
    }
    for (bits, values) in &vectors.getrandbits {
        let mut random = fresh();
        for value in values {
            assert_eq!(
                random.bits(bits.parse().unwrap()).to_string(),
                *value,
                "{bits} bits"
            );
        }
    }
    for case in &vectors.randint {
        let mut random = fresh();
        for value in &case.values {
            assert_eq!(random.int(case.a, case.b), *value);
        }
    }
    for case in &vectors.choice {
        let mut random = fresh();
        for value in &case.values {
            assert_eq!(random.below(case.n), *value);
        }
    }
    for case in &vectors.choices {
        let items: Vec<usize> = (0..case.n).collect();
        assert_eq!(fresh().choices(&items, case.k.unwrap()), case.values);
    }
    for case in &vectors.sample {
        assert_eq!(
            fresh().sample(case.n, case.k.unwrap()).unwrap(),
            case.values,
            "{}",
            case.n
        );
    }
    let mut order: Vec<usize> = (0..20).collect();
    fresh().shuffle(&mut order);
    assert_eq!(order, vectors.shuffle_20);
    let mut random = fresh();
    for value in &vectors.uuid4 {
        assert_eq!(random.uuid4(), *value);
    }
}
