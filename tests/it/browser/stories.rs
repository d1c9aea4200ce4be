//! The first minute of a teacher, of somebody who decides and of a developer: so many clicks and no
//! more. How long they take depends on the machine: `cargo xtask bench page` measures that.

use super::story;
use super::visitor::Reached;
use crate::server::Server;

/// Holds the clicks against the most that each thing may take.
fn check(all: &[Reached]) {
    for one in all {
        let Reached { what, clicks, .. } = one;
        assert!(
            *clicks <= one.most,
            "{what}: {clicks} clicks in {:.1} s, at most {}",
            one.seconds,
            one.most
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_has_the_gap_on_the_wall_with_one_click() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    check(&story::the_gap_on_the_wall(folder.path(), &server).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_has_an_own_answer_with_three_clicks() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    check(&story::an_own_answer(folder.path(), &server).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decider_has_the_deepest_reader_a_comparison_and_advice_with_four_clicks() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    check(&story::from_the_ranking_to_advice(folder.path(), &server).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_developer_has_an_own_task_and_its_score_with_four_clicks() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    check(&story::an_own_task_and_its_score(folder.path(), &server).await);
}
