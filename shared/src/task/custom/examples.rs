//! The example tasks that ship with Fathom.

/// A bundled task file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Example {
    /// The file's name without its extension.
    pub name: &'static str,
    /// The file's name.
    pub file: &'static str,
    /// Its contents.
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
