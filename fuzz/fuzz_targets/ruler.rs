//! RULER's data and predictions.
#![no_main]

use fathom_shared::formats::{Origin, ruler};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _data = ruler::read_data(bytes);
    let _predictions = ruler::read(bytes, &Origin::default());
});
