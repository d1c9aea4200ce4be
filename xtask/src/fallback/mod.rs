//! What is done where the usual way is closed. Nobody whose machine reaches Rust's download server
//! comes here.

pub(crate) mod std_from_source; // the browser target's standard library, from Debian's source
