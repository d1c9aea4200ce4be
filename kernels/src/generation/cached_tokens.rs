//! Which tokens a model's cache holds, and how many of them the next prompt can reuse.

/// The tokens whose keys and values the cache holds.
#[derive(Debug, Default)]
pub(super) struct CachedTokens {
    ids: Vec<u32>,
    /// How many of them, counted from the first, were read in whole chunks.
    whole: usize,
}

impl CachedTokens {
    /// Keeps the longest prefix that the cache shares with `ids`, and returns its length. Only
    /// whole chunks are kept, so that the answer is the same as with an empty cache.
    pub(super) fn keep(&mut self, ids: &[u32], chunk: usize) -> usize {
        let same = self.ids.iter().zip(ids).take_while(|(a, b)| a == b);
        // The last token is always read again, because its logits are needed.
        let same = same.count().min(ids.len().saturating_sub(1));
        self.whole = same.min(self.whole) / chunk * chunk;
        self.ids.truncate(self.whole);
        self.whole
    }

    /// Adds the tokens of a prompt after those that were kept.
    pub(super) fn prompt(&mut self, ids: &[u32], chunk: usize) {
        self.ids.extend_from_slice(ids);
        self.whole = self.ids.len() / chunk * chunk;
    }

    /// Adds a token of the answer.
    pub(super) fn push(&mut self, id: u32) {
        self.ids.push(id);
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
