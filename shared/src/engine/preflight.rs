//! Checks made before the first prompt, so that no run spends hours measuring the wrong thing.

use serde::{Deserialize, Serialize};

/// How many prompts a run will send, and how long they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PreflightPlan {
    /// Prompts in all.
    pub prompts: u64,
    /// Tokens of all prompts together.
    pub prompt_tokens: u64,
    /// Room for all answers together, in tokens.
    pub answer_tokens: u64,
    /// The longest prompt with the room for its answer, in tokens.
    pub longest: u32,
}

/// The report.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Preflight {
    /// The endpoint's id.
    pub endpoint: String,
    /// The checks, in order.
    pub checks: Vec<PreflightCheck>,
    /// What the plan will take.
    pub estimate: PreflightEstimate,
}

/// One thing that was looked at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PreflightCheck {
    /// What was checked, e.g. `context`.
    pub what: String,
    /// The result of the check.
    pub verdict: CheckStatus,
    /// What was found.
    pub got: String,
    /// What should be.
    pub expected: String,
}

/// The result of a check.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// As it should be.
    Ok,
    /// It could not be determined, or is odd.
    Warning,
    /// A run would not measure what it says.
    Fault,
}

/// What a plan takes, as far as it is known.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct PreflightEstimate {
    /// Money, if all room for answers is used.
    pub cost: Option<f64>,
    /// Its currency.
    pub currency: Option<String>,
    /// Seconds, one prompt after the other.
    pub seconds: Option<f64>,
    /// Bytes of keys and values of the longest prompt, times prompts in flight, on the server.
    pub kv_bytes: Option<u64>,
}

impl Preflight {
    /// Why no run should start: the sentences of the faults.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::engine::{PreflightCheck, Preflight, CheckStatus};
    /// let check = |verdict| PreflightCheck {
    ///     what: "context".to_owned(),
    ///     verdict,
    ///     got: "4096 tokens".to_owned(),
    ///     expected: "8192".to_owned(),
    /// };
    /// let mut preflight = Preflight {
    ///     endpoint: "vllm".to_owned(),
    ///     checks: vec![check(CheckStatus::Ok)],
    ///     estimate: Default::default(),
    /// };
    /// assert_eq!(preflight.refusal(), None);
    /// preflight.checks.push(check(CheckStatus::Fault));
    /// let why = "the endpoint `vllm` failed the check *context*: got 4096 tokens, expected 8192";
    /// assert_eq!(preflight.refusal().as_deref(), Some(why));
    /// preflight.checks[1].got = "a server that answered 502: no workers".to_owned();
    /// let why = "the endpoint `vllm` failed the check *context*: it answered 502: no workers";
    /// assert_eq!(preflight.refusal().as_deref(), Some(why));
    /// ```
    pub fn refusal(&self) -> Option<String> {
        let faults = self.checks.iter();
        let faults = faults.filter(|check| check.verdict == CheckStatus::Fault);
        let sentences: Vec<String> = faults
            .map(|check| {
                let PreflightCheck {
                    what,
                    got,
                    expected,
                    ..
                } = check;
                // Who refuses or is not there says what is wrong; what was expected is plain.
                let faults = [
                    "answered ",
                    "cannot be reached",
                    "broke ",
                    "did not ",
                    "sent ",
                ];
                match got.strip_prefix("a server that ") {
                    // What should become of a prompt that is too long is not plain.
                    Some(it)
                        if what != "truncation"
                            && faults.iter().any(|fault| it.starts_with(fault)) =>
                    {
                        format!("the check *{what}*: it {it}")
                    }
                    Some(it) => format!("the check *{what}*: it {it}, expected {expected}"),
                    None => format!("the check *{what}*: got {got}, expected {expected}"),
                }
            })
            .collect();
        let endpoint = &self.endpoint;
        (!sentences.is_empty())
            .then(|| format!("the endpoint `{endpoint}` failed {}", sentences.join("; ")))
    }
}
