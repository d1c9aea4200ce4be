//! Whole runs that one press of a button fills in, each with the time that it takes. Pure.

use super::{RunDraft, suite};

/// What a form begins with: a hidden fact that small models find, and a chain that they lose.
pub(super) const FIRST: [&str; 2] = ["niah_single_2", "vt"];

/// Milliseconds for a token of prompt and answer at 1,024 tokens, as the recording that comes with
/// the page took them: SmolLM2-135M on two processor cores.
pub(in super::super) const RECORDED_MS_PER_TOKEN: f64 = 2.7;

/// The first choice is to be answered in this time.
const TWO_MINUTES_MS: f64 = 120_000.0;
/// More samples than these say little more of a first run.
const MOST_SAMPLES: f64 = 50.0;

/// Tasks, lengths and samples of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in super::super) struct RunChoice {
    /// What it shows.
    pub(in super::super) title: &'static str,
    tasks: Vec<&'static str>,
    lengths: &'static [u32],
    count: u32,
}

/// The choices, the quickest first, where a token takes so long.
pub(in super::super) fn choices(ms_per_token: f64) -> [RunChoice; 3] {
    let one_of_each = FIRST.len() as f64 * 1024.0 * ms_per_token;
    let fitting = (TWO_MINUTES_MS / one_of_each).floor();
    [
        RunChoice {
            title: "A first look: needles and chains at 1K tokens",
            tasks: FIRST.to_vec(),
            lengths: &[1024],
            count: fitting.clamp(1.0, MOST_SAMPLES) as u32,
        },
        RunChoice {
            title: "Where it drops: needles and chains from 1K to 4K",
            tasks: FIRST.to_vec(),
            lengths: &[1024, 2048, 4096],
            count: 10,
        },
        RunChoice {
            title: "All 13 RULER tasks at 4K",
            tasks: suite().collect(),
            lengths: &[4096],
            count: 10,
        },
    ]
}

impl RunChoice {
    /// Samples in all.
    pub(in super::super) fn samples(&self) -> u32 {
        (self.tasks.len() * self.lengths.len()) as u32 * self.count
    }

    /// About how many milliseconds it takes: a sample is about as long as was asked for.
    pub(in super::super) fn ms(&self, ms_per_token: f64) -> f64 {
        let tokens: u32 = self.lengths.iter().sum();
        let each = self.tasks.len() as f64 * f64::from(self.count);
        each * f64::from(tokens) * ms_per_token
    }

    /// Fills the form in.
    pub(in super::super) fn put(&self, plan: &mut RunDraft) {
        plan.tasks = self.tasks.iter().map(|id| (*id).to_owned()).collect();
        plan.wants_own = false;
        let lengths: Vec<String> = self.lengths.iter().map(u32::to_string).collect();
        plan.lengths = lengths.join(", ");
        plan.count = self.count.to_string();
    }

    /// Whether the form says this.
    pub(in super::super) fn is(&self, plan: &RunDraft) -> bool {
        let mut filled = plan.clone();
        self.put(&mut filled);
        let own = plan.wants_own && plan.own.is_some();
        filled.wants_own = plan.wants_own;
        !own && filled == *plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_choice_takes_two_minutes_at_most() {
        for ms_per_token in [0.05, RECORDED_MS_PER_TOKEN, 9.0, 40.0] {
            let [first, ..] = choices(ms_per_token);
            assert!(first.ms(ms_per_token) <= TWO_MINUTES_MS, "{first:?}");
            assert!(first.samples() >= 2);
        }
        let slow = choices(1e6);
        assert_eq!(slow[0].samples(), 2, "one of each is asked at least");
        let begun = RunDraft::default();
        let tokens = 2.0 * 10.0 * 1024.0;
        assert!(tokens * RECORDED_MS_PER_TOKEN < TWO_MINUTES_MS);
        assert_eq!((begun.lengths.as_str(), begun.tasks.len()), ("1024", 2));
    }

    #[test]
    fn a_choice_fills_the_form_and_is_known_again() {
        for choice in choices(RECORDED_MS_PER_TOKEN) {
            let mut plan = RunDraft::default();
            choice.put(&mut plan);
            assert!(choice.is(&plan), "{choice:?}");
            plan.count.push('0');
            assert!(!choice.is(&plan));
        }
        let [.., all] = choices(RECORDED_MS_PER_TOKEN);
        assert_eq!(all.samples(), 130);
    }

    /// The pace is the recording's, at the length that it is told for.
    #[test]
    fn the_recorded_pace_is_the_recording_s() {
        let text =
            include_str!("../../../../../shared/data/recorded/smollm2-135m-instruct.samples.json");
        let recording: serde_json::Value = serde_json::from_str(text).unwrap();
        let mut paces = Vec::new();
        collect(&recording, &mut paces);
        paces.sort_by(f64::total_cmp);
        let median = paces[paces.len() / 2];
        assert!(
            (median / RECORDED_MS_PER_TOKEN - 1.0).abs() < 0.2,
            "the recording took {median} ms for a token"
        );
    }

    /// Milliseconds for a token of every answer at about 1,024 tokens.
    fn collect(value: &serde_json::Value, paces: &mut Vec<f64>) {
        if let (Some(prompt), Some(outcome)) =
            (value["prompt_tokens"].as_f64(), value.get("outcome"))
            && (800.0..1100.0).contains(&prompt)
        {
            let timings = &outcome["timings"];
            let number = |value: &serde_json::Value| value.as_f64().unwrap();
            let ms = number(&timings["prefill_ms"]) + number(&timings["decode_ms"]);
            paces.push(ms / (prompt + number(&outcome["tokens"])));
        }
        match value {
            serde_json::Value::Array(items) => items.iter().for_each(|one| collect(one, paces)),
            serde_json::Value::Object(fields) => {
                fields.values().for_each(|one| collect(one, paces));
            }
            _ => {}
        }
    }
}
