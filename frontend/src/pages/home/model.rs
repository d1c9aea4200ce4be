//! Which samples of the recording are shown, as the address says it. Pure.

use fathom_shared::tokens::Tokens;

use super::super::query::query;
use super::super::sample_query::SampleQuery;
use crate::protocol::{RecordedCell, RecordedSample, Recording};

/// The length that is shown unless the address says another.
const FIRST_LENGTH: Tokens = Tokens(1024);

/// One of the two tasks that stand beside each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RecordedTask {
    /// One needle.
    Needle,
    /// A chain of hops.
    Chain,
}

impl RecordedTask {
    /// Both, the easy one first.
    pub(super) const BOTH: [Self; 2] = [Self::Needle, Self::Chain];

    /// The task's id.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Needle => "niah_single_1",
            Self::Chain => "vt",
        }
    }

    /// Its name here and in style sheets.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Needle => "needle",
            Self::Chain => "hop",
        }
    }

    /// What is asked of a model.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Needle => "Find the needle",
            Self::Chain => "Follow the chain",
        }
    }

    /// What a reader who does not see its text is told that it is.
    pub(super) fn text_label(self) -> &'static str {
        match self {
            Self::Needle => "The text with the needle",
            Self::Chain => "The text with the chain",
        }
    }

    /// What that means.
    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Needle => {
                "One sentence with a number is hidden in a text that repeats itself over and over. What is the number?"
            }
            Self::Chain => {
                "A variable is assigned a value, a second is assigned the first, and so on: four hops, each hidden elsewhere in the text. Which five variables hold the value?"
            }
        }
    }
}

/// What the address says: names of its own, as the playground's parameters once stood here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct HomeQuery {
    /// The length, where it is not the first choice.
    pub(super) tokens: Option<u32>,
    /// The number of the pair, from 0.
    pub(super) pair: u32,
}

impl HomeQuery {
    /// Reads an address; what it does not say has its default.
    pub(super) fn from_query(get: impl Fn(&str) -> Option<String>) -> Self {
        let number = |name: &str| get(name).and_then(|text| text.parse().ok());
        Self {
            tokens: number("tokens"),
            pair: number("pair").unwrap_or(0),
        }
    }

    /// The address, with its question mark.
    pub(super) fn to_query(self) -> String {
        let tokens = self.tokens.map(|tokens| ("tokens", tokens));
        let pair = (self.pair > 0).then_some(("pair", self.pair));
        query(&tokens.into_iter().chain(pair).collect::<Vec<_>>())
    }
}

/// What is shown, and where one can go from there.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct PairChoice {
    /// The lengths that both tasks were recorded at, ascending.
    lengths: Vec<Tokens>,
    /// The length that is shown.
    pub(super) length: Tokens,
    /// The number of the pair, from 0.
    pub(super) pair: u32,
    /// How many pairs the length has.
    pub(super) pairs: u32,
}

impl PairChoice {
    /// The choice of an address that lies nearest.
    pub(super) fn of(recording: &Recording, look: HomeQuery) -> Self {
        let pairs = |length: Tokens| {
            let of = RecordedTask::BOTH.map(|task| cell(recording, task, length));
            let samples = of.map(|cell| cell.map_or(0, |cell| cell.samples.len()));
            // A recording that is not whole may have one task alone.
            let most = samples.into_iter().filter(|samples| *samples > 0).min();
            u32::try_from(most.unwrap_or(0)).unwrap_or(0)
        };
        let mut lengths: Vec<Tokens> = recording.cells.iter().map(|cell| cell.length).collect();
        lengths.sort_unstable();
        lengths.dedup();
        let wanted = look.tokens.map_or(FIRST_LENGTH, Tokens);
        let away = |length: &&Tokens| length.0.abs_diff(wanted.0);
        let length = lengths.iter().min_by_key(away).copied().unwrap_or_default();
        let pairs = pairs(length);
        Self {
            lengths,
            length,
            pair: look.pair.min(pairs.saturating_sub(1)),
            pairs,
        }
    }

    /// The next pair, round and round.
    pub(super) fn next(&self) -> HomeQuery {
        self.at(self.length, (self.pair + 1) % self.pairs.max(1))
    }

    /// The pair before.
    pub(super) fn previous(&self) -> HomeQuery {
        let pairs = self.pairs.max(1);
        self.at(self.length, (self.pair + pairs - 1) % pairs)
    }

    /// The next length up or down, if there is one.
    pub(super) fn other_length(&self, longer: bool) -> Option<HomeQuery> {
        let at = self
            .lengths
            .iter()
            .position(|length| *length == self.length)?;
        let next = if longer {
            at.checked_add(1)?
        } else {
            at.checked_sub(1)?
        };
        Some(self.at(*self.lengths.get(next)?, self.pair))
    }

    fn at(&self, length: Tokens, pair: u32) -> HomeQuery {
        HomeQuery {
            tokens: (length != FIRST_LENGTH).then_some(length.0),
            pair,
        }
    }
}

/// A task at a length.
pub(super) fn cell(
    recording: &Recording,
    task: RecordedTask,
    length: Tokens,
) -> Option<&RecordedCell> {
    let is_it = |cell: &&RecordedCell| cell.task == task.id() && cell.length == length;
    recording.cells.iter().find(is_it)
}

/// The sample of a task that `choice` shows.
pub(super) fn sample<'r>(
    recording: &'r Recording,
    task: RecordedTask,
    choice: &PairChoice,
) -> Option<&'r RecordedSample> {
    let cell = cell(recording, task, choice.length)?;
    cell.samples.get(choice.pair as usize)
}

/// The playground with exactly this sample.
pub(super) fn in_playground(
    recording: &Recording,
    task: RecordedTask,
    choice: &PairChoice,
) -> String {
    let ask = SampleQuery {
        length: choice.length.to_string(),
        seed: recording.seed.to_string(),
        sample: choice.pair.to_string(),
        mode: recording.mode,
        ..SampleQuery::default().with_task(task.id())
    };
    format!("/playground{}", ask.to_query())
}

/// Where a sample's question stands: its last line.
pub(super) fn question(input: &str) -> &str {
    let mut lines = input.lines().map(str::trim);
    let last = lines.rfind(|line| !line.is_empty());
    last.unwrap_or_default().trim_start_matches("Question: ")
}

/// The recording of the repository.
#[cfg(test)]
pub(super) fn recorded() -> Recording {
    let text = include_str!("../../../../shared/data/recorded/smollm2-135m-instruct.samples.json");
    serde_json::from_str(text).unwrap()
}

#[cfg(test)]
mod tests {
    use super::super::super::query::parameters;
    use super::*;
    use fathom_shared::task::TASKS;

    #[test]
    fn the_address_says_what_is_shown_and_nothing_of_the_playground() {
        let look = HomeQuery {
            tokens: Some(2048),
            pair: 3,
        };
        assert_eq!(look.to_query(), "?tokens=2048&pair=3");
        assert_eq!(HomeQuery::from_query(parameters(&look.to_query())), look);
        assert_eq!(HomeQuery::default().to_query(), "");
        assert!(!SampleQuery::is_in(|key| ["tokens", "pair"].contains(&key)));
        let options = TASKS.iter().flat_map(|task| task.task_options());
        for option in options {
            assert!(!["tokens", "pair"].contains(&option.name));
        }
    }

    #[test]
    fn every_length_can_be_reached_and_the_pairs_go_round() {
        let recording = recorded();
        let mut choice = PairChoice::of(&recording, HomeQuery::default());
        assert_eq!((choice.length, choice.pair), (FIRST_LENGTH, 0));
        while let Some(shorter) = choice.other_length(false) {
            choice = PairChoice::of(&recording, shorter);
        }
        let mut seen = vec![choice.length];
        while let Some(longer) = choice.other_length(true) {
            choice = PairChoice::of(&recording, longer);
            seen.push(choice.length);
        }
        assert_eq!(seen, choice.lengths);
        for _ in 0..choice.pairs {
            choice = PairChoice::of(&recording, choice.next());
        }
        assert_eq!(choice.pair, 0);
        let last = PairChoice::of(&recording, choice.previous());
        assert_eq!(last.pair, last.pairs - 1);
        assert_eq!(PairChoice::of(&recording, last.next()), choice);
        let far = PairChoice::of(
            &recording,
            HomeQuery {
                tokens: Some(1_000_000),
                pair: 999,
            },
        );
        assert_eq!(
            (Some(&far.length), far.pair),
            (far.lengths.last(), far.pairs - 1)
        );
    }

    #[test]
    fn the_playground_gets_the_same_sample() {
        let recording = recorded();
        let choice = PairChoice::of(
            &recording,
            HomeQuery {
                tokens: Some(512),
                pair: 2,
            },
        );
        let told = in_playground(&recording, RecordedTask::Needle, &choice);
        assert_eq!(
            told,
            "/playground?task=niah_single_1&length=512&seed=42&sample=2"
        );
        let shown = sample(&recording, RecordedTask::Needle, &choice).unwrap();
        assert_eq!(shown.sample.number, 2);
        assert!(question(&shown.sample.input).ends_with('?'));
    }
}
