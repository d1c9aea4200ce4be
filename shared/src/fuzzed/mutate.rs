//! Damages files in ways drawn from a seed: the same files every time.

use crate::stats::random::SplitMix;

/// Numbers drawn from a seed.
pub(super) struct FuzzRng(SplitMix);

impl FuzzRng {
    pub(super) fn new(seed: u64) -> Self {
        Self(SplitMix::new(seed))
    }

    /// Below `end`; 0 for 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.0.next() % (end.max(1) as u64)) as usize
    }
}

/// What readers of JSON, archives and scripts stumble over.
const ODD: [&[u8]; 30] = [
    b"null",
    b"true",
    b"[]",
    b"{}",
    b"\"\"",
    b"-1",
    b"0",
    b"1.5",
    b"1e999",
    b"NaN",
    b"-Infinity",
    b"18446744073709551616",
    b"\\ud83d",
    b"\\ud83d\\ude00",
    b"\\u0000",
    b"\\",
    b"\"",
    b"\xed\xa0\xbd",
    b"\xff",
    b"\x00",
    b"\n",
    b"\r\n",
    b"\xef\xbb\xbf",
    b"attachment://0",
    b"<think>",
    b"</think>",
    b"PK\x05\x06",
    b"\xff\xff\xff\xff",
    b"loop { }",
    b"\x1b[2J",
];

/// One of `seeds`, changed in one to eight places.
pub(super) fn mutated(seeds: &[Vec<u8>], chance: &mut FuzzRng) -> Vec<u8> {
    let mut bytes = seeds[chance.below(seeds.len())].clone();
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + chance.below(64)).min(bytes.len());
        match chance.below(9) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << chance.below(8);
                }
            }
            3 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = chance.below(256) as u8;
                }
            }
            4 => drop(bytes.splice(at..at, ODD[chance.below(ODD.len())].to_vec())),
            5 => drop(bytes.splice(at..end, ODD[chance.below(ODD.len())].to_vec())),
            // The same again.
            6 => {
                let again = bytes[at..end].repeat(1 + chance.below(200));
                drop(bytes.splice(end..end, again));
            }
            7 => {
                let other = &seeds[chance.below(seeds.len())];
                let from = chance.below(other.len());
                let part = other[from..(from + chance.below(512)).min(other.len())].to_vec();
                drop(bytes.splice(at..at, part));
            }
            _ => {
                let bracket = [b'[', b'{', b'(', b'"'][chance.below(4)];
                let deep = vec![bracket; chance.below(5_000)];
                drop(bytes.splice(at..at, deep));
            }
        }
    }
    bytes
}
