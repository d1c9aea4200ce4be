//! Two tasks beside each other in the playground: by one choice, in the address, each with its answer.

use super::driver::Page;
use super::static_host::static_files;
use crate::server::Server;

const FIRST: &str = ".columns > .column:first-child";
const SECOND: &str = "[data-testid=second]";

/// Whether the piece that is looked at lies within its text's frame.
fn in_view(column: &str) -> String {
    format!(
        "(() => {{ const box = one => one?.getBoundingClientRect();
            const frame = box(document.querySelector('{column} .viewer'));
            const mark = box(document.querySelector('{column} .viewer mark[aria-current]'));
            return !!mark && mark.top >= frame.top && mark.bottom <= frame.bottom; }})()"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_needle_stands_beside_a_chain_of_the_same_length() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    for (width, beside) in [(320, false), (400, false), (1280, true), (1920, true)] {
        let keep = folder.path().join(width.to_string());
        let url = format!("{files}/playground?task=niah_single_1&length=2048&seed=42&sample=0");
        let page = Page::launch(&keep, &url, &[], (width, 1000)).await;
        page.until(&format!("{FIRST} .viewer mark[data-kind=needle]"), 60)
            .await;
        page.choose("beside-task", "vt").await;
        page.until_true("location.search.endsWith('&beside=vt')", "the address", 5)
            .await;
        page.until(&format!("{SECOND} .viewer mark[data-kind=hop]"), 60)
            .await;
        // The chain's worked example is marked as one, and both begin at their first piece.
        page.until(&format!("{SECOND} .legend mark[data-kind=example]"), 5)
            .await;
        for column in [FIRST, SECOND] {
            page.until_true(&in_view(column), &format!("the piece of {column}"), 10)
                .await;
        }
        let place = format!(
            "(() => {{ const [one, other] = ['{FIRST}', '{SECOND}'].map(column =>
                document.querySelector(column).getBoundingClientRect());
                return [other.left >= one.right, other.top >= one.bottom]; }})()"
        );
        let place: (bool, bool) = page.ask(&place).await.unwrap();
        assert_eq!(place, (beside, !beside), "at {width} px");
        // Side by side, both texts begin and end at one height.
        let level = format!(
            "(() => {{ const [one, other] = ['{FIRST}', '{SECOND}'].map(column =>
                document.querySelector(column + ' .reading').getBoundingClientRect());
                return one.top === other.top && one.bottom === other.bottom; }})()"
        );
        assert_eq!(
            page.ask::<bool>(&level).await,
            Some(beside),
            "at {width} px"
        );
        for scheme in ["light", "dark"] {
            page.prefer(scheme).await;
            page.picture(&format!("beside-{width}-{scheme}.png")).await;
        }
        let over = page.overhang().await;
        assert_eq!(over, 0, "the page is {over} px too wide at {width} px");

        // The next sample is the next of both, and the address brings both back.
        let expected = format!("document.querySelector('{SECOND} .facts .mono').textContent");
        let before: String = page.ask(&expected).await.unwrap();
        let next = "document.querySelector('.context [data-key=ArrowRight]').click(), true";
        assert_eq!(page.ask::<bool>(next).await, Some(true));
        page.until_true(
            &format!("location.search.includes('sample=1') && {expected} !== {before:?}"),
            "another chain",
            30,
        )
        .await;
        let after: String = page.ask(&expected).await.unwrap();
        page.reload().await;
        page.until(&format!("{SECOND} .viewer mark[data-kind=hop]"), 60)
            .await;
        assert_eq!(page.ask::<String>(&expected).await, Some(after));
        // Without a model nothing is asked.
        page.until("[data-testid=run-second]:disabled", 5).await;
        page.choose("beside-task", "").await;
        page.until_true(
            &format!("!document.querySelector('{SECOND}')"),
            "one task",
            5,
        )
        .await;
        assert_eq!(page.faults().await, [""; 0]);
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_task_that_does_not_fit_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let path = "/playground?task=niah_single_1&length=512&seed=42&sample=0&beside=vt";
    let page = Page::open_without_webgpu(folder.path(), &format!("{files}{path}")).await;
    page.until(&format!("{FIRST} .viewer mark[data-kind=needle]"), 60)
        .await;
    page.until_text("second-state", "does not fit in 512 tokens", 60)
        .await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_task_is_asked_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let path = "/playground?task=vt&length=1024&seed=42&sample=0&beside=niah_single_1";
    let page = Page::open(folder.path(), &server.path(path)).await;
    page.until(&format!("{SECOND} .viewer mark[data-kind=needle]"), 60)
        .await;
    page.click("load-model").await;
    page.until("[data-testid=model-state][data-state=ready]", 180)
        .await;
    page.tap("run-second").await;
    page.until("[data-testid=status-second][data-state=done]", 420)
        .await;
    // What of the answer stands in the second text leads there; the first has no answer yet.
    page.until(
        &format!("{SECOND} [data-testid=in-text][data-kind=right]"),
        5,
    )
    .await;
    let click = format!("document.querySelector('{SECOND} [data-testid=in-text]').click(), true");
    assert_eq!(page.ask::<bool>(&click).await, Some(true));
    page.until(&format!("{SECOND} .viewer mark[data-kind=right]"), 5)
        .await;
    page.until("[data-testid=status-here][data-state=idle]", 5)
        .await;
    // It stays while the first is asked.
    page.click("run-here").await;
    page.until("[data-testid=status-here][data-state=prefill]", 60)
        .await;
    page.until("[data-testid=status-second][data-state=done]", 1)
        .await;
    page.click("cancel-here").await;
    page.picture("beside-answered.png").await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}
