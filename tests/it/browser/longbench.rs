//! The LongBench page: without a server, with a file that has a text of two million words; and with
//! the server's questions.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::driver::Page;
use super::static_host::static_files;
use crate::server::{MODEL, Server};

/// Number of words in the long text.
const WORDS: usize = 2_000_000;
/// The sentence that its answer follows from.
const EVIDENCE: &str = "The keeper of the lighthouse at Vell is called Odalys.";

/// A file of two questions: a short one, and one with two million words and its evidence at three
/// quarters.
fn two_questions(folder: &Path) -> PathBuf {
    let mut text = String::new();
    let mut words = 0;
    let (mut chapter, mut evidence) = (0, 0..0);
    while words < WORDS {
        if words >= chapter * 50_000 {
            chapter += 1;
            writeln!(text, "# Part {chapter}").unwrap();
        }
        if evidence.is_empty() && words > WORDS / 4 * 3 {
            evidence = text.len()..text.len() + EVIDENCE.len();
            writeln!(text, "{EVIDENCE}").unwrap();
        }
        writeln!(
            text,
            "Entry {words}: the wind was from the north, the sea was grey, and nobody came ashore."
        )
        .unwrap();
        words += 16;
    }
    let row = |id: &str, context: &str, evidence: Vec<[usize; 2]>| {
        serde_json::json!({
            "_id": id, "domain": "Single-Document QA", "sub_domain": "Literary",
            "difficulty": "hard", "length": "long", "question": "Who keeps the lighthouse at Vell?",
            "choice_A": "Bertram", "choice_B": "Odalys", "choice_C": "Nobody", "choice_D": "Ines",
            "answer": "B", "context": context, "evidence": evidence
        })
    };
    let at = EVIDENCE.len();
    let rows = [
        row("short", EVIDENCE, vec![[0, at]]),
        row("long", &text, vec![[evidence.start, evidence.end]]),
    ];
    let path = folder.join("mine.json");
    std::fs::write(&path, serde_json::to_vec(&rows).unwrap()).unwrap();
    path
}

/// Opens question `number` of the list.
async fn open(page: &Page, number: u32) {
    let card = format!("[data-testid=card][data-number='{number}']");
    page.until(&card, 60).await;
    let click = format!("document.querySelector({card:?}).click(), true");
    assert_eq!(page.ask::<bool>(&click).await, Some(true));
}

/// The text that is currently drawn.
const DRAWN: &str = "document.querySelector('[data-testid=long-text]').textContent";

#[tokio::test(flavor = "multi_thread")]
async fn two_million_words_of_a_picked_file_are_read_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = two_questions(folder.path());
    let files = static_files().await;
    let page = Page::open_without_webgpu(folder.path(), &format!("{files}/longbench")).await;

    // The page's own questions come first, with a note about what they are.
    page.until_text("kept", "24 questions", 60).await;
    page.until_text("stand-in", "Fathom samples, not LongBench v2", 5)
        .await;
    page.choose("domain", "Multi-Document QA").await;
    page.choose("difficulty", "hard").await;
    page.until_text("kept", "2 of 24 questions", 10).await;

    // A file with an error is refused, and the previous questions can be restored.
    let bad = folder.path().join("bad.jsonl");
    std::fs::write(&bad, "{\"_id\": \"x\"}\n").unwrap();
    page.pick_file("questions-file", &bad).await;
    page.until_text("shelf-fault", "line 1: field answer: got nothing", 30)
        .await;
    page.pick_file("questions-file", &file).await;
    page.until("[data-testid=shelf][data-from=file]", 120).await;
    page.until_text("shelf", "mine.json: 2 questions", 5).await;
    page.choose("domain", "").await;
    page.until_text("kept", "2 questions", 10).await;

    // The largest text opens; only its visible part is in the document.
    open(&page, 1).await;
    page.until_true(
        &format!("{DRAWN}.includes('Entry 0:')"),
        "the first lines",
        30,
    )
    .await;
    let rows = "document.querySelectorAll('[data-testid=long-text] .row').length";
    assert!(page.ask::<u32>(rows).await.unwrap() < 120);
    let parts = "document.querySelectorAll('[data-testid=outline] li').length";
    page.until_true(&format!("{parts} === 40"), "the outline", 30)
        .await;

    // A search leads to the evidence.
    page.fill("find", "called ODALYS").await;
    page.until_text("found", "once", 30).await;
    page.click("next-place").await;
    page.until("[data-testid=long-text] mark[data-kind=needle]", 30)
        .await;
    page.until("[data-testid=long-text] mark[data-kind=document]", 5)
        .await;
    let waiting = "document.querySelectorAll('[data-testid=long-text] .row[data-waits]').length";
    page.until_true(&format!("{waiting} === 0"), "every line on the screen", 10)
        .await;
    let scrolled = "document.querySelector('[data-testid=long-text]').scrollTop";
    assert!(page.ask::<f64>(scrolled).await.unwrap() > 100_000.0);

    // The outline leads to the beginning, and the evidence back.
    let first = "document.querySelector('[data-testid=outline] button').click(), true";
    assert_eq!(page.ask::<bool>(first).await, Some(true));
    page.until_true(
        &format!("{DRAWN}.includes('Entry 0:')"),
        "the first lines",
        30,
    )
    .await;
    page.click("evidence-jump").await;
    page.until("[data-testid=long-text] mark[data-kind=document]", 30)
        .await;

    // What a model would not read of the text, and which chunks would be picked.
    page.until_text("seen", "its middle is left out", 60).await;
    page.until("[data-testid=long-text] mark[data-kind=gone]", 10)
        .await;
    page.choose("setting", "rag").await;
    page.until("[data-testid=long-text] mark[data-kind=picked]", 60)
        .await;
    page.until_text("seen", "The model reads", 10).await;

    // The right answer is shown on request, and the address contains everything except the file.
    page.click("show-answer").await;
    page.until(".options li[data-mark=right]", 5).await;
    let address: String = page.ask("location.search").await.unwrap();
    for part in [
        "from=file",
        "question=1",
        "answer=shown",
        "setting=rag%3A4",
        "find=called+ODALYS",
    ] {
        assert!(address.contains(part), "{part} in {address}");
    }
    page.reload().await;
    page.until_true(
        "document.body.innerText.includes('Choose the file again')",
        "a word about the file",
        30,
    )
    .await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_is_read_and_asked_directly_and_with_a_chain_of_thought() {
    let folder = tempfile::tempdir().unwrap();
    let file = two_questions(folder.path());
    let server = Server::start(folder.path(), true);
    // Long enough for the thoughts and a short text, short enough for a CPU.
    let page = Page::open(folder.path(), &server.path("/longbench?limit=1400")).await;
    page.until("[data-testid=shelf][data-from]", 60).await;
    page.pick_file("questions-file", &file).await;
    page.until("[data-testid=shelf][data-from=file]", 120).await;

    // The largest text: searched, and read at its evidence.
    open(&page, 1).await;
    page.fill("find", "called ODALYS").await;
    page.until_text("found", "once", 60).await;
    page.click("evidence-jump").await;
    page.until("[data-testid=long-text] mark[data-kind=document]", 30)
        .await;

    page.click("load-model").await;
    page.until("[data-testid=model-state][data-state=ready]", 180)
        .await;

    // Cancelled while two million words are being counted: the model is not asked.
    page.click("ask-both").await;
    page.click("cancel-ask").await;
    page.until_text("column-direct", "the model was not asked", 10)
        .await;
    page.until("[data-testid=ask-both]:not(:disabled)", 10)
        .await;

    // Both within a limit that a CPU reads in a minute: the middle of the text is left out.
    page.fill("limit", "420").await;
    page.click("ask-direct").await;
    page.until("[data-testid=status-direct][data-state=done]", 240)
        .await;
    page.fill("limit", "1400").await;
    page.click("ask-cot").await;
    page.until("[data-testid=status-cot][data-state=done]", 420)
        .await;
    for place in ["direct", "cot"] {
        page.until(&format!("[data-testid=verdict-{place}][data-verdict]"), 5)
            .await;
    }
    assert!(!page.text("answer-thoughts").await.trim().is_empty());
    // The most likely letter, beside the written answer.
    page.fill("limit", "420").await;
    page.click("letters").await;
    page.click("ask-letters").await;
    page.until("[data-testid=status-letters][data-state=done]", 120)
        .await;
    let letter = page.text("answer-letters").await;
    assert!(
        ["A)", "B)", "C)", "D)"].contains(&letter.trim()),
        "{letter}"
    );
    page.until(
        "[data-testid=verdict-letters]:is([data-verdict=right], [data-verdict=wrong])",
        5,
    )
    .await;

    // The answers are shown beside the published figures, marked as one's own, also on the next
    // visit.
    let own = "document.querySelectorAll('[data-testid=standing] tr[data-own=true]').length";
    page.until_true(&format!("{own} === 3"), "three rows of one's own", 10)
        .await;
    page.until_text("standing", "n = 503", 5).await;
    page.picture("longbench-asked.png").await;
    let verdict = page.text("verdict-direct").await;
    page.reload().await;
    page.until_true(
        "document.body.innerText.includes('Choose the file again')",
        "the note",
        30,
    )
    .await;
    page.pick_file("questions-file", &file).await;
    page.until_text("verdict-direct", &verdict, 60).await;
    page.choose("answers", "open").await;
    page.until_text("kept", "1 of 2 questions", 10).await;

    // They are also shown in Results, as one's own beside what others measured.
    let go = "document.querySelector('nav a[href=\"/results\"]').click(), true";
    assert_eq!(page.ask::<bool>(go).await, Some(true));
    page.until("[data-testid=set][data-key^='run:page-']", 20)
        .await;
    page.click("view-longbench").await;
    page.until("[data-testid=chart-longbench-by-group] svg .bar.own", 10)
        .await;
    page.until(
        "[data-testid=chart-longbench-by-group] svg .bar.published",
        10,
    )
    .await;
    page.click("as-table").await;
    let own = "[...document.querySelectorAll('[data-testid=chart-table] tbody tr')]
        .filter(row => row.textContent.includes('in a browser')).length";
    page.until_true(&format!("{own} >= 2"), "both ways as one's own", 10)
        .await;
    page.picture("results-asked.png").await;

    // They are rows of runs like all others: one run per limit, with the other questions open.
    let go = "document.querySelector('nav a[href=\"/runs\"]').click(), true";
    assert_eq!(page.ask::<bool>(go).await, Some(true));
    page.until_text("page-runs", "Run page-2", 30).await;
    page.until_text("page-runs", "2 of 4", 10).await;
    page.until_text("page-runs", "1 of 2", 10).await;
    let open = "document.querySelector('[data-testid=page-runs] a').click(), true";
    assert_eq!(page.ask::<bool>(open).await, Some(true));
    page.until("[data-testid=run-status][data-state=paused]", 30)
        .await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_s_questions_are_read_and_run_there() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let page = Page::open_without_webgpu(folder.path(), &server.path("/longbench")).await;
    page.until("[data-testid=shelf][data-from=server]", 60)
        .await;
    open(&page, 0).await;
    page.until("[data-testid=long-text] .row:not([data-waits])", 30)
        .await;
    page.until_text("seen", "The model reads", 60).await;
    page.click("evidence-jump").await;
    page.until("[data-testid=long-text] mark[data-kind=document]", 30)
        .await;

    // Runs one question on the server, without its text so that it is quick.
    page.choose("setting", "no-context").await;
    page.click("run-dialog").await;
    page.until_text("estimate", "Samples1", 30).await;
    let model = format!("dialog[open] [data-testid=run-model] option[value='{MODEL}']");
    page.until(&model, 30).await;
    page.click("start-run").await;
    page.until("[data-testid=run-status][data-state=done]", 180)
        .await;
    let rows = server.rows(1).await;
    assert_eq!(rows.len(), 1);

    // The run filters the questions: this one is answered, the others are open.
    page.page
        .goto(server.path("/longbench?by=1.0"))
        .await
        .unwrap();
    page.until_text("kept", "24 questions", 60).await;
    page.choose("answers", "open").await;
    page.until_text("kept", "23 of 24 questions", 20).await;
    page.until_text("standing", "run 1", 10).await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_sticks_out_of_the_questions() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let url = format!("{files}/longbench?from=samples&question=3&answer=shown&limit=2048");
    for width in [400, 1280, 1680] {
        let keep = folder.path().join(width.to_string());
        let height = if width == 400 { 3600 } else { 1600 };
        let page = Page::launch(&keep, &url, &[], (width, height)).await;
        for scheme in ["light", "dark"] {
            page.prefer(scheme).await;
            page.until("[data-testid=long-text] .row:not([data-waits])", 60)
                .await;
            page.until_text("seen", "its middle is left out", 60).await;
            let over = page.overhang().await;
            assert_eq!(over, 0, "the page is {over} px too wide at {width} px");
            page.picture(&format!("longbench-{width}-{scheme}.png"))
                .await;
        }
        page.close().await;
    }
}
