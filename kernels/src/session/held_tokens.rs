//! Which tokens the cache holds, and how they were read: by what it takes to read them again.

use std::ops::Range;

/// The tokens whose keys and values the cache holds, in the calls that read them. What a call computes
/// depends a little, in the last digits, on where it begins.
#[derive(Debug, Default)]
pub(super) struct HeldTokens {
    ids: Vec<u32>,
    /// Where each call begins; ascending.
    calls: Vec<usize>,
    /// How many of them the adapter has: all, unless it was lost.
    cached: usize,
}

impl HeldTokens {
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// What is read from now on belongs to a new call.
    pub(super) fn begin(&mut self) {
        if self.calls.last() != Some(&self.len()) {
            self.calls.push(self.len());
        }
    }

    /// Tokens of this call were read.
    pub(super) fn extend(&mut self, ids: &[u32]) {
        self.ids.extend_from_slice(ids);
        self.cached = self.len();
    }

    /// Tokens were read one by one, each in a call of its own.
    pub(super) fn extend_singly(&mut self, ids: &[u32]) {
        for id in ids {
            self.begin();
            self.extend(&[*id]);
        }
    }

    /// Forgets all but the first `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        self.ids.truncate(len);
        self.calls.retain(|begin| *begin < self.ids.len());
        self.cached = self.cached.min(len);
    }

    /// The adapter has none of them any more.
    pub(super) fn lose(&mut self) {
        self.cached = 0;
    }

    /// The next tokens that the adapter lacks, up to the end of their call, and how many of that call
    /// come before them.
    pub(super) fn missing(&self) -> Option<(usize, Range<usize>)> {
        let at = self.cached;
        let begun = self.calls.partition_point(|begin| *begin <= at);
        let begin = *self.calls.get(begun.checked_sub(1)?)?;
        let end = self.calls.get(begun).copied().unwrap_or(self.len());
        (at < end).then_some((at - begin, at..end))
    }

    /// The adapter has the next `count` of them again.
    pub(super) fn read_again(&mut self, count: usize) {
        self.cached += count;
    }

    pub(super) fn ids(&self, range: Range<usize>) -> &[u32] {
        &self.ids[range]
    }
}

#[cfg(test)]
mod tests {
    use super::HeldTokens;

    /// The calls in which everything would be read again, a token less than that each time.
    fn again(held: &mut HeldTokens) -> Vec<(usize, std::ops::Range<usize>)> {
        held.lose();
        let mut all = Vec::new();
        while let Some((read, range)) = held.missing() {
            held.read_again(range.len().saturating_sub(1).max(1));
            all.push((read, range));
        }
        all
    }

    #[test]
    fn calls_are_read_again_as_they_were() {
        let mut held = HeldTokens::default();
        held.begin();
        held.extend(&[1, 2, 3]);
        held.extend(&[4]);
        held.extend_singly(&[5, 6]);
        held.begin();
        assert_eq!(held.missing(), None);
        let whole = [(0, 0..4), (3, 3..4), (0, 4..5), (0, 5..6)];
        assert_eq!(again(&mut held), whole);
        held.truncate(2);
        assert_eq!(again(&mut held), [(0, 0..2), (1, 1..2)]);
        held.begin();
        held.extend(&[7]);
        assert_eq!(again(&mut held), [(0, 0..2), (1, 1..2), (0, 2..3)]);
        assert_eq!(held.ids(1..3), [2, 7]);
        held.truncate(0);
        assert_eq!(again(&mut held), []);
    }
}
