//! Simulates how often the intervals hold the true value, and how often the tests are wrong.
//! `cargo xtask bench intervals` builds and runs this; with `--write` it puts its tables into
//! docs/results.md, between the marks there.
#![allow(clippy::print_stdout, reason = "it talks to a terminal")]

use std::fmt::Write as _;

use fathom_shared::stats::Interval;
use fathom_shared::stats::bootstrap::ClusteredScores;
use fathom_shared::stats::grouped::{WeightedGroup, contrast, summarise_groups};
use fathom_shared::stats::paired::{PairedDifference, ScorePairs};
use fathom_shared::stats::random::SplitMix;
use fathom_shared::stats::simulated::{LONG, SHORT, SimulatedTask, task};

const BINARY: [SimulatedTask; 6] = [
    task(0.5, 1, 1.0),
    task(0.7, 1, 1.0),
    task(0.8, 1, 1.0),
    task(0.9, 1, 1.0),
    task(0.95, 1, 1.0),
    task(0.98, 1, 1.0),
];
const FRACTIONS: [SimulatedTask; 12] = [
    task(0.955, 4, 1.0),
    task(0.85, 4, 1.0),
    task(0.93, 5, 4.0),
    task(0.55, 5, 3.0),
    task(0.9, 5, 0.3),
    task(0.83, 10, 3.0),
    task(0.6, 10, 4.0),
    task(0.29, 10, 4.0),
    task(0.95, 10, 5.0),
    task(0.88, 3, 6.0),
    task(0.7, 3, 6.0),
    task(0.985, 4, 1.0),
];
/// What a second run loses of the first run's rate, where it loses anything.
const LOSSES: [f64; 4] = [0.05, 0.15, 0.3, 0.6];
const SIZES: [usize; 4] = [5, 10, 20, 50];
const TRIALS: usize = 2000;

/// A table, and the random numbers that fill it.
struct Table {
    chance: SplitMix,
    text: String,
}

/// For each case, the share of trials whose interval holds the truth, and the mean width.
#[derive(Default)]
struct Line(Vec<(f64, f64)>);

impl Line {
    fn case(&mut self, truth: f64, mut trial: impl FnMut() -> Option<Interval>) {
        let (mut holds, mut width) = (0, 0.0);
        for _ in 0..TRIALS {
            if let Some(ends) = trial() {
                holds += usize::from(does_hold(&ends, truth));
                width += ends.high - ends.low;
            }
        }
        let all = TRIALS as f64;
        self.0.push((holds as f64 / all, width / all));
    }
}

fn does_hold(ends: &Interval, truth: f64) -> bool {
    ends.low - 1e-9 <= truth && truth <= ends.high + 1e-9
}

impl Table {
    fn head(&mut self, names: &[&str]) {
        let rule = "|---".repeat(names.len());
        self.say(&format!("| {} |\n{rule}|", names.join(" | ")));
    }

    fn say(&mut self, line: &str) {
        println!("{line}");
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{line}");
    }

    /// A row for each number of samples.
    fn rows(&mut self, what: &str, mut fill: impl FnMut(&mut Line, &mut SplitMix, usize)) {
        for n in SIZES {
            let mut line = Line::default();
            fill(&mut line, &mut self.chance, n);
            let cases = line.0.len() as f64;
            let mean = line.0.iter().map(|case| case.0).sum::<f64>() / cases;
            let least = line.0.iter().map(|case| case.0).fold(1.0, f64::min);
            let width = line.0.iter().map(|case| case.1).sum::<f64>() / cases;
            let percents = [mean, least, width].map(|share| format!("{:.1}", share * 100.0));
            self.say(&format!("| {what} | {n} | {} |", percents.join(" | ")));
        }
    }
}

fn main() -> std::io::Result<()> {
    let mut table = Table {
        chance: SplitMix::new(2026),
        text: String::new(),
    };
    table.head(&["Interval", "n", "mean of the cases", "least", "width"]);
    cells(&mut table);
    differences(&mut table);
    means(&mut table);
    write("coverage", &table.text)?;
    table.text.clear();
    println!();
    table.head(&["Test", "n", "nothing lost", "3 points lost"]);
    tests(&mut table);
    write("tests", &table.text)
}

/// Writes a table into the docs if that was asked for.
fn write(name: &str, table: &str) -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    if !arguments.any(|argument| argument == "--write") {
        return Ok(());
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/results.md");
    let text = std::fs::read_to_string(path)?;
    let mark = format!("<!-- {name}: cargo xtask bench intervals -->\n");
    let parts = text.split_once(&mark);
    let parts = parts.and_then(|(head, rest)| Some((head, rest.split_once("\n<!-- end -->")?.1)));
    let Some((head, tail)) = parts else {
        return Err(std::io::Error::other(format!("no mark `{name}` in {path}")));
    };
    std::fs::write(path, format!("{head}{mark}\n{table}\n<!-- end -->{tail}"))
}

fn cells(table: &mut Table) {
    for (what, tasks) in [
        ("cell, right or wrong", &BINARY[..]),
        ("cell, fractions", &FRACTIONS[..]),
    ] {
        table.rows(what, |line, chance, n| {
            for task in tasks {
                line.case(task.mean, || {
                    ClusteredScores::new(task.cell(chance, n)).interval()
                });
            }
        });
    }
    table.rows("cell, n sources of four", |line, chance, n| {
        for task in FRACTIONS.iter().chain(&BINARY) {
            line.case(task.mean, || clustered(chance, task, n).interval());
        }
    });
}

/// Four samples from each of `n` sources; samples of a source share its difficulty.
fn clustered(chance: &mut SplitMix, task: &SimulatedTask, n: usize) -> ClusteredScores {
    let (mut values, mut sources) = (Vec::new(), Vec::new());
    for source in 0..n {
        let rate = task.difficulty(chance);
        for _ in 0..4 {
            values.push(task.score(chance, rate));
            sources.push(source);
        }
    }
    ClusteredScores::shared(values, sources)
}

fn differences(table: &mut Table) {
    for (what, tasks) in [
        ("right or wrong", &BINARY[..]),
        ("fractions", &FRACTIONS[..]),
    ] {
        for (lost, losses) in [("nothing lost", &[0.0][..]), ("5 to 60% lost", &LOSSES[..])] {
            let what = format!("difference of pairs, {what}, {lost}");
            table.rows(&what, |line, chance, n| {
                for task in tasks {
                    for loss in losses {
                        line.case(-task.mean * loss, || {
                            interval(&task.pairs(chance, *loss, n))
                        });
                    }
                }
            });
        }
    }
    let what = "difference of pairs, right or wrong, any shares better and worse";
    table.rows(what, |line, _, n| every_share(line, n));
    let what = "difference of pairs, tenths and now and then a whole loss";
    table.rows(what, |line, chance, n| {
        for rare in [0.02, 0.05, 0.1] {
            line.case(-rare, || {
                let pair = |chance: &mut SplitMix| match chance.unit() {
                    u if u < rare => (1.0, 0.0),
                    u if u < rare + 0.25 => (0.9, 0.8),
                    u if u < rare + 0.5 => (0.9, 1.0),
                    _ => (0.9, 0.9),
                };
                interval(&(0..n).map(|_| pair(chance)).collect::<Vec<_>>())
            });
        }
    });
    let what = "difference of cells that do not pair";
    table.rows(what, |line, chance, n| {
        for (first, second) in [(3, 3), (3, 5), (6, 6), (8, 8), (9, 9), (11, 11)] {
            let (first, second) = (SHORT[first], LONG[second]);
            line.case(first.mean - second.mean, || {
                let cells = [first, second].map(|task| ClusteredScores::new(task.cell(chance, n)));
                contrast(&groups(&cells[..1]), &groups(&cells[1..]))?.interval
            });
        }
    });
}

fn interval(pairs: &[(f64, f64)]) -> Option<Interval> {
    PairedDifference::of(pairs)?.difference.interval
}

/// Counted and not drawn: every number of pairs that are better and worse, as likely as it is where
/// so large shares are.
fn every_share(line: &mut Line, n: usize) {
    let logs: Vec<f64> = std::iter::once(0.0)
        .chain((1..=n).scan(0.0, |sum, i| {
            *sum += (i as f64).ln();
            Some(*sum)
        }))
        .collect();
    let mut outcomes = Vec::new();
    for better in 0..=n {
        for worse in 0..=n - better {
            let mut pairs = vec![(0.0, 1.0); better];
            pairs.extend(vec![(1.0, 0.0); worse]);
            pairs.extend(vec![(1.0, 1.0); n - better - worse]);
            let ways = logs[n] - logs[better] - logs[worse] - logs[n - better - worse];
            outcomes.extend(interval(&pairs).map(|ends| (better, worse, ends, ways)));
        }
    }
    let shares = || (0..34).map(|step| f64::from(step) * 0.03);
    for (up, down) in shares().flat_map(|up| shares().map(move |down| (up, down))) {
        if up + down == 0.0 || up + down >= 1.0 {
            continue;
        }
        let log = |count: usize, share: f64| match count {
            0 => 0.0,
            count => count as f64 * share.ln(),
        };
        let (mut holds, mut width) = (0.0, 0.0);
        for (better, worse, ends, ways) in &outcomes {
            let rest = log(n - better - worse, 1.0 - up - down);
            let likely = (ways + log(*better, up) + log(*worse, down) + rest).exp();
            holds += likely * f64::from(u8::from(does_hold(ends, up - down)));
            width += likely * (ends.high - ends.low);
        }
        line.0.push((holds, width));
    }
}

fn groups(scores: &[ClusteredScores]) -> Vec<WeightedGroup<'_>> {
    let group = |scores| WeightedGroup {
        weight: 1.0,
        scores,
        failed: 0,
    };
    scores.iter().map(group).collect()
}

/// Means of several tasks, their gap, and the difference of two runs over all of them.
fn means(table: &mut Table) {
    let both = [&SHORT, &LONG];
    let parts = |from: std::ops::Range<usize>| both.map(|tasks| &tasks[from.clone()]);
    let categories = [parts(0..3), parts(3..8), parts(9..11)].concat();
    for (what, cases) in [
        ("mean of 13 tasks", parts(0..13).to_vec()),
        ("mean of a category", categories),
    ] {
        table.rows(what, |line, chance, n| {
            for tasks in &cases {
                line.case(mean(tasks), || {
                    summarise_groups(&groups(&drawn(chance, tasks, n))).interval
                });
            }
        });
    }
    for (what, beyond) in [("gap", 8..11), ("gap to hops alone", 8..9)] {
        table.rows(what, |line, chance, n| {
            for tasks in both {
                let (single, beyond) = (&tasks[..3], &tasks[beyond.clone()]);
                line.case(mean(single) - mean(beyond), || {
                    let (first, second) = (drawn(chance, single, n), drawn(chance, beyond, n));
                    contrast(&groups(&first), &groups(&second))?.interval
                });
            }
        });
    }
    table.rows("difference over 13 tasks", |line, chance, n| {
        for tasks in both {
            for loss in [0.0, 0.05, 0.3] {
                line.case(-mean(tasks) * loss, || {
                    whole(chance, tasks, loss, n).paired()?.difference.interval
                });
            }
        }
    });
}

fn mean(tasks: &[SimulatedTask]) -> f64 {
    tasks.iter().map(|task| task.mean).sum::<f64>() / tasks.len() as f64
}

fn drawn(chance: &mut SplitMix, tasks: &[SimulatedTask], n: usize) -> Vec<ClusteredScores> {
    let cells = tasks
        .iter()
        .map(|task| ClusteredScores::new(task.cell(chance, n)));
    cells.collect()
}

/// The pairs of all tasks, each a group.
fn whole(chance: &mut SplitMix, tasks: &[SimulatedTask; 13], loss: f64, n: usize) -> ScorePairs {
    let (mut pairs, mut of) = (Vec::new(), Vec::new());
    for (number, task) in tasks.iter().enumerate() {
        pairs.extend(task.pairs(chance, loss, n));
        of.extend(vec![number; n]);
    }
    let alone: Vec<usize> = (0..pairs.len()).collect();
    ScorePairs::new(&pairs, &alone, &of)
}

/// How often p is 0.05 or less where nothing differs, and where 3 points were lost.
fn tests(table: &mut Table) {
    let is_shown = |paired: Option<PairedDifference>| paired.is_some_and(|paired| paired.p <= 0.05);
    let percent = |count: usize| count as f64 / TRIALS as f64 * 100.0;
    for n in SIZES {
        let mut shown = |loss| {
            let trials = (0..TRIALS).map(|_| whole(&mut table.chance, &SHORT, loss, n).paired());
            percent(trials.filter(|paired| is_shown(*paired)).count())
        };
        let (alarms, found) = (shown(0.0), shown(0.0333));
        table.say(&format!(
            "| RULER at a length, 13 tasks | {n} | {alarms:.1} | {found:.1} |"
        ));
    }
    for n in SIZES {
        let trials = (0..TRIALS).map(|trial| {
            let task = FRACTIONS[trial % FRACTIONS.len()];
            PairedDifference::of(&task.pairs(&mut table.chance, 0.0, n))
        });
        let alarms = percent(trials.filter(|paired| is_shown(*paired)).count());
        table.say(&format!("| a cell of fractions | {n} | {alarms:.1} | |"));
    }
}
