//! The form of an order, as typed, and what is ordered by it. Pure.

use std::collections::BTreeSet;

use fathom_shared::api::{EngineView, ModelInfo, NewRun, Order};
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::{Grid, GridError, TaskChoice};
use fathom_shared::task::{TASKS, TaskSpec, custom};
use fathom_shared::tokens::Tokens;

/// A field of the form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Part {
    /// The tasks.
    Tasks,
    /// The lengths.
    Lengths,
    /// The seeds.
    Seeds,
    /// How many samples of each.
    Count,
    /// The model.
    Model,
    /// Who runs it.
    Engine,
    /// Which goes first.
    Priority,
}

/// What is wrong with a field.
pub(crate) type Faults = Vec<(Part, String)>;

/// What the form says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Plan {
    /// Tasks with their default options.
    pub(crate) tasks: BTreeSet<String>,
    /// The builder's task, with its options; whether it is ordered.
    pub(crate) own: Option<(TaskChoice, bool)>,
    /// Lengths, as typed.
    pub(crate) lengths: String,
    /// Seeds, as typed.
    pub(crate) seeds: String,
    /// Samples of each cell, as typed.
    pub(crate) count: String,
    /// The model's id; the first there is without.
    pub(crate) model: String,
    /// The engine's name; the first there is without.
    pub(crate) engine: String,
    /// Whether the model's template puts the question.
    pub(crate) chat: bool,
    /// Which goes first, as typed.
    pub(crate) priority: String,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            tasks: suite().map(str::to_owned).collect(),
            own: None,
            lengths: "4096".to_owned(),
            seeds: "42".to_owned(),
            count: "10".to_owned(),
            model: String::new(),
            engine: String::new(),
            chat: true,
            priority: "0".to_owned(),
        }
    }
}

/// The tasks of RULER.
pub(super) fn suite() -> impl Iterator<Item = &'static str> {
    let ids = TASKS.iter().map(|task| task.id());
    ids.filter(|id| *id != custom::ID)
}

impl Plan {
    /// With the builder's task alone.
    pub(crate) fn with_own(mut self, spec: TaskSpec, mode: PromptMode) -> Self {
        self.lengths = spec.max_seq_length.to_string();
        self.seeds = spec.random_seed.to_string();
        self.chat = mode == PromptMode::Chat;
        self.tasks.clear();
        self.own = Some((TaskChoice::from(spec), true));
        self
    }

    /// With a length more, or less.
    pub(crate) fn toggle(&mut self, length: u32) {
        let Ok(mut lengths) = numbers(&self.lengths) else {
            return;
        };
        match lengths.iter().position(|known| *known == length) {
            Some(at) => drop(lengths.remove(at)),
            None => lengths.push(length),
        }
        lengths.sort_unstable();
        let lengths: Vec<String> = lengths.iter().map(u32::to_string).collect();
        self.lengths = lengths.join(", ");
    }

    /// Whether a length is asked for.
    pub(crate) fn has(&self, length: u32) -> bool {
        numbers(&self.lengths).is_ok_and(|lengths| lengths.contains(&length))
    }

    /// What is ordered.
    ///
    /// # Errors
    /// A sentence for every field at fault.
    pub(crate) fn order(
        &self,
        engines: &[EngineView],
        models: &[ModelInfo],
    ) -> Result<NewRun, Faults> {
        let mut faults = Faults::new();
        let lengths = kept(numbers(&self.lengths), Part::Lengths, &mut faults);
        let seeds = kept(numbers(&self.seeds), Part::Seeds, &mut faults);
        let count = kept(number(&self.count), Part::Count, &mut faults);
        let priority = kept(priority(&self.priority), Part::Priority, &mut faults);
        let engine = self.engine(engines);
        let model = engine.and_then(|engine| self.model(engine));
        if engine.is_none() {
            faults.push((Part::Engine, "The server has no engine.".to_owned()));
        } else if model.is_none() {
            let message = "The engine has no model; `fathom model pull` gets one.";
            faults.push((Part::Model, message.to_owned()));
        }
        let own = self.own.iter().filter(|(_, wanted)| *wanted);
        let suite = suite().filter(|id| self.tasks.contains(*id));
        let tasks = own.map(|(task, _)| task.clone());
        let grid = Grid {
            tasks: tasks.chain(suite.map(TaskChoice::new)).collect(),
            lengths: lengths
                .unwrap_or_default()
                .into_iter()
                .map(Tokens)
                .collect(),
            seeds: seeds.unwrap_or_default(),
            first: 0,
            count: count.unwrap_or_default(),
        };
        if faults.is_empty() {
            let checked = grid.check().map_err(|error| fault(&error));
            faults.extend(checked.err());
        }
        let (Some(engine), Some(model), Some(priority)) = (engine, model, priority) else {
            return Err(faults);
        };
        faults.extend(too_long(&grid, engine, &model, models));
        if !faults.is_empty() {
            return Err(faults);
        }
        let order = Order {
            grid,
            model,
            engine: engine.engine.clone(),
            mode: match self.chat {
                true => PromptMode::Chat,
                false => PromptMode::Completion,
            },
            rope: None,
            kv: None,
        };
        Ok(NewRun { order, priority })
    }

    /// The engine that is chosen, or the first.
    pub(crate) fn engine<'a>(&self, engines: &'a [EngineView]) -> Option<&'a EngineView> {
        let mut all = engines.iter();
        let chosen = all.find(|view| view.engine.to_string() == self.engine);
        chosen
            .or_else(|| {
                engines
                    .iter()
                    .find(|view| view.engine == EngineKind::default())
            })
            .or(engines.first())
    }

    /// The model of it that is chosen, or the first.
    pub(crate) fn model(&self, engine: &EngineView) -> Option<String> {
        let chosen = engine.models.iter().find(|model| **model == self.model);
        chosen.or(engine.models.first()).cloned()
    }
}

fn kept<T>(parsed: Result<T, String>, part: Part, faults: &mut Faults) -> Option<T> {
    parsed.map_err(|message| faults.push((part, message))).ok()
}

fn numbers(text: &str) -> Result<Vec<u32>, String> {
    let words = text.split([',', ' ', ';']).filter(|word| !word.is_empty());
    words.map(number).collect()
}

/// A whole number; `128K` is 131,072.
fn number(word: &str) -> Result<u32, String> {
    let word = word.trim();
    let (digits, times) = match word.strip_suffix(['K', 'k']) {
        Some(digits) => (digits, 1024),
        None => (word, 1),
    };
    let number = digits.parse::<u32>().ok();
    let number = number.and_then(|number| number.checked_mul(times));
    number.ok_or_else(|| match word {
        "" => "This is empty; expected a whole number.".to_owned(),
        word => format!("`{word}` is no whole number."),
    })
}

fn priority(text: &str) -> Result<i32, String> {
    let text = text.trim();
    let parsed = text.parse();
    parsed.map_err(|_| format!("`{text}` is no whole number, such as 0 or 5."))
}

/// The field that a fault of the grid belongs to.
fn fault(error: &GridError) -> (Part, String) {
    let part = match error {
        GridError::Nothing { what: "task" } => Part::Tasks,
        GridError::Nothing { what: "length" } => Part::Lengths,
        GridError::Nothing { what: "seed" } => Part::Seeds,
        GridError::Nothing { .. } | GridError::Many { .. } | GridError::Far { .. } => Part::Count,
        GridError::Twice { what } if what.starts_with("length") => Part::Lengths,
        GridError::Twice { what } if what.starts_with("seed") => Part::Seeds,
        GridError::Twice { .. } => Part::Tasks,
        GridError::Spec { .. } => Part::Lengths,
    };
    (part, sentence(&error.to_string()))
}

fn too_long(
    grid: &Grid,
    engine: &EngineView,
    model: &str,
    models: &[ModelInfo],
) -> Option<(Part, String)> {
    let file = models.iter().find(|info| info.id == model);
    let file = file.filter(|_| engine.engine.is_local());
    let context = engine.context.or(file.map(|info| info.context))?;
    let longest = grid.lengths.iter().max()?;
    (*longest > context).then(|| {
        let message = format!("{model} reads {context} tokens; {longest} are too many for it.");
        (Part::Lengths, message)
    })
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engines() -> Vec<EngineView> {
        let view = |engine, models: &[&str], context| EngineView {
            engine,
            models: models.iter().map(|model| (*model).to_owned()).collect(),
            context,
        };
        let endpoint = "vllm".to_owned();
        vec![
            view(EngineKind::CandleCpu, &["small", "large"], None),
            view(
                EngineKind::Openai { endpoint },
                &["remote"],
                Some(Tokens(32_768)),
            ),
        ]
    }

    fn models() -> Vec<ModelInfo> {
        vec![ModelInfo {
            id: "small".to_owned(),
            name: String::new(),
            architecture: String::new(),
            quantisation: String::new(),
            size_bytes: 0,
            sha256: String::new(),
            context: Tokens(8192),
        }]
    }

    fn refused(change: impl Fn(&mut Plan)) -> Faults {
        let mut plan = Plan::default();
        change(&mut plan);
        plan.order(&engines(), &models()).unwrap_err()
    }

    #[test]
    fn the_default_is_the_suite_on_the_first_model() {
        let new = Plan::default().order(&engines(), &models()).unwrap();
        assert_eq!(new.order.grid.tasks.len(), 13);
        assert_eq!(new.order.grid.asked(), 130);
        assert_eq!((new.order.model.as_str(), new.priority), ("small", 0));
        let remote = Plan {
            engine: "openai:vllm".to_owned(),
            model: "small".to_owned(),
            lengths: "4K, 32K".to_owned(),
            seeds: "1 2 3".to_owned(),
            priority: "-2".to_owned(),
            ..Plan::default()
        };
        let new = remote.order(&engines(), &models()).unwrap();
        assert_eq!(new.order.model, "remote");
        assert_eq!(new.order.grid.lengths, [Tokens(4096), Tokens(32_768)]);
        assert_eq!((new.order.grid.len(), new.priority), (78, -2));
    }

    #[test]
    fn faults_stand_beside_their_field() {
        let parts = |change: fn(&mut Plan)| {
            let faults = refused(change).into_iter();
            faults.map(|(part, _)| part).collect::<Vec<_>>()
        };
        assert_eq!(parts(|plan| plan.tasks.clear()), [Part::Tasks]);
        assert_eq!(parts(|plan| plan.lengths.clear()), [Part::Lengths]);
        assert_eq!(
            parts(|plan| plan.lengths = "4096 4096".into()),
            [Part::Lengths]
        );
        assert_eq!(parts(|plan| plan.lengths = "16384".into()), [Part::Lengths]);
        assert_eq!(parts(|plan| plan.lengths = "10".into()), [Part::Lengths]);
        assert_eq!(parts(|plan| plan.seeds = "x".into()), [Part::Seeds]);
        assert_eq!(parts(|plan| plan.count = "0".into()), [Part::Count]);
        assert_eq!(parts(|plan| plan.count = "99999".into()), [Part::Count]);
        let both = |plan: &mut Plan| {
            plan.seeds = "x".into();
            plan.count.clear();
        };
        assert_eq!(parts(both), [Part::Seeds, Part::Count]);
        assert_eq!(
            refused(|plan| plan.lengths = "16K".into())[0].1,
            "small reads 8192 tokens; 16384 are too many for it."
        );
        let nobody = Plan::default().order(&[], &[]).unwrap_err();
        assert_eq!(nobody[0].0, Part::Engine);
    }

    #[test]
    fn the_builders_task_keeps_its_options() {
        let mut spec = TaskSpec::new("vt", Tokens(2048), 7);
        spec.set.insert("num_hops".into(), "2".into());
        let plan = Plan::default().with_own(spec.clone(), PromptMode::Completion);
        let order = plan.order(&engines(), &models()).unwrap().order;
        assert_eq!(order.grid.cells().collect::<Vec<_>>(), [spec]);
        assert_eq!(order.mode, PromptMode::Completion);
    }

    #[test]
    fn lengths_are_switched() {
        let mut plan = Plan::default();
        plan.toggle(16_384);
        plan.toggle(8192);
        assert_eq!(plan.lengths, "4096, 8192, 16384");
        plan.toggle(4096);
        assert!(plan.has(8192) && !plan.has(4096));
        // What is half typed is not thrown away.
        plan.lengths = "81x".to_owned();
        plan.toggle(4096);
        assert_eq!(plan.lengths, "81x");
    }
}
