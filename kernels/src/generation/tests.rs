//! The loop over a model that uses simple arithmetic: what is read, what is reported, and what
//! remains after an end.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pollster::block_on;

use super::*;
use crate::model::gguf::Gguf;
use crate::model::logprobs::log_softmax;
use crate::model::sampler::GreedyToken;
use crate::model::testing::{TINY_VOCAB, tiny};
use crate::model::tokenizer::Tokenizer;

const CHUNK: usize = 4;
const CONTEXT: usize = 40;

/// The most likely token is the next one in the vocabulary, then the one after that.
#[derive(Debug, Default)]
struct Counting {
    held: Vec<u32>,
    room: usize,
    /// How many tokens were read in total, including repeats.
    read: usize,
    /// After this token, the logits are not numbers.
    poison: Option<u32>,
    /// When this token is read, the caller cancels.
    cancels: Option<u32>,
    /// How many tokens it writes in one go, at most.
    ahead: usize,
}

fn logits(after: u32) -> Vec<f32> {
    let mut logits = vec![0.0; TINY_VOCAB];
    logits[(after as usize + 1) % TINY_VOCAB] = 9.0;
    logits[(after as usize + 2) % TINY_VOCAB] = 8.0;
    logits
}

impl LanguageModel for Counting {
    fn context(&self) -> usize {
        CONTEXT
    }

    fn chunk(&self) -> usize {
        CHUNK
    }

    fn reserve(&mut self, room: usize) -> Result<bool, ModelStop> {
        self.room = self.room.max(room);
        Ok(false)
    }

    fn rewind(&mut self, len: usize) {
        self.held.truncate(len);
    }

    fn read<'a>(
        &'a mut self,
        ids: &'a [u32],
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
        mut each: Option<EachLogits<'a>>,
    ) -> LogitsFuture<'a> {
        let (mut last, mut count) = (0, 0);
        for chunk in ids.chunks(CHUNK) {
            if self.cancels.is_some_and(|id| chunk.contains(&id)) {
                cancel.store(true, Ordering::Relaxed);
            }
            let stop = match chunk {
                _ if cancel.load(Ordering::Relaxed) => Some(ModelStop::Cancelled),
                _ if self.poison.is_some_and(|id| chunk.contains(&id)) => {
                    Some(ModelStop::not_numbers("layer 1"))
                }
                _ => None,
            };
            if let Some(stop) = stop {
                return Box::pin(std::future::ready(Err(stop)));
            }
            self.held.extend_from_slice(chunk);
            assert!(self.held.len() <= self.room, "there is room for it");
            self.read += chunk.len();
            count += chunk.len();
            done(count);
            for id in chunk {
                last = *id;
                if let Some(each) = &mut each {
                    each(&logits(last));
                }
            }
        }
        Box::pin(std::future::ready(Ok(logits(last))))
    }

    fn read_greedy<'a>(
        &'a mut self,
        ids: &'a [u32],
        (most, top): (usize, usize),
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
    ) -> TokensFuture<'a> {
        Box::pin(async move {
            self.read(ids, cancel, done, None).await?;
            let next = |last: &u32| Some((last + 1) % TINY_VOCAB as u32);
            let last = ids.last().copied();
            let written: Vec<u32> = std::iter::successors(last, next)
                .skip(1)
                .take(most.min(self.ahead.max(1)))
                .collect();
            let (_, read) = written.split_last().unwrap();
            self.held.extend_from_slice(read);
            assert!(self.held.len() <= self.room, "there is room for it");
            self.read += read.len();
            let likeliest = |id: &u32| GreedyToken {
                id: *id,
                top: match top {
                    0 => Vec::new(),
                    _ => {
                        log_softmax(
                            &logits((id + TINY_VOCAB as u32 - 1) % TINY_VOCAB as u32),
                            *id,
                            top,
                        )
                        .1
                    }
                },
            };
            Ok(written.iter().map(likeliest).collect())
        })
    }
}

fn generator(model: Counting) -> TextGenerator<Counting> {
    let gguf = Gguf::read(&mut Cursor::new(tiny(&[]))).unwrap();
    let tokenizer = Arc::new(Tokenizer::from_gguf(&gguf).unwrap());
    TextGenerator::new(Box::new(model), tokenizer)
}

fn ids(text: &str) -> Vec<u32> {
    text.bytes().map(u32::from).collect()
}

fn written(
    generator: &mut TextGenerator<Counting>,
    text: &str,
    settings: &SamplingParams,
) -> Result<Generation, GenerationError> {
    let cancel = AtomicBool::new(false);
    block_on(generator.generate(&ids(text), 3, settings, &cancel, &mut |_| ()))
}

#[test]
fn whole_chunks_of_an_equal_beginning_are_not_read_again() {
    let mut generator = generator(Counting::default());
    let greedy = SamplingParams::default();
    let answer = written(&mut generator, "abcdefghij", &greedy).unwrap();
    assert_eq!((answer.text.as_str(), answer.tokens), ("klm", 3));
    assert_eq!(answer.finish, GenerationEnd::Length);
    // The prompt, and the answer without its last token.
    assert_eq!(generator.model().read, 10 + 2);
    let mut told = Vec::new();
    let mut hear = |event: GenerationEvent<'_>| match event {
        GenerationEvent::Prefill { done, total } => told.push((done, total)),
        GenerationEvent::Text { text, .. } => assert!("stu".contains(text)),
        GenerationEvent::Prompt(_) => panic!("nobody asked"),
    };
    let cancel = AtomicBool::new(false);
    let prompt = ids("abcdefghir");
    let next = generator.generate(&prompt, 3, &greedy, &cancel, &mut hear);
    assert_eq!(block_on(next).unwrap().text, "stu");
    // Nine tokens are the same; eight of them form whole chunks.
    assert_eq!(told, [(8, 10), (10, 10)]);
    assert_eq!(generator.model().read, 12 + 2 + 2);
    // The same prompt again: its last chunk is read again for its logits.
    written(&mut generator, "abcdefgh", &greedy).unwrap();
    assert_eq!(generator.model().read, 16 + 4 + 2);
}

#[test]
fn tokens_after_a_stop_are_thrown_away() {
    let written = |ahead, stop: &[&str]| {
        let mut generator = generator(Counting {
            ahead,
            ..Counting::default()
        });
        let settings = SamplingParams {
            stop: stop.iter().map(|stop| (*stop).to_owned()).collect(),
            ..SamplingParams::default()
        };
        let cancel = AtomicBool::new(false);
        let mut all = Vec::new();
        // The end of a turn is 257; `x` to `z` come first where they are a stop string.
        for prompt in [ids("mn"), (230..240).collect()] {
            let mut quiet = |_: GenerationEvent<'_>| ();
            let answer = generator.generate(&prompt, 24, &settings, &cancel, &mut quiet);
            let answer = block_on(answer).unwrap();
            all.push((answer.text, answer.tokens, answer.finish));
            all.push((format!("{:?}", generator.model().held), 0, answer.finish));
        }
        (all, generator.model().read)
    };
    for stop in [&["xyz"][..], &[]] {
        let (singly, read) = written(1, stop);
        for ahead in [2, 5, 16] {
            let (together, more) = written(ahead, stop);
            assert_eq!(together, singly, "{ahead}");
            assert!((read..read + 2 * ahead).contains(&more), "{ahead}: {more}");
        }
    }
    assert_eq!(written(16, &["xyz"]).0[0].0, "opqrstuvw");
}

#[test]
fn what_a_cancel_leaves_is_used_and_what_a_failure_leaves_is_not() {
    let greedy = SamplingParams::default();
    let text = "abcdefghij";
    let mut model = generator(Counting {
        cancels: Some(u32::from(b'i')),
        ..Counting::default()
    });
    let stopped = written(&mut model, text, &greedy);
    assert_eq!(stopped, Err(GenerationError::Cancelled));
    assert_eq!(model.model().held.len(), 8);
    let again = written(&mut model, "abcdefghxy", &greedy).unwrap();
    assert_eq!(
        (again.text.as_str(), model.model().read),
        ("z{|", 8 + 2 + 2)
    );

    let mut model = generator(Counting {
        poison: Some(u32::from(b'i')),
        ..Counting::default()
    });
    let failed = written(&mut model, text, &greedy).unwrap_err();
    assert_eq!(
        failed.to_string(),
        "the model has no answer: layer 1 gives values that are no numbers (NaN or infinite)"
    );
    assert!(model.model().held.is_empty());
}

#[test]
fn what_does_not_fit_is_refused_with_its_numbers() {
    let mut generator = generator(Counting::default());
    let greedy = SamplingParams::default();
    let none = written(&mut generator, "", &greedy).unwrap_err();
    assert_eq!(none, GenerationError::Empty);
    let long = written(&mut generator, &"a".repeat(38), &greedy).unwrap_err();
    assert_eq!(
        long.to_string(),
        "the prompt has 38 tokens and the answer may take 3, the model reads 40"
    );
    assert_eq!((generator.room(38), generator.room(41)), (2, 0));
    assert_eq!(generator.model().read, 0);
}

#[test]
fn log_probabilities_and_stop_strings() {
    let mut generator = generator(Counting::default());
    let settings = SamplingParams {
        stop: vec!["l".to_owned()],
        logprobs: Some(2),
        prompt_logprobs: true,
        ..SamplingParams::default()
    };
    let answer = written(&mut generator, "hij", &settings).unwrap();
    assert_eq!((answer.text.as_str(), answer.tokens), ("k", 2));
    assert_eq!(answer.finish, GenerationEnd::Stop);
    let [told] = answer.logprobs.as_slice() else {
        panic!("the stop string's token is not part of the answer")
    };
    let tops: Vec<u32> = told.top.iter().map(|(id, _)| *id).collect();
    assert_eq!((told.id, tops), (u32::from(b'k'), ids("kl")));
    assert_eq!(told.logprob, Some(told.top[0].1));
    let prompt = answer.prompt_logprobs;
    assert_eq!(prompt.len(), 3);
    assert_eq!((prompt[0].logprob, prompt[2].offset), (None, 2));
    assert_eq!(prompt[1].logprob, Some(prompt[1].top[0].1));
}

#[test]
fn options_are_told_by_their_first_tokens() {
    let mut generator = generator(Counting::default());
    let cancel = AtomicBool::new(false);
    let mut chosen = |options: [&str; 3]| {
        let options = options.map(str::to_owned);
        block_on(generator.choose(&ids("a"), "", &options, &cancel, &mut |_| ()))
    };
    let [b, c, z] = chosen(["b", "c", "z"]).unwrap().logprobs[..] else {
        panic!("three options")
    };
    assert!((b - c - 1.0).abs() < 1e-6 && (b - z - 9.0).abs() < 1e-6);
    let refused = chosen(["b", "c", "b"]).unwrap_err();
    assert!(matches!(refused, GenerationError::Options(_)), "{refused}");
}
