//! Import and export of other programs' files. Works on bytes; nothing here opens a file.
//!
//! Every importer makes [`ImportedRows`]: [`EvalRow`]s, and a [`LossReport`] of what they cannot
//! hold. Every exporter makes [`ExportedFiles`] out of rows, with a report of its own.
//!
//! | [`EvalRow`] | RULER predictions | lm-evaluation-harness samples | Inspect `.eval` |
//! |---|---|---|---|
//! | `task` | the file's name | the file's name; `ruler_vt` is `vt` and so on | `eval.task` |
//! | `length` | the folder's name | `doc.max_length`, else the one metric that is a length and not -1 | `metadata.fathom.max_length`, else `eval.task_args.max_seq_length` |
//! | `id` | `others.id`, else `index` | `doc.id`, else `doc_id` | `metadata.fathom.id`, else `id` |
//! | `epoch` | 1 | 1 | `epoch` |
//! | `index` | `index` | `doc.index` | `metadata.fathom.index` |
//! | `input` | `input` | `doc.input`, else `arguments…arg_0` | `input`; of messages the last of the user |
//! | `answer_prefix` | in `input` | `doc.gen_prefix` | `metadata.fathom.answer_prefix` |
//! | `references` | `outputs`, else `output` | `doc.outputs`, else `target` | `target` |
//! | `answer` | `pred`; `null` is a failure | the first of `resps`; none is a failure | `output`; `error` is a failure |
//! | `prompt_and_answer` | `length` | `doc.length` | `metadata.fathom.length` |
//! | `stated` | none | the metrics | `scores` |
//!
//! Three things are never done: a failure never becomes an empty answer, a row is never dropped
//! silently, and nothing is allocated just because a file says so.

pub mod deduplicate; // removes duplicate rows across files
pub mod error; // errors of reading files
pub mod export; // what all exporters share
pub mod inspect; // Inspect logs
pub mod lm_eval; // files of lm-evaluation-harness
pub mod longbench; // whole files of LongBench v2 predictions
pub mod loss; // what an import or export could not carry
mod object; // JSON objects whose fields are taken out one by one, to find unread ones
mod other_program; // programs whose files are known and not read
pub mod row; // one evaluated sample, common to all formats
pub mod ruler; // RULER's files
pub mod stated_scores; // scores stated in a file, compared with ours
mod thinking; // strips thinking from answers in files
mod unreadable_rows; // rows that could not be read
mod zip; // the zip archives of Inspect logs

pub use deduplicate::{RowConflict, RowDeduplicator, add_whole};
pub use error::{FileLocation, FormatError, FormatProblem};
pub use export::{ExportInfo, UnixSeconds};
pub use loss::{Loss, LossReport};
pub use other_program::OtherProgram;
pub use row::{EvalRow, ExportFile, ExportedFiles, ImportedRows, RowAnswer, RowId, RowOrigin};
pub use zip::{ZipLimits, archive};
