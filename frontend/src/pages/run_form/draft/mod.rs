//! The form of a run as typed, and the run spec it describes. Pure.

mod check; // validates the form
mod choices; // whole runs that one press fills in
mod positions; // custom positions
mod query; // the form as URL parameters
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use fathom_shared::api::{EngineView, ModelInfo, NewRun, RunSpec};
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::{GridError, RunGrid, TaskChoice};
use fathom_shared::task::ruler;
use fathom_shared::task::{Profile, TASKS, Task, TaskSpec};
use fathom_shared::tokens::Tokens;

use crate::protocol::fitting;
use check::{fault, kept, number, numbers, priority, too_long};
pub(super) use choices::{RECORDED_MS_PER_TOKEN, RunChoice, choices};
pub(super) use positions::{KINDS, RopeDraft, RopeKind, RopeNumber};
pub(super) use query::is_ours;

use crate::pages::display::sentence;

/// A field of the form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum RunField {
    /// The tasks.
    Tasks,
    /// The lengths.
    Lengths,
    /// The seeds.
    Seeds,
    /// How many samples of each.
    Count,
    /// The first of them.
    First,
    /// Whose rules place and fit RULER's tasks.
    Profile,
    /// The model.
    Model,
    /// Who runs it.
    Engine,
    /// Whether the model's chat template puts the question.
    Mode,
    /// Which goes first.
    Priority,
    /// The kind of positions.
    Positions,
    /// A number of them.
    Number(&'static str),
}

impl RunField {
    /// Whether it stands in the part of the form that is folded away.
    pub(super) fn is_folded(self) -> bool {
        matches!(
            self,
            Self::First | Self::Profile | Self::Positions | Self::Number(_)
        )
    }
}

/// What is wrong with a field.
pub(super) type FieldErrors = Vec<(RunField, String)>;

/// What the form says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct RunDraft {
    /// Tasks with their default options.
    pub(super) tasks: BTreeSet<String>,
    /// The builder's task, with its options, where the dialog is the builder's.
    pub(super) own: Option<TaskChoice>,
    /// Whether that task is part of the run.
    pub(super) wants_own: bool,
    /// Lengths, as typed.
    pub(super) lengths: String,
    /// Seeds, as typed.
    pub(super) seeds: String,
    /// Samples of each cell, as typed.
    pub(super) count: String,
    /// The first sample of each cell, as typed.
    pub(super) first: String,
    /// The profile of RULER's tasks; the builder's has its own.
    pub(super) profile: String,
    /// The model's id; the first there is without.
    pub(super) model: String,
    /// The engine's name; the first there is without.
    pub(super) engine: String,
    /// Whether the model's template puts the question.
    pub(super) chat: bool,
    /// Which goes first, as typed.
    pub(super) priority: String,
    /// Where positions are not the model's own.
    pub(super) positions: RopeDraft,
}

impl Default for RunDraft {
    fn default() -> Self {
        Self {
            tasks: choices::FIRST.map(str::to_owned).into(),
            own: None,
            wants_own: true,
            lengths: "1024".to_owned(),
            seeds: "42".to_owned(),
            count: "10".to_owned(),
            first: "0".to_owned(),
            profile: Profile::Upstream.name().to_owned(),
            model: String::new(),
            engine: String::new(),
            chat: true,
            priority: "0".to_owned(),
            positions: RopeDraft::default(),
        }
    }
}

/// The tasks of RULER.
pub(super) fn suite() -> impl Iterator<Item = &'static str> {
    ruler::tasks().map(|task| task.id())
}

/// Every task that needs neither a script nor a file of questions: RULER's and those of others.
pub(super) fn offered() -> impl Iterator<Item = &'static str> {
    let tasks = TASKS.iter().copied();
    tasks.filter(|task| is_offered(*task)).map(Task::id)
}

/// Whether the form lists a task.
pub(super) fn is_offered(task: &dyn Task) -> bool {
    !task.takes_script() && !task.asks_questions()
}

impl RunDraft {
    /// With the builder's task alone.
    pub(super) fn with_own(mut self, spec: TaskSpec, mode: PromptMode) -> Self {
        self.lengths = spec.max_seq_length.to_string();
        self.seeds = spec.random_seed.to_string();
        self.chat = mode == PromptMode::Chat;
        self.tasks.clear();
        self.own = Some(TaskChoice::from(spec));
        self.wants_own = true;
        self
    }

    /// With a length more, or less.
    pub(super) fn toggle(&mut self, length: u32) {
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
    pub(super) fn has(&self, length: u32) -> bool {
        numbers(&self.lengths).is_ok_and(|lengths| lengths.contains(&length))
    }

    /// Whether the part of the form that is folded away says anything.
    pub(super) fn says_more(&self) -> bool {
        let default = Self::default();
        (&self.first, &self.profile, &self.positions)
            != (&default.first, &default.profile, &default.positions)
    }

    /// The run that the form describes.
    ///
    /// # Errors
    /// A sentence for every field at fault.
    pub(super) fn new_run(
        &self,
        engines: &[EngineView],
        models: &[ModelInfo],
    ) -> Result<NewRun, FieldErrors> {
        let mut faults = FieldErrors::new();
        let grid = self.grid(&mut faults);
        let priority = kept(priority(&self.priority), RunField::Priority, &mut faults);
        let engine = self.engine(engines);
        let model = engine.and_then(|engine| self.model(engine));
        if engine.is_none() {
            faults.push((RunField::Engine, "The server has no engine.".to_owned()));
        } else if model.is_none() {
            let message = "This engine has no usable model; get one with `fathom model pull`.";
            faults.push((RunField::Model, message.to_owned()));
        }
        let rope = engine.and_then(|engine| {
            let rope = self.positions.parameters(&engine.engine);
            rope.map_err(|found| faults.extend(found)).ok().flatten()
        });
        if faults.is_empty() {
            let checked = grid.check_unrun().map_err(|error| fault(&error));
            faults.extend(checked.err());
        }
        let (Some(engine), Some(model), Some(priority)) = (engine, model, priority) else {
            return Err(faults);
        };
        if rope.is_none() {
            // How far other positions reach is the server's to say.
            faults.extend(too_long(&grid, engine, &model, models));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let run_spec = RunSpec {
            grid,
            model,
            engine: engine.engine.clone(),
            mode: match self.chat {
                true => PromptMode::Chat,
                false => PromptMode::Completion,
            },
            rope,
            texts: None,
            kv: None,
        };
        Ok(NewRun { run_spec, priority })
    }

    /// What is asked, as far as the fields can be read; what is wrong with them joins `faults`.
    fn grid(&self, faults: &mut FieldErrors) -> RunGrid {
        let lengths = kept(numbers(&self.lengths), RunField::Lengths, faults);
        let seeds = kept(numbers(&self.seeds), RunField::Seeds, faults);
        let count = kept(number(&self.count), RunField::Count, faults);
        let first = kept(number(&self.first), RunField::First, faults);
        let profile = self.profile.parse::<Profile>();
        let profile = profile.map_err(|error| sentence(&error.to_string()));
        let profile = kept(profile, RunField::Profile, faults).unwrap_or_default();
        let own = self.own.iter().filter(|_| self.wants_own).cloned();
        let listed = offered().filter(|id| self.tasks.contains(*id));
        let listed = listed.map(|id| TaskChoice {
            profile,
            ..TaskChoice::new(id)
        });
        let lengths = lengths.unwrap_or_default().into_iter();
        RunGrid {
            tasks: own.chain(listed).collect(),
            lengths: lengths.map(Tokens).collect(),
            seeds: seeds.unwrap_or_default(),
            first: first.unwrap_or_default(),
            count: count.unwrap_or_default(),
        }
    }

    /// The first length that is too short for a task, and one that fits.
    pub(super) fn too_short(&self) -> Option<(u32, u32)> {
        let mut faults = FieldErrors::new();
        let grid = self.grid(&mut faults);
        match grid.check_unrun() {
            Err(GridError::Spec { length, source, .. }) if faults.is_empty() => {
                Some((length.0, fitting(&source)?))
            }
            _ => None,
        }
    }

    /// With `fitting` instead of the length that is too short.
    pub(super) fn lengthen(&mut self, fitting: &str) {
        let Some((short, _)) = self.too_short() else {
            return;
        };
        self.toggle(short);
        if let Ok(fitting) = number(fitting)
            && !self.has(fitting)
        {
            self.toggle(fitting);
        }
    }

    /// The engine that is chosen, or the first.
    pub(super) fn engine<'a>(&self, engines: &'a [EngineView]) -> Option<&'a EngineView> {
        let find = |is: &dyn Fn(&EngineKind) -> bool| engines.iter().find(|view| is(&view.engine));
        find(&|kind| kind.to_string() == self.engine)
            .or_else(|| find(&|kind| *kind == EngineKind::default()))
            .or(engines.first())
    }

    /// The model of it that is chosen, or the first.
    pub(super) fn model(&self, engine: &EngineView) -> Option<String> {
        let chosen = engine.models.iter().find(|model| **model == self.model);
        chosen.or(engine.models.first()).cloned()
    }
}
