//! Describes places on the map in words.

use super::moves::{coordinates, shorter};
use super::place::{Coordinate, CoordinateOrigin, MapPlace, tasks, tenth};
use super::regions::VerdictRegions;
use crate::advise::benchmarks::{HARD, needle_tasks, ruler_tasks, tasks_of};
use crate::advise::costs::{EvaluationPlan, hardware, named as named_hardware};
use crate::advise::evidence::Evidence;
use crate::advise::sentences::{hours, named, short};
use crate::advise::step::AdaptationStep;
use crate::advise::thresholds::Thresholds;
use crate::chart::ChartPoint;
use crate::numbers::{count, tenths};
use crate::published::categories::CategoryLine;

/// Describes places in words.
pub(super) struct MapWords<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) thresholds: &'a Thresholds,
    pub(super) regions: &'a VerdictRegions,
}

impl MapWords<'_> {
    /// A place as a point, with all its figures in words.
    pub(super) fn point(&self, whose: &str, name: &str, place: &MapPlace) -> ChartPoint {
        let of = |coordinate: &Option<Coordinate>| {
            let known = coordinate.as_ref();
            known.map_or((0.0, (0.0, 0.0)), |one| (tenth(one.value), one.ends))
        };
        let ((x, across), (y, interval)) = (of(&place.needles), of(&place.hard));
        let each = [&place.needles, &place.hard].into_iter().flatten();
        let ns: Option<Vec<u32>> = each.map(|one| one.n).collect();
        let sides = [
            ("retrieval", &place.needles),
            ("hops and counting", &place.hard),
        ];
        let sides = sides.map(|(what, side)| side.as_ref().map(|one| self.side(what, one)));
        let sides: Vec<String> = sides.into_iter().flatten().collect();
        ChartPoint {
            x,
            y,
            interval: Some((tenth(interval.0), tenth(interval.1))),
            across: Some((tenth(across.0), tenth(across.1))),
            n: ns.map(|ns| ns.iter().sum()),
            name: name.to_owned(),
            says: format!(
                "{whose} at {} tokens: {}. In this region the rules say: {}.",
                short(place.length),
                sides.join("; "),
                named(self.regions.at(x, y))
            ),
            href: None,
        }
    }

    pub(super) fn published(&self, line: &CategoryLine) -> ChartPoint {
        let (x, y) = coordinates(line);
        ChartPoint {
            x,
            y,
            name: line.model.to_owned(),
            says: format!(
                "{} at {} tokens: retrieval {x:.1}%; hops and counting {y:.1}% (n and intervals are not published; {}). In this region the rules say: {}.",
                line.model,
                short(line.length),
                line.source,
                named(self.regions.at(x, y))
            ),
            ..ChartPoint::default()
        }
    }

    /// A mean with what it is the mean of, its interval and n.
    fn side(&self, what: &str, side: &Coordinate) -> String {
        let made = match (&side.made, side.is_whole()) {
            (CoordinateOrigin::Remainder, _) => {
                format!(
                    "its {} tasks, derived from the mean of all {} and the other {}",
                    needle_tasks(),
                    ruler_tasks(),
                    ruler_tasks() - needle_tasks()
                )
            }
            (CoordinateOrigin::Categories(parts), false) => {
                let parts: Vec<&str> = parts.iter().map(|(one, _)| one.name()).collect();
                format!("{} alone", parts.join(" and "))
            }
            (CoordinateOrigin::Categories(parts), true) => {
                let all: f64 = parts.iter().map(|(one, _)| tasks(*one)).sum();
                format!("its {all} tasks")
            }
        };
        let n = match side.n {
            Some(n) => format!("n = {}", count(n.into())),
            None => format!(
                "n = {} assumed where none is given",
                self.thresholds.assumed_n
            ),
        };
        format!(
            "{what} {:.1}% ({made}; 95% interval {}; {n})",
            side.value,
            tenths(side.ends.0, side.ends.1)
        )
    }

    /// Where the model stands, in a sentence.
    pub(super) fn stands(&self, name: &str, place: &MapPlace) -> String {
        let before = shorter(self.evidence, self.thresholds, place.length);
        let [needles, hard] = [&place.needles, &place.hard];
        let first = |of: fn(&MapPlace) -> &Option<Coordinate>| {
            let side = before.as_ref().and_then(|before| of(before).as_ref());
            side.map(|side| side.value)
        };
        let needles = self.kept(needles, first(|place| &place.needles));
        let hard = self.kept(hard, first(|place| &place.hard));
        let (x, y) = place.values().unwrap_or_default();
        let step = self.regions.at(x, y);
        format!(
            "At {} tokens {name} finds {x:.1}% of needles ({needles}) and gets {y:.1}% of hops and counts right ({hard}); with these figures alone the rules say: {}.",
            short(place.length),
            named(step)
        )
    }

    /// The verdict if everything were kept, unless that is to keep the model.
    pub(super) fn kept_whole(&self) -> String {
        match self.regions.at(100.0, 100.0) {
            Some(AdaptationStep::Keep) => String::new(),
            step => format!(
                " If everything were kept, the rules would say: {}, because of other evidence.",
                named(step)
            ),
        }
    }

    /// Whether a side is kept, as the advisor judges it.
    fn kept(&self, side: &Option<Coordinate>, before: Option<f64>) -> &'static str {
        let Some(side) = side else {
            return "not measured";
        };
        let limit = self.thresholds.acceptable;
        let parts = side.parts().iter();
        let low = side.value < limit || parts.into_iter().any(|(_, value)| *value < limit);
        let less = before.is_some_and(|before| before - side.value >= self.thresholds.drop);
        match low || less {
            true => "lost",
            false => "kept",
        }
    }

    /// Where something moves the model.
    pub(super) fn moves(&self, what: &str, place: &MapPlace) -> String {
        let (x, y) = place.values().unwrap_or_default();
        format!(
            " {what} it stands at {x:.1}% and {y:.1}%, where the rules say: {}.",
            named(self.regions.at(x, y))
        )
    }

    /// What would place a model that cannot be placed, with its price.
    pub(super) fn unplaced(&self, name: &str, place: &MapPlace) -> String {
        let length = short(place.length);
        let sides = [
            (&place.needles, "tasks with needles", needle_tasks()),
            (
                &place.hard,
                "tasks that follow hops and count",
                tasks_of(&HARD),
            ),
        ];
        let lacking = sides.into_iter().filter(|(side, ..)| side.is_none());
        let lacking = lacking.map(|(_, what, tasks)| (format!("its {tasks} {what}"), tasks));
        let (what, tasks): (Vec<String>, Vec<u32>) = lacking.unzip();
        let known = [
            ("retrieval", &place.needles),
            ("hops and counting", &place.hard),
        ];
        let known = known
            .into_iter()
            .filter_map(|(what, side)| Some(self.side(what, side.as_ref()?)));
        let known: Vec<String> = known.collect();
        let known = match known.is_empty() {
            true => String::new(),
            false => format!(" Known there: {}.", known.join("; ")),
        };
        format!(
            "{name} cannot be placed on this map yet.{known} Measure RULER at {length}: {}, 100 samples each{}.",
            what.join(" and "),
            self.price(tasks.iter().sum(), place)
        )
    }

    fn price(&self, tasks: u32, place: &MapPlace) -> String {
        let plan = EvaluationPlan {
            tasks,
            lengths: vec![place.length],
            samples: 100,
            checkpoints: 1,
            answer_tokens: 128,
        };
        let chosen = self.evidence.hardware.as_deref().and_then(named_hardware);
        let on = chosen.or(hardware().first());
        match (on, &self.evidence.model) {
            (Some(on), Some(model)) => {
                let time = hours(plan.cost(model).hours(on));
                format!(" ({time} of one {})", on.name)
            }
            _ => String::new(),
        }
    }
}
