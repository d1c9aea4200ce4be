use std::path::Path;

use super::*;
use crate::vocabulary::train_vocabulary;

fn tiny() -> TrainingStage {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("stages/tiny.toml");
    TrainingStage::read(&path).unwrap()
}

fn tokenizer(stage: &TrainingStage) -> Tokenizer {
    let texts = vocabulary_texts(stage).unwrap();
    let json = train_vocabulary(texts.into_iter(), stage.vocabulary.size).unwrap();
    Tokenizer::from_json(json.as_bytes()).unwrap()
}

/// One sequence of a form, with its answers in brackets.
fn marked(form: &str, length: usize) -> String {
    let mut stage = tiny();
    let entry = format!("name = \"x\"\nshare = 1\n{form}");
    stage.data.mix = vec![toml::from_str(&entry).unwrap()];
    stage.data.mix[0].form.check().unwrap();
    stage.data.lengths = vec![length];
    let tokenizer = tokenizer(&stage);
    let stream = TrainingStream::new(&stage, &tokenizer).unwrap();
    let batch = stream.evaluation(&stage.data.mix[0], length, 0..1).unwrap();
    batch.texts(&tokenizer)[0].replace('·', "")
}

#[test]
fn batches_follow_from_seed_and_step_alone() {
    let stage = tiny();
    let tokenizer = tokenizer(&stage);
    let stream = TrainingStream::new(&stage, &tokenizer).unwrap();
    let once: Vec<_> = (0..4).map(|step| stream.batch(step).unwrap()).collect();
    let other = TrainingStream::new(&stage, &tokenizer).unwrap();
    for step in (0..4).rev() {
        assert_eq!(other.batch(step).unwrap(), once[step as usize]);
    }
    assert_ne!(once[0].ids, once[1].ids);
    let mut reseeded = stage.clone();
    reseeded.seed += 1;
    let reseeded = TrainingStream::new(&reseeded, &tokenizer).unwrap();
    assert_ne!(reseeded.batch(0).unwrap().ids, once[0].ids);
    for batch in &once {
        assert_eq!(batch.ids.len(), stage.data.tokens);
        assert!(batch.answers.iter().any(|answer| *answer));
        assert_eq!(batch.ids[1], batch.targets[0]);
    }
}

#[test]
fn lengths_grow_with_the_steps() {
    let mut stage = tiny();
    stage.data.lengths = vec![16, 32, 64];
    stage.data.all_lengths_from = 0.5;
    let tokenizer = tokenizer(&stage);
    let stream = TrainingStream::new(&stage, &tokenizer).unwrap();
    let longest = |steps: std::ops::Range<u64>| {
        let lengths = steps.map(|step| stream.length(step, &mut Random::of(&[step])));
        lengths.max().unwrap()
    };
    let steps = stage.steps();
    assert_eq!(longest(0..steps / 4), 16);
    assert_eq!(longest(steps / 4..steps / 2), 32);
    assert_eq!(longest(steps / 2..steps), 64);
}

#[test]
fn what_is_asked_was_stated() {
    for wording in ["compact", "colon", "needle"] {
        let form = format!(
            "form = \"pairs\"\nwording = \"{wording}\"\nkeys = 64\ndigits = 3\nmost_pairs = 4"
        );
        let text = marked(&form, 192);
        let answers: Vec<&str> = text.split('[').skip(1).map(|rest| &rest[..3]).collect();
        assert!(answers.len() >= 2, "{text}");
        for answer in answers {
            assert!(answer.bytes().all(|c| c.is_ascii_digit()), "{text}");
            assert!(text.matches(answer).count() >= 2, "{text}");
        }
    }
}

#[test]
fn words_are_repeated_in_their_order() {
    let text = marked("form = \"copies\"\nkeys = 64\nmost_words = 6", 96);
    let blocks: Vec<&str> = text.split("].").collect();
    assert!(blocks.len() > 2, "{text}");
    // The first token of all is not shown.
    for block in &blocks[1..blocks.len() - 1] {
        let (given, answer) = block.split_once("?[").unwrap_or_else(|| panic!("{text}"));
        assert_eq!(given, answer, "{text}");
    }
}

#[test]
fn a_chain_is_answered_by_its_names() {
    for wording in ["compact", "ruler"] {
        let form = format!(
            "form = \"chains\"\nwording = \"{wording}\"\nmost_hops = 3\nmost_chains = 2\nletters = 4\ndigits = 4"
        );
        let text = marked(&form, 256);
        let (_, rest) = text.split_once('[').unwrap_or_else(|| panic!("{text}"));
        let names = rest.split(']').next().unwrap().trim();
        let mut before: Option<&str> = None;
        for name in names.split(' ') {
            let line = match before {
                None => format!("VAR {name} = "),
                Some(before) => format!("VAR {name} = VAR {before}"),
            };
            assert!(text.contains(&line), "{line}: {text}");
            before = Some(name);
        }
    }
}

#[test]
fn tasks_of_the_registry_are_made_by_their_own_generators() {
    let niah = "form = \"ruler\"\ntask = \"niah_single_1\"\nanswer = \"commas\"\nset = { tokens_to_generate = \"12\" }";
    let text = marked(niah, 256);
    assert!(text.contains("magic number for"), "{text}");
    let (before, answer) = text.split_once('[').unwrap_or_else(|| panic!("{text}"));
    assert!(
        before.ends_with("mentioned in the provided text is "),
        "{text}"
    );
    assert_eq!(&answer[7..], "<|endoftext|>]");
    assert!(before.contains(&answer[..7]), "{text}");
}

#[test]
fn values_of_one_key_are_answered_in_the_order_of_the_text() {
    let niah = "form = \"ruler\"\ntask = \"niah_multivalue\"\nanswer = \"commas\"\nas_in_text = true\n\
                set = { type_haystack = \"noise\", tokens_to_generate = \"48\" }";
    let text = marked(niah, 512);
    let (before, answer) = text.split_once('[').unwrap_or_else(|| panic!("{text}"));
    let values = answer.trim_end_matches("<|endoftext|>]").split(", ");
    let places: Vec<_> = values.map(|value| before.find(value)).collect();
    assert_eq!(places.len(), 4, "{text}");
    assert!(
        places[0].is_some() && places.is_sorted(),
        "{places:?}: {text}"
    );
}
