//! Scores by depth in the text, for each length.

use serde::{Deserialize, Serialize};

use super::ResultSet;
use crate::score::answer_parts::AnswerPart;
use crate::stats::Interval;
use crate::stats::wilson::wilson;
use crate::tokens::Tokens;

/// Parts of answers at similar depth and one length.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DepthBin {
    /// Length of prompt and answer together; `None` if a file does not state it.
    pub length: Option<Tokens>,
    /// The lower depth limit, a fraction.
    pub from: f64,
    /// The upper depth limit; the last bin includes it.
    pub to: f64,
    /// Parts that the answers contain.
    pub found: u32,
    /// Number of parts.
    pub total: u32,
    /// Wilson's 95% interval of the share. It treats parts as independent; parts of the same sample
    /// are not quite independent, so it is slightly too narrow for tasks with several parts.
    pub interval: Option<Interval>,
}

impl ResultSet {
    /// Depth × length for a task: for every length, shortest first, `bins` bins over the depth.
    /// Empty if no part's place is known. Failures have no parts.
    pub fn depths(&self, task: &str, variant: &str, bins: u32) -> Vec<DepthBin> {
        let cells = self.cells.iter();
        let cells = cells.filter(|cell| cell.task == task && cell.variant == variant);
        let mut map = Vec::new();
        for cell in cells {
            let parts: Vec<&AnswerPart> = cell.samples.iter().flat_map(|s| &s.parts).collect();
            if !parts.is_empty() {
                map.extend((0..bins).map(|bin| one(cell.length, &parts, bin, bins)));
            }
        }
        map
    }
}

fn one(length: Option<Tokens>, parts: &[&AnswerPart], bin: u32, bins: u32) -> DepthBin {
    let number = |depth: f32| ((depth * bins as f32) as u32).min(bins - 1);
    let here = parts.iter().filter(|part| number(part.depth) == bin);
    let (mut found, mut total) = (0, 0);
    for part in here {
        total += 1;
        found += u32::from(part.found);
    }
    DepthBin {
        length,
        from: f64::from(bin) / f64::from(bins),
        to: f64::from(bin + 1) / f64::from(bins),
        found,
        total,
        interval: wilson(found, total),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{set, share};
    use super::*;

    #[test]
    fn parts_fall_into_bins_by_depth() {
        let mut cell = share("niah_multivalue", 4096, 1, 2);
        let part = |depth, found| AnswerPart { depth, found };
        cell.samples[0].parts = vec![part(0.0, true), part(0.19, false), part(0.2, true)];
        cell.samples[1].parts = vec![part(1.0, false)];
        let set = set(vec![cell, share("niah_multivalue", 8192, 1, 2)]);
        let map = set.depths("niah_multivalue", "", 5);
        let told: Vec<_> = map.iter().map(|bin| (bin.found, bin.total)).collect();
        assert_eq!(told, [(1, 2), (1, 1), (0, 0), (0, 0), (0, 1)]);
        assert_eq!((map[1].from, map[1].to), (0.2, 0.4));
        assert_eq!(map[2].interval, None);
        assert!(map[0].interval.unwrap().high > 0.9);
        assert!(set.depths("vt", "", 5).is_empty());
    }
}
