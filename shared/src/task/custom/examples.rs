//! The tasks that ship as examples.

/// A task file that comes with Fathom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Example {
    /// The file's name without its ending.
    pub name: &'static str,
    /// The file's name.
    pub file: &'static str,
    /// What stands in it.
    pub text: &'static str,
}

macro_rules! example {
    ($name:literal, $ending:literal) => {
        Example {
            name: $name,
            file: concat!($name, ".", $ending),
            text: include_str!(concat!("../../../data/tasks/", $name, ".", $ending)),
        }
    };
}

/// Every example, the simplest first.
pub const EXAMPLES: &[Example] = &[
    example!("multikey_hard", "toml"),
    example!("ledger_sum", "rhai"),
    example!("ordered_events", "rhai"),
    example!("two_document_reconciliation", "rhai"),
    example!("no_lexical_overlap", "rhai"),
];
