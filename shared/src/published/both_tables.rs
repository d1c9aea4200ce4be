//! Models that are in both tables.

use super::{longbench, ruler};

/// Names of the same model in both tables: RULER's, then LongBench v2's with its date. Only where
/// both mean the same size and release: GLM-4-9B is not RULER's GLM4 with 1M.
const SAME: [(&str, &str, &str); 8] = [
    ("Llama3.1 70B", "Llama 3.1 70B", "2024-07-23"),
    ("Llama3.1 8B", "Llama 3.1 8B", "2024-07-23"),
    (
        "Mistral-Large-2411 123B",
        "Mistral Large 24.11",
        "2024-11-24",
    ),
    ("Mistral-Large-2407 123B", "Mistral Large 2", "2024-07-24"),
    ("Command-R-plus-0824 104B", "Command R+", "2024-08-30"),
    ("Qwen3-235B-A22B 235B", "Qwen3-235B-A22B", "2025-04-29"),
    ("Qwen3-32B 32B", "Qwen3-32B", "2025-04-29"),
    ("Qwen3-30B-A3B 30B", "Qwen3-30B-A3B", "2025-04-29"),
];

/// RULER's name for a line of LongBench v2's leaderboard, if both mean the same model.
pub(super) fn rulers_name(model: &str, date: &str) -> Option<&'static str> {
    let mut same = SAME.iter();
    let same = same.find(|(_, theirs, when)| *theirs == model && *when == date);
    same.map(|(ours, ..)| *ours)
}

/// The two lines of every model that is in both tables.
///
/// # Example
/// ```
/// let pairs = fathom_shared::published::both();
/// assert_eq!(pairs.len(), 8);
/// assert_eq!((pairs[1].0.params, pairs[1].1.model), ("8B", "Llama 3.1 8B"));
/// ```
pub fn both() -> Vec<(ruler::RulerTableLine, longbench::LeaderboardLine)> {
    let board = longbench::board();
    let pairs = SAME.iter().filter_map(|(ours, model, date)| {
        let theirs = board
            .iter()
            .find(|line| line.model == *model && line.date == *date)?;
        Some((ruler::find(ours)?, theirs.clone()))
    });
    pairs.collect()
}
