//! lm-evaluation-harness' samples and results.
#![no_main]

use fathom_shared::formats::{Origin, lm_eval};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _samples = lm_eval::read(bytes, &Origin::default());
    let _results = lm_eval::read_results(bytes);
});
