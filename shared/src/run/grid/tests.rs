//! Tests of the grid.

use super::*;

fn grid() -> RunGrid {
    RunGrid {
        tasks: vec![TaskChoice::new("niah_single_1"), TaskChoice::new("vt")],
        lengths: vec![Tokens(4096), Tokens(8192)],
        seeds: vec![1, 2, 3],
        first: 5,
        count: 2,
    }
}

#[test]
fn cells_are_numbered_by_task_then_length_then_seed() {
    let grid = grid();
    assert_eq!((grid.len(), grid.asked()), (12, 24));
    let cell = grid.cell(10).unwrap();
    let told = (cell.task.as_str(), cell.max_seq_length.0, cell.random_seed);
    assert_eq!(told, ("vt", 8192, 2));
    assert_eq!(grid.find(&cell), Some(10));
    assert_eq!(grid.cell(12), None);
    let by_number: Vec<_> = (0..12).filter_map(|number| grid.cell(number)).collect();
    assert_eq!(by_number, grid.cells().collect::<Vec<_>>());
    let places: Vec<SampleKey> = grid.places().collect();
    assert_eq!(places.len(), 24);
    assert_eq!((places[3].cell, places[3].sample), (1, 6));
    grid.check().unwrap();
}

#[test]
fn what_cannot_be_run_is_named() {
    let refused = |change: fn(&mut RunGrid)| {
        let mut grid = grid();
        change(&mut grid);
        grid.check().unwrap_err().to_string()
    };
    assert_eq!(
        refused(|grid| grid.seeds.clear()),
        "the run has no seed, expected at least one"
    );
    assert_eq!(
        refused(|grid| grid.lengths.push(Tokens(4096))),
        "length 4096 is given twice"
    );
    assert!(refused(|grid| grid.count = 20_000).contains("240000 in all"));
    assert_eq!(
        refused(|grid| grid.seeds = (0..100_000).collect()),
        "the run has 400000 cells; a run has at most 10000"
    );
    assert!(refused(|grid| grid.tasks = vec![grid.tasks[0].clone(); 501]).contains("501 tasks"));
    assert!(refused(|grid| grid.first = LAST_SAMPLE).contains("sample numbers end at"));
    assert!(refused(|grid| grid.lengths.push(Tokens(10))).contains("at 10 tokens"));
    assert!(refused(|grid| grid.tasks[1].task = "nothing".to_owned()).contains("nothing"));
}
