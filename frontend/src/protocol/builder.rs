//! Messages between the page and a builder worker.

use std::ops::Range;

use fathom_shared::corpora::CorpusKind;
use fathom_shared::longbench::LongBenchQuestion;
use fathom_shared::prompt::{Prompt, PromptMode};
use fathom_shared::task::{EvidenceSpan, Metric, Sample, TaskSpec};
use fathom_shared::text_source::TextSource;
use fathom_shared::tokens::Tokens;
use serde::{Deserialize, Serialize};

use super::BuildError;

/// What the page wants built.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct BuildRequest {
    /// The spec.
    pub(crate) spec: TaskSpec,
    /// Which of its samples.
    pub(crate) sample: u32,
    /// How it is put to the model.
    pub(crate) mode: PromptMode,
}

/// A sample with the prompt made of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct BuiltSample {
    /// What was to be built.
    pub(crate) request: BuildRequest,
    /// The sample.
    pub(crate) sample: Sample,
    /// How its answers are scored.
    pub(crate) metric: Metric,
    /// The text that a model reads.
    pub(crate) prompt: Prompt,
    /// Its length with the template's special tokens.
    pub(crate) prompt_tokens: Tokens,
    /// Its SHA-256.
    pub(crate) prompt_hash: String,
    /// Whose tokenizer counted.
    pub(crate) tokenizer: String,
    /// SHA-256 of the texts that it is made of.
    pub(crate) texts: String,
    /// What the task's script printed.
    pub(crate) console: Vec<PrintedLine>,
    /// How long it took.
    pub(crate) build_ms: f64,
    /// The question that it asks, where the questions are one's own: a second call is made of it.
    #[serde(default)]
    pub(crate) question: Option<Box<AskedQuestion>>,
}

/// A question about a long text, without the text.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct AskedQuestion {
    /// The questions that it is one of.
    pub(crate) source: TextSource,
    /// How many those are.
    pub(crate) of: u32,
    /// The question.
    pub(crate) question: LongBenchQuestion,
}

impl BuiltSample {
    /// Takes the long text out, which crosses beside the JSON: half a megabyte need not be
    /// escaped and read again, twice.
    pub(crate) fn take_text(&mut self) -> String {
        self.sample.input.clear();
        std::mem::take(&mut self.prompt.text)
    }

    /// Puts it back; says whether it is the text that was taken out.
    pub(crate) fn put_text(&mut self, text: String) -> bool {
        let Some(input) = text.get(self.prompt.input.clone()) else {
            return false;
        };
        input.clone_into(&mut self.sample.input);
        self.prompt.text = text;
        true
    }
}

/// Something that a script printed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct PrintedLine {
    /// The script's line, where that is known.
    pub(crate) line: Option<u32>,
    /// The text.
    pub(crate) text: String,
}

/// A sample as it is compared with its neighbours: without its text.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct SampleSummary {
    /// Its number.
    pub(crate) number: u32,
    /// Prompt, answer prefix and room for the answer.
    pub(crate) length: Tokens,
    /// Tokens of its input.
    pub(crate) input_tokens: Tokens,
    /// Bytes of its input.
    pub(crate) input_bytes: usize,
    /// What a right answer holds.
    pub(crate) references: Vec<String>,
    /// How much evidence it has.
    pub(crate) pieces: usize,
    /// The evidence, thinned out where it is denser than can be drawn.
    pub(crate) evidence: Vec<EvidenceSpan>,
}

/// Where tokens begin in a part of the sample's input.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct TokenStarts {
    /// Of which prompt.
    pub(crate) prompt_hash: String,
    /// The part, in bytes of the prompt.
    pub(crate) bytes: Range<usize>,
    /// The number of its first token within the input.
    pub(crate) first: u32,
    /// The byte of the prompt at which each token begins.
    pub(crate) starts: Vec<usize>,
}

/// Something that samples are made with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BuilderAsset {
    /// The tokenizer and template of the model that comes with the page; without bytes.
    OurModel,
    /// Those of a GGUF file, whose beginning is attached.
    Gguf {
        /// The model's name.
        name: String,
    },
    /// A `tokenizer.json`.
    Json {
        /// The file's name.
        name: String,
    },
    /// One of OpenAI's tokenizers; its list is attached.
    Tiktoken {
        /// Its name.
        name: String,
    },
    /// A text of the user's own.
    Own {
        /// In the place of which.
        text: CorpusKind,
        /// The file's name.
        name: String,
    },
    /// The text that comes with the page again; without bytes.
    Bundled {
        /// Which.
        text: CorpusKind,
    },
}

/// To a worker that builds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToBuilder {
    /// Build this; the answer carries the ticket.
    Build {
        /// The number of the call, which its answer repeats.
        ticket: u32,
        /// What to build.
        request: BuildRequest,
    },
    /// Build these samples and say what they look like.
    Glance {
        /// The number of the call, which its answer repeats.
        ticket: u32,
        /// Of which spec.
        spec: TaskSpec,
        /// Their numbers.
        samples: Vec<u32>,
    },
    /// Say where the tokens begin in a part of the prompt built last.
    Cut {
        /// Its hash; of another prompt nothing is said.
        prompt_hash: String,
        /// The part that is looked at.
        bytes: Range<usize>,
    },
    /// Read a task from a file, or a spec; the answer carries the ticket.
    ReadTask {
        /// The number of the call, which its answer repeats.
        ticket: u32,
        /// The file's name.
        name: String,
        /// What stands in it.
        text: String,
        /// What decides where the file says nothing.
        form: Option<TaskSpec>,
    },
    /// From now on use this piece, whose bytes are attached.
    Take {
        /// Which.
        piece: BuilderAsset,
    },
}

/// From a worker that builds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FromBuilder {
    /// It listens.
    Hello,
    /// It has taken a piece, or not.
    Took {
        /// Which.
        piece: BuilderAsset,
        /// Why not.
        fault: Option<String>,
    },
    /// The sample; its text is attached.
    Built {
        /// Of the request.
        ticket: u32,
        /// The sample.
        built: Box<BuiltSample>,
    },
    /// No sample.
    Refused {
        /// Of the request.
        ticket: u32,
        /// Why.
        fault: BuildError,
        /// What the task's script printed before.
        console: Vec<PrintedLine>,
    },
    /// The samples, or why one of them was not made.
    Glanced {
        /// Of the request.
        ticket: u32,
        /// The samples, or a sentence.
        glances: Result<Vec<SampleSummary>, String>,
    },
    /// A file's spec, or a sentence why it has none.
    TaskRead {
        /// Of the request.
        ticket: u32,
        /// The spec.
        spec: Result<TaskSpec, String>,
    },
    /// Where tokens begin.
    Cut {
        /// In which part.
        cut: TokenStarts,
    },
    /// It cannot work at all.
    Broken {
        /// Why.
        message: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::corpora::Corpora;
    use fathom_shared::prompt::DialogueRenderer;
    use fathom_shared::task::GeneratorContext;
    use fathom_shared::tokens::TokenCounter;

    #[test]
    fn the_text_crosses_beside_the_rest() {
        let spec = TaskSpec::new("niah_single_1", Tokens(6000), 7);
        let counter = TokenCounter::new("bytes", str::len, |text| (0..text.len()).collect());
        let corpora = Corpora::bundled();
        let generator_context = GeneratorContext {
            counter: &counter,
            corpora: &corpora,
        };
        let sample = spec.sample(0, generator_context).unwrap();
        let whole = BuiltSample {
            prompt: Prompt::render(&sample, PromptMode::Completion, &DialogueRenderer::Unknown)
                .unwrap(),
            request: BuildRequest {
                spec,
                sample: 0,
                mode: PromptMode::Completion,
            },
            sample,
            metric: Metric::default(),
            prompt_tokens: Tokens(1),
            prompt_hash: String::new(),
            tokenizer: String::new(),
            texts: String::new(),
            console: Vec::new(),
            build_ms: 0.0,
            question: None,
        };
        let mut sent = whole.clone();
        let text = sent.take_text();
        let json = serde_json::to_string(&sent).unwrap();
        let mut got: BuiltSample = serde_json::from_str(&json).unwrap();
        assert!(!got.put_text("short".to_owned()));
        assert!(got.put_text(text));
        assert_eq!(got, whole);
    }
}
