//! Errors as text.

use std::error::Error;

/// An error with everything that caused it: `cannot read `x`: no such file`.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
