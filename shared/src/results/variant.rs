//! Names the options that set a cell apart.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::longbench::LongBenchSetting;
use crate::task::{OptionKind, TaskSpec, find, longbench_v2};

/// Options that differ from the task's defaults, as `name=value` sorted by name and joined by `, `;
/// for a custom task also the first 8 digits of its script's SHA-256. Empty for the defaults.
///
/// # Example
/// ```
/// use fathom_shared::{results::variant, task::TaskSpec, tokens::Tokens};
/// let mut spec = TaskSpec::new("vt", Tokens(4096), 42);
/// spec.set.insert("num_hops".to_owned(), "4".to_owned()); // RULER's own
/// assert_eq!(variant(&spec), "");
/// spec.set.insert("num_hops".to_owned(), "2".to_owned());
/// assert_eq!(variant(&spec), "num_hops=2");
/// ```
pub fn variant(spec: &TaskSpec) -> String {
    let mut options = changed(&spec.task, &spec.set);
    if let Some(script) = &spec.script {
        let digest = hex::encode(&Sha256::digest(script)[..4]);
        options.push(format!("script={digest}"));
    }
    options.join(", ")
}

/// The variant of LongBench v2 that asks questions in this setting.
///
/// # Example
/// ```
/// use fathom_shared::{longbench::LongBenchSetting, results::variant_of_setting};
/// assert_eq!(variant_of_setting(LongBenchSetting::Direct), "");
/// assert_eq!(variant_of_setting(LongBenchSetting::Cot), "setting=cot");
/// assert_eq!(variant_of_setting(LongBenchSetting::Rag { top: 8 }), "rag_top=8, setting=rag");
/// ```
pub fn variant_of_setting(setting: LongBenchSetting) -> String {
    changed(longbench_v2::ID, &longbench_v2::options(setting)).join(", ")
}

fn changed(task: &str, set: &BTreeMap<String, String>) -> Vec<String> {
    let task_options = find(task)
        .map(|task| task.task_options())
        .unwrap_or_default();
    let same = |name: &str, value: &str| {
        let task_option = task_options
            .iter()
            .find(|task_option| task_option.name == name);
        task_option.is_some_and(|task_option| match task_option.kind {
            OptionKind::Number { default, .. } => value.parse() == Ok(default),
            OptionKind::Real { default, .. } => value.parse() == Ok(default),
            OptionKind::Choice { default, .. } => value == default,
            OptionKind::Switch { default } => value.parse() == Ok(default),
        })
    };
    let kept = set.iter().filter(|(name, value)| !same(name, value));
    kept.map(|(name, value)| format!("{name}={value}"))
        .collect()
}
