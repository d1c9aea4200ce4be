//! What the ranking shows, as parameters of the page's address. Pure.

use fathom_shared::chart::length_name;
use fathom_shared::published::ranking::{RankedBenchmark, RankingColumn, RankingOrder};
use fathom_shared::published::ruler::window;
use fathom_shared::tokens::Tokens;

/// The length that is ranked unless the reader chooses another: what most makers claim.
const AT: Tokens = Tokens(131_072);

/// What is ranked, how, and which rows stand beside one another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct RankingQuery {
    /// By which benchmark.
    pub(super) by: RankedBenchmark,
    /// At which length of RULER.
    pub(super) at: Tokens,
    /// By which column; the benchmark's own figure without.
    pub(super) order: Option<RankingOrder>,
    /// The words that are looked for.
    pub(super) find: String,
    /// The reports that were chosen, in that order.
    pub(super) picks: Vec<String>,
}

impl Default for RankingQuery {
    fn default() -> Self {
        Self {
            by: RankedBenchmark::Ruler,
            at: AT,
            order: None,
            find: String::new(),
            picks: Vec::new(),
        }
    }
}

/// The benchmarks, with their words in the address and for people.
pub(super) const BENCHMARKS: [(RankedBenchmark, &str, &str); 3] = [
    (RankedBenchmark::Ruler, "ruler", "RULER"),
    (RankedBenchmark::Longbench, "longbench", "LongBench v2"),
    (RankedBenchmark::Both, "both", "Both"),
];

/// The word of a column in the address.
pub(super) fn column_word(column: RankingColumn) -> &'static str {
    match column {
        RankingColumn::Model => "model",
        RankingColumn::Ruler => "ruler",
        RankingColumn::Longbench => "longbench",
        RankingColumn::Samples => "n",
        RankingColumn::Reporter => "by",
        RankingColumn::Size => "size",
        RankingColumn::Window => "window",
    }
}

impl RankingQuery {
    /// Reads an address' parameters.
    pub(super) fn read(get: &impl Fn(&str) -> Option<String>) -> Self {
        let by = get("bench").unwrap_or_default();
        let by = BENCHMARKS.into_iter().find(|(_, word, _)| *word == by);
        let order = |text: String| {
            let (word, descending) = match text.strip_prefix('-') {
                Some(word) => (word, true),
                None => (text.as_str(), false),
            };
            let mut all = RankingColumn::ALL.into_iter();
            let column = all.find(|column| column_word(*column) == word)?;
            Some(RankingOrder { column, descending })
        };
        let picks = get("pick").unwrap_or_default();
        let mut chosen: Vec<String> = Vec::new();
        for pick in picks.split(',').filter(|pick| !pick.is_empty()) {
            if !chosen.iter().any(|other| other == pick) {
                chosen.push(pick.to_owned());
            }
        }
        let at = get("at").and_then(|text| window(&text));
        Self {
            by: by.map_or(RankedBenchmark::Ruler, |(by, ..)| by),
            at: at.filter(|at| at.0 > 0).unwrap_or(AT),
            order: get("sort").and_then(order),
            find: get("find").unwrap_or_default(),
            picks: chosen,
        }
    }

    /// The parameters of what is not as at first.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if self.by != RankedBenchmark::Ruler {
            let mut all = BENCHMARKS.into_iter();
            let word = all.find(|(by, ..)| *by == self.by);
            pairs.extend(word.map(|(_, word, _)| ("bench", word.to_owned())));
        }
        if self.at != AT {
            pairs.push(("at", length_name(f64::from(self.at.0))));
        }
        if let Some(order) = self.order {
            let sign = if order.descending { "-" } else { "" };
            pairs.push(("sort", format!("{sign}{}", column_word(order.column))));
        }
        if !self.find.is_empty() {
            pairs.push(("find", self.find.clone()));
        }
        if !self.picks.is_empty() {
            pairs.push(("pick", self.picks.join(",")));
        }
        pairs
    }

    /// The order of the rows.
    pub(super) fn order(&self) -> RankingOrder {
        self.order
            .unwrap_or_else(|| self.by.first_column().first_order())
    }

    /// The same, ordered by a column: once more turns it round.
    pub(super) fn ordered(&self, column: RankingColumn) -> Self {
        let now = self.order();
        let next = match now.column == column {
            true => RankingOrder {
                column,
                descending: !now.descending,
            },
            false => column.first_order(),
        };
        let usual = next == self.by.first_column().first_order();
        Self {
            order: (!usual).then_some(next),
            ..self.clone()
        }
    }

    /// The same with a report chosen, or without it where it was.
    pub(super) fn picked(&self, id: &str) -> Self {
        let mut picks = self.picks.clone();
        match picks.iter().position(|pick| pick == id) {
            Some(at) => {
                picks.remove(at);
            }
            None => picks.push(id.to_owned()),
        }
        Self {
            picks,
            ..self.clone()
        }
    }

    /// The same by another benchmark; an order by a column that it does not show is dropped.
    pub(super) fn by(&self, by: RankedBenchmark) -> Self {
        let shows = |order: &RankingOrder| columns(by).contains(&order.column);
        Self {
            by,
            order: self.order.filter(shows),
            ..self.clone()
        }
    }
}

/// The columns of a ranking.
pub(super) fn columns(by: RankedBenchmark) -> Vec<RankingColumn> {
    let hidden = match by {
        RankedBenchmark::Ruler => Some(RankingColumn::Longbench),
        RankedBenchmark::Longbench => Some(RankingColumn::Ruler),
        RankedBenchmark::Both => None,
    };
    let all = RankingColumn::ALL.into_iter();
    all.filter(|column| Some(*column) != hidden).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::query::{parameters, query};

    fn read(text: &str) -> RankingQuery {
        RankingQuery::read(&parameters(text))
    }

    #[test]
    fn the_address_holds_the_ranking() {
        assert!(RankingQuery::default().pairs().is_empty());
        let look = RankingQuery {
            by: RankedBenchmark::Both,
            at: Tokens(1_048_576),
            order: Some(RankingColumn::Size.first_order()),
            find: "llama 3.1".to_owned(),
            picks: vec!["qwen~qwen".to_owned(), "run:3".to_owned()],
        };
        assert_eq!(look.pairs()[1], ("at", "1M".to_owned()));
        assert_eq!(look.pairs()[2], ("sort", "-size".to_owned()));
        assert_eq!(read(&query(&look.pairs())), look);
        let mangled = read("bench=none&at=0&sort=-beauty&pick=,a,,a");
        let one = RankingQuery {
            picks: vec!["a".to_owned()],
            ..RankingQuery::default()
        };
        assert_eq!(mangled, one);
    }

    #[test]
    fn a_column_is_turned_round_and_a_row_taken_back() {
        let look = RankingQuery::default();
        let names = look.ordered(RankingColumn::Model);
        assert_eq!(names.pairs(), [("sort", "model".to_owned())]);
        let back = names.ordered(RankingColumn::Model);
        assert_eq!(back.pairs(), [("sort", "-model".to_owned())]);
        assert_eq!(back.ordered(RankingColumn::Ruler), look);
        let worst = look.ordered(RankingColumn::Ruler);
        assert_eq!(worst.pairs(), [("sort", "ruler".to_owned())]);
        assert_eq!(worst.by(RankedBenchmark::Longbench).order, None);
        assert_eq!(look.picked("a").picked("b").picked("a").picks, ["b"]);
    }
}
