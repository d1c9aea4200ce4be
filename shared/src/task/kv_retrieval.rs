//! Key-value retrieval of *Lost in the Middle*: the value of one key in a long JSON object of UUIDs.

use super::ruler::draft::DraftText;
use super::ruler::fit;
use super::ruler::frame::{DrawnPrompt, SampleFrame};
use super::ruler::streams::RandomStreams;
use super::ruler::{MODEL_TEMPLATE_TOKEN, REMOVE_NEWLINE_TAB, tokens_to_generate};
use super::{
    EvidenceKind, GenerateError, GeneratorContext, Metric, OptionKind, OptionValues, Profile,
    Samples, Task, TaskGenerator, TaskOption, TaskSpec,
};
use crate::tokens::Tokens;

/// The task.
pub(super) static KV_RETRIEVAL: KvRetrieval = KvRetrieval;

/// Retrieval of one pair among as many as fit, at depths spread evenly over the samples: recall
/// without running text, so that a score by depth shows what is lost in the middle.
///
/// Source: Liu et al., TACL 12 (2024), arXiv 2307.03172; prompts of nelson-liu/lost-in-the-middle.
/// The original draws 75, 140 and 300 pairs from a generator without a seed; here the spec
/// determines the pairs, and its length determines how many.
pub(super) struct KvRetrieval;

const ID: &str = "kv_retrieval";
/// The original's answer limit.
const TOKENS_TO_GENERATE: Tokens = Tokens(100);
const TEMPLATE: &str = include_str!("../../data/kv_retrieval/template.txt");
const QUERY_AWARE: &str = include_str!("../../data/kv_retrieval/query_aware.template.txt");
const PREFIX: &str = include_str!("../../data/kv_retrieval/prefix.txt");
/// The original does not accept fewer pairs.
const FEWEST: usize = 2;
/// Names the key before the pairs as well.
const TWICE: &str = "query_aware_contextualization";

const OPTIONS: &[TaskOption] = &[
    TaskOption {
        name: TWICE,
        label: "Key named twice",
        about: "Name the key before the pairs as well, so that a model knows what to look for while it reads.",
        kind: OptionKind::Switch { default: false },
    },
    tokens_to_generate(TOKENS_TO_GENERATE),
    REMOVE_NEWLINE_TAB,
    MODEL_TEMPLATE_TOKEN,
];

impl Task for KvRetrieval {
    fn id(&self) -> &'static str {
        ID
    }
    fn title(&self) -> &'static str {
        "Key-value retrieval: one pair of many (Lost in the Middle)"
    }
    fn about(&self) -> &'static str {
        "Recall the value of one key from a JSON object of nothing but random keys and values."
    }
    fn metric(&self) -> Metric {
        Metric::StringMatchAll
    }
    fn tokens_to_generate(&self) -> Tokens {
        TOKENS_TO_GENERATE
    }
    fn task_options(&self) -> &'static [TaskOption] {
        OPTIONS
    }
    fn stands_alone(&self) -> bool {
        true
    }
}

impl TaskGenerator for KvRetrieval {
    fn samples<'a>(
        &self,
        spec: &TaskSpec,
        generator_context: GeneratorContext<'a>,
        first: u32,
    ) -> Result<Samples<'a>, GenerateError> {
        let options = OptionValues::parse(OPTIONS, &spec.set)?;
        let template = match options.switch(TWICE) {
            true => QUERY_AWARE,
            false => TEMPLATE,
        };
        let spec = TaskSpec {
            profile: Profile::Stratified,
            ..spec.clone()
        };
        let room = self.room(&spec);
        let frame = SampleFrame::new(
            ID,
            &spec,
            &options,
            generator_context,
            room,
            PREFIX,
            Vec::new(),
        )?;
        let draw = move |_: &SampleFrame<'_>, _, pairs, streams: &mut RandomStreams| {
            Ok(drawn(template, pairs, streams))
        };
        Ok(Box::new(fit::each_alone(
            frame,
            first,
            |_| Ok(FEWEST),
            draw,
        )))
    }
}

/// A prompt with `pairs` pairs. Draws each pair's key and value, in the order of the text.
fn drawn(template: &str, pairs: usize, streams: &mut RandomStreams) -> DrawnPrompt {
    let depth = streams.depths(1).unwrap_or_default();
    let depth = depth.first().copied().unwrap_or_default();
    let asked = ((depth * pairs as f64) as usize).min(pairs.saturating_sub(1));
    let mut draft = DraftText::default();
    let mut wanted = (String::new(), String::new());
    for number in 0..pairs {
        let (key, value) = (streams.python.uuid4(), streams.python.uuid4());
        draft.push(if number == 0 { "{" } else { " " });
        let pair = format!("\"{key}\": \"{value}\"");
        if number == asked {
            draft.push_piece(&pair, EvidenceKind::Needle, true, &key);
            wanted = (key, value);
        } else {
            draft.push(&pair);
        }
        draft.push(if number + 1 == pairs { "}" } else { ",\n" });
    }
    let (key, value) = wanted;
    DrawnPrompt {
        draft: draft.framed(&[template, PREFIX].concat(), &[("key", &key)]),
        references: vec![value],
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::corpora::Corpora;
    use crate::tokens::TokenCounter;

    /// The output of `make.py`: another program with the same draws and the original's own prompt.
    #[derive(Deserialize)]
    struct GoldenRow {
        max_seq_length: u32,
        random_seed: u32,
        number: u32,
        query_aware_contextualization: bool,
        length: u32,
        input: String,
        answer_prefix: String,
        value: String,
        evidence: [usize; 2],
    }

    #[test]
    fn samples_are_those_of_the_original_s_prompt() {
        // Every byte is a token, so that the other program needs no tokenizer.
        let counter = TokenCounter::new("bytes", str::len, |text| (0..text.len()).collect());
        let corpora = Corpora::bundled();
        let generator_context = GeneratorContext {
            counter: &counter,
            corpora: &corpora,
        };
        let rows = include_str!("../../../tests/golden/kv_retrieval/rows.jsonl");
        let mut depths = Vec::new();
        for row in rows.lines() {
            let row: GoldenRow = serde_json::from_str(row).unwrap();
            let mut spec = TaskSpec::new(ID, Tokens(row.max_seq_length), row.random_seed);
            let twice = row.query_aware_contextualization.to_string();
            spec.set.insert(TWICE.to_owned(), twice);
            let sample = spec.sample(row.number, generator_context).unwrap();
            assert_eq!(sample.input, row.input);
            assert_eq!(sample.answer_prefix, row.answer_prefix);
            assert_eq!(
                (sample.length.0, &sample.references[0]),
                (row.length, &row.value)
            );
            let [piece] = &sample.evidence[..] else {
                panic!("{:?}", sample.evidence)
            };
            assert_eq!([piece.bytes.start, piece.bytes.end], row.evidence);
            depths.push(row.evidence[0] * 10 / row.input.len());
        }
        depths.sort_unstable();
        depths.dedup();
        assert!(depths.len() >= 5, "evenly over the depth: {depths:?}");
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let counter = TokenCounter::new("bytes", str::len, |text| (0..text.len()).collect());
        let corpora = Corpora::bundled();
        let generator_context = GeneratorContext {
            counter: &counter,
            corpora: &corpora,
        };
        let error = TaskSpec::new(ID, Tokens(300), 1)
            .sample(0, generator_context)
            .unwrap_err();
        let told = error.to_string();
        assert!(
            told.contains("`kv_retrieval` does not fit in 300 tokens"),
            "{told}"
        );
    }
}
