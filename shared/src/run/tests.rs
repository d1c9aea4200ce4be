use super::*;
use crate::corpora::Corpora;
use crate::longbench::LongBenchSetting;
use crate::task::{Profile, longbench_v2::options};
use crate::tokens::TokenCounter;
use crate::transcript::{FinishReason, Timings};

#[test]
fn any_order_of_samples_gives_the_samples_of_the_spec() {
    let counter = TokenCounter::new(
        "bytes",
        |text| text.len() / 4,
        |text| (0..text.len()).step_by(4).collect(),
    );
    let corpora = Corpora::default();
    let generator_context = GeneratorContext {
        counter: &counter,
        corpora: &corpora,
    };
    for profile in Profile::ALL {
        let spec = TaskSpec {
            profile,
            ..TaskSpec::new("niah_single_1", Tokens(700), 7)
        };
        let made = |number| spec.sample(number, generator_context).unwrap();
        let mut cell = RunCell::new(
            spec.clone(),
            PromptMode::Completion,
            DialogueRenderer::Unknown,
            EngineInfo::default(),
            generator_context,
        )
        .unwrap();
        for number in [0, 1, 4, 2, 3] {
            let SampleStep::Ask(request) = cell.step(number) else {
                panic!("{profile}: sample {number} was refused")
            };
            assert_eq!(request.sample, made(number), "{profile}");
        }
    }
}

fn bytes() -> TokenCounter<'static> {
    TokenCounter::new("bytes", |text| text.len(), |text| (0..text.len()).collect())
}

fn written(text: &str, tokens: u32) -> Outcome {
    Outcome::Completed(Completion {
        text: text.to_owned(),
        thinking: None,
        thinking_end_alone: false,
        options: Vec::new(),
        tokens: Tokens(tokens),
        finish: FinishReason::Stop,
        usage: None,
        timings: Timings {
            prefill_ms: 1.0,
            decode_ms: 2.0,
        },
    })
}

/// Asks bundled question 0, with the given outcomes for its calls.
fn ask_longbench(
    setting: LongBenchSetting,
    answers: &[Outcome],
) -> (Vec<SampleRequest>, ScoredTranscript) {
    ask_longbench_with(setting, "text", answers)
}

/// The same; `by` says what counts as the answer.
fn ask_longbench_with(
    setting: LongBenchSetting,
    by: &str,
    answers: &[Outcome],
) -> (Vec<SampleRequest>, ScoredTranscript) {
    let (counter, corpora) = (bytes(), Corpora::default());
    let generator_context = GeneratorContext {
        counter: &counter,
        corpora: &corpora,
    };
    let mut set = options(setting);
    set.insert("answer".to_owned(), by.to_owned());
    let spec = TaskSpec {
        set,
        ..TaskSpec::new("longbench_v2", Tokens(5_000), 0)
    };
    let (mode, engine) = (PromptMode::Completion, EngineInfo::default());
    let mut cell = RunCell::new(
        spec,
        mode,
        DialogueRenderer::Unknown,
        engine,
        generator_context,
    )
    .unwrap();
    let SampleStep::Ask(request) = cell.step(0) else {
        panic!("{setting}: refused")
    };
    let mut asked = vec![*request];
    for answer in answers {
        match cell.accept(&asked[asked.len() - 1], Some(Tokens(9)), answer.clone()) {
            AcceptedOutcome::Again(next) => asked.push(*next),
            AcceptedOutcome::Done(row) => return (asked, *row),
        }
    }
    panic!("{setting}: {} answers did not do", answers.len())
}

#[test]
fn a_question_is_cut_in_its_middle_and_scored_by_its_letter() {
    let (asked, row) = ask_longbench(
        LongBenchSetting::Direct,
        &[written("The correct answer is (B)", 7)],
    );
    let sample = &asked[0].sample;
    assert_eq!((sample.input.len(), sample.length.0), (5_000 - 128, 5_000));
    let cut = sample.cut.unwrap();
    assert_eq!(cut.tokens.0 as usize, sample.input.len() + cut.bytes);
    assert!(sample.sources[0].bundled);
    assert_eq!(sample.references, ["B"]);
    assert_eq!(row.score.unwrap().value, 1.0);
    let (_, row) = ask_longbench(LongBenchSetting::Direct, &[written("B", 1)]);
    assert_eq!(
        row.score.unwrap().value,
        0.0,
        "no letter can be taken from it"
    );
}

#[test]
fn thoughts_take_the_texts_place_in_a_second_call() {
    let thoughts = written("First this, then that.", 11);
    let answer = written("**The correct answer is (B)**", 7);
    let (asked, row) = ask_longbench(LongBenchSetting::Cot, &[thoughts.clone(), answer]);
    let [first, second] = &asked[..] else {
        panic!("{} calls", asked.len())
    };
    assert_eq!((first.max_tokens.0, second.max_tokens.0), (1024, 128));
    assert!(first.prompt.text.len() <= 5_000 - 1024);
    assert!(second.prompt.text.contains("too long and omitted here"));
    assert!(
        second
            .prompt
            .text
            .contains("step by step: First this, then that.\n\nBased on")
    );
    assert_eq!(row.score.unwrap().value, 1.0);
    // The first call's hash proves the prompt, which can be made again from the spec.
    assert_eq!(row.transcript.prompt_hash, Some(first.prompt.hash()));
    let Outcome::Completed(done) = row.transcript.outcome else {
        panic!("failed")
    };
    assert_eq!(done.thinking.as_deref(), Some("First this, then that."));
    assert_eq!((done.tokens.0, done.timings.decode_ms), (18, 4.0));

    let failed = Outcome::Failed(Failure {
        kind: FailureKind::Timeout,
        message: "late".to_owned(),
    });
    for answers in [vec![failed.clone()], vec![thoughts, failed]] {
        let (_, row) = ask_longbench(LongBenchSetting::Cot, &answers);
        assert_eq!(row.score, None, "a failure of either call is a failure");
    }
}

#[test]
fn every_setting_makes_its_own_prompt() {
    for setting in ["no-context", "rag:2", "tail:300"] {
        let setting: LongBenchSetting = setting.parse().unwrap();
        let (asked, _) = ask_longbench(setting, &[written("", 0)]);
        let sample = &asked[0].sample;
        match setting {
            LongBenchSetting::NoContext => {
                assert!(sample.input.starts_with("What is the correct answer"));
            }
            LongBenchSetting::Tail { .. } => assert!(sample.input.len() < 1_000),
            _ => {
                let picked = sample.evidence.iter().filter(|piece| !piece.gold);
                assert_eq!(picked.count(), 2);
                assert!(sample.input.contains("Retrieved chunk 2: "));
            }
        }
    }
}

#[test]
fn the_likeliest_letter_is_taken_where_that_is_asked_for() {
    let (asked, row) = ask_longbench_with(LongBenchSetting::Direct, "letters", &[written("B)", 1)]);
    let [request] = &asked[..] else {
        panic!("{} calls", asked.len())
    };
    assert_eq!(request.sample.options, ["A)", "B)", "C)", "D)"]);
    assert_eq!(request.max_tokens, Tokens(1));
    assert!(request.prompt.text.ends_with("The correct answer is ("));
    assert_eq!(row.score.unwrap().value, 1.0);
    // The letter is taken after the same prompt that the written answer follows.
    let (written_one, _) = ask_longbench(LongBenchSetting::Direct, &[written("", 0)]);
    assert_eq!(written_one[0].sample.input, request.sample.input);
    let (_, row) = ask_longbench_with(LongBenchSetting::Direct, "letters", &[written("C)", 1)]);
    assert_eq!(row.score.unwrap().value, 0.0);

    // Thoughts are always written; the letter is taken after them.
    let answers = [written("First this.", 3), written("B)", 1)];
    let (asked, row) = ask_longbench_with(LongBenchSetting::Cot, "letters", &answers);
    assert_eq!(asked[0].sample.options, [""; 0]);
    assert_eq!(asked[0].max_tokens, Tokens(1024));
    assert_eq!(asked[1].sample.options.len(), 4);
    assert!(asked[1].prompt.text.ends_with("The correct answer is ("));
    assert_eq!(row.score.unwrap().value, 1.0);
}
