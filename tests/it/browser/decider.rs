//! The Results page for a decision-maker: the deepest reader without a click, two models compared
//! with two clicks, by mouse or keyboard, also on a phone.

use super::driver::Page;
use super::static_host::static_files;

/// The number of rows.
const ROWS: &str = "document.querySelectorAll('[data-testid=ranked-row]').length";

/// The sort direction shown in a column's header.
fn direction(column: &str) -> String {
    format!(
        "document.querySelector('[data-testid=sort-{column}]').closest('th').getAttribute('aria-sort')"
    )
}

/// Ticks the row with this number, from 0.
async fn tick(page: &Page, row: usize) {
    let script = format!("document.querySelectorAll('[data-testid=tick]')[{row}].click(), true");
    assert_eq!(page.ask::<bool>(&script).await, Some(true));
}

/// The figures of a column, from top to bottom.
const FIGURES: &str = "[...document.querySelectorAll('[data-testid=ranked-row] td:nth-child(2) b')].map(cell => parseFloat(cell.textContent))";

#[tokio::test(flavor = "multi_thread")]
async fn the_deepest_reader_takes_no_click_and_two_models_take_two() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let page = Page::open_without_webgpu(folder.path(), &format!("{files}/results")).await;

    // Nothing was clicked.
    page.until_text("deepest", "Deepest at 128K among ", 30)
        .await;
    let told = page.text("deepest").await;
    assert!(
        told.contains(", 96.0 (95% about ") && told.contains("reported by Qwen"),
        "{told}"
    );
    page.until_text("record", "as of 2026-07-22", 5).await;
    page.until_text("record", "read on 2026-11-30", 5).await;
    page.until(
        "[data-testid=chart-ranking-by-length] svg .line.published",
        10,
    )
    .await;
    let all = page.ask::<u32>(ROWS).await.unwrap();
    assert!(all > 50, "{all}");
    let figures: Vec<f64> = page.ask(FIGURES).await.unwrap();
    assert!(figures.len() as u32 == all && figures.is_sorted_by(|a, b| a >= b));

    // The table is accessible: its headers have scopes, and it has a caption.
    let scoped = "[...document.querySelectorAll('[data-testid=ranking] th')].every(th => th.scope) && document.querySelector('[data-testid=ranking] caption') !== null";
    assert_eq!(page.ask::<bool>(scoped).await, Some(true));
    let told: Option<String> = page.ask(&direction("ruler")).await;
    assert_eq!(told.as_deref(), Some("descending"));

    // Two clicks compare two models, with the difference or the reason why it has no interval.
    tick(&page, 0).await;
    page.until_text("beside", "Select another row", 5).await;
    tick(&page, 1).await;
    page.until_text("difference", " points above ", 5).await;
    page.until_text("difference", "n is not reported for", 5)
        .await;
    let lines =
        "document.querySelectorAll('[data-testid=chart-ranking-by-length] .plot svg .line').length";
    page.until_true(&format!("{lines} === 2"), "two curves", 5)
        .await;
    page.reload().await;
    page.until_text("difference", " points above ", 30).await;
    page.click("unpick").await;
    page.until_text("beside", "Select two rows", 5).await;

    // Both have n, so there is an interval.
    page.fill("rank-find", "ruler’s authors").await;
    page.until_true(&format!("0 < {ROWS} && {ROWS} < {all}"), "fewer rows", 5)
        .await;
    tick(&page, 0).await;
    tick(&page, 1).await;
    page.until_text("difference", " points above ", 5).await;
    page.until_text("difference", "(95% about +", 5).await;
    page.fill("rank-find", "nobody’s").await;
    page.until("[data-testid=rank-none]", 5).await;
    page.fill("rank-find", "").await;

    // Another length, order and benchmark, all of them in the address.
    page.choose("rank-at", "1048576").await;
    page.until_text("deepest", "Deepest at 1M among ", 5).await;
    page.click("sort-model").await;
    page.until_true(
        &format!("{} === 'ascending'", direction("model")),
        "A to Z",
        5,
    )
    .await;
    page.click("sort-model").await;
    page.until_true(
        &format!("{} === 'descending'", direction("model")),
        "Z to A",
        5,
    )
    .await;
    page.until_true(
        "location.search.includes('at=1M') && location.search.includes('sort=-model') && location.search.includes('pick=')",
        "the address",
        5,
    )
    .await;
    page.click("rank-longbench").await;
    page.until_text("deepest", "Best on LongBench v2 among ", 5)
        .await;
    page.click("rank-both").await;
    page.choose("rank-at", "131072").await;
    page.until_text("deepest", "with figures of both", 5).await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_models_are_compared_by_keys_alone() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let page = Page::open_without_webgpu(folder.path(), &format!("{files}/results")).await;
    page.until("[data-testid=tick]", 30).await;
    let focus = "document.querySelector('[data-testid=rank-ruler]').focus(), true";
    assert_eq!(page.ask::<bool>(focus).await, Some(true));
    let at_a_row = "document.activeElement.dataset.testid === 'tick'";
    for _ in 0..20 {
        if page.ask::<bool>(at_a_row).await == Some(true) {
            break;
        }
        page.press("Tab").await;
    }
    page.press(" ").await;
    page.until_text("beside", "Select another row", 5).await;
    page.press("Tab").await;
    page.press(" ").await;
    page.until_text("difference", " points above ", 5).await;
    // The row keeps the focus, so that the next one is a key away.
    assert_eq!(page.ask::<bool>(at_a_row).await, Some(true));
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ranking_fits_a_telephone_and_a_wall() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    for width in [320, 400, 1280, 1920] {
        let keep = folder.path().join(width.to_string());
        let url = format!("{files}/results");
        let page = Page::launch(&keep, &url, &[], (width, 1400)).await;
        page.until("[data-testid=chart-ranking-by-length] svg", 30)
            .await;
        tick(&page, 0).await;
        tick(&page, 3).await;
        page.until("[data-testid=difference]", 5).await;
        for scheme in ["light", "dark"] {
            page.prefer(scheme).await;
            page.picture(&format!("ranking-{width}-{scheme}.png")).await;
        }
        let over = page.overhang().await;
        assert_eq!(over, 0, "the ranking is {over} px too wide at {width} px");
        page.close().await;
    }
}
