//! The decision as a map: the verdict of the rules, by how much of retrieval, and how much of hops and
//! counting, is kept at the target length.
//!
//! ```text
//! Evidence --place--> where the model stands | what would place it
//!          --regions: verdict at each cell of a grid, all else unchanged--> Figure (chart::FigureKind::Map)
//! ```

mod descriptions; // describes places on the map in words
mod figure; // draws the map as a chart
mod moves; // position fixes and models that would move the model on the map
mod place; // places a model on the map
mod regions; // the verdict at every point of the map

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::thresholds::Thresholds;
use crate::chart::Figure;

/// The map of a decision.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DecisionMap {
    /// Where the model stands and what the rules say there; if it cannot be placed, which
    /// measurement would place it.
    pub says: String,
    /// Whether it could be placed.
    pub placed: bool,
    /// What is drawn.
    pub figure: Figure,
}

/// Draws the map of a decision; `None` if no length is known for which it could be drawn.
///
/// The verdict at a point is that of the rules on exactly these figures. How often draws within
/// the intervals lead elsewhere is shown by the cloud and by [`Advice::certainty`](super::Advice).
///
/// # Example
/// ```
/// use fathom_shared::advise::{Evidence, Thresholds, decision_map};
/// use fathom_shared::advise::evidence::Workload;
/// let mut evidence = Evidence::published("Llama3.1 8B")?;
/// evidence.workload = Some(Workload::MultiDocumentSynthesis);
/// let map = decision_map(&evidence, &Thresholds::default()).unwrap();
/// assert!(map.placed && map.says.contains("92.6%"), "{}", map.says);
/// # Ok::<(), fathom_shared::advise::evidence::UnknownPublishedModel>(())
/// ```
pub fn decision_map(evidence: &Evidence, thresholds: &Thresholds) -> Option<DecisionMap> {
    let place = place::MapPlace::of(evidence, thresholds, evidence.target()?);
    Some(figure::map(evidence, thresholds, &place))
}
