//! How answers that are chosen, not written, are told apart.

use super::Tokenizer;

impl Tokenizer {
    /// The token with which each option goes on after `prefix`.
    ///
    /// # Errors
    /// A sentence: two options begin with the same token, or one melts into the prefix.
    pub fn first_tokens(&self, prefix: &str, options: &[String]) -> Result<Vec<u32>, String> {
        let before = self.encode(prefix);
        let mut firsts: Vec<u32> = Vec::with_capacity(options.len());
        for option in options {
            let with = self.encode(&format!("{prefix}{option}"));
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
}
