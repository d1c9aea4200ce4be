//! Names of a run's cells in exported files.

use crate::formats::LossReport;
use crate::run::RunGrid;
use crate::task::{GenerateError, Metric, TaskSpec};

/// The longest name: writers shorten names, which must stay distinct.
const LONGEST_NAME: usize = 80;

/// A cell that is exported as rows of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportCell {
    /// Its number in the grid.
    pub number: u32,
    /// Its spec.
    pub spec: TaskSpec,
    /// The position of its seed in the grid, from 1: other programs call it an epoch.
    pub epoch: u32,
    /// The name of its task in files: the id, with options and profile only where needed to
    /// distinguish several of the same task.
    pub name: String,
}

impl ExportCell {
    /// Its task's exported name and metric.
    ///
    /// # Errors
    /// The task is unknown.
    pub fn named_metric(&self) -> Result<(String, Metric), GenerateError> {
        Ok((self.name.clone(), self.spec.metric()?))
    }

    /// Reports, for its `rows` rows, that their task's name in files differs from its id.
    pub(super) fn tell_name(&self, rows: usize, report: &mut LossReport) {
        let (id, name) = (&self.spec.task, &self.name);
        if name != id && rows > 0 {
            let sentence = format!(
                "`{id}` is in the run more than once: with these options its name in the files is `{name}`."
            );
            report.note_sentence(name, &sentence, 0);
        }
    }
}

/// All cells, in the order of their numbers.
pub(super) fn export_cells(grid: &RunGrid) -> Vec<ExportCell> {
    let names = file_names(grid);
    let (lengths, seeds) = (grid.lengths.len(), grid.seeds.len());
    let cells = grid.cells().enumerate().map(|(at, spec)| ExportCell {
        number: small(at),
        epoch: small(at % seeds.max(1)) + 1,
        // Cells are numbered task by task.
        name: names[at / (lengths * seeds).max(1)].clone(),
        spec,
    });
    cells.collect()
}

/// The tasks' distinct names in files.
fn file_names(grid: &RunGrid) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for told in grid.names() {
        let told = told.strip_suffix(" (defaults)").unwrap_or(&told);
        let mut name = String::new();
        for c in told.chars().take(LONGEST_NAME) {
            match c {
                c if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') => name.push(c),
                _ if name.ends_with('-') => {}
                _ => name.push('-'),
            }
        }
        let name = name.trim_end_matches('-');
        // Scripts and long values may lead to equal names.
        let other = (2..).map(|number| format!("{name}-{number}"));
        let mut all = std::iter::once(name.to_owned()).chain(other);
        names.extend(all.find(|name| !names.contains(name)));
    }
    names
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::TaskChoice;
    use crate::tokens::Tokens;

    #[test]
    fn names_are_the_ids_until_a_task_stands_twice() {
        let mut grid = RunGrid::of(TaskSpec::new("vt", Tokens(4096), 1), 0, 1);
        assert_eq!(file_names(&grid), ["vt"]);
        let with = |name: &str, value: &str| {
            let mut choice = TaskChoice::new("vt");
            choice.set.insert(name.to_owned(), value.to_owned());
            choice
        };
        grid.tasks.push(with("num_hops", "2"));
        // Values that are equal in a file name.
        grid.tasks.push(with("name", "a/b"));
        grid.tasks.push(with("name", "a:b"));
        let expected = ["vt", "vt-num_hops-2", "vt-name-a-b", "vt-name-a-b-2"];
        assert_eq!(file_names(&grid), expected);
        let mut script = TaskChoice::new("custom");
        script.script = Some("1".to_owned());
        let mut other = script.clone();
        other.script = Some("2".to_owned());
        grid.tasks = vec![script, other];
        assert_eq!(file_names(&grid), ["custom", "custom-2"]);
        assert_eq!(export_cells(&grid)[1].name, "custom-2");
    }
}
