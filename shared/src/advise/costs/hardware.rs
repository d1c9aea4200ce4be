//! Hardware that models run on.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::published::plain_name;

/// A kind of hardware.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hardware {
    /// Its name.
    pub name: String,
    /// Peak, dense BF16, 10¹² operations a second.
    pub teraflops: f64,
    /// Memory bandwidth, 10⁹ bytes a second.
    pub gigabytes_per_s: f64,
    /// Memory of one piece, 10⁹ bytes.
    pub memory_gigabytes: f64,
    /// The share of both peaks that running a model reaches; assumed.
    pub utilisation: f64,
    /// Source of the peak figures.
    pub source: String,
}

#[derive(Default, Deserialize)]
struct HardwareFile {
    hardware: Vec<Hardware>,
}

// A test holds that it can be read.
static HARDWARE: LazyLock<HardwareFile> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/advise/hardware.toml")).unwrap_or_default()
});

/// The known hardware, the H100 first.
pub fn hardware() -> &'static [Hardware] {
    &HARDWARE.hardware
}

/// Looks hardware up by name, ignoring case, spaces and hyphens.
pub fn named(name: &str) -> Option<&'static Hardware> {
    let wanted = plain_name(name);
    let all = || hardware().iter();
    if let Some(same) = all().find(|one| plain_name(&one.name) == wanted) {
        return Some(same);
    }
    // `A100 80GB`, `8xH100`, `4090`: the one whose name it contains, or that contains it.
    let meant = |one: &&Hardware| {
        let name = plain_name(&one.name);
        wanted.contains(&name) || (wanted.len() > 3 && name.contains(&wanted))
    };
    let mut meant = all().filter(meant);
    let first = meant.next()?;
    meant.next().is_none().then_some(first)
}
