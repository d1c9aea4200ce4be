//! Files of other programs that are known and not read: whoever gives one is told whose it is.

use std::fmt;

/// Whose results a file holds that no importer reads.
///
/// # Example
/// ```
/// use fathom_shared::formats::OtherProgram;
/// let state = br#"{"adapter_spec": {"method": "generation"}, "request_states": []}"#;
/// assert_eq!(OtherProgram::of(state), Some(OtherProgram::Helm));
/// assert_eq!(OtherProgram::of(br#"{"index": 1, "pred": "x", "outputs": ["x"]}"#), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum OtherProgram {
    /// Stanford's HELM: `scenario_state.json`, `stats.json` and those beside them.
    Helm,
    /// OpenCompass: `predictions/MODEL/*.json`, `results/MODEL/*.json`.
    OpenCompass,
    /// Hugging Face's lighteval.
    Lighteval,
    /// The first LongBench, whose rows have other fields than LongBench v2's and RULER's.
    LongBenchV1,
    /// lm-evaluation-harness' `results_*.json`, which has totals and no samples.
    LmEvalTotals,
}

/// The keys by which a program's files are told: of one of these lists all are there.
const KEYS: [(OtherProgram, &[&[&str]]); 5] = [
    (
        OtherProgram::Helm,
        &[
            &["adapter_spec"],
            &["request_states"],
            &["sum_squared"],
            &["instance_id", "predicted_text"],
        ],
    ),
    (
        OtherProgram::OpenCompass,
        &[&["origin_prompt"], &["origin_prediction"]],
    ),
    (OtherProgram::Lighteval, &[&["config_general"]]),
    (OtherProgram::LongBenchV1, &[&["answers", "all_classes"]]),
    (OtherProgram::LmEvalTotals, &[&["results", "n-shot"]]),
];

impl OtherProgram {
    /// Whose file begins like this, for one that no importer takes.
    pub fn of(beginning: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(beginning);
        // Within a string a quote is escaped, so that the text of an answer is no key.
        let has = |key: &&str| text.contains(&format!("\"{key}\""));
        let mut known = KEYS.iter();
        let found = known.find(|(_, ways)| ways.iter().any(|keys| keys.iter().all(has)));
        found.map(|(program, _)| *program)
    }
}

impl fmt::Display for OtherProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Helm => "a file of HELM, which is not read",
            Self::OpenCompass => "a file of OpenCompass, which is not read",
            Self::Lighteval => "a file of lighteval, which is not read",
            Self::LongBenchV1 => "predictions of LongBench v1, which are not read",
            Self::LmEvalTotals => {
                "totals of lm-evaluation-harness without samples, which `--log_samples` writes as samples_*.jsonl"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_keys() {
        for (file, want) in [
            (
                r#"[{"name": {"name": "exact_match", "split": "test"}, "count": 1, "sum": 1.0, "sum_squared": 1.0}]"#,
                Some(OtherProgram::Helm),
            ),
            (
                r#"[{"instance_id": "id1", "predicted_text": " 42", "train_trial_index": 0}]"#,
                Some(OtherProgram::Helm),
            ),
            (
                r#"{"0": {"origin_prompt": [{"role": "HUMAN", "prompt": "q"}], "prediction": "42", "gold": "42"}}"#,
                Some(OtherProgram::OpenCompass),
            ),
            (
                r#"{"pred": "x", "answers": ["x"], "all_classes": null, "length": 4000}"#,
                Some(OtherProgram::LongBenchV1),
            ),
            (
                r#"{"results": {"ruler_vt": {}}, "versions": {}, "n-shot": {"ruler_vt": 0}}"#,
                Some(OtherProgram::LmEvalTotals),
            ),
            (
                r#"{"config_general": {"model_name": "m"}}"#,
                Some(OtherProgram::Lighteval),
            ),
            // The text of an answer.
            (r#"{"pred": "a file with \"adapter_spec\" in it"}"#, None),
            ("not JSON", None),
        ] {
            assert_eq!(OtherProgram::of(file.as_bytes()), want, "{file}");
        }
    }
}
