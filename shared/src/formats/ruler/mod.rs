//! RULER's own files: data, predictions and the two tables of `evaluate.py`.

mod chunks; // finds files of one task that were written in chunks
mod data; // rows of `validation.jsonl`
mod pred; // rows of `pred/{task}.jsonl`
mod tables; // the tables that `evaluate.py` writes beside predictions, byte for byte

pub use chunks::merge_chunks;
pub(super) use data::tokens;
pub use data::{RulerDataRow, read_data};
pub use pred::{RulerPredRow, predictions, read};
pub(super) use pred::{index, row_id};
pub use tables::{RulerTableColumn, submission_csv, summary_csv, summary_name};
