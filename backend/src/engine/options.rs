//! Answers that are chosen, not written.

use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{Completion, Finish, Timings};

/// The token with which each option goes on after `prefix`, by which they are told apart.
///
/// # Errors
/// A sentence: two options begin with the same token, or one melts into the prefix.
pub(super) fn first_tokens(
    tokenizer: &Tokenizer,
    prefix: &str,
    options: &[String],
) -> Result<Vec<u32>, String> {
    let before = tokenizer.encode(prefix);
    let mut firsts: Vec<u32> = Vec::with_capacity(options.len());
    for option in options {
        let with = tokenizer.encode(&format!("{prefix}{option}"));
        let first = with.get(before.len()).filter(|_| with.starts_with(&before));
        let first = *first.ok_or_else(|| {
            format!("the model's tokenizer does not part `{prefix}` from `{option}`")
        })?;
        if firsts.contains(&first) {
            return Err(format!(
                "the model's tokenizer gives `{option}` the first token of another option"
            ));
        }
        firsts.push(first);
    }
    Ok(firsts)
}

/// The likeliest of the options; of equals the first.
pub(super) fn chosen(options: &[String], told: Vec<Option<f64>>, timings: Timings) -> Completion {
    let mut best: Option<(usize, f64)> = None;
    for (at, logprob) in told.iter().enumerate() {
        if let Some(logprob) = logprob
            && best.is_none_or(|(_, known)| *logprob > known)
        {
            best = Some((at, *logprob));
        }
    }
    let best = best.and_then(|(at, _)| options.get(at));
    Completion {
        text: best.cloned().unwrap_or_default(),
        thinking: None,
        options: told,
        tokens: Tokens(1),
        finish: Finish::Length,
        usage: None,
        timings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_is_taken_and_of_equals_the_first() {
        let options = ["A)", "B)", "C)"].map(str::to_owned);
        let of = |told: [Option<f64>; 3]| chosen(&options, told.into(), Timings::default());
        let told = [-3.0, -1.0, -2.0].map(Some);
        assert_eq!(of(told).text, "B)");
        assert_eq!(of(told).options, told);
        assert_eq!(of([-1.0, -1.0, -2.0].map(Some)).text, "A)");
        assert_eq!(of([None, None, Some(-9.0)]).text, "C)");
    }
}
