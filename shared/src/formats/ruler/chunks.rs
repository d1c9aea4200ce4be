//! Files of one task that were written in chunks.

/// Which files of a `pred` folder make up which task, as `evaluate.py` merges them: the chunks
/// `{task}-{number}.jsonl` in the order of their names, in place of `{task}.jsonl` where both
/// are there. Tasks come sorted by name.
pub fn merge_chunks(names: &[&str]) -> Vec<(String, Vec<String>)> {
    let mut sorted: Vec<&str> = names.to_vec();
    sorted.sort_unstable();
    let mut tasks = std::collections::BTreeMap::<String, (Option<String>, Vec<String>)>::new();
    for name in sorted {
        let Some(stem) = name.strip_suffix(".jsonl") else {
            continue;
        };
        match chunk_of(stem) {
            Some(task) => tasks
                .entry(task.to_owned())
                .or_default()
                .1
                .push(name.to_owned()),
            None => tasks.entry(stem.to_owned()).or_default().0 = Some(name.to_owned()),
        }
    }
    let merged = tasks.into_iter().map(|(task, (whole, chunks))| {
        let files = if chunks.is_empty() {
            whole.into_iter().collect()
        } else {
            chunks
        };
        (task, files)
    });
    merged.collect()
}

/// The task of a chunk: `.*[^_]+-\d+`, cut at the last hyphen.
fn chunk_of(stem: &str) -> Option<&str> {
    let (task, number) = stem.rsplit_once('-')?;
    let digits = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    let named = task.chars().next_back().is_some_and(|c| c != '_');
    (digits && named).then_some(task)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_merged_by_name() {
        let names = [
            "vt-10.jsonl",
            "vt-2.jsonl",
            "vt.jsonl",
            "cwe.jsonl",
            "a_-1.jsonl",
            "x.txt",
            "b-.jsonl",
        ];
        let merged = merge_chunks(&names);
        let shown: Vec<String> = merged
            .iter()
            .map(|(task, files)| format!("{task}: {}", files.join(" ")))
            .collect();
        assert_eq!(
            shown,
            [
                "a_-1: a_-1.jsonl",
                "b-: b-.jsonl",
                "cwe: cwe.jsonl",
                "vt: vt-10.jsonl vt-2.jsonl"
            ]
        );
    }
}
