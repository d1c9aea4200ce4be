//! Where samples are made: a tokenizer, a template and the texts. Pure.

use std::io::Read;
use std::ops::Range;
use std::rc::Rc;

use fathom_kernels::model::gguf::{Gguf, Value};
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::corpora::Corpora;
use fathom_shared::prompt::{ChatTemplate, Prompt};
use fathom_shared::task::{GenerateError, Kit, Profile, Sample, TaskSpec};
use fathom_shared::tokens::{Counter, Tokens};
use flate2::read::GzDecoder;

use super::glance::glance;
use super::part;
use super::protocol::{Built, Cut, Fault, Field, Glance, Order};

/// The tokenizer of the model that a first visit runs, so that counts are right before it is here.
const TOKENIZER: &[u8] = include_bytes!("../../../models/smollm2-135m-instruct/tokenizer.json.gz");
const TEMPLATE: &str = include_str!("../../../models/smollm2-135m-instruct/chat_template.jinja");
const NAME: &str = "SmolLM2-135M-Instruct";

/// What builds samples.
pub(super) struct Bench {
    pub(super) name: String,
    tokenizer: Rc<Tokenizer>,
    counter: Counter<'static>,
    template: Option<ChatTemplate>,
    corpora: Rc<Corpora>,
    /// How the special tokens' spellings begin.
    specials: Vec<String>,
}

impl Bench {
    fn new(
        name: &str,
        tokenizer: Tokenizer,
        template: Option<ChatTemplate>,
        corpora: Rc<Corpora>,
        specials: impl Iterator<Item = String>,
    ) -> Self {
        let tokenizer = Rc::new(tokenizer);
        let (count, starts) = (Rc::clone(&tokenizer), Rc::clone(&tokenizer));
        // Every tokenizer that is built here divides a text as GPT-2's does before it merges, and
        // counts special spellings as the text that they are.
        let counter = Counter::new(
            name,
            move |text| count.count(text),
            move |text| starts.starts(text),
        )
        .in_parts(Vec::new());
        let mut specials: Vec<String> = specials.map(|s| s.chars().take(2).collect()).collect();
        specials.sort_unstable();
        specials.dedup();
        Self {
            name: name.to_owned(),
            tokenizer,
            counter,
            template,
            corpora,
            specials,
        }
    }

    /// With the tokenizer and template of the model that a first visit runs.
    ///
    /// # Errors
    /// A sentence; only a damaged page has one.
    pub(super) fn default_model(corpora: Rc<Corpora>) -> Result<Self, String> {
        let mut json = Vec::new();
        let read = GzDecoder::new(TOKENIZER).read_to_end(&mut json);
        read.map_err(|error| format!("The page's own tokenizer is damaged: {error}"))?;
        let tokenizer = Tokenizer::from_json(&json).map_err(|error| error.to_string())?;
        let template = ChatTemplate::new(TEMPLATE, "<|im_start|>", "<|im_end|>");
        let template = template.map_err(|error| error.to_string())?;
        // Each of SmolLM2's special tokens is spelled `<…>`.
        let specials = std::iter::once("<".to_owned());
        Ok(Self::new(
            NAME,
            tokenizer,
            Some(template),
            corpora,
            specials,
        ))
    }

    /// With those of a GGUF file, of which `header` is the beginning.
    ///
    /// # Errors
    /// A sentence: what the file lacks.
    pub(super) fn of_header(
        name: &str,
        header: &[u8],
        corpora: Rc<Corpora>,
    ) -> Result<Self, String> {
        let gguf = Gguf::header(header).map_err(|error| error.to_string())?;
        let tokenizer = Tokenizer::from_gguf(&gguf).map_err(|error| error.to_string())?;
        let template = gguf
            .str("tokenizer.chat_template")
            .map(|source| ChatTemplate::new(source, tokenizer.bos(), tokenizer.eos()))
            .transpose()
            .map_err(|error| error.to_string())?;
        let (spellings, kinds) = match (
            gguf.get("tokenizer.ggml.tokens"),
            gguf.get("tokenizer.ggml.token_type"),
        ) {
            (Some(Value::Strs(spellings)), Some(Value::Ints(kinds))) => {
                (&spellings[..], &kinds[..])
            }
            _ => (&[][..], &[][..]),
        };
        // Kinds 3 and 4 of llama.cpp's table: control and user-defined.
        let specials = spellings.iter().zip(kinds);
        let specials = specials.filter(|(_, kind)| matches!(kind, 3 | 4));
        let specials = specials.map(|(spelling, _)| spelling.clone());
        Ok(Self::new(name, tokenizer, template, corpora, specials))
    }

    fn kit(&self) -> Kit<'_> {
        Kit {
            counter: &self.counter,
            corpora: &self.corpora,
        }
    }

    /// Makes the sample and its prompt; how long it took is for the caller to say.
    ///
    /// # Errors
    /// The field that is at fault, with a sentence.
    pub(super) fn build(&self, order: Order) -> Result<Built, Fault> {
        let sample = order.spec.sample(order.sample, self.kit());
        let sample = sample.map_err(|error| Fault::from(&error))?;
        let prompt = Prompt::render(&sample, order.mode, self.template.as_ref());
        let prompt = prompt.map_err(|error| Fault::new(Field::Mode, error.to_string()))?;
        Ok(Built {
            prompt_tokens: self.prompt_tokens(&prompt, &sample),
            prompt_hash: prompt.hash(),
            tokenizer: self.name.clone(),
            console: Vec::new(),
            build_ms: 0.0,
            order,
            sample,
            prompt,
        })
    }

    /// What `encode` of the whole prompt would count, from what was counted already: only the
    /// template and the input's ends beside it are read again.
    fn prompt_tokens(&self, prompt: &Prompt, sample: &Sample) -> Tokens {
        let encode = |text: &str| self.tokenizer.encode(text).len();
        let input = &prompt.text[prompt.input.clone()];
        let special = self.specials.iter().any(|start| input.contains(start));
        let (head, tail) = part::ends(input);
        let length = if special || head >= tail {
            encode(&prompt.text)
        } else {
            let (head, tail) = (prompt.input.start + head, prompt.input.start + tail);
            let count = |bytes: Range<usize>| self.counter.count(&prompt.text[bytes]).0 as usize;
            let inner = sample.input_tokens.0 as usize
                - count(prompt.input.start..head)
                - count(tail..prompt.input.end);
            // What begins a prompt is added to the first part, and must not be to the second.
            encode(&prompt.text[..head]) + inner + encode(&prompt.text[tail..]) - encode("")
        };
        Tokens(u32::try_from(length).unwrap_or(u32::MAX))
    }

    /// What the samples look like, in the order in which they are asked for.
    ///
    /// # Errors
    /// A sentence about the first that cannot be made.
    pub(super) fn glances(&self, spec: &TaskSpec, numbers: &[u32]) -> Result<Vec<Glance>, String> {
        let say = |error: GenerateError| error.to_string();
        let mut found = Vec::new();
        if spec.profile == Profile::Stratified {
            for number in numbers {
                found.push(glance(&spec.sample(*number, self.kit()).map_err(say)?));
            }
            return Ok(found);
        }
        // One pass: each sample needs those before it.
        let last = numbers.iter().max().map_or(0, |last| *last as usize + 1);
        for sample in spec.samples(self.kit()).map_err(say)?.take(last) {
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
    pub(super) fn cut(&self, built: &Built, seen: &Range<usize>) -> Cut {
        let (prompt, input) = (&built.prompt, built.prompt.input.clone());
        let text = &prompt.text[input.clone()];
        let inside = |at: usize| at.clamp(input.start, input.end) - input.start;
        let from = part::before(text, inside(seen.start));
        let to = part::after(text, inside(seen.end)).max(from);
        let starts = self.counter.starts(&text[from..to]);
        Cut {
            prompt_hash: built.prompt_hash.clone(),
            bytes: input.start + from..input.start + to,
            first: self.counter.count(&text[..from]).0,
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
    use fathom_shared::prompt::PromptMode;

    fn bench() -> Bench {
        Bench::default_model(Rc::new(Corpora::bundled())).unwrap()
    }

    fn order(task: &str, length: u32, mode: PromptMode) -> Order {
        Order {
            spec: TaskSpec::new(task, Tokens(length), 42),
            sample: 1,
            mode,
        }
    }

    #[test]
    fn the_prompt_has_the_tokens_that_encoding_it_gives() {
        let bench = bench();
        let tasks = fathom_shared::task::TASKS.iter();
        for task in tasks.filter(|task| task.id() != fathom_shared::task::custom::ID) {
            for mode in [PromptMode::Chat, PromptMode::Completion] {
                let built = bench.build(order(task.id(), 8192, mode)).unwrap();
                let whole = bench.tokenizer.encode(&built.prompt.text).len();
                assert_eq!(built.prompt_tokens.0 as usize, whole, "{}", task.id());
            }
        }
    }

    #[test]
    fn a_cut_has_the_tokens_of_the_whole() {
        let bench = bench();
        for task in ["niah_single_2", "cwe", "vt", "niah_multikey_3"] {
            let built = bench.build(order(task, 4096, PromptMode::Chat)).unwrap();
            let input = built.prompt.input.clone();
            let all = bench.tokenizer.starts(&built.sample.input);
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
            let alone = spec.sample(2, bench.kit()).unwrap();
            assert_eq!(got[0].references, alone.references);
        }
        spec.max_seq_length = Tokens(100);
        assert!(bench.glances(&spec, &[0]).is_err());
    }

    #[test]
    fn long_samples_are_made() {
        let bench = bench();
        for task in ["niah_single_2", "fwe"] {
            let built = bench.build(order(task, 131_072, PromptMode::Chat)).unwrap();
            assert!(built.sample.length.0 > 120_000, "{task}");
        }
    }
}
