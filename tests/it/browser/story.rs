//! What a teacher, somebody who decides and a developer come for, click by click. The tests count the
//! clicks; `cargo xtask bench page` tells the seconds too.

use std::path::Path;

use super::driver::Page;
use super::visitor::{Reached, Visitor};
use crate::server::Server;

/// What of Home can be used.
const HOME: &str = "[data-testid=finding]";

/// A teacher wants the gap on the wall: one chart, drawn from the recorded run.
pub(super) async fn the_gap_on_the_wall(folder: &Path, server: &Server) -> Vec<Reached> {
    let page = Page::open_without_webgpu(folder, &server.path("/")).await;
    let mut teacher = Visitor::of(page, HOME).await;
    teacher.click(".doors a[href='/results?view=gap']").await;
    teacher
        .sees("[data-testid=chart-needle-hops-gap] svg", 30)
        .await;
    let wall = teacher.reached("the gap on the wall", 1);
    // It is of the recorded run, which says so.
    teacher.reads("held", "recorded with Fathom", 5).await;
    teacher.leave().await;
    vec![wall]
}

/// A teacher wants an answer of their own, in the browser, to the very sample that was recorded.
pub(super) async fn an_own_answer(folder: &Path, server: &Server) -> Vec<Reached> {
    let page = Page::open(folder, &server.path("/?tokens=512")).await;
    let mut teacher = Visitor::of(page, "[data-testid=recorded-needle]").await;
    let expected = teacher
        .text_of(".side[data-kind=needle] .exchange .mono")
        .await;
    teacher.click("[data-testid=ask-needle]").await;
    teacher.click("[data-testid=load-model]").await;
    teacher
        .sees("[data-testid=model-state][data-state=ready]", 180)
        .await;
    teacher.click("[data-testid=run-here]").await;
    teacher
        .sees("[data-testid=status-here][data-state=done]", 240)
        .await;
    let answer = teacher.reached("an own answer", 3);
    let facts = teacher.text_of(".facts").await;
    assert!(
        facts.contains(&expected),
        "no {expected:?} in {facts}: another sample"
    );
    // What of the answer stands in the text leads there.
    let right = "[data-testid=answer-here] [data-testid=in-text][data-kind=right]";
    teacher.sees(right, 5).await;
    teacher.sees(".viewer mark[data-kind=right]", 5).await;
    teacher.leave().await;
    vec![answer]
}

/// Somebody decides: the deepest reader, two models beside one another, advice about one of them.
pub(super) async fn from_the_ranking_to_advice(folder: &Path, server: &Server) -> Vec<Reached> {
    let page = Page::open_without_webgpu(folder, &server.path("/results")).await;
    let mut decider = Visitor::of(page, "[data-testid=deepest]").await;
    decider.reads("deepest", "Deepest at 128K among ", 30).await;
    let deepest = decider.reached("the deepest reader at 128K", 0);

    for row in [1, 2] {
        let tick = format!("[data-testid=ranked-row]:nth-child({row}) [data-testid=tick]");
        decider.click(&tick).await;
    }
    decider.reads("difference", " points above ", 10).await;
    let compared = decider.reached("two models compared", 3);

    decider.click(".top nav a[href='/advisor']").await;
    decider.sees("[data-testid=verdict]", 30).await;
    decider.click("[data-testid=model]").await;
    decider.type_over("Llama3.1 70B").await;
    decider.reads("verdict", "Llama3.1 70B", 30).await;
    let advised = decider.reached("advice about a model of their choice", 4);
    decider.leave().await;
    vec![deepest, compared, advised]
}

/// A developer wants a task of their own: its first sample, and what a real model scores on it.
pub(super) async fn an_own_task_and_its_score(folder: &Path, server: &Server) -> Vec<Reached> {
    let page = Page::open_without_webgpu(folder, &server.path("/")).await;
    let mut developer = Visitor::of(page, HOME).await;
    developer.click(".doors a[href='/builder']").await;
    developer.sees("[data-testid=script]", 30).await;
    developer.reads("build-state", "Built in", 60).await;
    developer.sees(".viewer mark[data-kind]", 10).await;
    let sample = developer.reached("the first sample of an own task", 2);

    developer.click("[data-testid=trial-server]").await;
    developer
        .reads("trial-state", "5 of 5 answered. Mean score ", 240)
        .await;
    let score = developer.reached("its score on a real model", 4);
    developer.leave().await;
    vec![sample, score]
}
