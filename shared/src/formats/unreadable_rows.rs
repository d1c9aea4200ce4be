//! Rows that cannot be read are left out and reported; the others count.

use std::fmt::Display;

use super::loss::LossReport;
use super::object::{is_open, line_count};

/// The rows of a file that could not be read.
#[derive(Debug)]
pub(super) struct UnreadRows<E> {
    /// What a row of the file is called: `line` or `row`.
    row: &'static str,
    /// Why, each in turn.
    errors: Vec<E>,
    /// The last line, where its writer was stopped within it.
    cut: Option<(usize, E)>,
}

impl<E: Display> UnreadRows<E> {
    /// Of a file of `row`s.
    pub(super) fn of(row: &'static str) -> Self {
        Self {
            row,
            errors: Vec::new(),
            cut: None,
        }
    }

    /// Adds a row.
    pub(super) fn add(&mut self, error: E) {
        self.errors.push(error);
    }

    /// Adds the line `number` of `file`, which is not JSON; the last one may be cut off.
    pub(super) fn add_broken(&mut self, error: E, number: usize, file: &[u8]) {
        match is_open(file) && number == line_count(file) {
            true => self.cut = Some((number, error)),
            false => self.errors.push(error),
        }
    }

    /// Reports them, if other rows could be read.
    ///
    /// # Errors
    /// Why the first could not be read, where none was.
    pub(super) fn tell(self, others: bool, report: &mut LossReport) -> Result<(), E> {
        if !others {
            let cut = self.cut.map(|(_, error)| error);
            return self.errors.into_iter().next().or(cut).map_or(Ok(()), Err);
        }
        let row = self.row;
        if let Some((number, _)) = self.cut {
            let cut = format!("the last line, {number}, is cut off: not read");
            report.note_sentence("lines", &cut, 1);
        }
        if let Some(first) = self.errors.first() {
            let told = match self.errors.len() {
                1 => format!("1 {row} is not read: {first}"),
                more => format!("{more} {row}s are not read; the first: {first}"),
            };
            let rows = u32::try_from(self.errors.len()).unwrap_or(u32::MAX);
            report.note_sentence("lines", &told, rows);
        }
        Ok(())
    }
}
