//! `fathom data check`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use fathom_shared::longbench::index::QuestionIndex;

use crate::cli::terminal::DownloadBar;
use crate::data::pull::PullWatcher;
use crate::data::questions::index_of;

/// Describes the contents of a file of questions.
pub(super) fn check(path: &Path) -> anyhow::Result<String> {
    let bar = DownloadBar::new();
    let name = path.display().to_string();
    let index = index_of(path, &name, &mut |done, total| bar.at(done, Some(total)))?;
    bar.finish();
    Ok(summary(&name, &index)?)
}

fn summary(name: &str, index: &QuestionIndex) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let QuestionIndex {
        sha256,
        size_bytes,
        cards,
        ..
    } = index;
    let n = cards.len();
    writeln!(
        text,
        "{name}: {n} questions, {size_bytes} bytes, SHA-256 {sha256}"
    )?;
    for domain in counts(cards.iter().map(|card| card.domain.as_str())) {
        writeln!(text, "  domain      {domain}")?;
    }
    let difficulties = counts(cards.iter().map(|card| card.difficulty.as_str()));
    writeln!(text, "  difficulty  {}", difficulties.join(", "))?;
    let lengths = counts(cards.iter().map(|card| card.length.as_str()));
    writeln!(text, "  length      {}", lengths.join(", "))?;
    let mut words: Vec<u32> = cards.iter().map(|card| card.words).collect();
    words.sort_unstable();
    if let (Some(least), Some(most)) = (words.first(), words.last()) {
        // For an even number, the lower of the two middle values.
        let median = words[(n - 1) / 2];
        writeln!(
            text,
            "  words       min {least}, median {median}, max {most}"
        )?;
    }
    let known: Vec<u32> = cards.iter().map(|card| card.evidence).collect();
    let pieces: u64 = known.iter().map(|pieces| u64::from(*pieces)).sum();
    let known = known.iter().filter(|pieces| **pieces > 0).count();
    writeln!(
        text,
        "  evidence    known for {known} of {n}, {pieces} pieces"
    )?;
    Ok(text)
}

/// How often each word occurs, sorted by word.
fn counts<'c>(words: impl Iterator<Item = &'c str>) -> Vec<String> {
    let mut counts = BTreeMap::<&str, u32>::new();
    words.for_each(|word| *counts.entry(word).or_default() += 1);
    let told = counts.iter().map(|(word, n)| format!("{word} {n}"));
    told.collect()
}
