//! What the advisor is asked, as its URL: text as it was typed, and what it means. Pure.

mod choice; // the three questions and the example, as URL parameters
mod limits; // thresholds as URL parameters
mod text; // parses the text of a field

use std::collections::BTreeMap;

use fathom_shared::advise::costs::ModelDimensions;
use fathom_shared::advise::evidence::{
    DepthFigure, Evidence, LongBenchFigure, LongBenchMode, PercentFigure, PositionFixFigure,
    PositionFixMethod, RulerFigure,
};
use fathom_shared::longbench::LengthClass;
use fathom_shared::task::RulerCategory;
use fathom_shared::tokens::Tokens;
use serde::Serialize;

use crate::protocol::RunKey;
use crate::protocol::results::{AdvisorQuestion, SetKey};
pub(super) use limits::usual;
use text::{FIGURE, choice, of_figure};
pub(super) use text::{POSITIVE, TOKENS, WHOLE, of_tokens, positive, whole};

/// Every key of the address.
pub(super) const KEYS: [&str; 41] = [
    "model",
    "run",
    "file",
    "set",
    "for",
    "errors",
    "target",
    "depth",
    "tried",
    "budget",
    "corpus",
    "name",
    "ruler",
    "longbench",
    "claimed",
    "trained",
    "human",
    "own",
    "short",
    "before-retrieval",
    "before-hard",
    "before-longbench",
    "before-short",
    "weights",
    "positions",
    "targets",
    "fix",
    "fixed",
    "depths",
    "devices",
    "parameters",
    "layers",
    "width",
    "limits",
    "on",
    "price",
    "tasks",
    "lengths",
    "samples",
    "checkpoints",
    "answer",
];

/// Names of RULER's categories in the address; the mean of all tasks first.
pub(super) const CATEGORIES: [(&str, Option<RulerCategory>); 6] = [
    ("all", None),
    ("needle", Some(RulerCategory::SingleNeedle)),
    ("needles", Some(RulerCategory::MultiNeedle)),
    ("hops", Some(RulerCategory::MultiHop)),
    ("words", Some(RulerCategory::Aggregation)),
    ("qa", Some(RulerCategory::QuestionAnswering)),
];

/// LongBench v2's parts in the address, and its domains by the dataset's names.
pub(super) const PARTS: [(&str, &str); 8] = [
    ("all", "all questions"),
    ("long", "long texts"),
    ("single", "Single-Document QA"),
    ("multi", "Multi-Document QA"),
    ("learning", "Long In-context Learning"),
    ("dialogue", "Long-dialogue History Understanding"),
    ("code", "Code Repository Understanding"),
    ("structured", "Long Structured Data Understanding"),
];

/// How questions are asked.
pub(super) const READINGS: [LongBenchMode; 5] = [
    LongBenchMode::Direct,
    LongBenchMode::Cot,
    LongBenchMode::NoContext,
    LongBenchMode::TailOnly,
    LongBenchMode::Rag,
];

/// The page, by the text of its fields.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct AdvisorForm(BTreeMap<&'static str, String>);

/// A figure as it is typed: of what, where, how much.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct FigureInput {
    /// A category, or how it was asked.
    pub(super) what: String,
    /// A length, or a part.
    pub(super) at: String,
    /// `61.5` or `61.5/500`.
    pub(super) figure: String,
}

/// What a form means.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct ParsedForm {
    /// To the advisor.
    pub(super) question: AdvisorQuestion,
    /// What is wrong, by field; what is wrong is left out of the question.
    pub(super) faults: BTreeMap<String, String>,
}

/// A choice by its name in files.
pub(super) fn word<T: Serialize>(choice: T) -> String {
    let value = serde_json::to_value(choice).ok();
    value
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

impl AdvisorForm {
    /// Reads a query string's parameters.
    pub(super) fn from_query(get: impl Fn(&str) -> Option<String>) -> Self {
        let pairs = KEYS.iter().filter_map(|key| Some((*key, get(key)?)));
        Self(pairs.filter(|(_, text)| !text.is_empty()).collect())
    }

    /// The query string, with its question mark; [`from_query`](Self::from_query) reads it back.
    pub(super) fn to_query(&self) -> String {
        let pairs: Vec<_> = KEYS
            .iter()
            .filter_map(|key| Some((*key, self.0.get(key)?)))
            .collect();
        match serde_urlencoded::to_string(pairs).unwrap_or_default() {
            query if query.is_empty() => query,
            query => format!("?{query}"),
        }
    }

    /// A field's text.
    pub(super) fn get(&self, key: &str) -> &str {
        self.0.get(key).map_or("", String::as_str)
    }

    /// The same with another text in a field.
    pub(super) fn with(mut self, key: &'static str, text: String) -> Self {
        match text.is_empty() {
            true => self.0.remove(key),
            false => self.0.insert(key, text),
        };
        self
    }

    /// The figures of `ruler` or `longbench`, as typed.
    pub(super) fn rows(&self, key: &str) -> Vec<FigureInput> {
        let rows = self.get(key).split(',').filter(|row| !row.is_empty());
        let row = |row: &str| {
            let mut parts = row.splitn(3, ':').map(str::to_owned);
            let mut part = || parts.next().unwrap_or_default();
            FigureInput {
                what: part(),
                at: part(),
                figure: part(),
            }
        };
        rows.map(row).collect()
    }

    /// The same with these figures.
    pub(super) fn with_rows(self, key: &'static str, rows: &[FigureInput]) -> Self {
        let plain = |text: &str| text.replace(',', ".").replace(':', "");
        let text = |row: &FigureInput| {
            format!(
                "{}:{}:{}",
                plain(&row.what),
                plain(&row.at),
                plain(&row.figure)
            )
        };
        let rows: Vec<_> = rows.iter().map(text).collect();
        self.with(key, rows.join(","))
    }

    /// Runs of the server and of this browser.
    pub(super) fn runs(&self) -> Vec<RunKey> {
        let runs = self.get("run").split(',');
        runs.filter_map(|run| run.trim().parse().ok()).collect()
    }

    /// Of the sets that are held, those that are asked about, in the order of the address.
    fn sets(&self, held: &[SetKey]) -> Vec<SetKey> {
        let runs = self.runs().into_iter().map(RunKey::set);
        let named = self.get("set").split('|').map(str::to_owned);
        // A file beside the page is named by what is in it.
        let files = held.iter().filter(|key| key.starts_with("file:"));
        let files = files.filter(|_| !self.get("file").is_empty()).cloned();
        let mut sets = Vec::new();
        for key in runs.chain(named).chain(files) {
            if held.contains(&key) && !sets.contains(&key) {
                sets.push(key);
            }
        }
        sets
    }

    /// Sets that the address names by their names here and that are not held: files that were
    /// dropped stay with the page that read them.
    pub(super) fn lost(&self, held: &[SetKey]) -> Vec<SetKey> {
        let named = self.get("set").split('|').filter(|key| !key.is_empty());
        named
            .filter(|key| !held.iter().any(|one| one == key))
            .map(str::to_owned)
            .collect()
    }

    /// What it means.
    pub(super) fn read(&self, held: &[SetKey]) -> ParsedForm {
        let mut faults = BTreeMap::new();
        let mut typed = Evidence {
            name: self.get("name").to_owned(),
            workload: choice(self.get("for")),
            depth: choice(self.get("depth")),
            tolerance: choice(self.get("errors")),
            adaptation: choice(self.get("tried")),
            corpus: choice(self.get("corpus")),
            weights: choice(self.get("weights")),
            positions: choice(self.get("positions")),
            ..Evidence::default()
        };
        let mut keep = |key: &str, fault: &str| {
            faults.insert(key.to_owned(), fault.to_owned());
        };
        let mut tokens = |key: &str| self.field(key, TOKENS, &mut keep, of_tokens);
        typed.target_window = tokens("target");
        typed.claimed_window = tokens("claimed");
        typed.trained_window = tokens("trained");
        typed.window_targets = self
            .field("targets", TOKENS, &mut keep, |text| {
                text.split_whitespace()
                    .map(of_tokens)
                    .collect::<Option<_>>()
            })
            .unwrap_or_default();
        typed.devices = self.field("devices", WHOLE, &mut keep, whole);
        typed.budget_gpu_hours = self.field("budget", POSITIVE, &mut keep, positive);
        let mut figure = |key: &str| self.field(key, FIGURE, &mut keep, of_figure);
        typed.human = figure("human");
        typed.production = figure("own");
        typed.short_context = figure("short");
        typed.before.retrieval = figure("before-retrieval");
        typed.before.hard = figure("before-hard");
        typed.before.longbench = figure("before-longbench");
        typed.before.short_context = figure("before-short");
        typed.model = self.shape(&mut keep);
        self.figures(&mut typed, &mut keep);
        if !typed.is_unmeasured() {
            typed.sources.push("typed in".to_owned());
        }
        let thresholds = self.thresholds(&mut keep);
        let published = Some(self.get("model").to_owned());
        let published = published.filter(|name| !name.is_empty());
        let question = AdvisorQuestion {
            sets: self.sets(held),
            published,
            typed,
            thresholds,
        };
        ParsedForm { question, faults }
    }

    /// A field's meaning; a fault where it has text and none.
    pub(super) fn field<T>(
        &self,
        key: &str,
        expected: &str,
        keep: &mut impl FnMut(&str, &str),
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.get(key).trim();
        if text.is_empty() {
            return None;
        }
        let value = read(text);
        if value.is_none() {
            keep(key, &format!("Got `{text}`, expected {expected}."));
        }
        value
    }

    /// The model's size, with the usual shape where layers or width are not said.
    fn shape(&self, keep: &mut impl FnMut(&str, &str)) -> Option<ModelDimensions> {
        let parameters = self.field("parameters", POSITIVE, keep, positive);
        let layers = self.field("layers", WHOLE, keep, whole);
        let width = self.field("width", WHOLE, keep, whole);
        let usual = ModelDimensions::of_size(parameters? * 1e9);
        Some(ModelDimensions {
            layers: layers.unwrap_or(usual.layers),
            attention_width: width.unwrap_or(usual.attention_width),
            ..usual
        })
    }

    /// The rows of a list that have a figure and a length; what is wrong is said at its row.
    fn at_lengths(
        &self,
        key: &str,
        keep: &mut impl FnMut(&str, &str),
    ) -> Vec<(FigureInput, Tokens, PercentFigure)> {
        let mut read = Vec::new();
        for (at, row) in self.rows(key).into_iter().enumerate() {
            if row.figure.trim().is_empty() {
                continue;
            }
            let place = format!("{key}-{at}");
            match (of_tokens(&row.at), of_figure(&row.figure)) {
                (Some(length), Some(figure)) => read.push((row, length, figure)),
                (None, _) => keep(
                    &place,
                    &format!("Got the length `{}`, expected {TOKENS}.", row.at),
                ),
                _ => keep(&place, &format!("Got `{}`, expected {FIGURE}.", row.figure)),
            }
        }
        read
    }

    fn figures(&self, typed: &mut Evidence, keep: &mut impl FnMut(&str, &str)) {
        let category = |row: &FigureInput| {
            let found = CATEGORIES.iter().find(|(word, _)| *word == row.what);
            found.map(|(_, category)| *category)
        };
        for (row, length, figure) in self.at_lengths("ruler", keep) {
            if let Some(category) = category(&row) {
                typed.ruler.push(RulerFigure::of(category, length, figure));
            }
        }
        let method = choice(self.get("fix")).unwrap_or(PositionFixMethod::Other);
        for (row, length, figure) in self.at_lengths("fixed", keep) {
            let PercentFigure { value, n, .. } = figure;
            if let Some(category) = category(&row) {
                typed.position_fix.push(PositionFixFigure {
                    method,
                    category,
                    length,
                    value,
                    n,
                    low: None,
                    high: None,
                });
            }
        }
        for (row, length, figure) in self.at_lengths("depths", keep) {
            let PercentFigure { value, n, .. } = figure;
            if let Ok(depth) = row.what.parse() {
                typed.by_depth.push(DepthFigure {
                    depth,
                    length,
                    value,
                    n,
                    low: None,
                    high: None,
                });
            }
        }
        for (at, row) in self.rows("longbench").iter().enumerate() {
            if row.figure.trim().is_empty() {
                continue;
            }
            let part = PARTS.iter().position(|(word, _)| *word == row.at);
            match (choice(&row.what), part, of_figure(&row.figure)) {
                (Some(reading), Some(part), Some(figure)) => {
                    let domain = (part > 1).then(|| PARTS[part].1.to_owned());
                    let length = (part == 1).then_some(LengthClass::Long);
                    let one = LongBenchFigure::of(reading, (domain, length), figure);
                    typed.longbench.push(one);
                }
                _ => keep(
                    &format!("longbench-{at}"),
                    &format!("Got `{}`, expected {FIGURE}.", row.figure),
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests;
