//! LongBench v2 by group: own and published, against people, chance and the best.

use fathom_shared::chart::{Figure, Form, Kind, Point, Series};
use fathom_shared::longbench::{Difficulty, LengthClass};
use fathom_shared::published::longbench::{Column, Line, SOURCE, board, human};

use super::{Held, name, names, percent, run_page, series, source};
use crate::pages::results::model::{Look, board_name};
use crate::worker::protocol::results::{Asked, By, Digest, GroupShare};

/// Bars by what the reader chose.
pub(in super::super) fn bars(held: &Held, look: &Look) -> Figure {
    let groups = groups(held, look.by);
    let mut all: Vec<Series> = held
        .iter()
        .flat_map(|digest| digest.questions.iter().map(move |asked| (digest, asked)))
        .map(|(digest, asked)| own(digest, asked, &groups))
        .filter(|series| !series.points.is_empty())
        .collect();
    let line = |line: &Line, name: String, form: Form| {
        let mut series = published(line, name, &groups);
        series.form = form;
        series
    };
    let lines = look.board_lines();
    all.extend(
        lines
            .iter()
            .map(|one| line(one, board_name(one), Form::Plain)),
    );
    let people = line(
        &human(),
        "People, 15 minutes each".to_owned(),
        Form::Reference,
    );
    let all_lines = board();
    let chance = all_lines.iter().find(|line| line.model == "Random");
    // Best with a chain of thought comes first.
    let best = all_lines.first();
    all.extend(best.map(|best| line(best, format!("Best: {}", best.model), Form::Reference)));
    all.push(people);
    all.extend(chance.map(|one| line(one, "Chance".to_owned(), Form::Reference)));
    all.retain(|series| !series.points.is_empty());
    Figure {
        id: "longbench-by-group".to_owned(),
        title: match look.by {
            By::Overall => "LongBench v2: right answers".to_owned(),
            By::Difficulty => "LongBench v2 by difficulty".to_owned(),
            By::Length => "LongBench v2 by length of the text".to_owned(),
            By::Domain => "LongBench v2 by domain".to_owned(),
        },
        about: "Right answers of all that were asked; what failed counts as not right. Whiskers are Wilson’s 95% intervals, of published shares for the dataset’s number of questions. A published bar is the direct answer where there is one, else after a chain of thought. The leaderboard tells no domains.".to_owned(),
        kind: Kind::Bars,
        x: names("Questions", groups),
        y: percent("Right answers, %", 0.0),
        series: all,
        guides: Vec::new(),
    }
}

/// The groups' names, in the benchmark's order; domains as they are met.
fn groups(held: &Held, by: By) -> Vec<String> {
    let fixed: &[&str] = match by {
        By::Overall => &["overall"],
        By::Difficulty => &["easy", "hard"],
        By::Length => &["short", "medium", "long"],
        By::Domain => &[],
    };
    let mut names: Vec<String> = fixed.iter().map(|name| (*name).to_owned()).collect();
    if by == By::Domain {
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

fn own(digest: &Digest, asked: &Asked, groups: &[String]) -> Series {
    let called = match asked.variant.as_str() {
        "" => format!("{}, direct", name(digest)),
        variant => format!("{}, {}", name(digest), way(variant)),
    };
    let point = |(at, group): (usize, &String)| {
        let share = asked.groups.iter().find(|share| share.name == *group)?;
        Some(Point {
            x: at as f64,
            y: share.share * 100.0,
            interval: Some((share.interval.low * 100.0, share.interval.high * 100.0)),
            n: Some(share.n),
            says: says(&called, share),
            href: run_page(digest),
            ..Point::default()
        })
    };
    let points = groups.iter().enumerate().filter_map(point).collect();
    series(called.clone(), true, source(digest), points)
}

/// `setting=cot` as people say it.
pub(super) fn way(variant: &str) -> String {
    variant.replace("setting=", "").replace('_', " ")
}

pub(super) fn says(called: &str, share: &GroupShare) -> String {
    let failed = match share.failed {
        0 => String::new(),
        failed => format!(", {failed} of them without an answer"),
    };
    format!(
        "{called}, {}: {:.1}% right (95% {:.1}–{:.1} Wilson, n = {}{failed}).",
        share.name,
        share.share * 100.0,
        share.interval.low * 100.0,
        share.interval.high * 100.0,
        share.n
    )
}

/// The column of the leaderboard that is called so.
pub(super) fn column(group: &str) -> Option<Column> {
    let named = |column: &Column| {
        let name = match column {
            Column::Overall => "overall",
            Column::Difficulty(Difficulty::Easy) => "easy",
            Column::Difficulty(Difficulty::Hard) => "hard",
            Column::Length(LengthClass::Short) => "short",
            Column::Length(LengthClass::Medium) => "medium",
            Column::Length(LengthClass::Long) => "long",
        };
        name == group
    };
    Column::ALL.into_iter().find(named)
}

fn published(line: &Line, called: String, groups: &[String]) -> Series {
    let points = groups.iter().enumerate().filter_map(|(at, group)| {
        let column = column(group)?;
        let cot = line.share(column, false).is_none();
        published_point(line, &called, column, cot).map(|point| Point {
            x: at as f64,
            says: point.says.replace("{}", group),
            ..point
        })
    });
    let points = points.collect();
    series(called.clone(), false, SOURCE.to_owned(), points)
}

/// A published share at place 0; `{}` stands for the group's name.
pub(super) fn published_point(
    line: &Line,
    called: &str,
    column: Column,
    cot: bool,
) -> Option<Point> {
    let share = line.share(column, cot)? * 100.0;
    let interval = line.interval(column, cot);
    let interval = interval.map(|i| (i.low * 100.0, i.high * 100.0));
    let (low, high) = interval.unwrap_or((share, share));
    let n = column.questions();
    let way = if cot {
        "after a chain of thought"
    } else {
        "direct"
    };
    Some(Point {
        y: share,
        interval,
        n: Some(n),
        says: format!(
            "{called}, {{}}, {way}, published: {share:.1}% right (95% {low:.1}–{high:.1} Wilson, n = {n}). {SOURCE}."
        ),
        ..Point::default()
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::digest_of;
    use super::*;

    #[test]
    fn own_bars_stand_against_people_chance_and_the_best() {
        let look = Look {
            by: By::Difficulty,
            ..Look::default()
        };
        let figure = bars(&[digest_of("mine", 30)], &look);
        let find = |name: &str| figure.series.iter().find(|s| s.name == name).unwrap();
        let own = find("mine, direct");
        assert_eq!((own.points.len(), own.points[0].y), (1, 50.0));
        assert_eq!(find("mine, cot").points[0].y, 75.0);
        let chance = find("Chance");
        assert_eq!(chance.form, Form::Reference);
        assert_eq!(chance.points[0].y, 25.0);
        let people = find("People, 15 minutes each");
        assert_eq!(people.points.len(), 2);
        assert!(people.points[1].says.contains("hard, direct, published"));
    }

    #[test]
    fn domains_are_ones_own_alone() {
        let look = Look {
            by: By::Domain,
            ..Look::default()
        };
        let figure = bars(&[digest_of("mine", 30)], &look);
        assert!(figure.series.iter().all(|series| series.own));
        assert!(bars(&[], &look).is_empty());
        assert!(!bars(&[], &Look::default()).is_empty());
    }
}
