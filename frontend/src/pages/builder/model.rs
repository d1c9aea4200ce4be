//! The page's state as its URL. Pure.

use crate::pages::query::query;
use crate::pages::sample_query::SampleQuery;

/// So many samples can be looked at side by side.
const MOST_BESIDE: usize = 4;

/// Everything the page shows follows from this.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct BuilderQuery {
    /// What is built.
    pub(super) ask: SampleQuery,
    /// Whether tokens are told apart.
    pub(super) tokens: bool,
    /// The numbers of the samples side by side, as typed.
    pub(super) beside: String,
    /// The piece of evidence that is looked at.
    pub(super) piece: Option<usize>,
}

impl Default for BuilderQuery {
    /// The first example of a script, so that there is a sample to change.
    fn default() -> Self {
        Self {
            ask: SampleQuery::default().with_task("custom"),
            tokens: false,
            beside: "0, 1, 2".to_owned(),
            piece: None,
        }
    }
}

impl BuilderQuery {
    /// Reads a query string's parameters; what is absent has its default.
    pub(super) fn from_query(get: impl Fn(&str) -> Option<String>) -> Self {
        let default = Self::default();
        Self {
            tokens: get("tokens").as_deref() == Some("shown"),
            beside: get("beside").unwrap_or(default.beside),
            piece: get("piece").and_then(|piece| piece.parse().ok()),
            ask: match SampleQuery::is_in(|key| get(key).is_some()) {
                // Here the parameter has the numbers of samples, in the playground a second task.
                true => SampleQuery {
                    beside: None,
                    ..SampleQuery::from_query(get)
                },
                false => default.ask,
            },
        }
    }

    /// The query string, with its question mark; [`from_query`](Self::from_query) reads it back.
    pub(super) fn to_query(&self) -> String {
        let mut pairs = self.ask.pairs();
        if self.tokens {
            pairs.push(("tokens", "shown".into()));
        }
        if self.beside != Self::default().beside {
            pairs.push(("beside", (&self.beside).into()));
        }
        if let Some(piece) = self.piece {
            pairs.push(("piece", piece.to_string().into()));
        }
        query(&pairs)
    }

    /// With another sample to build: the piece that was looked at is not in it.
    pub(super) fn with_ask(self, ask: SampleQuery) -> Self {
        Self {
            ask,
            piece: None,
            ..self
        }
    }
}

/// The samples to show side by side.
///
/// # Errors
/// A sentence.
pub(super) fn numbers(text: &str) -> Result<Vec<u32>, String> {
    let words = text.split([',', ' ']).filter(|word| !word.is_empty());
    let mut numbers = Vec::new();
    for word in words {
        let number = word.parse().map_err(|_| {
            format!("`{word}` is not a sample number; expected two to four, such as 0, 1, 2")
        })?;
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    match numbers.len() {
        2..=MOST_BESIDE => Ok(numbers),
        got => Err(format!(
            "got {got} samples; expected two to four, such as 0, 1, 2"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::query::parameters;

    fn read(query: &str) -> BuilderQuery {
        BuilderQuery::from_query(parameters(query))
    }

    #[test]
    fn the_url_says_everything() {
        assert_eq!(read(""), BuilderQuery::default());
        let begun = read("").ask;
        assert!(
            begun.request().is_ok() && begun.script.is_some(),
            "{begun:?}"
        );
        let builder_query = BuilderQuery {
            ask: SampleQuery {
                length: "131072".to_owned(),
                profile: "stratified".to_owned(),
                script: Some(Ok("let x = 1;\n".to_owned())),
                ..SampleQuery::default().with_task("fwe")
            },
            tokens: true,
            beside: "0, 7".to_owned(),
            piece: Some(12),
        };
        assert_eq!(read(&builder_query.to_query()), builder_query);
        assert!(
            builder_query
                .to_query()
                .ends_with("&tokens=shown&beside=0%2C+7&piece=12")
        );
        let other = builder_query.clone().with_ask(SampleQuery::default());
        assert_eq!((other.piece, other.tokens), (None, true));
    }

    #[test]
    fn two_to_four_samples() {
        assert_eq!(numbers("0, 1,2"), Ok(vec![0, 1, 2]));
        assert_eq!(numbers(" 3 1 3 "), Ok(vec![3, 1]));
        let says = |text| numbers(text).unwrap_err();
        assert!(says("1").starts_with("got 1 samples"));
        assert!(says("1 2 3 4 5").starts_with("got 5 samples"));
        assert!(says("1, x").starts_with("`x` is not a sample number"));
        assert!(says("").starts_with("got 0 samples"));
    }
}
