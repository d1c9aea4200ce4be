//! RULER by length, own beside published.

use fathom_shared::chart::Figure;
use fathom_shared::results::figures::{self, LengthMean};
use fathom_shared::task::ruler;
use fathom_shared::tokens::Tokens;

use super::{Digests, chosen, whose};
use crate::pages::display;
use crate::pages::results::model::{ResultsQuery, RulerSelection};

/// Curves by length; published ones are means of RULER's 13 tasks and stand beside no other choice.
pub(in super::super) fn lengths(held: &Digests, look: &ResultsQuery) -> Figure {
    let own = held.iter().map(|digest| {
        let means = chosen(digest, look).into_iter();
        let means = means.map(|(length, sum, tasks)| LengthMean {
            length: Tokens(length),
            sum,
            tasks: matches!(look.of, RulerSelection::All).then_some(tasks),
            of: match look.of {
                RulerSelection::All => format!(", {tasks} of {} tasks", ruler::count()),
                RulerSelection::Category(_) => format!(", {}", display::some(tasks as u64, "task")),
                RulerSelection::Task(_) => String::new(),
            },
        });
        (whose(digest), means.collect())
    });
    let lines = match look.of {
        RulerSelection::All => look.ruler_lines(),
        _ => Vec::new(),
    };
    let holds = |length: Tokens| look.holds(length.0);
    figures::lengths(own.collect(), &lines, holds, &look.of.title())
}

#[cfg(test)]
mod tests {
    use super::super::tests::digest_of;
    use super::*;

    #[test]
    fn own_and_published_are_told_apart() {
        let figure = lengths(&[digest_of("mine", 30)], &ResultsQuery::default());
        let told: Vec<_> = figure
            .series
            .iter()
            .map(|s| (s.name.as_str(), s.own))
            .collect();
        assert_eq!(told[0], ("mine (2 of 13 tasks)", true));
        assert!(told[1..].iter().all(|(_, own)| !own) && told.len() == 6);
        let gpt = figure
            .series
            .iter()
            .find(|s| s.name == "GPT-4-1106-preview")
            .unwrap();
        let values: Vec<f64> = gpt.points.iter().map(|point| point.y).collect();
        assert_eq!(values, [96.6, 96.3, 95.2, 93.2, 87.0, 81.2]);
        assert!(gpt.points[0].says.contains("n = 6,500"));
    }

    #[test]
    fn published_means_stand_beside_no_other_choice() {
        let look = ResultsQuery {
            of: RulerSelection::Task("vt".to_owned()),
            ..ResultsQuery::default()
        };
        let figure = lengths(&[digest_of("mine", 30)], &look);
        assert_eq!(figure.series.len(), 1);
        assert!(
            figure.series[0].points[0]
                .says
                .starts_with("mine at 4K tokens: 75.0 (95%")
        );
    }
}
