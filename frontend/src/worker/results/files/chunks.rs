//! RULER writes a task in pieces, `vt-0.jsonl` and on; a whole `vt.jsonl` may be in the same folder.

use fathom_shared::formats::{ImportedRows, add_whole};

/// A file that was read, or the sentence that says why not.
type ReadFile<'f> = (&'f str, Result<ImportedRows, String>);

/// Every file by `read`. The pieces of a task come as one where the whole file lies beside them,
/// with what only that has; where no piece can be read the whole file stands for them.
pub(super) fn with_whole<'f>(
    files: &[(&'f str, &[u8])],
    read: impl Fn(&str, &[u8]) -> Result<ImportedRows, String>,
) -> Vec<ReadFile<'f>> {
    let is_whole = |path: &str| files.iter().any(|(other, _)| is_piece_of(other, path));
    let (wholes, others): (Vec<_>, Vec<_>) =
        files.iter().copied().partition(|(path, _)| is_whole(path));
    let mut all: Vec<ReadFile<'f>> = others
        .into_iter()
        .map(|(path, bytes)| (path, read(path, bytes)))
        .collect();
    for (path, bytes) in wholes {
        let whole = match read(path, bytes) {
            Ok(whole) => whole,
            Err(why) => {
                all.push((path, Err(why)));
                continue;
            }
        };
        let is_piece = |one: &ReadFile<'_>| one.1.is_ok() && is_piece_of(one.0, path);
        let (pieces, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(is_piece);
        all = rest;
        let mut together = ImportedRows::default();
        for piece in pieces.into_iter().filter_map(|(_, read)| read.ok()) {
            together.model = together.model.or(piece.model);
            together.rows.extend(piece.rows);
            together.report.absorb(piece.report);
        }
        match together.rows.is_empty() {
            true => {
                let told = "read, as the chunks beside the file hold no rows";
                together.report.note_sentence(path, told, 0);
                together.report.absorb(whole.report);
                together.rows = whole.rows;
            }
            false => add_whole(&mut together, whole, path),
        }
        all.push((path, Ok(together)));
    }
    all
}

/// Whether `path` is a numbered piece of the task whose whole file is `whole`.
fn is_piece_of(path: &str, whole: &str) -> bool {
    let number = whole
        .strip_suffix(".jsonl")
        .and_then(|stem| path.strip_prefix(stem)?.strip_prefix('-'))
        .and_then(|rest| rest.strip_suffix(".jsonl"));
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}
