//! How often the intervals hold the true value, and how often the tests are wrong, by simulation.
//! `cargo xtask bench intervals` builds and runs this; docs/results.md holds what it printed.
#![allow(clippy::print_stdout, reason = "it talks to a terminal")]

use fathom_shared::stats::Interval;
use fathom_shared::stats::bootstrap::Scores;
use fathom_shared::stats::grouped::{Group, contrast, summarise_groups};
use fathom_shared::stats::paired::Pairs;

/// How scores come about: each sample has a difficulty of its own, drawn from a beta distribution,
/// and as many parts (hops, words, values) as the task has are found or not.
#[derive(Clone, Copy)]
struct Task {
    mean: f64,
    parts: u32,
    /// The sum of the beta's two numbers: the lower, the more samples are all or nothing.
    alike: f64,
}

const fn task(mean: f64, parts: u32, alike: f64) -> Task {
    Task { mean, parts, alike }
}

/// RULER's tasks as a good 8B reads them at 4K, and as it reads them at 128K.
const SHORT: [Task; 13] = [
    task(0.995, 1, 1.0),
    task(0.995, 1, 1.0),
    task(0.98, 1, 0.5),
    task(0.95, 1, 0.6),
    task(0.95, 1, 0.6),
    task(0.92, 1, 0.9),
    task(0.955, 4, 1.0),
    task(0.965, 4, 0.6),
    task(0.93, 5, 4.0),
    task(0.83, 10, 3.0),
    task(0.88, 3, 6.0),
    task(0.81, 1, 1.0),
    task(0.57, 1, 0.7),
];
const LONG: [Task; 13] = [
    task(0.99, 1, 1.0),
    task(0.98, 1, 1.0),
    task(0.95, 1, 0.5),
    task(0.85, 1, 0.6),
    task(0.75, 1, 0.6),
    task(0.56, 1, 0.9),
    task(0.87, 4, 1.0),
    task(0.86, 4, 0.6),
    task(0.55, 5, 4.0),
    task(0.29, 10, 3.0),
    task(0.69, 3, 6.0),
    task(0.64, 1, 1.0),
    task(0.52, 1, 0.7),
];
const BINARY: [Task; 6] = [
    task(0.5, 1, 1.0),
    task(0.7, 1, 1.0),
    task(0.8, 1, 1.0),
    task(0.9, 1, 1.0),
    task(0.95, 1, 1.0),
    task(0.98, 1, 1.0),
];
const FRACTIONS: [Task; 12] = [
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
/// What a second run loses of the first's rate.
const LOSSES: [f64; 3] = [0.0, 0.05, 0.3];
const SIZES: [usize; 4] = [5, 10, 20, 50];
const TRIALS: usize = 2000;

/// SplitMix64, with what is drawn from it.
struct Chance(u64);

impl Chance {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Marsaglia and Tsang, ACM TOMS 26 (2000) 363–372.
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * self.unit().powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        loop {
            let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
            let x = radius * (std::f64::consts::TAU * self.unit()).cos();
            let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
            if v > 0.0 && (1.0 - self.unit()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    fn difficulty(&mut self, task: Task) -> f64 {
        let (a, b) = (
            self.gamma(task.mean * task.alike),
            self.gamma((1.0 - task.mean) * task.alike),
        );
        a / (a + b).max(f64::MIN_POSITIVE)
    }

    fn score(&mut self, task: Task, rate: f64) -> f64 {
        let found = (0..task.parts).filter(|_| self.unit() < rate).count();
        found as f64 / f64::from(task.parts)
    }

    fn cell(&mut self, task: Task, n: usize) -> Vec<f64> {
        let mut one = || {
            let rate = self.difficulty(task);
            self.score(task, rate)
        };
        (0..n).map(|_| one()).collect()
    }

    /// Pairs of the same samples, the second with a rate lower by the share `loss`.
    fn pairs(&mut self, task: Task, loss: f64, n: usize) -> Vec<(f64, f64)> {
        let mut one = || {
            let rate = self.difficulty(task);
            (
                self.score(task, rate),
                self.score(task, rate * (1.0 - loss)),
            )
        };
        (0..n).map(|_| one()).collect()
    }
}

/// Coverage of one kind of interval: of each case the share of trials, and the mean width.
#[derive(Default)]
struct Line(Vec<(f64, f64)>);

impl Line {
    fn case(&mut self, truth: f64, mut trial: impl FnMut() -> Option<Interval>) {
        let (mut holds, mut width) = (0, 0.0);
        for _ in 0..TRIALS {
            if let Some(ends) = trial() {
                holds += usize::from(ends.low - 1e-9 <= truth && truth <= ends.high + 1e-9);
                width += ends.high - ends.low;
            }
        }
        let all = TRIALS as f64;
        self.0.push((holds as f64 / all, width / all));
    }

    fn say(&self, what: &str, n: usize) {
        let cases = self.0.len() as f64;
        let mean = self.0.iter().map(|case| case.0).sum::<f64>() / cases;
        let least = self.0.iter().map(|case| case.0).fold(1.0, f64::min);
        let width = self.0.iter().map(|case| case.1).sum::<f64>() / cases;
        println!(
            "| {what} | {n} | {:.1} | {:.1} | {:.1} |",
            mean * 100.0,
            least * 100.0,
            width * 100.0
        );
    }
}

fn main() {
    println!("Coverage of 95% intervals, {TRIALS} trials a case, in percent; widths in points.\n");
    println!("| Interval | n | mean of the cases | least | width |\n|---|---|---|---|---|");
    let mut chance = Chance(2026);
    for (what, tasks) in [
        ("cell, right or wrong", &BINARY[..]),
        ("cell, fractions", &FRACTIONS[..]),
    ] {
        for n in SIZES {
            let mut line = Line::default();
            for task in tasks {
                line.case(task.mean, || Scores::new(chance.cell(*task, n)).interval());
            }
            line.say(what, n);
        }
    }
    for n in SIZES {
        let mut line = Line::default();
        for task in FRACTIONS.iter().chain(&BINARY) {
            line.case(task.mean, || clustered(&mut chance, *task, n).interval());
        }
        line.say("cell, n sources of four", n);
    }
    for (what, tasks) in [
        ("difference of pairs, right or wrong", &BINARY[..]),
        ("difference of pairs, fractions", &FRACTIONS[..]),
    ] {
        for n in SIZES {
            let mut line = Line::default();
            for (task, loss) in tasks
                .iter()
                .flat_map(|task| LOSSES.map(|loss| (*task, loss)))
            {
                line.case(-task.mean * loss, || {
                    let pairs = chance.pairs(task, loss, n);
                    let alone: Vec<usize> = (0..n).collect();
                    Pairs::new(&pairs, &alone, &vec![0; n])
                        .paired()?
                        .difference
                        .interval
                });
            }
            line.say(what, n);
        }
    }
    rows(&mut chance);
    tests(&mut chance);
}

/// Four samples of each of `n` sources, which share its difficulty.
fn clustered(chance: &mut Chance, task: Task, n: usize) -> Scores {
    let (mut values, mut sources) = (Vec::new(), Vec::new());
    for source in 0..n {
        let rate = chance.difficulty(task);
        for _ in 0..4 {
            values.push(chance.score(task, rate));
            sources.push(source);
        }
    }
    Scores::shared(values, sources)
}

fn groups(scores: &[Scores]) -> Vec<Group<'_>> {
    let group = |scores| Group {
        weight: 1.0,
        scores,
        failed: 0,
    };
    scores.iter().map(group).collect()
}

/// Means of several tasks, their gap, and the difference of two runs over all of them.
fn rows(chance: &mut Chance) {
    let mean =
        |tasks: &[Task]| tasks.iter().map(|task| task.mean).sum::<f64>() / tasks.len() as f64;
    for n in SIZES {
        let mut line = Line::default();
        for tasks in [&SHORT, &LONG] {
            line.case(mean(tasks), || {
                let cells = tasks.map(|task| Scores::new(chance.cell(task, n)));
                summarise_groups(&groups(&cells)).interval
            });
        }
        line.say("mean of 13 tasks", n);
    }
    for n in SIZES {
        let mut line = Line::default();
        for tasks in [
            &SHORT[..3],
            &SHORT[3..8],
            &SHORT[9..11],
            &LONG[..3],
            &LONG[3..8],
            &LONG[9..11],
        ] {
            line.case(mean(tasks), || {
                let cells = tasks.iter().map(|task| Scores::new(chance.cell(*task, n)));
                summarise_groups(&groups(&cells.collect::<Vec<_>>())).interval
            });
        }
        line.say("mean of a category", n);
    }
    for n in SIZES {
        let mut line = Line::default();
        for tasks in [&SHORT, &LONG] {
            line.case(mean(&tasks[..3]) - mean(&tasks[8..11]), || {
                let cells = tasks.map(|task| Scores::new(chance.cell(task, n)));
                contrast(&groups(&cells[..3]), &groups(&cells[8..11]))?.interval
            });
        }
        line.say("gap", n);
    }
    for n in SIZES {
        let mut line = Line::default();
        for (tasks, loss) in [&SHORT, &LONG]
            .into_iter()
            .flat_map(|tasks| LOSSES.map(|loss| (tasks, loss)))
        {
            line.case(-mean(tasks) * loss, || {
                whole(chance, tasks, loss, n).paired()?.difference.interval
            });
        }
        line.say("difference over 13 tasks", n);
    }
}

/// The pairs of all tasks, each a group.
fn whole(chance: &mut Chance, tasks: &[Task; 13], loss: f64, n: usize) -> Pairs {
    let (mut pairs, mut of) = (Vec::new(), Vec::new());
    for (number, task) in tasks.iter().enumerate() {
        pairs.extend(chance.pairs(*task, loss, n));
        of.extend(vec![number; n]);
    }
    let alone: Vec<usize> = (0..pairs.len()).collect();
    Pairs::new(&pairs, &alone, &of)
}

/// How often p is 0.05 or less where nothing differs, and where 3 points were lost.
fn tests(chance: &mut Chance) {
    println!("\nShare of p-values of 0.05 or less, in percent.\n");
    println!("| Test | n | nothing lost | 3 points lost |\n|---|---|---|---|");
    for n in SIZES {
        let (mut alarms, mut found) = (0, 0);
        for _ in 0..TRIALS {
            let p = |pairs: Pairs| pairs.paired().map_or(1.0, |paired| paired.p);
            alarms += usize::from(p(whole(chance, &SHORT, 0.0, n)) <= 0.05);
            found += usize::from(p(whole(chance, &SHORT, 0.0333, n)) <= 0.05);
        }
        let percent = |count: usize| count as f64 / TRIALS as f64 * 100.0;
        println!(
            "| RULER at a length, 13 tasks | {n} | {:.1} | {:.1} |",
            percent(alarms),
            percent(found)
        );
    }
    for n in SIZES {
        let mut alarms = 0;
        for trial in 0..TRIALS {
            let task = FRACTIONS[trial % FRACTIONS.len()];
            let pairs = chance.pairs(task, 0.0, n);
            let alone: Vec<usize> = (0..n).collect();
            let paired = Pairs::new(&pairs, &alone, &vec![0; n]).paired();
            alarms += usize::from(paired.is_some_and(|paired| paired.p <= 0.05));
        }
        println!(
            "| a cell of fractions | {n} | {:.1} | |",
            alarms as f64 / TRIALS as f64 * 100.0
        );
    }
}
