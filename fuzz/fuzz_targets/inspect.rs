//! Inspect's `.eval` archives: any bytes are rows or a sentence, within bounds of memory.
#![no_main]

use fathom_shared::formats::inspect;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _rows_or_sentence = inspect::read(bytes);
});
