//! The form as a part of the address of the page that it stands on: names of its own, so that they
//! go beside those of any page. Pure.

use super::super::super::query::RUN_DIALOG;
use super::{RopeDraft, RunDraft, offered};

/// What begins the names of positions' numbers.
const POSITIONS: &str = "rope.";

/// Whether a parameter of an address belongs to the form.
pub(in super::super) fn is_ours(name: &str) -> bool {
    let rest = name.strip_prefix(RUN_DIALOG);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl RunDraft {
    /// Reads the parameters of an address; what is absent has its default.
    pub(in super::super) fn from_query<'a>(
        query: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let mut plan = Self::default();
        for (name, value) in query {
            let name = name
                .strip_prefix(RUN_DIALOG)
                .and_then(|name| name.strip_prefix('.'));
            if let Some(name) = name {
                plan.read(name, value);
            }
        }
        plan
    }

    fn read(&mut self, name: &str, value: &str) {
        let field = match name {
            "tasks" => {
                let wanted = |id: &&str| value.split(',').any(|name| name == *id);
                self.tasks = offered().filter(wanted).map(str::to_owned).collect();
                return;
            }
            "own" => {
                self.wants_own = value != "no";
                return;
            }
            "mode" => {
                self.chat = value != "completion";
                return;
            }
            "lengths" => &mut self.lengths,
            "seeds" => &mut self.seeds,
            "count" => &mut self.count,
            "first" => &mut self.first,
            "profile" => &mut self.profile,
            "model" => &mut self.model,
            "engine" => &mut self.engine,
            "priority" => &mut self.priority,
            "rope" => &mut self.positions.kind,
            other => match other.strip_prefix(POSITIONS) {
                Some(number) => self.positions.set.entry(number.to_owned()).or_default(),
                None => return,
            },
        };
        value.clone_into(field);
    }

    /// The parameters, in order; what has its default is left out.
    pub(in super::super) fn pairs(&self) -> Vec<(String, String)> {
        let default = Self::default();
        let mut pairs = Vec::new();
        let mut put = |name: &str, value: &str, default: &str| {
            if value != default {
                pairs.push((format!("{RUN_DIALOG}.{name}"), value.to_owned()));
            }
        };
        let tasks = |plan: &Self| {
            let wanted = offered().filter(|id| plan.tasks.contains(*id));
            wanted.collect::<Vec<_>>().join(",")
        };
        put("tasks", &tasks(self), &tasks(&default));
        put("own", if self.wants_own { "yes" } else { "no" }, "yes");
        put("lengths", &self.lengths, &default.lengths);
        put("seeds", &self.seeds, &default.seeds);
        put("count", &self.count, &default.count);
        put("first", &self.first, &default.first);
        put("profile", &self.profile, &default.profile);
        put("model", &self.model, "");
        put("engine", &self.engine, "");
        put(
            "mode",
            if self.chat { "chat" } else { "completion" },
            "chat",
        );
        put("priority", &self.priority, &default.priority);
        let RopeDraft { kind, set } = &self.positions;
        put("rope", kind, "");
        for (name, value) in set {
            put(&format!("{POSITIONS}{name}"), value, "");
        }
        pairs
    }
}
