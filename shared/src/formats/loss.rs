//! What an import or export could not carry.

use std::fmt;

use serde::Serialize;

/// Kinds of loss told one by one; a hostile file could name any number of fields.
const KINDS: usize = 64;

/// Everything that was left behind on the way from one format to another.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct LossReport {
    losses: Vec<Loss>,
}

/// One thing left behind.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Loss {
    /// The field or thing, by the name it has in the file.
    pub what: String,
    /// Why it was left, or what became of it.
    pub why: String,
    /// How many rows it concerned.
    pub rows: u32,
}

impl LossReport {
    /// The losses in the order in which they were met.
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// Whether everything was carried.
    pub fn is_empty(&self) -> bool {
        self.losses.is_empty()
    }

    /// Notes that one row lost `what`.
    pub fn note(&mut self, what: &str, why: &str) {
        self.note_rows(what, why, 1);
    }

    /// Notes that `rows` rows lost `what`; nothing for none.
    pub fn note_rows(&mut self, what: &str, why: &str, rows: u32) {
        if rows == 0 {
            return;
        }
        let full = self.losses.len() >= KINDS;
        let (what, why) = match self.losses.iter().any(|loss| loss.is(what, why)) {
            false if full => ("further fields", "too many kinds to name"),
            _ => (what, why),
        };
        match self.losses.iter_mut().find(|loss| loss.is(what, why)) {
            Some(loss) => loss.rows = loss.rows.saturating_add(rows),
            None => self.losses.push(Loss {
                what: what.chars().take(80).collect(),
                why: why.to_owned(),
                rows,
            }),
        }
    }

    /// Adds the losses of another file or step.
    pub fn absorb(&mut self, other: Self) {
        for loss in other.losses {
            self.note_rows(&loss.what, &loss.why, loss.rows);
        }
    }
}

impl Loss {
    fn is(&self, what: &str, why: &str) -> bool {
        // Names are kept to 80 characters.
        self.why == why && self.what.chars().eq(what.chars().take(80))
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = if self.rows == 1 { "row" } else { "rows" };
        write!(f, "{}: {} ({} {rows})", self.what, self.why, self.rows)
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
}
