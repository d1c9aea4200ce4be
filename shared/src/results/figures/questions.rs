//! LongBench v2 by group: own and published figures, with people, chance and the best for
//! comparison.

use super::{FigureOwner, name_axis, percent_axis, percents, published};
use crate::chart::{ChartPoint, Figure, FigureKind, PointStyle, Series};
use crate::longbench::{Difficulty, LengthClass};
use crate::published::longbench::{LeaderboardColumn, LeaderboardLine, SOURCE, board, human};
use crate::stats::Interval;

/// Right answers of a group of questions.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GroupAccuracy<'a> {
    /// `overall`, `easy`, `long`, a domain.
    pub group: &'a str,
    /// Number of questions, including failures.
    pub n: u32,
    /// Questions without any text as answer.
    pub failed: u32,
    /// The share of right answers.
    pub share: f64,
    /// Its interval.
    pub interval: Interval,
}

impl GroupAccuracy<'_> {
    /// A description; `called` says whose answers they are and how they were asked.
    pub fn says(&self, called: &str) -> String {
        let failed = match self.failed {
            0 => String::new(),
            failed => format!(", {failed} of them without an answer"),
        };
        format!(
            "{called}, {}: {:.1}% right (95% {:.1}–{:.1} {}, n = {}{failed}).",
            self.group,
            self.share * 100.0,
            self.interval.low * 100.0,
            self.interval.high * 100.0,
            self.interval.method.name(),
            self.n
        )
    }
}

/// Bars for `groups`: `own` with the variant of how they were asked, then the published `lines`,
/// each with its name, and people, chance and the best for comparison.
pub fn questions(
    own: &[(FigureOwner, &str, Vec<GroupAccuracy<'_>>)],
    lines: &[(LeaderboardLine, String)],
    groups: Vec<String>,
    title: String,
) -> Figure {
    let ours = own.iter();
    let mut series: Vec<Series> = ours
        .map(|(whose, variant, shares)| bars(whose, variant, shares, &groups))
        .collect();
    let plain = lines.iter();
    series.extend(plain.map(|(line, called)| theirs(line, called, PointStyle::Plain, &groups)));
    let all = board();
    // Sorted by chain-of-thought score, so the best comes first.
    let best = all.first();
    let held = best.map(|best| (best.clone(), format!("Best: {}", best.model)));
    let people = (human(), "People, 15 minutes each".to_owned());
    let chance = all.iter().find(|line| line.model == "Random");
    let chance = chance.map(|line| (line.clone(), "Chance".to_owned()));
    let held = held.into_iter().chain([people]).chain(chance);
    series
        .extend(held.map(|(line, called)| theirs(&line, &called, PointStyle::Reference, &groups)));
    series.retain(|series| !series.points.is_empty());
    Figure {
        id: "longbench-by-group".to_owned(),
        title,
        about: "Correct answers as a share of all questions asked; failures count as wrong. Whiskers are 95% intervals: Wilson’s, based on the dataset’s number of questions for published figures; grouped by text where your own questions share one. Published bars show the direct answer where there is one, otherwise the answer after a chain of thought. The leaderboard does not list domains.".to_owned(),
        kind: FigureKind::Bars,
        x: name_axis("Questions", groups),
        y: percent_axis("Right answers, %", 0.0),
        series,
        guides: Vec::new(),
    }
}

fn bars(
    whose: &FigureOwner,
    variant: &str,
    shares: &[GroupAccuracy<'_>],
    groups: &[String],
) -> Series {
    let called = match variant {
        "" => format!("{}, direct", whose.name),
        // `setting=cot` in plain words.
        variant => {
            let way = variant.replace("setting=", "").replace('_', " ");
            format!("{}, {way}", whose.name)
        }
    };
    let point = |(at, group): (usize, &String)| {
        let right = shares.iter().find(|right| right.group == *group)?;
        Some(ChartPoint {
            x: at as f64,
            y: right.share * 100.0,
            interval: percents(Some(right.interval)),
            n: Some(right.n),
            says: right.says(&called),
            href: whose.href.clone(),
            ..ChartPoint::default()
        })
    };
    let points = groups.iter().enumerate().filter_map(point).collect();
    whose.series(called.clone(), points)
}

/// The leaderboard column with this name.
fn column(group: &str) -> Option<LeaderboardColumn> {
    let named = |column: &LeaderboardColumn| {
        let name = match column {
            LeaderboardColumn::Overall => "overall",
            LeaderboardColumn::Difficulty(Difficulty::Easy) => "easy",
            LeaderboardColumn::Difficulty(Difficulty::Hard) => "hard",
            LeaderboardColumn::Length(LengthClass::Short) => "short",
            LeaderboardColumn::Length(LengthClass::Medium) => "medium",
            LeaderboardColumn::Length(LengthClass::Long) => "long",
        };
        name == group
    };
    LeaderboardColumn::ALL.into_iter().find(named)
}

fn theirs(line: &LeaderboardLine, called: &str, form: PointStyle, groups: &[String]) -> Series {
    let points = groups.iter().enumerate().filter_map(|(at, group)| {
        let column = column(group)?;
        let cot = line.share(column, false).is_none();
        published_point(line, called, column, cot).map(|point| ChartPoint {
            x: at as f64,
            says: point.says.replace("{}", group),
            ..point
        })
    });
    published(called.to_owned(), SOURCE, form, points.collect())
}

/// A published share at position 0; `{}` in its description stands for the group's name.
pub fn published_point(
    line: &LeaderboardLine,
    called: &str,
    column: LeaderboardColumn,
    cot: bool,
) -> Option<ChartPoint> {
    let share = line.share(column, cot)? * 100.0;
    let interval = percents(line.interval(column, cot));
    let (low, high) = interval.unwrap_or((share, share));
    let n = column.questions();
    let way = if cot {
        "after a chain of thought"
    } else {
        "direct"
    };
    Some(ChartPoint {
        y: share,
        interval,
        n: Some(n),
        says: format!(
            "{called}, {{}}, {way}, published: {share:.1}% right (95% {low:.1}–{high:.1} Wilson, n = {n}). {SOURCE}."
        ),
        ..ChartPoint::default()
    })
}
