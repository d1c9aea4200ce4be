//! What the page of a run shows, as its URL. Pure.

use fathom_shared::api::{RowState, RowView};
use fathom_shared::run::SampleKey;

use crate::pages::query::query;

/// Samples shown at once.
pub(super) const SHOWN: usize = 400;

/// Which samples of a square are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum SampleFilter {
    /// All of them.
    #[default]
    All,
    /// Those with an answer that does not score in full.
    Wrong,
    /// Those with an answer that has no text to score: thinking and nothing else, or nothing.
    Textless,
    /// Those with a failure.
    Failed,
}

/// Everything the page shows follows from this.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct RunQuery {
    /// The seed that is shown; all of them without.
    pub(super) seed: Option<u32>,
    /// The cell that is looked at.
    pub(super) cell: Option<u32>,
    /// The sample of it that is open.
    pub(super) sample: Option<u32>,
    /// Which samples are shown.
    pub(super) only: SampleFilter,
    /// The piece of evidence that is looked at.
    pub(super) piece: Option<usize>,
}

impl SampleFilter {
    /// All there are.
    pub(super) const ALL: [Self; 4] = [Self::All, Self::Wrong, Self::Textless, Self::Failed];

    /// The word in the address.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Wrong => "wrong",
            Self::Textless => "textless",
            Self::Failed => "failed",
        }
    }

    /// The word for people.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::All => "All samples",
            Self::Wrong => "Below full score",
            Self::Textless => "Answers without text",
            Self::Failed => "Failures",
        }
    }

    /// The one of that name, or all samples.
    pub(super) fn find(name: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|only| only.name() == name).unwrap_or_default()
    }

    /// Whether a row is shown.
    pub(super) fn keeps(self, row: &RowView) -> bool {
        match self {
            Self::All => true,
            Self::Wrong => row.score.is_some_and(|score| score < 1.0),
            Self::Textless => row.textless.is_some(),
            Self::Failed => row.state == RowState::Failed,
        }
    }
}

impl RunQuery {
    /// Reads a query string's parameters.
    pub(super) fn from_query(get: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            seed: get("seed").and_then(|seed| seed.parse().ok()),
            cell: get("cell").and_then(|cell| cell.parse().ok()),
            sample: get("sample").and_then(|sample| sample.parse().ok()),
            only: SampleFilter::find(&get("only").unwrap_or_default()),
            piece: get("piece").and_then(|piece| piece.parse().ok()),
        }
    }

    /// The query string, with its question mark; [`from_query`](Self::from_query) reads it back.
    pub(super) fn to_query(self) -> String {
        let numbers = [
            ("seed", self.seed.map(|seed| seed.to_string())),
            ("cell", self.cell.map(|cell| cell.to_string())),
            ("sample", self.sample.map(|sample| sample.to_string())),
            ("piece", self.piece.map(|piece| piece.to_string())),
        ];
        let numbers = numbers.into_iter();
        let mut pairs: Vec<_> = numbers
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        if self.only != SampleFilter::All {
            pairs.push(("only", self.only.name().to_owned()));
        }
        query(&pairs)
    }

    /// The sample that is open.
    pub(super) fn place(self) -> Option<SampleKey> {
        let (cell, sample) = (self.cell?, self.sample?);
        Some(SampleKey { cell, sample })
    }

    /// With another cell to look at.
    pub(super) fn at_cell(self, cell: Option<u32>) -> Self {
        Self {
            cell,
            sample: None,
            piece: None,
            ..self
        }
    }

    /// With another sample open.
    pub(super) fn at_place(self, place: SampleKey) -> Self {
        Self {
            cell: Some(place.cell),
            sample: Some(place.sample),
            piece: None,
            ..self
        }
    }
}

/// Where a key leads from square `at` of a map, row by row; nowhere for a key that does not lead.
/// `far` is to the very first or last one.
pub(super) fn step(
    at: usize,
    (rows, columns): (usize, usize),
    key: &str,
    far: bool,
) -> Option<usize> {
    let last = (rows * columns).checked_sub(1)?;
    let begin = at / columns * columns;
    let next = match key {
        "ArrowRight" if at + 1 < begin + columns => at + 1,
        "ArrowLeft" if at > begin => at - 1,
        "ArrowDown" if at + columns <= last => at + columns,
        "ArrowUp" if at >= columns => at - columns,
        "ArrowRight" | "ArrowLeft" | "ArrowDown" | "ArrowUp" => at,
        "Home" if far => 0,
        "End" if far => last,
        "Home" => begin,
        "End" => begin + columns - 1,
        _ => return None,
    };
    Some(next.min(last))
}

/// Of a list that is too long to show, the part that holds `at`; or its beginning.
pub(super) fn part(len: usize, at: Option<usize>) -> std::ops::Range<usize> {
    let start = at.filter(|at| *at < len).unwrap_or_default() / SHOWN * SHOWN;
    start..(start + SHOWN).min(len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::query::parameters;

    fn read(query: &str) -> RunQuery {
        RunQuery::from_query(parameters(query))
    }

    #[test]
    fn the_url_says_everything() {
        assert_eq!(
            (read(""), RunQuery::default().to_query()),
            (RunQuery::default(), String::new())
        );
        let look = RunQuery {
            seed: Some(43),
            cell: Some(3),
            sample: Some(12),
            only: SampleFilter::Failed,
            piece: Some(1),
        };
        assert_eq!(
            look.to_query(),
            "?seed=43&cell=3&sample=12&piece=1&only=failed"
        );
        assert_eq!(read(&look.to_query()), look);
        assert_eq!(
            read("?cell=3&sample=12").place(),
            Some(SampleKey {
                cell: 3,
                sample: 12
            })
        );
        assert_eq!(
            look.at_cell(Some(4)).to_query(),
            "?seed=43&cell=4&only=failed"
        );
    }

    #[test]
    fn keys_lead_from_square_to_square() {
        let from = |at, key| step(at, (3, 4), key, false);
        assert_eq!(from(5, "ArrowRight"), Some(6));
        assert_eq!(from(5, "ArrowLeft"), Some(4));
        assert_eq!(from(5, "ArrowUp"), Some(1));
        assert_eq!(from(5, "ArrowDown"), Some(9));
        // At an edge they stay.
        assert_eq!(from(7, "ArrowRight"), Some(7));
        assert_eq!(from(4, "ArrowLeft"), Some(4));
        assert_eq!(from(1, "ArrowUp"), Some(1));
        assert_eq!(from(9, "ArrowDown"), Some(9));
        assert_eq!((from(6, "Home"), from(6, "End")), (Some(4), Some(7)));
        assert_eq!(step(6, (3, 4), "Home", true), Some(0));
        assert_eq!(step(6, (3, 4), "End", true), Some(11));
        assert_eq!(from(5, "Enter"), None);
        assert_eq!(step(0, (0, 0), "Home", false), None);
    }

    #[test]
    fn a_long_list_is_shown_in_parts() {
        assert_eq!(part(0, None), 0..0);
        assert_eq!(part(500, None), 0..400);
        assert_eq!(part(500, Some(399)), 0..400);
        assert_eq!(part(500, Some(400)), 400..500);
        assert_eq!(part(500, Some(900)), 0..400);
    }
}
