//! RULER's data and predictions.
#![no_main]

use fathom_shared::fuzzed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzed::of_ruler(bytes));
