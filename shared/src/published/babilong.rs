//! BABILong: questions that need one, two or three facts from a long text, up to a million tokens.

use super::ruler::window;
use crate::stats::Interval;
use crate::stats::wilson::wilson;
use crate::tokens::Tokens;

/// The source of the predictions, how they were scored and when they were read.
pub const SOURCE: &str = "booydar/babilong, babilong_evals at 7a6efee, read on 2026-11-30; right where the output holds the target, which is not the authors’ own scorer";

const CSV: &str = include_str!("../../data/published/babilong.csv");

/// A task at one length.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FactCount {
    /// The model that answered.
    pub model: &'static str,
    /// The task: `qa1` to `qa5`.
    pub task: &'static str,
    /// How many facts an answer needs; `None` if the task asks about a relation.
    pub facts: Option<u32>,
    /// The length of the text around the facts; `None` for the facts alone.
    pub length: Option<Tokens>,
    /// Number of questions.
    pub n: u32,
    /// Number of right answers.
    pub right: u32,
    /// Who published the predictions.
    pub reporter: &'static str,
}

impl FactCount {
    /// The fraction of right answers.
    pub fn share(&self) -> f64 {
        f64::from(self.right) / f64::from(self.n.max(1))
    }

    /// Wilson's interval of the share.
    pub fn interval(&self) -> Option<Interval> {
        wilson(self.right, self.n)
    }
}

/// Every task at every length, beginning with the facts alone.
///
/// # Example
/// ```
/// use fathom_shared::{published::babilong::counts, tokens::Tokens};
/// let at = |facts| counts().into_iter().find(|one| {
///     one.facts == Some(facts) && one.length == Some(Tokens(131_072))
/// });
/// let right = [1, 2, 3].map(|facts| at(facts).map(|one| (one.right, one.n)));
/// assert_eq!(right, [Some((70, 100)), Some((31, 100)), Some((21, 100))]);
/// ```
pub fn counts() -> Vec<FactCount> {
    CSV.lines().skip(1).filter_map(line).collect()
}

fn line(text: &'static str) -> Option<FactCount> {
    let mut fields = text.split(',');
    let mut next = || fields.next();
    Some(FactCount {
        model: next()?,
        task: next()?,
        facts: next()?.parse().ok(),
        length: window(next()?).filter(|length| length.0 > 0),
        n: next()?.parse().ok()?,
        right: next()?.parse().ok()?,
        reporter: next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_names_where_it_comes_from() {
        let counts = counts();
        assert_eq!(counts.len(), CSV.lines().count() - 1);
        for (one, text) in counts.iter().zip(CSV.lines().skip(1)) {
            assert!(0 < one.n && one.right <= one.n, "{one:?}");
            let fields: Vec<&str> = text.split(',').collect();
            let [.., setting, read, source] = fields[..] else {
                panic!("{text}")
            };
            let part = |part: &str| SOURCE.contains(part);
            assert!(part(read) && source.split("; ").all(part), "{text}");
            assert!(setting.starts_with("right where the output holds the target"));
        }
    }

    #[test]
    fn more_facts_are_harder_at_every_length_to_512k() {
        let counts = counts();
        let at = |facts, length| {
            let mut found = counts.iter();
            let found = found.find(|one| one.facts == Some(facts) && one.length == length);
            found.map(FactCount::share)
        };
        let one = counts.iter().filter(|one| one.facts == Some(1));
        for length in one.map(|one| one.length) {
            let [one, two, three] = [1, 2, 3].map(|facts| at(facts, length).unwrap());
            assert!(one > two, "{length:?}");
            // At a million tokens, three facts scored higher than two, with 100 questions each.
            assert!(
                two > three || length == Some(Tokens(1_048_576)),
                "{length:?}"
            );
        }
    }
}
