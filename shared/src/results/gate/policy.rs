//! Parses the gate file.

use serde::{Deserialize, Serialize};

use crate::results::length_text;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// A gate file: a list of `[[check]]` tables.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatePolicy {
    /// The checks; never empty.
    #[serde(rename = "check")]
    pub checks: Vec<GateCheck>,
}

/// One check, for the samples that the other fields select: a sample must match all given fields;
/// fields that are not given do not matter.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateCheck {
    /// The title in the report; derived from the fields if it is missing.
    #[serde(default)]
    pub name: Option<String>,
    /// The kind of check.
    pub kind: GateCheckKind,
    /// RULER, LongBench v2, or anything else: the user's own hold-outs.
    #[serde(default)]
    pub suite: Option<GateSuite>,
    /// Task ids.
    #[serde(default)]
    pub tasks: Vec<String>,
    /// One of RULER's categories.
    #[serde(default)]
    pub category: Option<RulerCategory>,
    /// Lengths in tokens.
    #[serde(default)]
    pub lengths: Vec<u32>,
    /// The options, as written by [`variant`](crate::results::variant); the defaults if it is
    /// missing.
    #[serde(default)]
    pub variant: String,
    /// A group of LongBench v2: `easy`, `hard`, `short`, `medium`, `long`, or a domain.
    #[serde(default)]
    pub group: Option<String>,
    /// Percent: the minimum mean for `at_least`, the threshold for `effective_length_at_least`
    /// (RULER's 85.6 if missing), the minimum accuracy for `longbench_at_least`, the maximum of
    /// failures for `failures_at_most`.
    #[serde(default)]
    pub percent: Option<f64>,
    /// By how many percentage points the candidate may be worse: `no_worse_than_baseline`.
    #[serde(default)]
    pub margin: Option<f64>,
    /// The minimum length in tokens: `effective_length_at_least`.
    #[serde(default)]
    pub length: Option<u32>,
    /// Whether an effective length may come from fewer than RULER's 13 tasks, or with some of
    /// RULER's shorter lengths not measured: `effective_length_at_least`. Otherwise such a check is
    /// undecided.
    #[serde(default)]
    pub partial: bool,
    /// What is compared with `percent`.
    #[serde(default)]
    pub basis: GateBasis,
    /// The level of `no_worse_than_baseline`, a fraction: half of it at either end, so that 0.05
    /// matches the two-sided 95% interval.
    #[serde(default = "level")]
    pub level: f64,
}

fn level() -> f64 {
    0.05
}

/// The kind of a check.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateCheckKind {
    /// The mean is at least `percent`.
    AtLeast,
    /// The candidate is not worse than the baseline by `margin` or more.
    NoWorseThanBaseline,
    /// RULER's effective length is at least `length`.
    EffectiveLengthAtLeast,
    /// The share of right answers in LongBench v2 is at least `percent`; failures count as wrong.
    LongbenchAtLeast,
    /// No more than `percent` of the samples have no answer.
    FailuresAtMost,
}

/// The samples of a check.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateSuite {
    /// RULER's tasks with RULER's own options.
    Ruler,
    /// LongBench v2.
    #[serde(rename = "longbench_v2")]
    LongbenchV2,
    /// Everything else.
    Own,
}

/// What is compared with a percentage.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateBasis {
    /// The interval: passed if its lower end reaches the percentage, failed if its upper end does
    /// not, otherwise undecided.
    #[default]
    Interval,
    /// The mean itself.
    Mean,
}

/// Why a gate file is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GatePolicyError {
    /// The file is not TOML, or has an unknown field.
    #[error("{0}")]
    Toml(String),
    /// The file has no check.
    #[error("`check`: got none, expected one or more `[[check]]`")]
    Empty,
    /// A field is missing, unwanted or out of range.
    #[error("check {number}, `{field}`: got {got}, expected {expected}")]
    Field {
        /// Which check, from 1.
        number: usize,
        /// The field.
        field: &'static str,
        /// The actual value.
        got: String,
        /// The expected value.
        expected: &'static str,
    },
}

impl GatePolicy {
    /// Reads a gate file.
    ///
    /// # Errors
    /// The line or field that is invalid.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::results::gate::GatePolicy;
    /// let policy = GatePolicy::read(r#"
    ///     [[check]]
    ///     kind = "at_least"
    ///     category = "single_needle"
    ///     lengths = [4096, 32768]
    ///     percent = 95
    /// "#).unwrap();
    /// assert_eq!(policy.checks.len(), 1);
    /// let error = GatePolicy::read("[[check]]\nkind = \"at_least\"").unwrap_err();
    /// assert_eq!(error.to_string(), "check 1, `percent`: got nothing, expected 0 to 100");
    /// ```
    pub fn read(text: &str) -> Result<Self, GatePolicyError> {
        let policy: Self =
            toml::from_str(text).map_err(|error| GatePolicyError::Toml(error.to_string()))?;
        if policy.checks.is_empty() {
            return Err(GatePolicyError::Empty);
        }
        for (number, check) in (1..).zip(&policy.checks) {
            check
                .fits()
                .map_err(|(field, got, expected)| GatePolicyError::Field {
                    number,
                    field,
                    got,
                    expected,
                })?;
        }
        Ok(policy)
    }
}

type FieldProblem = (&'static str, String, &'static str);

impl GateCheck {
    fn fits(&self) -> Result<(), FieldProblem> {
        let percent = matches!(
            self.kind,
            GateCheckKind::AtLeast
                | GateCheckKind::LongbenchAtLeast
                | GateCheckKind::FailuresAtMost
        );
        let effective = self.kind == GateCheckKind::EffectiveLengthAtLeast;
        let worse = self.kind == GateCheckKind::NoWorseThanBaseline;
        within("percent", self.percent, percent, percent || effective, 0.0)?;
        within("margin", self.margin, worse, worse, f64::MIN_POSITIVE)?;
        let length = self.length.map(f64::from);
        match (length, effective) {
            (None, true) => return Err(("length", "nothing".to_owned(), "tokens")),
            (Some(got), false) => {
                return Err((
                    "length",
                    got.to_string(),
                    "nothing for this kind; see `lengths`",
                ));
            }
            _ => {}
        }
        if !(self.level > 0.0 && self.level < 0.5) {
            return Err((
                "level",
                self.level.to_string(),
                "a fraction above 0 and below 0.5",
            ));
        }
        if self.partial && !effective {
            return Err(("partial", "true".to_owned(), "nothing for this kind"));
        }
        let of_longbench = self.kind == GateCheckKind::LongbenchAtLeast
            || self.suite == Some(GateSuite::LongbenchV2);
        if let Some(group) = self.group.as_ref().filter(|_| !of_longbench) {
            return Err((
                "group",
                format!("`{group}`"),
                "nothing but for LongBench v2",
            ));
        }
        let picks = self.suite.is_some() || self.category.is_some() || !self.tasks.is_empty();
        if effective && (picks || !self.lengths.is_empty()) {
            let expected = "nothing for this kind: it is about all of RULER";
            return Err(("suite", "samples that are picked".to_owned(), expected));
        }
        Ok(())
    }

    /// The title in the report.
    pub fn title(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let mut parts = Vec::new();
        match self.kind {
            GateCheckKind::LongbenchAtLeast => parts.push("LongBench v2".to_owned()),
            GateCheckKind::EffectiveLengthAtLeast => parts.push("effective length".to_owned()),
            _ => parts.extend(self.suite.map(|suite| {
                let name = match suite {
                    GateSuite::Ruler => "RULER",
                    GateSuite::LongbenchV2 => "LongBench v2",
                    GateSuite::Own => "own tasks",
                };
                name.to_owned()
            })),
        }
        parts.extend(self.category.map(|category| category.name().to_owned()));
        if !self.tasks.is_empty() {
            parts.push(self.tasks.join(", "));
        }
        parts.extend(self.group.clone());
        if !self.variant.is_empty() {
            parts.push(format!("({})", self.variant));
        }
        if !self.lengths.is_empty() {
            let lengths: Vec<String> = self
                .lengths
                .iter()
                .map(|one| length_text(Tokens(*one)))
                .collect();
            parts.push(format!("at {}", lengths.join(", ")));
        }
        if parts.is_empty() {
            parts.push("all samples".to_owned());
        }
        let percent = self
            .percent
            .unwrap_or(crate::stats::lengths::RULER_THRESHOLD);
        let wanted = match self.kind {
            GateCheckKind::AtLeast | GateCheckKind::LongbenchAtLeast => {
                format!("at least {percent}")
            }
            GateCheckKind::NoWorseThanBaseline => {
                let margin = self.margin.unwrap_or_default();
                format!("no worse than the baseline by {margin} or more")
            }
            GateCheckKind::EffectiveLengthAtLeast => {
                format!(
                    "at least {} tokens at {percent}",
                    length_text(Tokens(self.length.unwrap_or_default()))
                )
            }
            GateCheckKind::FailuresAtMost => format!("failures at most {percent}%"),
        };
        format!("{}: {wanted}", parts.join(" "))
    }
}

fn within(
    field: &'static str,
    got: Option<f64>,
    needed: bool,
    wanted: bool,
    least: f64,
) -> Result<(), FieldProblem> {
    let expected = match least == 0.0 {
        true => "0 to 100",
        false => "a number above 0, 100 at most",
    };
    match got {
        None if needed => Err((field, "nothing".to_owned(), expected)),
        Some(got) if !wanted => Err((field, got.to_string(), "nothing for this kind")),
        Some(got) if !(least..=100.0).contains(&got) => Err((field, got.to_string(), expected)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_field() {
        let refused = |text: &str| GatePolicy::read(text).unwrap_err().to_string();
        assert!(refused("").contains("missing field `check`"));
        assert_eq!(
            refused("check = []"),
            "`check`: got none, expected one or more `[[check]]`"
        );
        let unknown = refused("[[check]]\nkind = \"at_least\"\npercents = 3");
        assert!(unknown.contains("unknown field `percents`"), "{unknown}");
        let kind = refused("[[check]]\nkind = \"best\"");
        assert!(kind.contains("unknown variant `best`"), "{kind}");
        for (more, says) in [
            (
                "kind = \"at_least\"\npercent = 101",
                "`percent`: got 101, expected 0 to 100",
            ),
            ("kind = \"no_worse_than_baseline\"", "`margin`: got nothing"),
            (
                "kind = \"at_least\"\npercent = 9\nmargin = 1",
                "`margin`: got 1, expected nothing",
            ),
            (
                "kind = \"effective_length_at_least\"",
                "`length`: got nothing, expected tokens",
            ),
            (
                "kind = \"at_least\"\npercent = 9\nlevel = 0.5",
                "`level`: got 0.5",
            ),
            (
                "kind = \"at_least\"\npercent = 9\ngroup = \"easy\"",
                "`group`: got `easy`",
            ),
        ] {
            let said = refused(&format!("[[check]]\n{more}"));
            assert!(
                said.starts_with("check 1, ") && said.contains(says),
                "{said}"
            );
        }
    }

    #[test]
    fn a_check_says_what_it_asks() {
        let policy = GatePolicy::read(
            "[[check]]\nkind = \"no_worse_than_baseline\"\nsuite = \"ruler\"\nlengths = [4096]\nmargin = 2\n\
             [[check]]\nkind = \"longbench_at_least\"\ngroup = \"hard\"\nvariant = \"setting=cot\"\npercent = 30\n\
             [[check]]\nkind = \"effective_length_at_least\"\nlength = 32768",
        )
        .unwrap();
        let titles: Vec<String> = policy.checks.iter().map(GateCheck::title).collect();
        assert_eq!(
            titles,
            [
                "RULER at 4K: no worse than the baseline by 2 or more",
                "LongBench v2 hard (setting=cot): at least 30",
                "effective length: at least 32K tokens at 85.6",
            ]
        );
    }
}
