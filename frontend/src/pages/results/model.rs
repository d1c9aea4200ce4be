//! What the page of results shows, as its URL. Pure.

use fathom_shared::published::{longbench, ruler};
use fathom_shared::task::RulerCategory;

use super::ranking_query::RankingQuery;
use crate::pages::query::query;
use crate::protocol::RunKey;
use crate::protocol::results::GroupBy;

/// A view of the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum ResultsView {
    /// Every model by its figure, with who measured it.
    #[default]
    Ranking,
    /// What is known at first sight.
    Overview,
    /// RULER by length.
    Lengths,
    /// The gap between one needle and several hops.
    Gap,
    /// RULER's categories.
    Categories,
    /// Depth by length.
    Depth,
    /// LongBench v2 by group.
    Longbench,
    /// Direct against chain of thought.
    Thinking,
    /// RULER against LongBench v2.
    Both,
    /// Checkpoints in order.
    Checkpoints,
    /// Sets against the first.
    Comparison,
}

/// Which of RULER's scores are shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) enum RulerSelection {
    /// The mean over its tasks.
    #[default]
    All,
    /// The mean over those of a category.
    Category(RulerCategory),
    /// One task.
    Task(String),
}

/// Everything the page shows follows from this and from what it holds.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct ResultsQuery {
    /// The view.
    pub(super) shown: ResultsView,
    /// What is ranked.
    pub(super) ranking: RankingQuery,
    /// Runs of the server and of this browser.
    pub(super) runs: Vec<RunKey>,
    /// A file beside the page.
    pub(super) file: Option<String>,
    /// Lines of RULER's table, by name; the page's own choice without.
    pub(super) ruler: Option<Vec<String>>,
    /// Lines of LongBench's leaderboard, by name; the page's own choice without.
    pub(super) board: Option<Vec<String>>,
    /// Which of RULER's scores.
    pub(super) of: RulerSelection,
    /// From this length on.
    pub(super) from: Option<u32>,
    /// Up to this one.
    pub(super) to: Option<u32>,
    /// Where checkpoints are tested, lengths up to this one are short; the first set's shortest
    /// without.
    pub(super) short: Option<u32>,
    /// By what LongBench's questions are grouped.
    pub(super) by: GroupBy,
    /// The set that others are measured against; the first without.
    pub(super) first: Option<String>,
    /// The difference, in percent, from which on it matters.
    pub(super) margin: Option<u32>,
}

/// The difference that matters unless the reader says another, in percent.
pub(super) const MARGIN: u32 = 5;

/// Shown of RULER's table unless the reader chooses: from the table's head to its foot.
const RULER: [&str; 5] = [
    "Gemini-1.5-pro",
    "GPT-4-1106-preview",
    "Llama3.1 70B",
    "Llama3.1 8B",
    "Mistral 7B",
];

/// Shown of LongBench's leaderboard unless the reader chooses: large and small.
const BOARD: [&str; 5] = [
    "GPT-4o (2024-08-06)",
    "Qwen2.5-72B (2024-09-19)",
    "Llama 3.1 70B (2024-07-23)",
    "Qwen2.5-7B (2024-09-19)",
    "Llama 3.1 8B (2024-07-23)",
];

impl ResultsView {
    /// All there are, in the order of the page.
    pub(super) const ALL: [Self; 11] = [
        Self::Ranking,
        Self::Overview,
        Self::Lengths,
        Self::Gap,
        Self::Categories,
        Self::Depth,
        Self::Longbench,
        Self::Thinking,
        Self::Both,
        Self::Checkpoints,
        Self::Comparison,
    ];

    /// The word in the address.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ranking => "ranking",
            Self::Overview => "overview",
            Self::Lengths => "lengths",
            Self::Gap => "gap",
            Self::Categories => "categories",
            Self::Depth => "depth",
            Self::Longbench => "longbench",
            Self::Thinking => "thinking",
            Self::Both => "both",
            Self::Checkpoints => "checkpoints",
            Self::Comparison => "comparison",
        }
    }

    /// The words for people.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Ranking => "Ranking",
            Self::Overview => "Overview",
            Self::Lengths => "RULER by length",
            Self::Gap => "Needles and hops",
            Self::Categories => "Categories",
            Self::Depth => "Depth",
            Self::Longbench => "LongBench v2",
            Self::Thinking => "Chain of thought",
            Self::Both => "RULER and LongBench",
            Self::Checkpoints => "Checkpoints",
            Self::Comparison => "Comparison",
        }
    }

    /// What an address shows that names no view: the ranking, or what its runs and files come to.
    pub(super) fn at_first(runs: &[RunKey], file: Option<&str>) -> Self {
        match runs.is_empty() && file.is_none() {
            true => Self::Ranking,
            false => Self::Overview,
        }
    }

    fn find(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|shown| shown.name() == name)
    }
}

impl RulerSelection {
    /// The word in the address.
    pub(super) fn word(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Category(category) => category.name().replace(' ', "-"),
            Self::Task(task) => format!("task:{task}"),
        }
    }

    /// What that word means.
    pub(super) fn read(word: &str) -> Self {
        let category = |category: &RulerCategory| category.name().replace(' ', "-") == word;
        match word.strip_prefix("task:") {
            Some(task) => Self::Task(task.to_owned()),
            None => {
                let category = RulerCategory::ALL.into_iter().find(category);
                category.map_or(Self::All, Self::Category)
            }
        }
    }

    /// The words for people.
    pub(super) fn title(&self) -> String {
        match self {
            Self::All => "mean of all tasks".to_owned(),
            Self::Category(category) => category.name().to_owned(),
            Self::Task(task) => task.clone(),
        }
    }
}

/// The word in the address of a way to group questions.
pub(super) fn by_word(by: GroupBy) -> &'static str {
    match by {
        GroupBy::Overall => "overall",
        GroupBy::Difficulty => "difficulty",
        GroupBy::Length => "length",
        GroupBy::Domain => "domain",
    }
}

/// All of them.
pub(super) const ALL_BY: [GroupBy; 4] = [
    GroupBy::Overall,
    GroupBy::Difficulty,
    GroupBy::Length,
    GroupBy::Domain,
];

impl ResultsQuery {
    /// Reads a query string's parameters.
    pub(super) fn from_query(get: impl Fn(&str) -> Option<String>) -> Self {
        let list = |key: &str| {
            let text = get(key)?;
            let names = text.split(',').map(str::trim);
            let names = names.filter(|name| !name.is_empty());
            Some(names.map(str::to_owned).collect::<Vec<_>>())
        };
        let number = |key: &str| get(key).and_then(|text| text.parse().ok());
        let by = get("by").unwrap_or_default();
        let by = ALL_BY.into_iter().find(|one| by_word(*one) == by);
        let runs = list("run").unwrap_or_default();
        let mut known = std::collections::BTreeSet::new();
        let runs = runs.iter().filter_map(|run| run.parse().ok());
        let runs: Vec<RunKey> = runs.filter(|run| known.insert(*run)).collect();
        let file = get("file").filter(|file| !file.is_empty());
        let shown = ResultsView::find(&get("view").unwrap_or_default());
        Self {
            shown: shown.unwrap_or_else(|| ResultsView::at_first(&runs, file.as_deref())),
            ranking: RankingQuery::read(&get),
            runs,
            file,
            ruler: list("ruler"),
            board: list("board"),
            of: RulerSelection::read(&get("of").unwrap_or_default()),
            from: number("from"),
            to: number("to"),
            short: number("short"),
            by: by.unwrap_or_default(),
            first: get("first").filter(|first| !first.is_empty()),
            margin: number("margin"),
        }
    }

    /// The query string, with its question mark; [`from_query`](Self::from_query) reads it back.
    pub(super) fn to_query(&self) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        let mut add = |name, value: Option<String>| {
            pairs.extend(value.map(|value| (name, value)));
        };
        let at_first = ResultsView::at_first(&self.runs, self.file.as_deref());
        add(
            "view",
            (self.shown != at_first).then(|| self.shown.name().to_owned()),
        );
        let runs: Vec<String> = self.runs.iter().map(RunKey::to_string).collect();
        add("run", (!runs.is_empty()).then(|| runs.join(",")));
        add("file", self.file.clone());
        add("ruler", self.ruler.as_ref().map(|names| names.join(",")));
        add("board", self.board.as_ref().map(|names| names.join(",")));
        add("of", Some(self.of.word()).filter(|word| !word.is_empty()));
        add("from", self.from.map(|from| from.to_string()));
        add("to", self.to.map(|to| to.to_string()));
        add("short", self.short.map(|short| short.to_string()));
        let by = (self.by != GroupBy::Overall).then(|| by_word(self.by).to_owned());
        add("by", by);
        add("first", self.first.clone());
        add("margin", self.margin.map(|margin| margin.to_string()));
        pairs.extend(self.ranking.pairs());
        query(&pairs)
    }

    /// Whether a length is shown.
    pub(super) fn holds(&self, length: u32) -> bool {
        self.from.is_none_or(|from| from <= length) && self.to.is_none_or(|to| length <= to)
    }

    /// The difference that matters, in percent.
    pub(super) fn margin(&self) -> u32 {
        self.margin.unwrap_or(MARGIN)
    }

    /// The lines of RULER's table that are shown, in its order.
    pub(super) fn ruler_lines(&self) -> Vec<ruler::RulerTableLine> {
        let wanted = |name: String| match &self.ruler {
            Some(names) => names.contains(&name),
            None => RULER.contains(&name.as_str()),
        };
        let lines = ruler::board().into_iter();
        lines.filter(|line| wanted(line.name())).collect()
    }

    /// The lines of LongBench's leaderboard that are shown, in its order.
    pub(super) fn board_lines(&self) -> Vec<longbench::LeaderboardLine> {
        let wanted = |name: String| match &self.board {
            Some(names) => names.contains(&name),
            None => BOARD.contains(&name.as_str()),
        };
        let lines = longbench::board().into_iter();
        lines.filter(|line| wanted(line.name())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::query::parameters;

    fn read(query: &str) -> ResultsQuery {
        ResultsQuery::from_query(parameters(query))
    }

    #[test]
    fn the_address_holds_everything() {
        assert_eq!(ResultsQuery::default().to_query(), "");
        let look = ResultsQuery {
            shown: ResultsView::Gap,
            ranking: RankingQuery::read(&parameters("at=1M&pick=a,run:3")),
            runs: vec![RunKey::Server(3), RunKey::Page(5)],
            file: Some("/results/x.jsonl".to_owned()),
            ruler: Some(vec![
                "GradientAI/Llama3 8B".to_owned(),
                "GPT-4-1106-preview".to_owned(),
            ]),
            board: Some(Vec::new()),
            of: RulerSelection::Category(RulerCategory::MultiHop),
            from: Some(4096),
            to: Some(131_072),
            short: Some(8192),
            by: GroupBy::Domain,
            first: Some("run:3".to_owned()),
            margin: Some(3),
        };
        assert_eq!(read(&look.to_query()), look);
        for shown in ResultsView::ALL {
            for runs in [vec![], vec![RunKey::Server(3)]] {
                let look = ResultsQuery {
                    shown,
                    runs,
                    of: RulerSelection::Task("vt".to_owned()),
                    ..ResultsQuery::default()
                };
                assert_eq!(read(&look.to_query()), look);
            }
        }
    }

    #[test]
    fn results_begin_with_the_ranking_and_runs_with_what_they_come_to() {
        assert_eq!(read("").shown, ResultsView::Ranking);
        assert_eq!(read("run=3").shown, ResultsView::Overview);
        assert_eq!(read("file=/x.jsonl").shown, ResultsView::Overview);
        assert_eq!(read("view=ranking&run=3").shown, ResultsView::Ranking);
    }

    #[test]
    fn a_mangled_address_is_read_as_far_as_it_goes() {
        let look = read("view=nowhere&run=3,x,,3,4&from=long&of=everything&by=size");
        assert_eq!(look.runs, [RunKey::Server(3), RunKey::Server(4)]);
        assert_eq!(
            (look.shown, look.of, look.from),
            (ResultsView::Overview, RulerSelection::All, None)
        );
    }

    #[test]
    fn what_is_shown_at_first_is_there() {
        let look = ResultsQuery::default();
        assert_eq!(look.ruler_lines().len(), RULER.len());
        assert_eq!(look.board_lines().len(), BOARD.len());
        let none = ResultsQuery {
            ruler: Some(Vec::new()),
            ..ResultsQuery::default()
        };
        assert!(none.ruler_lines().is_empty());
        assert!(none.holds(1) && !read("from=2&to=3").holds(1));
    }
}
