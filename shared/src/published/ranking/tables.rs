//! Turns published tables and reports into reports of models.

use std::collections::{BTreeMap, BTreeSet};

use super::{ModelReport, ReportedScore};
use crate::published::both_tables::rulers_name;
use crate::published::longbench::{LeaderboardColumn, LeaderboardLine};
use crate::published::names::core_name;
use crate::published::reported::ReportedFigures;
use crate::published::ruler::{RulerTableLine, window};
use crate::published::{ParameterCount, categories, longbench, plain_name, reported, ruler};

/// Every published report: RULER's README, newer reports, LongBench v2's leaderboard, newer reports
/// on it.
pub fn reports() -> Vec<ModelReport> {
    let mut all: Vec<ModelReport> = ruler::board().iter().map(of_ruler).collect();
    all.extend(categories::board().iter().filter_map(with_string));
    all.extend(reported::ruler().iter().map(of_report));
    let board = longbench::board();
    all.extend(board.iter().filter_map(|line| of_leaderboard(line, &board)));
    all.extend(reported::longbench().iter().map(of_report));
    name(&mut all);
    all
}

/// Gives all reports of a model its first name, and each report an id.
fn name(reports: &mut [ModelReport]) {
    let (mut models, mut ids) = (BTreeMap::<String, String>::new(), BTreeSet::new());
    for report in reports {
        let known = models.entry(core_name(&report.model));
        report.model = known.or_insert_with(|| report.model.clone()).clone();
        let (model, reporter) = (plain_name(&report.model), plain_name(&report.reporter));
        let first = format!("{model}~{reporter}");
        let further = (2..).map(|number| format!("{first}~{number}"));
        let mut free = std::iter::once(first.clone()).chain(further);
        report.id = free.find(|id| !ids.contains(id)).unwrap_or(first);
        ids.insert(report.id.clone());
    }
}

/// A line's name, with its size if the model's own name has none.
fn ruler_name(line: &RulerTableLine) -> String {
    let mut parts = line.model.split(['-', ' ', '/']);
    let sized =
        parts.any(|part| part.starts_with(|c: char| c.is_ascii_digit()) && part.ends_with('B'));
    match sized || line.params.contains('/') {
        true => line.model.to_owned(),
        false => line.name(),
    }
}

fn of_ruler(line: &RulerTableLine) -> ModelReport {
    let told = |length| {
        let share = line.share(length)?;
        Some((
            length,
            ReportedScore::published(share * 100.0, line.samples()),
        ))
    };
    let mut ruler: Vec<_> = ruler::LENGTHS.into_iter().filter_map(told).collect();
    let mut source = ruler::SOURCE.to_owned();
    // One author's later figures for longer texts, published without their n.
    let further = categories::find(line.model).into_iter();
    let further = further.filter(|at| !at.string && !ruler::LENGTHS.contains(&at.length));
    for at in further {
        ruler.push((at.length, ReportedScore::published(at.mean, None)));
        source = format!("{source}; {:#} tokens: {}", at.length, at.source);
    }
    let (reporter, setting) = match line.reported_by_others {
        true => ("others, in RULER’s README", "setting not given"),
        false => ("RULER’s authors", "13 tasks of 500 samples"),
    };
    ModelReport {
        id: String::new(),
        model: ruler_name(line),
        own: false,
        reporter: reporter.to_owned(),
        setting: setting.to_owned(),
        size: ParameterCount::of(line.model, line.params),
        window: Some(line.claimed).filter(|window| window.0 > 0),
        source,
        ruler,
        joined: None,
        longbench: None,
    }
}

/// A model with STRING, which RULER's table lacks: it counts as a different model.
fn with_string(line: &categories::CategoryLine) -> Option<ModelReport> {
    let score = ReportedScore::published(line.mean, None);
    line.string.then(|| ModelReport {
        id: String::new(),
        model: format!("{} with STRING", line.model),
        own: false,
        reporter: "STRING’s authors".to_owned(),
        setting: "positions shifted, no training".to_owned(),
        size: ParameterCount::of_name(line.model),
        window: None,
        source: line.source.to_owned(),
        ruler: vec![(line.length, score)],
        joined: None,
        longbench: None,
    })
}

fn of_report(report: &ReportedFigures) -> ModelReport {
    let score = |percent| ReportedScore::published(percent, report.samples);
    let ruler = report.ruler.iter();
    ModelReport {
        id: String::new(),
        model: report.model.to_owned(),
        own: false,
        reporter: report.reporter.to_owned(),
        setting: report.setting.to_owned(),
        size: ParameterCount::of(report.model, report.params),
        window: report.window,
        source: format!("{}, {}", report.source, report.read),
        ruler: ruler
            .map(|(length, percent)| (*length, score(*percent)))
            .collect(),
        joined: None,
        longbench: report.longbench.map(score),
    }
}

/// A line of the leaderboard, with chain of thought, by which the leaderboard is sorted; people and
/// chance are not models.
fn of_leaderboard(line: &LeaderboardLine, board: &[LeaderboardLine]) -> Option<ModelReport> {
    if line.date.is_empty() {
        return None;
    }
    let twice = board
        .iter()
        .filter(|other| other.model == line.model)
        .count()
        > 1;
    let ours = rulers_name(line.model, line.date).and_then(ruler::find);
    let model = match ours {
        Some(ours) => ruler_name(&ours),
        None if twice => format!("{} ({})", line.model, line.date),
        None => line.model.to_owned(),
    };
    let column = LeaderboardColumn::Overall;
    let setting = match (line.reasoning, line.share(column, false)) {
        (true, _) => "thinks before it answers".to_owned(),
        (false, Some(direct)) => format!("chain of thought; direct {:.1}", direct * 100.0),
        (false, None) => "chain of thought".to_owned(),
    };
    let share = line.share(column, true)?;
    Some(ModelReport {
        id: String::new(),
        model,
        own: false,
        reporter: "LongBench v2’s authors".to_owned(),
        setting,
        size: ParameterCount::of(line.model, line.params),
        window: window(line.context),
        source: longbench::SOURCE.to_owned(),
        ruler: Vec::new(),
        joined: None,
        longbench: Some(ReportedScore::published(
            share * 100.0,
            Some(column.questions()),
        )),
    })
}
