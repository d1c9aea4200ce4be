//! One part of a page alone: presented by click, keys and link, and embedded in another page.

use super::driver::Page;
use super::static_host::static_files;

/// Whether nothing but the part is seen.
const ALONE: &str = "[...document.querySelectorAll(
        '.top, .foot, .welcome, .doors, .deeper, .chart-tools, .stage-tools, .panel:not([data-on-stage])'
    )].every(one => !one.checkVisibility())";

/// How many pixels the page is higher than its window.
const BELOW: &str = "document.documentElement.scrollHeight - innerHeight";

/// Waits until the address has `part`.
async fn until_address(page: &Page, part: &str) {
    let script = format!("location.search.includes({part:?})");
    page.until_true(&script, &format!("{part} in the address"), 5)
        .await;
}

/// Puts the focus where no key has a meaning of its own.
async fn on_the_page(page: &Page) {
    let focus = "document.querySelector('main').focus(), true";
    assert_eq!(page.ask::<bool>(focus).await, Some(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_presents_the_gap_and_steps_by_keys() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let page = Page::launch(folder.path(), &files, &[], (1920, 1080)).await;
    page.until("[data-testid=finding]", 60).await;
    page.tap("present-gap").await;
    until_address(&page, "present=gap").await;
    page.until(".gap[data-on-stage] .viewer mark[data-kind=right]", 5)
        .await;
    page.until_true(ALONE, "nothing but the gap", 5).await;
    let below: i64 = page.ask(BELOW).await.unwrap();
    assert!(below <= 0, "{below} px lie below 1080 lines");
    let letter = "parseFloat(getComputedStyle(document.querySelector('.viewer')).fontSize)";
    let letter: f64 = page.ask(letter).await.unwrap();
    assert!(letter >= 20.0, "text is {letter} px high");
    page.picture("present-gap.png").await;

    on_the_page(&page).await;
    page.press("ArrowRight").await;
    until_address(&page, "pair=1").await;
    page.press("ArrowUp").await;
    until_address(&page, "tokens=2048").await;
    page.press("ArrowLeft").await;
    page.until_true("!location.search.includes('pair')", "the pair before", 5)
        .await;
    until_address(&page, "present=gap").await;

    // Escape leads back to the page, to where one was.
    page.press("Escape").await;
    page.until_true(
        "location.search === '?tokens=2048'
            && document.querySelector('.top').checkVisibility()
            && document.activeElement.dataset.testid === 'present-gap'",
        "the page again",
        5,
    )
    .await;
    page.picture("present-left.png").await;

    // A finger has a button.
    page.tap("present-recorded-gap").await;
    page.until_true(ALONE, "nothing but the chart", 5).await;
    page.tap("leave").await;
    page.until_true("!document.querySelector('[data-on-stage]')", "the page", 5)
        .await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_presents_a_chart_and_keys_walk_from_chart_to_chart() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let url = format!("{files}/results?view=gap&present=needle-hops-gap");
    let page = Page::launch(folder.path(), &url, &[], (1920, 1080)).await;
    page.until("[data-testid=chart-needle-hops-gap][data-on-stage] svg", 60)
        .await;
    page.until_true(ALONE, "nothing but the chart", 5).await;
    // Its sentence stays with it, and where it comes from is said.
    page.until_true(
        "document.querySelector('[data-testid=meaning]').checkVisibility()",
        "the sentence",
        5,
    )
    .await;
    page.until_text("figure-sources", "Source: ", 5).await;
    let below: i64 = page.ask(BELOW).await.unwrap();
    assert!(below <= 0, "{below} px lie below 1080 lines");
    let high = "document.querySelector('[data-on-stage] [data-testid=plot] svg').getBoundingClientRect().height";
    let high: f64 = page.ask(high).await.unwrap();
    assert!(high > 500.0, "the chart is {high} px high");
    page.picture("present-chart.png").await;

    on_the_page(&page).await;
    page.press("ArrowRight").await;
    until_address(&page, "present=needle-and-hops-1").await;
    page.press("ArrowLeft").await;
    until_address(&page, "present=needle-hops-gap").await;
    // In the chart its own keys hold.
    let focus = "document.querySelector('[data-on-stage] [data-testid=plot]').focus(), true";
    assert_eq!(page.ask::<bool>(focus).await, Some(true));
    page.press("ArrowRight").await;
    until_address(&page, "present=needle-hops-gap").await;
    page.press("Escape").await;
    page.until_true("location.search === '?view=gap'", "the page again", 5)
        .await;

    // The ranking and its curves.
    page.click("view-ranking").await;
    page.tap("present-ranking").await;
    page.until("[data-on-stage] [data-testid=ranked-row]", 5)
        .await;
    page.until_true(ALONE, "nothing but the ranking", 5).await;
    on_the_page(&page).await;
    page.press("PageDown").await;
    page.until(
        "[data-testid=chart-ranking-by-length][data-on-stage] svg",
        5,
    )
    .await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_presented_fits_every_window() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    for (width, height) in [(320, 700), (400, 800), (1280, 720), (1920, 1080)] {
        let keep = folder.path().join(width.to_string());
        let url = format!("{files}/?present=gap");
        let page = Page::launch(&keep, &url, &[], (width, height)).await;
        for (path, part) in [
            ("/?present=gap", ".viewer mark"),
            ("/results?present=ranking", "[data-testid=ranked-row]"),
            ("/results?present=ranking-by-length", "svg"),
            (
                "/playground?task=vt&beside=niah_single_1&present=sample",
                "[data-testid=second] .viewer mark",
            ),
        ] {
            page.page.goto(format!("{files}{path}")).await.unwrap();
            page.until(&format!("[data-on-stage] {part}"), 60).await;
            for scheme in ["light", "dark"] {
                page.prefer(scheme).await;
                let name = path.rsplit('=').next().unwrap();
                page.picture(&format!("present-{name}-{width}-{scheme}.png"))
                    .await;
            }
            let over = page.overhang().await;
            assert_eq!(over, 0, "{path} is {over} px too wide at {width} px");
        }
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_is_embedded_in_another_page() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let url = format!("{files}/results?view=gap");
    let page = Page::open_without_webgpu(folder.path(), &url).await;
    page.until("[data-testid=chart-needle-hops-gap] svg", 60)
        .await;
    page.tap("embed-needle-hops-gap").await;
    page.until("[data-testid=embed-code]", 5).await;
    let code = "document.querySelector('[data-testid=embed-code]').value";
    let code: String = page.ask(code).await.unwrap();
    let src = format!("<iframe src=\"{files}/results?view=gap&amp;embed=needle-hops-gap\"");
    assert!(code.starts_with(&src), "{code}");

    // A page with that code: the chart with caption, source and a way to the whole, and no tools.
    let put = format!("document.body.innerHTML = {code:?}, true");
    assert_eq!(page.ask::<bool>(&put).await, Some(true));
    let inside = |what: &str| {
        format!(
            "(() => {{ const inside = document.querySelector('iframe').contentDocument;
                const seen = selector => inside.querySelector(selector)?.checkVisibility() ?? false;
                return {what}; }})()"
        )
    };
    page.until_true(
        &inside("seen('[data-testid=chart-needle-hops-gap] svg') && seen('[data-testid=figure-sources]')"),
        "the chart in the frame",
        60,
    )
    .await;
    page.until_true(
        &inside("!seen('.top') && !seen('.chart-tools') && !seen('.views') && !seen('[data-testid=leave]')"),
        "nothing else in the frame",
        5,
    )
    .await;
    page.until_true(
        &inside("inside.querySelector('[data-testid=open-whole]').getAttribute('href') === '/results?view=gap'"),
        "the way to the page",
        5,
    )
    .await;
    let scroll = inside("inside.documentElement.scrollWidth <= inside.documentElement.clientWidth");
    assert_eq!(page.ask::<bool>(&scroll).await, Some(true));
    page.picture("embedded.png").await;

    // A name that nothing has is said; the page is not shown in its place.
    page.page
        .goto(format!("{files}/?embed=nothing"))
        .await
        .unwrap();
    page.until_true(
        "document.querySelector('[data-testid=stage-missing]')?.checkVisibility({ visibilityProperty: true })
            && !document.querySelector('.welcome').checkVisibility()",
        "the sentence",
        60,
    )
    .await;
    page.close().await;
}
