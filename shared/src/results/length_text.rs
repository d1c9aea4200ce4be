//! A length as it stands in sentences.

use crate::chart::length_name;
use crate::tokens::Tokens;

/// A length as people say it: `128K`, `1M`; with all its digits where it is not a whole number of
/// thousands of 1,024, or a round number as it is.
///
/// # Example
/// `131072` is `128K`, `400` stays `400`, and `128000` is `128,000`.
pub(crate) fn length_text(length: Tokens) -> String {
    let name = length_name(length.0.into());
    match name.ends_with(['K', 'M']) {
        true => name,
        false => format!("{length:#}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_stand_in_sentences_as_people_say_them() {
        let told = [0, 400, 4_096, 128_000, 131_072, 1_048_576].map(|one| length_text(Tokens(one)));
        assert_eq!(told, ["0", "400", "4K", "128,000", "128K", "1M"]);
    }
}
