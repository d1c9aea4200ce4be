use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn all() -> Vec<LongBenchQuestion> {
    (0..COUNT).map(|number| question(number).unwrap()).collect()
}

#[test]
fn every_question_is_a_row_of_the_schema_with_its_evidence() {
    let mut ids = BTreeSet::new();
    for question in all() {
        let row = serde_json::to_value(question.row()).unwrap();
        assert_eq!(
            LongBenchQuestion::check(row).unwrap(),
            question,
            "{}",
            question.id
        );
        assert!(!question.evidence.is_empty(), "{}", question.id);
        let options: BTreeSet<&String> = question.choices.iter().collect();
        assert_eq!(options.len(), 4, "{}: {:?}", question.id, question.choices);
        assert!(ids.insert(question.id));
    }
}

#[test]
fn domains_difficulties_lengths_and_letters_are_balanced() {
    let all = all();
    let count = |of: fn(&LongBenchQuestion) -> String| {
        let mut counts = BTreeMap::<String, usize>::new();
        for question in &all {
            *counts.entry(of(question)).or_default() += 1;
        }
        counts.into_values().collect::<Vec<_>>()
    };
    assert_eq!(count(|q| q.domain.clone()), [4; 6]);
    assert_eq!(count(|q| q.answer.to_string()), [6; 4]);
    assert_eq!(count(|q| q.difficulty.to_string()), [12; 2]);
    assert_eq!(count(|q| q.length.to_string()), [6, 6, 12]); // long, medium, short
    for (question, (words, _)) in all.iter().zip(FORMS.iter().cycle()) {
        let got = question.context.split_whitespace().count();
        let most = words + words / 10 + 400;
        assert!(
            (*words..most).contains(&got),
            "{}: {got} words",
            question.id
        );
    }
}

#[test]
fn the_same_seed_writes_the_same_text() {
    for number in [0, 7, 10, 15, 17, 22] {
        assert_eq!(question(number), question(number));
    }
}

/// The answers that follow from the evidence of each domain, computed from its words alone.
#[test]
fn the_answer_follows_from_the_evidence() {
    for question in all() {
        let said: Vec<&str> = question
            .evidence
            .iter()
            .map(|e| &question.context[e.clone()])
            .collect();
        let right = question.choices[question.answer.index()].as_str();
        let solved = match question.domain.as_str() {
            "Single-Document QA" => last_holder(&said),
            "Multi-Document QA" => ahead(&said, question.difficulty),
            "Long In-context Learning" => translate(&said, &question.question),
            "Long-dialogue History Understanding" => {
                let last = said.last().unwrap();
                between(last, "the gate of ", ", not").to_owned()
            }
            "Code Repository Understanding" => compute(&said),
            _ => added(&said),
        };
        assert_eq!(solved, right, "{}: {said:?}", question.id);
    }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let (_, rest) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before:?} in {text:?}"));
    rest.split_once(after).map_or(rest, |(found, _)| found)
}

fn last_holder(said: &[&str]) -> String {
    if let [one] = said {
        return between(one, "named ", " to it").to_owned();
    }
    let year = |text: &str| between(text, "that in ", " ").parse::<u32>().unwrap();
    let last = said.iter().max_by_key(|text| year(text)).unwrap();
    last.rsplit_once(" to ")
        .unwrap()
        .1
        .trim_end_matches('.')
        .to_owned()
}

fn ahead(said: &[&str], difficulty: Difficulty) -> String {
    let mut villages = BTreeMap::<&str, [i64; 2]>::new();
    for text in said {
        let name = between(text, "bounds of ", ".");
        let count = between(text, "counted ", " ").parse().unwrap();
        let round = usize::from(text.contains("second survey"));
        villages.entry(name).or_default()[round] = count;
    }
    assert_eq!(villages.len(), 4);
    let measure = |[first, second]: [i64; 2]| match difficulty {
        Difficulty::Easy => first,
        Difficulty::Hard => second - first,
    };
    let best = villages
        .iter()
        .max_by_key(|(_, counts)| measure(**counts))
        .unwrap();
    (*best.0).to_owned()
}

fn translate(said: &[&str], question: &str) -> String {
    let english = between(question, "how is \"", "\" said");
    let words: Vec<&str> = english.split(' ').filter(|word| *word != "the").collect();
    let [subject, verb, object] = words[..] else {
        panic!("{english}")
    };
    let rule = |about: &str| said.iter().find(|text| text.contains(about));
    let affix = |about: &str| rule(about).map_or("", |text| between(text, "said by \"", "\""));
    let meaning = |word: &str| {
        let entry = said
            .iter()
            .find(|text| text.contains(&format!("means \"{word}\"")));
        entry.map(|text| between(text, "Word: \"", "\""))
    };
    let (plural, past) = (affix("more than one"), affix("what is over"));
    // The primer teaches the present tense; the past of an English verb is irregular.
    let verb = meaning(verb).unwrap_or_else(|| {
        let known = said
            .iter()
            .filter(|text| text.starts_with("Word"))
            .find(|text| {
                let english = between(text, "means \"", "\"");
                english.ends_with('s')
                    && ![subject, object.trim_end_matches('s')].contains(&english)
            });
        between(known.unwrap(), "Word: \"", "\"")
    });
    let object = meaning(object)
        .or_else(|| meaning(object.strip_suffix('s')?))
        .unwrap();
    format!(
        "{past}{verb} {} {object}{plural}",
        meaning(subject).unwrap()
    )
}

fn compute(said: &[&str]) -> String {
    let find = |what: &str| said.iter().find(|text| text.contains(what));
    let number = |text: &str, before: &str| {
        let digits: String = between(text, before, "\0")
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse::<i64>().unwrap()
    };
    let limit = number(find("BATCH_LIMIT: u32").unwrap(), "u32 = ");
    match (find("fn hourly_rate"), find("fn promised")) {
        (Some(rate), Some(promised)) => (limit * number(rate, "BATCH_LIMIT * ")
            - number(promised, "hourly_rate() - "))
        .to_string(),
        _ => limit.to_string(),
    }
}

fn added(said: &[&str]) -> String {
    let orders = said.iter().filter(|text| text.contains(" crates "));
    let crates = orders.map(|text| {
        text.split(" | ")
            .nth(3)
            .unwrap()
            .trim_end_matches(" crates")
    });
    crates
        .map(|crates| crates.parse::<usize>().unwrap())
        .sum::<usize>()
        .to_string()
}
