//! What an import or export could not carry.

use std::fmt;

use serde::Serialize;

/// The most kinds of loss listed one by one; a hostile file could name any number of fields.
const KINDS: usize = 64;

/// The most notices, which come before everything else, over many files.
const NOTICES: usize = 1024;

/// Everything that was lost when one format was converted into another.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct LossReport {
    losses: Vec<Loss>,
}

/// One loss.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Loss {
    /// The field or thing, by the name it has in the file.
    pub what: String,
    /// Why it was left, or what became of it.
    pub why: String,
    /// How many rows it concerned.
    pub rows: u32,
    #[serde(skip)]
    kind: LossKind,
    /// The file of a notice.
    #[serde(skip)]
    file: Option<String>,
}

/// How much a loss matters, and how it is worded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum LossKind {
    /// A field that is not kept.
    Field,
    /// A field whose loss may change a score.
    Answer,
    /// What became of rows: "3 rows are", and why.
    Rows,
    /// A sentence.
    Sentence,
}

impl LossReport {
    /// The losses: what may change a score first, then the others, each in the order in which they
    /// were met.
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// Whether everything was carried.
    pub fn is_empty(&self) -> bool {
        self.losses.is_empty()
    }

    /// Notes that one row lost `what`. Numbers in brackets are left out of it: `samples[2].store`
    /// is of the kind `samples[].store`.
    pub fn note(&mut self, what: &str, why: &str) {
        self.note_rows(what, why, 1);
    }

    /// Notes that `rows` rows lost `what`; nothing for none.
    pub fn note_rows(&mut self, what: &str, why: &str, rows: u32) {
        self.add(LossKind::Field, None, &without_numbers(what), why, rows);
    }

    /// Notes of one row what may change its score: no number of other losses hides it.
    pub fn note_answer(&mut self, what: &str, why: &str) {
        self.add(LossKind::Answer, None, what, why, 1);
    }

    /// Notes of one row an empty reference, which any text holds.
    pub(super) fn note_references(&mut self, references: &[String]) {
        if references.iter().any(String::is_empty) {
            self.note_answer("references", "an empty one, which every answer holds");
        }
    }

    /// Notes what became of `rows` rows, worded as "3 rows are" and `became`; nothing for 0 rows.
    pub fn note_became(&mut self, became: &str, rows: u32) {
        self.add(LossKind::Rows, None, "rows", became, rows);
    }

    /// Notes a whole sentence about `rows` rows, or about a file where it is none.
    pub fn note_sentence(&mut self, what: &str, sentence: &str, rows: u32) {
        self.add(LossKind::Sentence, None, what, sentence, rows.max(1));
    }

    /// Names the file of all notices that have none yet.
    pub fn in_file(&mut self, name: &str) {
        for loss in &mut self.losses {
            if loss.is_notice() && loss.file.is_none() {
                loss.file = Some(name.to_owned());
            }
        }
    }

    fn add(&mut self, kind: LossKind, file: Option<&str>, what: &str, why: &str, rows: u32) {
        if rows == 0 {
            return;
        }
        // Names are kept to 80 characters.
        let what: String = what.chars().take(80).collect();
        let fields = |loss: &&Loss| loss.kind == LossKind::Field;
        let of_kind = match kind {
            LossKind::Field => self.losses.iter().filter(fields).count(),
            _ => self.losses.len() - self.losses.iter().filter(fields).count(),
        };
        let is = |loss: &Loss, what: &str, why: &str| {
            (loss.kind == kind && loss.file.as_deref() == file)
                && (loss.what == what && loss.why == why)
        };
        let known = self.losses.iter().any(|loss| is(loss, &what, why));
        let (kind, file, what, why) = match kind {
            _ if known => (kind, file, what.as_str(), why),
            LossKind::Field if of_kind >= KINDS => {
                (kind, None, "further fields", "too many kinds to name")
            }
            LossKind::Answer | LossKind::Rows | LossKind::Sentence if of_kind >= NOTICES => (
                LossKind::Answer,
                None,
                "further notices",
                "too many to name",
            ),
            _ => (kind, file, what.as_str(), why),
        };
        let same = |loss: &&mut Loss| {
            (loss.kind == kind && loss.file.as_deref() == file)
                && (loss.what == what && loss.why == why)
        };
        if let Some(loss) = self.losses.iter_mut().find(same) {
            loss.rows = loss.rows.saturating_add(rows);
            return;
        }
        let loss = Loss {
            what: what.to_owned(),
            why: why.to_owned(),
            rows,
            kind,
            file: file.map(str::to_owned),
        };
        let at = match kind {
            LossKind::Field => self.losses.len(),
            _ => self.losses.iter().filter(|loss| loss.is_notice()).count(),
        };
        self.losses.insert(at, loss);
    }

    /// Adds the losses of another file or step.
    pub fn absorb(&mut self, other: Self) {
        for loss in other.losses {
            let file = loss.file.as_deref();
            self.add(loss.kind, file, &loss.what, &loss.why, loss.rows);
        }
    }
}

/// A path of JSON without the numbers in its brackets.
fn without_numbers(path: &str) -> String {
    let mut parts = path.split('[');
    let mut kind = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kind.push('[');
        kind.push_str(match part.split_once(']') {
            Some((number, _)) if number.chars().all(|c| c.is_ascii_digit()) => {
                &part[number.len()..]
            }
            _ => part,
        });
    }
    kind
}

impl Loss {
    /// Whether it may change a score; then it is a sentence of its own.
    pub fn is_notice(&self) -> bool {
        self.kind != LossKind::Field
    }

    /// The loss of a file that was written, in words: a notice as it is, a field as missing.
    pub fn of_export(&self) -> String {
        match self.is_notice() {
            true => self.to_string(),
            false => format!("exported without {self}"),
        }
    }

    /// The loss of a file that was read, in words: a notice as it is, a field as left out.
    pub fn of_import(&self) -> String {
        match self.is_notice() {
            true => self.to_string(),
            false => format!("imported without {self}"),
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "`{file}`: ")?;
        }
        let rows = if self.rows == 1 { "row" } else { "rows" };
        match self.kind {
            LossKind::Field | LossKind::Answer => {
                write!(f, "{}: {} ({} {rows})", self.what, self.why, self.rows)
            }
            LossKind::Rows => {
                let are = if self.rows == 1 { "is" } else { "are" };
                write!(f, "{} {rows} {are} {}", self.rows, self.why)
            }
            LossKind::Sentence => f.write_str(&self.why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_loss_is_counted_and_the_number_of_kinds_is_bounded() {
        let mut report = LossReport::default();
        report.note("truncation", "no place for it");
        report.note("truncation", "no place for it");
        for number in 0..1000 {
            report.note(&format!("field{number}"), "unknown field");
        }
        assert_eq!(report.losses()[0].rows, 2);
        assert_eq!(
            report.losses()[0].to_string(),
            "truncation: no place for it (2 rows)"
        );
        assert_eq!(report.losses().len(), KINDS + 1);
        assert_eq!(
            report.losses().iter().map(|loss| loss.rows).sum::<u32>(),
            1002
        );
    }

    #[test]
    fn what_may_change_a_score_is_told_first_and_never_cut_off() {
        let mut report = LossReport::default();
        for number in 0..1000 {
            report.note(&format!("field{number}"), "unknown field");
        }
        for number in 0..40 {
            report.note(&format!("samples[{number}].store"), "not kept");
            report.note_answer("thinking", "not scored");
        }
        report.note_became("there twice; counted once", 1);
        report.note_sentence("samples", "20 of 60 samples are missing", 20);
        report.in_file("a.json");
        let mut all = LossReport::default();
        all.note("a[1].b[23].c[x]", "not kept");
        all.absorb(report);
        let said: Vec<String> = all.losses().iter().map(Loss::of_import).collect();
        assert_eq!(
            said[..5],
            [
                "`a.json`: thinking: not scored (40 rows)",
                "`a.json`: 1 row is there twice; counted once",
                "`a.json`: 20 of 60 samples are missing",
                "imported without a[].b[].c[x]: not kept (1 row)",
                "imported without field0: unknown field (1 row)",
            ]
        );
        assert_eq!(said.len(), 3 + KINDS + 1);
    }
}
