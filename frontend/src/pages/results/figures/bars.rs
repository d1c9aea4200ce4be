//! LongBench v2 by group: own and published, against people, chance and the best.

use fathom_shared::chart::Figure;
pub(super) use fathom_shared::results::figures::published_point;
use fathom_shared::results::figures::{self, GroupAccuracy};

use super::{Digests, whose};
use crate::pages::results::model::ResultsQuery;
use crate::protocol::results::{GroupBy, GroupShare};

/// Bars by what the reader chose.
pub(in super::super) fn bars(held: &Digests, look: &ResultsQuery) -> Figure {
    let asked = held
        .iter()
        .flat_map(|digest| digest.questions.iter().map(move |asked| (digest, asked)));
    let own = asked.map(|(digest, asked)| {
        let shares = asked.groups.iter().map(right).collect::<Vec<_>>();
        (whose(digest), asked.variant.as_str(), shares)
    });
    let lines = look.board_lines().into_iter();
    let lines = lines.map(|line| {
        let name = line.name();
        (line, name)
    });
    let title = match look.by {
        GroupBy::Overall => "LongBench v2: correct answers",
        GroupBy::Difficulty => "LongBench v2 by difficulty",
        GroupBy::Length => "LongBench v2 by text length",
        GroupBy::Domain => "LongBench v2 by domain",
    };
    figures::questions(
        &own.collect::<Vec<_>>(),
        &lines.collect::<Vec<_>>(),
        groups(held, look.by),
        title.to_owned(),
    )
}

/// The groups' names, in the benchmark's order; domains as they are met.
fn groups(held: &Digests, by: GroupBy) -> Vec<String> {
    let fixed: &[&str] = match by {
        GroupBy::Overall => &["overall"],
        GroupBy::Difficulty => &["easy", "hard"],
        GroupBy::Length => &["short", "medium", "long"],
        GroupBy::Domain => &[],
    };
    let mut names: Vec<String> = fixed.iter().map(|name| (*name).to_owned()).collect();
    if by == GroupBy::Domain {
        let asked = held.iter().flat_map(|digest| &digest.questions);
        let groups = asked.flat_map(|asked| &asked.groups);
        names = groups
            .filter(|g| g.by == by)
            .map(|g| g.name.clone())
            .collect();
        names.sort_unstable();
        names.dedup();
    }
    names
}

fn right(share: &GroupShare) -> GroupAccuracy<'_> {
    GroupAccuracy {
        group: &share.name,
        n: share.n,
        failed: share.failed,
        share: share.share,
        interval: share.interval,
    }
}

/// A share in words, `called` being whose it is and how it was asked.
pub(super) fn says(called: &str, share: &GroupShare) -> String {
    right(share).says(called)
}

#[cfg(test)]
mod tests {
    use fathom_shared::chart::PointStyle;

    use super::super::tests::digest_of;
    use super::*;

    #[test]
    fn own_bars_stand_against_people_chance_and_the_best() {
        let look = ResultsQuery {
            by: GroupBy::Difficulty,
            ..ResultsQuery::default()
        };
        let figure = bars(&[digest_of("mine", 30)], &look);
        let find = |name: &str| figure.series.iter().find(|s| s.name == name).unwrap();
        let own = find("mine, direct");
        assert_eq!((own.points.len(), own.points[0].y), (1, 50.0));
        assert_eq!(find("mine, cot").points[0].y, 75.0);
        let chance = find("Chance");
        assert_eq!(chance.form, PointStyle::Reference);
        assert_eq!(chance.points[0].y, 25.0);
        let people = find("People, 15 minutes each");
        assert_eq!(people.points.len(), 2);
        assert!(people.points[1].says.contains("hard, direct, published"));
    }

    #[test]
    fn domains_are_ones_own_alone() {
        let look = ResultsQuery {
            by: GroupBy::Domain,
            ..ResultsQuery::default()
        };
        let figure = bars(&[digest_of("mine", 30)], &look);
        assert!(figure.series.iter().all(|series| series.own));
        assert!(bars(&[], &look).is_empty());
        assert!(!bars(&[], &ResultsQuery::default()).is_empty());
    }
}
