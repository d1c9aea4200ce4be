//! The rank of every token.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use rustc_hash::FxHasher;

/// An open-addressed table over the list as it stands.
pub(super) struct MergeRanks {
    list: Cow<'static, [u8]>,
    /// Where each token lies in the list, by rank.
    places: Vec<Range<u32>>,
    /// Ranks, each below some bits of its token's hash, so that another token is seldom read; and
    /// [`FREE`](Self::FREE).
    slots: Vec<u32>,
}

impl MergeRanks {
    const FREE: u32 = u32::MAX;
    /// The bits of a rank.
    const RANK: u32 = 18;

    pub(super) fn new(list: Cow<'static, [u8]>) -> Result<Self, String> {
        let mut places = Vec::with_capacity(list.len() / 8);
        let mut at = 0;
        while let Some(length) = list.get(at) {
            let token = at + 1..at + 1 + usize::from(*length);
            if token.is_empty() || token.end > list.len() {
                let (got, want) = (list.len(), token.end);
                return Err(format!(
                    "its list has {got} bytes, expected at least {want}"
                ));
            }
            at = token.end;
            // A list is some megabytes.
            places.push(token.start as u32..token.end as u32);
        }
        let most = (1 << Self::RANK) - 1;
        if places.len() > most {
            let got = places.len();
            return Err(format!(
                "its list has {got} tokens, expected at most {most}"
            ));
        }
        // At most half full, so that few tokens are not where they are looked for first.
        let slots = vec![Self::FREE; (places.len() * 2).next_power_of_two()];
        let mut ranks = Self {
            list,
            places,
            slots,
        };
        for rank in 0..ranks.places.len() as u32 {
            let found = ranks.token(rank).map(|token| {
                let slot = ranks.seek(token).err();
                slot.map(|slot| (slot, Self::hash(token).1 << Self::RANK | rank))
            });
            let Some(Some((slot, word))) = found else {
                return Err(format!("the token of rank {rank} is listed twice"));
            };
            ranks.slots[slot] = word;
        }
        match (0..=u8::MAX).find(|byte| ranks.find(&[*byte]).is_none()) {
            Some(byte) => Err(format!("its list lacks the byte {byte}")),
            None => Ok(ranks),
        }
    }

    pub(super) fn token(&self, rank: u32) -> Option<&[u8]> {
        let place = self.places.get(rank as usize)?;
        self.list.get(place.start as usize..place.end as usize)
    }

    pub(super) fn find(&self, token: &[u8]) -> Option<u32> {
        self.seek(token).ok()
    }

    /// Where to look for a token first, and the bits that stand with its rank.
    fn hash(token: &[u8]) -> (usize, u32) {
        let mut hasher = FxHasher::default();
        token.hash(&mut hasher);
        let hash = hasher.finish();
        (hash as usize, (hash >> (32 + Self::RANK)) as u32)
    }

    /// The rank, or the free slot where it would stand.
    fn seek(&self, token: &[u8]) -> Result<u32, usize> {
        let (hash, bits) = Self::hash(token);
        let mask = self.slots.len() - 1;
        let mut slot = hash & mask;
        loop {
            let word = self.slots[slot];
            if word == Self::FREE {
                return Err(slot);
            }
            let rank = word & ((1 << Self::RANK) - 1);
            if word >> Self::RANK == bits && self.token(rank) == Some(token) {
                return Ok(rank);
            }
            slot = (slot + 1) & mask;
        }
    }
}

impl std::fmt::Debug for MergeRanks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ranks")
            .field("tokens", &self.places.len())
            .finish_non_exhaustive()
    }
}
