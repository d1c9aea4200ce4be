//! Chat templates from files that anyone may have made.
#![no_main]

use fathom_shared::fuzzed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzed::of_templates(bytes));
