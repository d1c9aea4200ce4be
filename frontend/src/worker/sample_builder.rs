//! Where samples are made: who counts, and the texts. Pure.

use std::ops::Range;
use std::sync::Arc;

use fathom_shared::corpora::Corpora;
use fathom_shared::longbench::QuestionSource;
use fathom_shared::prompt::Prompt;
use fathom_shared::task::{
    GenerateError, GeneratorContext, Profile, Sample, TaskSpec, asks_questions,
};
use fathom_shared::tokens::TokenCounter;

use super::sample_summary::glance;
use super::token_boundary;
use super::tokenizer::PageTokenizer;
use crate::protocol::{
    BuildError, BuildRequest, BuilderAsset, BuiltSample, FormField, SampleSummary, TokenStarts,
};

/// What builds samples.
pub(super) struct SampleBuilder {
    counting: PageTokenizer,
    /// Texts are cut into sentences once.
    corpora: Corpora,
}

impl SampleBuilder {
    /// With the model's tokenizer and the texts that come with the page.
    ///
    /// # Errors
    /// A sentence; only a damaged page has one.
    pub(super) fn new() -> Result<Self, String> {
        Ok(Self {
            counting: PageTokenizer::our_model()?,
            corpora: Corpora::bundled(),
        })
    }

    /// Takes another piece, from its `bytes`.
    ///
    /// # Errors
    /// A sentence: what is wrong with it. What was there stays.
    pub(super) fn take(&mut self, piece: &BuilderAsset, bytes: &[u8]) -> Result<(), String> {
        match piece {
            BuilderAsset::OurModel => self.counting = PageTokenizer::our_model()?,
            BuilderAsset::Gguf { name } => self.counting = PageTokenizer::of_gguf(name, bytes)?,
            BuilderAsset::Json { name } => self.counting = PageTokenizer::of_json(name, bytes)?,
            BuilderAsset::Tiktoken { name } => {
                self.counting = PageTokenizer::of_tiktoken(name, bytes)?;
            }
            BuilderAsset::Own { text, name } => {
                let read = self.corpora.read(*text, name, bytes);
                read.map_err(|error| format!("{error}."))?;
            }
            BuilderAsset::Bundled { text } => self.corpora.restore(*text),
        }
        Ok(())
    }

    /// Asks from these questions.
    pub(super) fn ask_from(&mut self, questions: Arc<dyn QuestionSource>) {
        self.corpora.ask_from(questions);
    }

    /// Who counts.
    pub(super) fn counter(&self) -> &TokenCounter<'static> {
        &self.counting.counter
    }

    /// Whose tokenizer counts.
    pub(super) fn name(&self) -> &str {
        self.counting.counter.name()
    }

    fn generator_context(&self) -> GeneratorContext<'_> {
        GeneratorContext {
            counter: &self.counting.counter,
            corpora: &self.corpora,
        }
    }

    /// Makes the sample and its prompt; how long it took is for the caller to say.
    ///
    /// # Errors
    /// The field that is at fault, with a sentence.
    pub(super) fn build(&self, request: BuildRequest) -> Result<BuiltSample, BuildError> {
        let sample = request
            .spec
            .sample(request.sample, self.generator_context());
        self.prompt(request, sample.map_err(|error| BuildError::from(&error))?)
    }

    fn prompt(&self, request: BuildRequest, sample: Sample) -> Result<BuiltSample, BuildError> {
        let prompt = Prompt::render(&sample, request.mode, &self.counting.dialogue);
        let prompt = prompt.map_err(|error| BuildError::new(FormField::Mode, error.to_string()))?;
        Ok(BuiltSample {
            prompt_tokens: self.counting.prompt_tokens(&prompt, &sample),
            prompt_hash: prompt.hash(),
            tokenizer: self.name().to_owned(),
            texts: self.corpora.sha256_with(asks_questions(&request.spec.task)),
            console: Vec::new(),
            build_ms: 0.0,
            question: None,
            metric: request.spec.metric().unwrap_or_default(),
            request,
            sample,
            prompt,
        })
    }

    /// What the samples look like, in the order in which they are asked for.
    ///
    /// # Errors
    /// A sentence about the first that cannot be made.
    pub(super) fn glances(
        &self,
        spec: &TaskSpec,
        numbers: &[u32],
    ) -> Result<Vec<SampleSummary>, String> {
        let say = |error: GenerateError| error.to_string();
        let mut found = Vec::new();
        if spec.profile == Profile::Stratified {
            for number in numbers {
                found.push(glance(
                    &spec
                        .sample(*number, self.generator_context())
                        .map_err(say)?,
                ));
            }
            return Ok(found);
        }
        // One pass: each sample needs those before it.
        let last = numbers.iter().max().map_or(0, |last| *last as usize + 1);
        for sample in spec
            .samples(self.generator_context())
            .map_err(say)?
            .take(last)
        {
            let sample = sample.map_err(say)?;
            if numbers.contains(&sample.number) {
                found.push(glance(&sample));
            }
        }
        found.sort_by_key(|glance| numbers.iter().position(|number| *number == glance.number));
        match numbers
            .iter()
            .find(|n| found.iter().all(|g| g.number != **n))
        {
            Some(&index) => Err(say(GenerateError::NoSuchSample { index })),
            None => Ok(found),
        }
    }

    /// Where the tokens begin around the bytes `seen` of the prompt, as far as its input goes.
    pub(super) fn cut(&self, built: &BuiltSample, seen: &Range<usize>) -> TokenStarts {
        let (prompt, input) = (&built.prompt, built.prompt.input.clone());
        let text = &prompt.text[input.clone()];
        let inside = |at: usize| at.clamp(input.start, input.end) - input.start;
        let from = token_boundary::before(text, inside(seen.start));
        let to = token_boundary::after(text, inside(seen.end)).max(from);
        let starts = self.counting.counter.starts(&text[from..to]);
        TokenStarts {
            prompt_hash: built.prompt_hash.clone(),
            bytes: input.start + from..input.start + to,
            first: self.counting.counter.count(&text[..from]).0,
            starts: starts
                .into_iter()
                .map(|at| input.start + from + at)
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::corpora::CorpusKind;
    use fathom_shared::prompt::PromptMode;
    use fathom_shared::tokens::Tokens;

    fn bench() -> SampleBuilder {
        SampleBuilder::new().unwrap()
    }

    fn a_request(task: &str, length: u32, mode: PromptMode) -> BuildRequest {
        BuildRequest {
            spec: TaskSpec::new(task, Tokens(length), 42),
            sample: 1,
            mode,
        }
    }

    #[test]
    fn the_prompt_has_the_tokens_that_encoding_it_gives() {
        let bench = bench();
        let tasks = fathom_shared::task::TASKS.iter();
        for task in tasks.filter(|task| !task.takes_script()) {
            for mode in [PromptMode::Chat, PromptMode::Completion] {
                let built = bench.build(a_request(task.id(), 8192, mode)).unwrap();
                let whole = bench.counting.encode(&built.prompt.text);
                assert_eq!(built.prompt_tokens.0 as usize, whole, "{}", task.id());
            }
        }
    }

    #[test]
    fn a_cut_has_the_tokens_of_the_whole() {
        let bench = bench();
        for task in ["niah_single_2", "cwe", "vt", "niah_multikey_3"] {
            let built = bench
                .build(a_request(task, 4096, PromptMode::Chat))
                .unwrap();
            let input = built.prompt.input.clone();
            let all = bench.counting.counter.starts(&built.sample.input);
            for at in [0, 100, 2_000, 7_777, built.prompt.text.len() - 300] {
                let cut = bench.cut(&built, &(at..at + 300));
                let want: Vec<usize> = all
                    .iter()
                    .map(|start| start + input.start)
                    .filter(|start| cut.bytes.contains(start))
                    .collect();
                assert_eq!(cut.starts, want, "{task} at {at}");
                let first = all.partition_point(|start| start + input.start < cut.bytes.start);
                assert_eq!(cut.first as usize, first, "{task} at {at}");
                assert!(cut.bytes.len() < 1_000, "{task} at {at}: {:?}", cut.bytes);
            }
        }
    }

    #[test]
    fn glances_come_as_asked() {
        let bench = bench();
        let mut spec = TaskSpec::new("vt", Tokens(2048), 42);
        for profile in Profile::ALL {
            spec.profile = profile;
            let got = bench.glances(&spec, &[2, 0]).unwrap();
            assert_eq!([got[0].number, got[1].number], [2, 0]);
            let alone = spec.sample(2, bench.generator_context()).unwrap();
            assert_eq!(got[0].references, alone.references);
        }
        spec.max_seq_length = Tokens(100);
        assert!(bench.glances(&spec, &[0]).is_err());
    }

    #[test]
    fn long_samples_are_made() {
        let bench = bench();
        for task in ["niah_single_2", "fwe"] {
            let built = bench
                .build(a_request(task, 131_072, PromptMode::Chat))
                .unwrap();
            assert!(built.sample.length.0 > 120_000, "{task}");
        }
    }

    #[test]
    fn a_bad_piece_changes_nothing() {
        let mut bench = bench();
        let request = a_request("niah_single_2", 2048, PromptMode::Completion);
        let before = bench.build(request.clone()).unwrap();
        let name = "x.json".to_owned();
        let text = CorpusKind::Essay;
        for piece in [
            BuilderAsset::Json { name: name.clone() },
            BuilderAsset::Gguf { name: name.clone() },
            BuilderAsset::Tiktoken { name: name.clone() },
            BuilderAsset::Own {
                text,
                name: name.clone(),
            },
        ] {
            let fault = bench.take(&piece, b"[]").unwrap_err();
            assert!(
                fault.starts_with("`x.json`") && fault.ends_with('.'),
                "{fault}"
            );
        }
        assert_eq!(bench.build(request.clone()).unwrap(), before);

        let own = br#"{"text": "It was a dark night. Nobody slept. The sea was calm."}"#;
        bench.take(&BuilderAsset::Own { text, name }, own).unwrap();
        let mine = bench.build(request.clone()).unwrap();
        assert!(mine.sample.input.contains("The sea was calm."));
        assert_eq!(mine.sample.sources[1].name, "x.json");
        bench.take(&BuilderAsset::Bundled { text }, b"").unwrap();
        assert_eq!(bench.build(request).unwrap(), before);
    }
}
