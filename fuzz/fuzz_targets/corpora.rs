//! The user's own texts, and Punkt on whatever they hold.
#![no_main]

use fathom_shared::fuzzed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzed::of_corpora(bytes));
