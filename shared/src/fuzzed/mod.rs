//! What is run on any bytes: a function for each kind of file that comes from outside.
//!
//! Fuzzers (`fuzz/`) and the tests of this module call the same functions. Each must end soon, in
//! little memory and without a panic, whatever the bytes are; what a reader accepts must hold to
//! what its types promise. `fuzz/seeds/{name}/` has files to begin with.

use std::ops::Range;

use crate::corpora::{Corpora, CorpusKind, punkt};
use crate::formats::longbench as predictions;
use crate::formats::stated_scores::StatedScores;
use crate::formats::{
    ImportedRows, RowDeduplicator, RowOrigin, ZipLimits, inspect, lm_eval, ruler,
};
use crate::longbench::index;
use crate::prompt::chat::ChatMessage;
use crate::prompt::jinja::{Date, TemplateInput};
use crate::task::Metric;
use crate::task::custom::TaskFile;

/// A kind of file and what reads it.
#[derive(Clone, Copy, Debug)]
pub struct FuzzTarget {
    /// The name: also that of the fuzz target and of the folder of its seeds.
    pub name: &'static str,
    /// Reads any bytes.
    pub run: fn(&[u8]),
}

/// Every kind.
pub const TARGETS: [FuzzTarget; 8] = [
    FuzzTarget {
        name: "ruler",
        run: of_ruler,
    },
    FuzzTarget {
        name: "lm_eval",
        run: of_lm_eval,
    },
    FuzzTarget {
        name: "inspect",
        run: of_inspect,
    },
    FuzzTarget {
        name: "predictions",
        run: of_predictions,
    },
    FuzzTarget {
        name: "questions",
        run: of_questions,
    },
    FuzzTarget {
        name: "corpora",
        run: of_corpora,
    },
    FuzzTarget {
        name: "task_files",
        run: of_task_files,
    },
    FuzzTarget {
        name: "templates",
        run: of_templates,
    },
];

/// RULER's data and predictions.
pub fn of_ruler(bytes: &[u8]) {
    let _data = ruler::read_data(bytes);
    if let Ok(predictions) = ruler::read(bytes, &RowOrigin::default()) {
        gathered(predictions, true);
    }
}

/// lm-evaluation-harness' samples and results.
pub fn of_lm_eval(bytes: &[u8]) {
    let _results = lm_eval::read_results(bytes);
    if let Ok(samples) = lm_eval::read(bytes, &RowOrigin::default()) {
        gathered(samples, false);
    }
}

/// Inspect's logs, archives and JSON.
pub fn of_inspect(bytes: &[u8]) {
    let _known = inspect::is_log(bytes);
    let limits = ZipLimits {
        member: 32 << 20,
        total: 64 << 20,
    };
    if let Ok(log) = inspect::read_within(bytes, limits) {
        gathered(log, false);
    }
}

/// What is done with rows wherever they come from.
fn gathered(mut imported: ImportedRows, alike: bool) {
    let before = imported.rows.len();
    let kept = RowDeduplicator::default().keep(&mut imported, alike);
    // A single source is in conflict with none.
    assert_eq!(kept.map(|kept| kept.len()), Ok(imported.rows.len()));
    assert!(imported.rows.len() <= before);
    let mut stated = StatedScores::default();
    for row in &imported.rows {
        assert!(!row.references.is_empty(), "a row without references");
        stated.add(row, Metric::StringMatchAll);
    }
    for difference in stated.differences() {
        assert!((0.0..=100.0).contains(&difference.theirs), "{difference}");
    }
}

/// LongBench v2's predictions.
pub fn of_predictions(bytes: &[u8]) {
    for again in [false, true] {
        let _read = predictions::read(bytes, again);
    }
}

/// LongBench v2's questions: what the index says of a row, the row itself says too.
pub fn of_questions(bytes: &[u8]) {
    let part = |range: &Range<u64>| {
        let place = |at: u64| usize::try_from(at).ok().filter(|at| *at <= bytes.len());
        let (start, end) = (place(range.start), place(range.end));
        start
            .zip(end)
            .and_then(|(start, end)| bytes.get(start..end))
    };
    let read = |range: Range<u64>| {
        let found = part(&range).map(<[u8]>::to_vec);
        found.ok_or_else(|| format!("{range:?} is not in the file"))
    };
    let Ok(index) = index::QuestionIndex::read(bytes.len() as u64, read, |_| true) else {
        return;
    };
    for (card, place) in index.cards.iter().zip(&index.rows) {
        let question = part(place).map(index::parse);
        let same = matches!(&question, Some(Ok(question)) if question.id == card.id);
        assert!(same, "question {} is not where the index says", card.number);
    }
}

/// The user's own texts, and Punkt on whatever they hold.
pub fn of_corpora(bytes: &[u8]) {
    for text in CorpusKind::ALL {
        let _read = Corpora::bundled().read(text, "f", bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let mut from = 0;
        for sentence in punkt::sentences(text) {
            let (start, end) = (sentence.start, sentence.end);
            assert!(from <= start && start < end, "{start}..{end} after {from}");
            assert!(
                text.get(start..end).is_some(),
                "{start}..{end} cuts a character"
            );
            from = start;
        }
    }
}

/// Tasks in files: specs, and scripts with what they say of themselves.
pub fn of_task_files(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for name in ["t.toml", "t.rhai"] {
        let _read = TaskFile::read(name, &text);
    }
}

/// Chat templates: a text or a sentence, and never more than a template may make.
pub fn of_templates(bytes: &[u8]) {
    let message = |role: &str, content: &str| ChatMessage {
        role: role.to_owned(),
        content: content.to_owned(),
    };
    let rendering = TemplateInput {
        source: String::from_utf8_lossy(bytes).into_owned(),
        tokens: [("bos_token".to_owned(), "<s>".to_owned())].into(),
        date: Date::default(),
        messages: vec![message("system", "Be short."), message("user", "Hello")],
        answer: true,
    };
    if let Ok(text) = rendering.here() {
        assert!(text.len() < 64 << 20, "{} bytes", text.len());
    }
}

#[cfg(test)]
mod mutate; // damages bytes at random
#[cfg(test)]
mod tests;
