//! RULER's own files: data, predictions and the two tables of `evaluate.py`.

mod data;
mod pred;
mod tables;

pub(super) use data::tokens;
pub use data::{DataRow, read_data};
pub(super) use pred::row_id;
pub use pred::{PredRow, merge_chunks, predictions, read};
pub use tables::{Column, submission_csv, summary_csv, summary_name};
