//! LongBench v2's predictions.
#![no_main]

use fathom_shared::fuzzed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzed::of_predictions(bytes));
