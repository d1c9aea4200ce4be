//! Simulates a power cut on SQLite's files: a write in progress is on disk up to some byte, and
//! after that byte the old content remains. Everything acknowledged before must survive.

use std::fs;
use std::path::Path;

use super::*;

const ANSWERS: u32 = 60;

/// The database and its write-ahead log. The third file, for shared memory, does not survive a
/// power cut.
#[derive(Clone)]
struct Files {
    main: Vec<u8>,
    log: Vec<u8>,
}

impl Files {
    fn read(main: &Path) -> Self {
        let log = main.with_extension("db-wal");
        Self {
            main: fs::read(main).unwrap(),
            log: fs::read(log).unwrap(),
        }
    }
}

/// `new` up to some byte at which it differs from `old`, and `old` after that.
fn torn(old: &[u8], new: &[u8], chance: &mut u64) -> Vec<u8> {
    let differ = |(a, b): (&u8, &u8)| a != b;
    let same = old.len().min(new.len());
    let first = old.iter().zip(new).position(differ).unwrap_or(same);
    let last = match new.len() > old.len() {
        true => new.len(),
        false => old.iter().zip(new).rposition(differ).unwrap_or(same),
    };
    *chance ^= *chance << 13;
    *chance ^= *chance >> 7;
    *chance ^= *chance << 17;
    let written = last.saturating_sub(first).max(1) as u64;
    let cut = (first + (*chance % written) as usize).min(new.len());
    let rest = old.get(cut..).unwrap_or_default();
    [&new[..cut], rest].concat()
}

/// The rows that a database opened from `files` contains.
async fn survivors(files: &Files, run: i64) -> Vec<ScoredTranscript> {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("fathom.db");
    fs::write(&main, &files.main).unwrap();
    fs::write(main.with_extension("db-wal"), &files.log).unwrap();
    let store = Store::open(&DatabaseUrl::Sqlite(main)).await.unwrap();
    let whole = sqlx::query_scalar::<_, String>("PRAGMA integrity_check");
    assert_eq!(whole.fetch_one(&store.pool).await.unwrap(), "ok");
    let kept = store.transcripts(run, 0).await.unwrap();
    let counts = store.run(run).await.unwrap().counts;
    assert_eq!(counts.answered as usize, kept.len());
    assert_eq!(counts.open() as usize, ANSWERS as usize - kept.len());
    store.close().await;
    kept
}

#[tokio::test]
async fn what_was_acknowledged_outlives_a_power_cut() {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("fathom.db");
    // Every few answers, the log is copied into the database and starts anew.
    let often = "PRAGMA wal_autocheckpoint = 30";
    let url = DatabaseUrl::Sqlite(main.clone());
    let store = Store::open_with(&url, often).await.unwrap();
    let mut new = a_run_spec(1);
    new.grid.tasks.truncate(1);
    new.grid.first = 0;
    new.grid.count = ANSWERS;
    let run = store.add_run(&new, 0, &EngineInfo::default()).await;
    let (run, ann) = (run.unwrap(), worker("ann"));
    let mut chance = 0x2545_f491_4f6c_dd1d_u64;
    let (mut acknowledged, mut checkpoints) = (Vec::new(), 0);
    for sample in 0..ANSWERS {
        let lease = take(&store, run, &ann).await;
        let before = Files::read(&main);
        // From one page to several pages.
        let answer = answered(sample, &"x".repeat((chance % 20_000) as usize));
        store.answer(&lease, &answer).await.unwrap();
        let after = Files::read(&main);
        let log = torn(&before.log, &after.log, &mut chance);
        let mut cuts = vec![Files {
            log,
            ..before.clone()
        }];
        let and_this = [&acknowledged[..], std::slice::from_ref(&answer)].concat();
        if before.main != after.main {
            checkpoints += 1;
            let main = torn(&before.main, &after.main, &mut chance);
            let log = after.log.clone();
            // Once the log is complete, the answer is acknowledged.
            let kept = survivors(&Files { main, log }, run).await;
            assert_eq!(kept, and_this, "a cut while the log went into the database");
        }
        cuts.push(Files {
            main: before.main,
            log: after.log.clone(),
        });
        for (cut, files) in cuts.iter().enumerate() {
            let kept = survivors(files, run).await;
            let whole = kept == and_this;
            assert!(
                whole || (cut == 0 && kept == acknowledged),
                "{sample}: {kept:?}"
            );
        }
        acknowledged = and_this;
    }
    assert!(checkpoints > 2, "{checkpoints}");
    store.close().await;
}
