//! Twenty-four questions of our own in LongBench v2's format, used until the dataset is downloaded:
//! four for each of its domains, easy and hard, with texts of 1,000 to 128,000 words.
//!
//! Every text is invented and generated from a seed, so that nobody can know an answer without
//! reading, and the place of each piece of evidence is known. They show how the benchmark works;
//! they are not LongBench v2, and are labelled so wherever they are shown.

mod code_repository; // a repository of small modules
mod dialogue; // a long exchange of messages in which things are agreed
mod in_context; // a primer of an invented language
mod invented_names; // invented names and sentences
mod multi_document; // reports of a survey, one for each village
mod single_document; // the chronicle of a town
mod structured_data; // two tables, customers and orders
mod text_builder; // builds a text with its evidence

use super::{ChoiceLetter, Difficulty, LengthClass, LongBenchQuestion};
use crate::python_random::PythonRandom;
use text_builder::TextBuilder;

/// The label shown with these questions.
pub const LABEL: &str = "Fathom samples, not LongBench v2";

/// How many questions there are.
pub const COUNT: usize = PLANS.len() * FORMS.len();

/// The seed of the texts; another seed would make other questions.
const SEED: u32 = 2026;

/// One domain: its names in the dataset, and the generator of its texts.
struct DomainPlan {
    domain: &'static str,
    sub_domain: &'static str,
    slug: &'static str,
    write: fn(&mut PythonRandom, usize, Difficulty) -> QuestionDraft,
    /// The letters of the right options: each letter once.
    letters: [ChoiceLetter; 4],
}

/// The length of each domain's texts, in words, and the difficulty of the questions.
const FORMS: [(usize, Difficulty); 4] = [
    (1_000, Difficulty::Easy),
    (8_000, Difficulty::Hard),
    (40_000, Difficulty::Easy),
    (128_000, Difficulty::Hard),
];

use ChoiceLetter::{A, B, C, D};

const PLANS: [DomainPlan; 6] = [
    DomainPlan {
        domain: "Single-Document QA",
        sub_domain: "Literary",
        slug: "single-document",
        write: single_document::write,
        letters: [B, D, A, C],
    },
    DomainPlan {
        domain: "Multi-Document QA",
        sub_domain: "Governmental",
        slug: "multi-document",
        write: multi_document::write,
        letters: [C, A, D, B],
    },
    DomainPlan {
        domain: "Long In-context Learning",
        sub_domain: "New language translation",
        slug: "in-context",
        write: in_context::write,
        letters: [D, B, C, A],
    },
    DomainPlan {
        domain: "Long-dialogue History Understanding",
        sub_domain: "Dialogue history QA",
        slug: "dialogue",
        write: dialogue::write,
        letters: [A, C, B, D],
    },
    DomainPlan {
        domain: "Code Repository Understanding",
        sub_domain: "Code repo QA",
        slug: "code-repository",
        write: code_repository::write,
        letters: [C, D, A, B],
    },
    DomainPlan {
        domain: "Long Structured Data Understanding",
        sub_domain: "Table QA",
        slug: "structured-data",
        write: structured_data::write,
        letters: [B, A, D, C],
    },
];

/// The output of a generator.
struct QuestionDraft {
    page: TextBuilder,
    question: String,
    right: String,
    wrong: [String; 3],
}

/// Question `number`, from 0; the text is generated anew each time.
///
/// # Example
/// ```
/// use fathom_shared::longbench::samples;
/// let question = samples::question(0).unwrap();
/// let evidence = &question.context[question.evidence[0].clone()];
/// assert!(evidence.contains(&question.choices[question.answer.index()]));
/// assert!(samples::question(samples::COUNT).is_none());
/// ```
pub fn question(number: usize) -> Option<LongBenchQuestion> {
    let plan = PLANS.get(number / FORMS.len())?;
    let form = number % FORMS.len();
    let (words, difficulty) = *FORMS.get(form)?;
    let seed = SEED
        .wrapping_mul(1000)
        .wrapping_add(u32::try_from(number).ok()?);
    let draft = (plan.write)(&mut PythonRandom::new(seed), words, difficulty);
    let answer = *plan.letters.get(form)?;
    let mut choices = Vec::from(draft.wrong);
    choices.insert(answer.index(), draft.right);
    let length = LengthClass::of_words(draft.page.words());
    let (context, evidence) = draft.page.finish();
    Some(LongBenchQuestion {
        id: format!("fathom-{}-{}", plan.slug, form + 1),
        domain: plan.domain.to_owned(),
        sub_domain: plan.sub_domain.to_owned(),
        difficulty,
        length,
        question: draft.question,
        choices: choices.try_into().ok()?,
        answer,
        context,
        evidence,
    })
}

#[cfg(test)]
mod tests;
