//! Other programs' files, in and out. Bytes come in and go out; nothing here opens a file.
//!
//! Every importer makes [`Imported`]: [`Row`]s, and a [`LossReport`] of what they cannot hold.
//! Every exporter makes [`Exported`] out of rows, with a report of its own.
//!
//! | [`Row`] | RULER predictions | lm-evaluation-harness samples | Inspect `.eval` |
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
//! Three things are never done: a failure never becomes an empty answer, a row is never left out
//! without a word, and nothing is allocated because a file says so.

pub mod error;
pub mod export;
pub mod inspect;
pub mod lm_eval;
pub mod longbench;
pub mod loss;
mod object;
pub mod once;
pub mod row;
pub mod ruler;
pub mod stated;
mod thinking;
mod zip;

pub use error::{FormatError, Place, Problem};
pub use export::{Stamp, Writing};
pub use loss::{Loss, LossReport};
pub use once::{Conflict, Once};
pub use row::{Answer, Exported, Imported, Origin, OutFile, Row, RowId};
pub use zip::Limits;
