//! A worker as a process of its own, what it is asked, and what must be there in the end.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use fathom_backend::store::{DatabaseUrl, Store};
use fathom_shared::api::{NewRun, RunSpec, RunStatus};
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::{RunGrid, TaskChoice};
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::Outcome;

/// Cells and samples of each that [`new_run`] asks.
const CELLS: usize = 2;
const SAMPLES: usize = 20;

/// A `fathom worker`; ends with its owner.
pub(crate) struct Worker(pub(crate) Child);

impl Worker {
    /// What starts one that loses a sample after `lease` seconds without progress.
    pub(crate) fn arguments(database: &DatabaseUrl, folder: &Path, lease: u32) -> Vec<String> {
        let database = match database {
            DatabaseUrl::Sqlite(path) => path.display().to_string(),
            DatabaseUrl::Postgres(url) => url.to_string(),
        };
        let (lease, folder) = (lease.to_string(), folder.display().to_string());
        [
            env!("CARGO_BIN_EXE_fathom"),
            "worker",
            "--lease",
            &lease,
            "--database",
            &database,
            "--models",
            &folder,
        ]
        .map(str::to_owned)
        .into()
    }

    pub(crate) fn start(database: &DatabaseUrl, folder: &Path, lease: u32) -> Self {
        let arguments = Self::arguments(database, folder, lease);
        let child = Command::new(&arguments[0])
            .args(&arguments[1..])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// Forty samples of the model `tiny`.
pub(crate) fn new_run(seed: u32) -> NewRun {
    NewRun {
        run_spec: RunSpec {
            grid: RunGrid {
                tasks: vec![TaskChoice::new("niah_single_1")],
                lengths: vec![Tokens(1500), Tokens(1700)],
                seeds: vec![seed],
                first: 0,
                count: u32::try_from(SAMPLES).unwrap(),
            },
            model: "tiny".to_owned(),
            engine: EngineKind::CandleCpu,
            mode: PromptMode::Completion,
            rope: None,
            texts: None,
            kv: None,
        },
        priority: 0,
    }
}

/// Every sample of a run of [`new_run`] has its answer, once, and the run counts what is there.
pub(crate) async fn assert_whole(store: &Store, id: i64) {
    let all = CELLS * SAMPLES;
    let run = store.run(id).await.unwrap();
    assert_eq!(run.status, RunStatus::Done, "{:?}", run.error);
    let counts = [run.counts.asked, run.counts.answered, run.counts.failed];
    assert_eq!(counts.map(|n| n as usize), [all, all, 0]);
    assert_eq!(store.rows(id, None, 100).await.unwrap().len(), all);
    let (stored, _) = store.stored_after(id, 0, 100).await.unwrap();
    let places: BTreeSet<_> = stored.iter().map(|row| row.place).collect();
    assert_eq!((stored.len(), places.len()), (all, all));
    // What the run counts is what its transcripts hold: no answer was added up twice.
    let (mut read, mut written) = (0, 0);
    for cell in 0..CELLS {
        let cell = u32::try_from(cell).unwrap();
        let kept = store.transcripts(id, cell).await.unwrap();
        assert_eq!(kept.len(), SAMPLES);
        for row in kept {
            read += u64::from(row.transcript.prompt_tokens.unwrap().0);
            let Outcome::Completed(done) = &row.transcript.outcome else {
                panic!("{row:?}")
            };
            written += u64::from(done.tokens.0);
        }
    }
    assert_eq!((run.prompt_tokens, run.answer_tokens), (read, written));
}
