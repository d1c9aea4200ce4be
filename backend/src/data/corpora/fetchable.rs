//! The corpora that can be fetched by name.
//!
//! Hashes are those that several independent users of RULER publish for the same address. Where
//! there is none, the first download is trusted, and its hash recorded.

use super::shape::CorpusShape;

/// A corpus that can be fetched.
#[derive(Debug)]
pub struct KnownCorpus {
    /// Its name: the file's here, without `.json`.
    pub name: &'static str,
    /// What it is.
    pub title: &'static str,
    /// Its licence, as an SPDX identifier where it has one.
    pub licence: &'static str,
    /// What users of it should know.
    pub remark: Option<&'static str>,
    /// Where it comes from.
    pub origin: CorpusOrigin,
    /// What it must look like.
    pub shape: CorpusShape,
}

/// Where a corpus comes from.
#[derive(Debug)]
pub enum CorpusOrigin {
    /// One file, already in RULER's shape: the origin, then its mirrors.
    File(&'static [CorpusUrl]),
    /// Pages that are put together.
    Pages {
        /// In words, for people and for the record.
        from: &'static str,
        /// One address a line; `#` begins a remark.
        urls: &'static str,
    },
}

/// One address of a file.
#[derive(Debug)]
pub struct CorpusUrl {
    /// The address.
    pub url: &'static str,
    /// SHA-256 in hex, where it is known.
    pub sha256: Option<&'static str>,
    /// The length, where it is known.
    pub size_bytes: Option<u64>,
}

impl CorpusOrigin {
    /// The addresses that [`CorpusOrigin::Pages`] lists.
    pub fn pages(urls: &'static str) -> impl Iterator<Item = &'static str> {
        let lines = urls.lines().map(str::trim);
        lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
    }
}

/// The name of LongBench v2's dataset.
pub const LONGBENCH_V2: &str = "longbench-v2";

/// The corpus of this name.
pub fn known(name: &str) -> Option<&'static KnownCorpus> {
    CORPORA.iter().find(|corpus| corpus.name == name)
}

const HOTPOT_ORIGINAL: Option<&str> =
    Some("4e9ecb5c8d3b719f624d66b60f8d56bf227f03914f5f0753d6fa1b359d7104ea");

/// The corpora that can be fetched by name.
pub static CORPORA: &[KnownCorpus] = &[
    KnownCorpus {
        name: "paul-graham",
        title: "Paul Graham's essays, RULER's haystack (PaulGrahamEssays.json)",
        licence: "none given; the author's",
        remark: Some(
            "pages change, so the text depends on the day it was fetched: its SHA-256 is recorded, and says which text a result belongs to",
        ),
        origin: CorpusOrigin::Pages {
            from: "http://www.paulgraham.com/ and https://github.com/gkamradt/LLMTest_NeedleInAHaystack, 218 pages",
            urls: include_str!("../paul-graham.urls"),
        },
        shape: CorpusShape::Text,
    },
    KnownCorpus {
        name: "squad",
        title: "SQuAD 2.0, development set (squad.json)",
        licence: "CC-BY-SA-4.0",
        remark: None,
        origin: CorpusOrigin::File(&[CorpusUrl {
            url: "https://rajpurkar.github.io/SQuAD-explorer/dataset/dev-v2.0.json",
            sha256: Some("80a5225e94905956a6446d296ca1093975c4d3b3260f1d6c8f68bc2ab77182d8"),
            size_bytes: Some(4_370_528),
        }]),
        shape: CorpusShape::Squad,
    },
    KnownCorpus {
        name: "hotpotqa",
        title: "HotpotQA, development set with distractors (hotpotqa.json)",
        licence: "CC-BY-SA-4.0",
        remark: Some(
            "the origin is mostly out of reach; the first mirror has its bytes, the second is the file that RULER and lm-evaluation-harness fetch instead, and has other bytes",
        ),
        origin: CorpusOrigin::File(&[
            CorpusUrl {
                url: "http://curtis.ml.cmu.edu/datasets/hotpot/hotpot_dev_distractor_v1.json",
                sha256: HOTPOT_ORIGINAL,
                size_bytes: Some(46_320_117),
            },
            CorpusUrl {
                url: "https://huggingface.co/datasets/RAGLAB/data/resolve/c33b09b7fa5099b89830e84f9bdff78329268d9b/eval_datasets/HotPotQA/hotpot_dev_distractor_v1.json",
                sha256: HOTPOT_ORIGINAL,
                size_bytes: Some(46_320_117),
            },
            CorpusUrl {
                url: "https://huggingface.co/datasets/namlh2004/hotpotqa/resolve/7e54db4656209750ff487f6fdf8e39a66dba136b/hotpot_dev_distractor_v1.json",
                sha256: Some("e3da074df24e8369009918aa5cdbdd254dadcde4c63f7569d36afd6f2268caa8"),
                size_bytes: Some(61_065_698),
            },
        ]),
        shape: CorpusShape::Hotpot,
    },
    KnownCorpus {
        name: "english-words",
        title: "English words, for lists that are longer than wonderwords (english_words.json)",
        licence: "Apache-2.0, as part of RULER; whose list it was is not said there",
        remark: None,
        // The repository keeps it in Git LFS: raw.githubusercontent.com would give a pointer to it.
        origin: CorpusOrigin::File(&[CorpusUrl {
            url: "https://media.githubusercontent.com/media/NVIDIA/RULER/c3f5e3b4f87f97e048793bb510a3a6b19a46bf3a/scripts/data/synthetic/json/english_words.json",
            sha256: Some("affcd6d45fdf3cc843d585c99c97ad615094e760e6c4756b654bab6c73bc2eca"),
            size_bytes: Some(8_564_991),
        }]),
        shape: CorpusShape::Words,
    },
    KnownCorpus {
        name: LONGBENCH_V2,
        title: "LongBench v2, 503 multiple-choice questions about texts of 8,000 to 2,000,000 words (data.json)",
        licence: "Apache-2.0",
        remark: Some("`fathom run --suite longbench-v2` asks these questions once they are here"),
        origin: CorpusOrigin::File(&[CorpusUrl {
            url: "https://huggingface.co/datasets/zai-org/LongBench-v2/resolve/2b48e494f2c7a2f0af81aae178e05c7e1dde0fe9/data.json",
            sha256: Some("15d61c22d92c96900b3c4948b6aeea218d3214b676a65df48e7b8555604c7fe2"),
            size_bytes: Some(465_490_535),
        }]),
        shape: CorpusShape::Questions,
    },
];
