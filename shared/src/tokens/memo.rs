//! Caches token counts of a text's parts. A part is at most a word, so a long text is a sum over a
//! few thousand distinct parts, each of which is tokenised once.

use std::borrow::Borrow;
use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHasher};

use super::parts::{RunEnd, TextParts, runs};
use super::{to_u32, touched};

/// Above this many distinct parts, the cache is cleared, to bound its memory.
const MOST_PARTS: usize = 1 << 18;
/// Runs of this many bytes are cached as a whole: sentences and lines, which often repeat.
const RUN: Range<usize> = 24..512;
/// Slots for runs seen once, a power of two: half a megabyte.
const SEEN: usize = 1 << 16;
/// Slots for recent parts, a power of two: a megabyte.
const RECENT: usize = 1 << 16;
/// The bit of a recent part at which its number of tokens begins.
const TOKENS: u32 = 124;

/// The cached counts.
pub(super) struct CountCache {
    whole: Vec<String>,
    /// Short parts, which are the most frequent.
    short: RefCell<FxHashMap<u128, u32>>,
    /// Recent short parts: each has exactly one possible slot, and is replaced when another part
    /// needs it. The upper four bits, which no key uses, contain the number of tokens.
    recent: Box<[Cell<u128>]>,
    parts: RefCell<FxHashMap<Box<str>, u32>>,
    runs: RefCell<FxHashMap<Box<str>, u32>>,
    /// Hashes of runs seen once, each in its only slot.
    seen: Box<[Cell<u64>]>,
}

impl CountCache {
    pub(super) fn new(whole: Vec<String>) -> Self {
        Self {
            whole,
            short: RefCell::default(),
            recent: vec![Cell::new(0); RECENT].into_boxed_slice(),
            parts: RefCell::default(),
            runs: RefCell::default(),
            seen: vec![Cell::new(0); SEEN].into_boxed_slice(),
        }
    }

    /// Whether `text` may be counted in parts.
    pub(super) fn takes(&self, text: &str) -> bool {
        self.whole
            .iter()
            .all(|whole| !text.contains(whole.as_str()))
    }

    /// Whether every text may be counted in parts.
    pub(super) fn adds_up(&self) -> bool {
        self.whole.is_empty()
    }

    pub(super) fn count(&self, text: &str, count: &dyn Fn(&str) -> usize) -> usize {
        let lines = runs(text, RunEnd::Line);
        lines.map(|line| self.line(line, count) as usize).sum()
    }

    fn line(&self, line: &str, count: &dyn Fn(&str) -> usize) -> u32 {
        self.run(line, || {
            let sentences = runs(line, RunEnd::Sentence);
            let sum = sentences.map(|run| {
                let parts = || TextParts::new(run).map(|part| self.part(part, count)).sum();
                // If the line is a single sentence, it was looked up already.
                match run.len() == line.len() {
                    true => parts(),
                    false => self.run(run, parts),
                }
            });
            sum.sum()
        })
    }

    /// The tokens of a run, which is cached only when it occurs a second time: a haystack may
    /// consist of lines that never repeat.
    fn run(&self, run: &str, count: impl FnOnce() -> u32) -> u32 {
        if !RUN.contains(&run.len()) {
            return count();
        }
        let mut hasher = FxHasher::default();
        run.hash(&mut hasher);
        let hash = hasher.finish();
        let seen = &self.seen[hash as usize & (SEEN - 1)];
        if seen.replace(hash) != hash {
            return count();
        }
        remembered(&self.runs, run, count)
    }

    fn part(&self, part: &str, count: &dyn Fn(&str) -> usize) -> u32 {
        let counted = || to_u32(count(part));
        // A single byte is a single token.
        if part.len() == 1 {
            return 1;
        }
        let Some(key) = packed(part.as_bytes()) else {
            return remembered(&self.parts, part, counted);
        };
        let place = &self.recent[place(key)];
        let recent = place.get();
        if recent << 4 == key << 4 {
            return (recent >> TOKENS) as u32;
        }
        // Numbers are quick to count and seldom repeat.
        let tokens = match part.bytes().any(|byte| byte.is_ascii_digit()) {
            true => counted(),
            false => remembered(&self.short, &key, counted),
        };
        // A part has no more tokens than bytes, so the count fits.
        place.set(key | u128::from(tokens & 15) << TOKENS);
        tokens
    }

    /// The byte at which token `number` begins, if there is one.
    pub(super) fn offset(
        &self,
        text: &str,
        number: usize,
        count: &dyn Fn(&str) -> usize,
        starts: &dyn Fn(&str) -> Vec<usize>,
    ) -> Option<usize> {
        let (mut from, mut left) = (0, number);
        for line in runs(text, RunEnd::Line) {
            let tokens = self.line(line, count) as usize;
            if tokens <= left {
                left -= tokens;
                from += line.len();
                continue;
            }
            for part in TextParts::new(line) {
                let tokens = self.part(part, count) as usize;
                if tokens > left {
                    // A part's first token begins where the part does.
                    let within = if left == 0 {
                        0
                    } else {
                        *starts(part).get(left)?
                    };
                    return Some(from + within);
                }
                left -= tokens;
                from += part.len();
            }
        }
        None
    }

    pub(super) fn spans(
        &self,
        text: &str,
        ranges: &[Range<usize>],
        count: &dyn Fn(&str) -> usize,
        starts: &dyn Fn(&str) -> Vec<usize>,
    ) -> Vec<Range<u32>> {
        let mut places: Vec<usize> = ranges.iter().flat_map(|r| [r.start, r.end]).collect();
        places.sort_unstable();
        places.dedup();
        let mut found = Vec::with_capacity(places.len());
        let (mut from, mut tokens) = (0, 0);
        for line in runs(text, RunEnd::Line) {
            let to = from + line.len();
            if places.get(found.len()).is_none_or(|place| *place >= to) {
                from = to;
                tokens += self.line(line, count);
                continue;
            }
            for part in TextParts::new(line) {
                let to = from + part.len();
                let here = places[found.len()..].partition_point(|place| *place < to);
                if here > 0 {
                    // A part with one token need not be split.
                    let starts = match self.part(part, count) {
                        1 => vec![0],
                        _ => starts(part),
                    };
                    for place in &places[found.len()..found.len() + here] {
                        let place = place - from;
                        let range = touched(&starts, &(place..place));
                        found.push((tokens + range.start, tokens + range.end));
                    }
                }
                from = to;
                tokens += self.part(part, count);
            }
        }
        // Places at the end of the text.
        found.resize(places.len(), (tokens, tokens));
        let at = |place: &usize| found[places.binary_search(place).unwrap_or(0)];
        ranges
            .iter()
            .map(|range| at(&range.start).0..at(&range.end).1)
            .collect()
    }
}

fn remembered<K: Hash + Eq + Borrow<Q>, Q: Hash + Eq + ToOwned<Owned = O> + ?Sized, O: Into<K>>(
    memo: &RefCell<FxHashMap<K, u32>>,
    key: &Q,
    count: impl FnOnce() -> u32,
) -> u32 {
    if let Some(known) = memo.borrow().get(key) {
        return *known;
    }
    let counted = count();
    let mut memo = memo.borrow_mut();
    if memo.len() >= MOST_PARTS {
        memo.clear();
    }
    memo.insert(key.to_owned().into(), counted);
    counted
}

/// The bytes of a part of up to 15 bytes, with their number, as one key. Uses two overlapping
/// reads, since a copy of unknown length would cost more than everything else.
fn packed(part: &[u8]) -> Option<u128> {
    let length = part.len();
    let bytes = match length {
        8..16 => {
            let low = u64::from_le_bytes(*part.first_chunk()?);
            let high = u64::from_le_bytes(*part.last_chunk()?);
            u128::from(low) | u128::from(high) << ((length - 8) * 8)
        }
        4..8 => {
            let low = u32::from_le_bytes(*part.first_chunk()?);
            let high = u32::from_le_bytes(*part.last_chunk()?);
            u128::from(u64::from(low) | u64::from(high) << ((length - 4) * 8))
        }
        1..4 => {
            let middle = u64::from(part[length / 2]) << (length / 2 * 8);
            let last = u64::from(part[length - 1]) << ((length - 1) * 8);
            u128::from(u64::from(part[0]) | middle | last)
        }
        _ => return None,
    };
    Some(bytes | (length as u128) << 120)
}

/// The slot of a short part: the upper bits of a product that depends on every byte, then four bits
/// of its last byte, so that consecutive numbers are neighbours.
fn place(key: u128) -> usize {
    const MIX: u64 = 0x9E37_79B9_7F4A_7C15; // 2^64 over the golden ratio
    let at = ((key >> 120) as u32 - 1) * 8;
    let last = (key >> at) as usize & 15;
    let rest = key & !(15 << at);
    let folded = rest as u64 ^ ((rest >> 64) as u64).wrapping_mul(MIX);
    (folded.wrapping_mul(MIX) >> (64 + 4 - RECENT.ilog2())) as usize * 16 + last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_parts_alone() {
        let text = "abcdefghijklmnop";
        let mut keys: Vec<u128> = Vec::new();
        for length in 1..16 {
            let part = &text.as_bytes()[..length];
            let mut wanted = [0; 16];
            wanted[..length].copy_from_slice(part);
            wanted[15] = length as u8;
            keys.push(packed(part).unwrap());
            assert_eq!(keys.last(), Some(&u128::from_le_bytes(wanted)), "{length}");
        }
        assert_eq!(packed(b""), None);
        assert_eq!(packed(text.as_bytes()), None);
        assert_ne!(packed(b"\0"), packed(b"\0\0"));
    }

    #[test]
    fn spans_are_those_of_the_whole_text() {
        let text = "One two3 four.\nFive six — seven\n\n8 nine";
        let starts = |text: &str| (0..text.len()).step_by(2).collect::<Vec<_>>();
        let memo = CountCache::new(vec![]);
        let count = |text: &str| starts(text).len();
        let ranges = [0..3, 4..8, 15..24, 20..22, 30..text.len()];
        let spans = memo.spans(text, &ranges, &count, &starts);
        // The same, from the starts of all parts combined.
        let mut all = Vec::new();
        let mut from = 0;
        for part in TextParts::new(text) {
            all.extend(starts(part).into_iter().map(|start| start + from));
            from += part.len();
        }
        let want: Vec<_> = ranges.iter().map(|range| touched(&all, range)).collect();
        assert_eq!(spans, want);
        assert_eq!(memo.count(text, &count), all.len());
        for (number, start) in all.iter().enumerate() {
            assert_eq!(memo.offset(text, number, &count, &starts), Some(*start));
        }
        assert_eq!(memo.offset(text, all.len(), &count, &starts), None);
    }
}
