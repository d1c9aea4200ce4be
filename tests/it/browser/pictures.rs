//! Opens the page at several widths, light and dark; screenshots go to `$FATHOM_PICTURES`.

use super::driver::Page;
use crate::server::{Server, new_run};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_sticks_out_at_any_width() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let run: fathom_shared::api::RunView = server.queue(&new_run(1)).await.json().await.unwrap();
    crate::api::wait_for_rows(&server, run.id, 1).await;
    let path = format!(
        "/playground?task=niah_single_1&length=400&seed=42&sample=0&run={}",
        run.id
    );
    for width in [400, 1280, 1920] {
        let keep = folder.path().join(width.to_string());
        // On a phone the page is long: the screenshot shows all of it.
        let height = if width == 400 { 2100 } else { 1000 };
        let page = Page::launch(&keep, &server.path(&path), &[], (width, height)).await;
        let inner: u32 = page
            .page
            .evaluate("innerWidth")
            .await
            .unwrap()
            .into_value()
            .unwrap();
        assert_eq!(inner, width);
        for scheme in ["light", "dark"] {
            page.prefer(scheme).await;
            page.until(".viewer mark[data-kind=needle]", 60).await;
            page.until("[data-testid=status-server][data-state=done]", 30)
                .await;
            let over = page.overhang().await;
            assert_eq!(over, 0, "the page is {over} px too wide at {width} px");
            page.picture(&format!("playground-{width}-{scheme}.png"))
                .await;
        }
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_sticks_out_of_the_runs() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let run: fathom_shared::api::RunView = server.queue(&new_run(1)).await.json().await.unwrap();
    crate::api::wait_for_rows(&server, run.id, 1).await;
    let sample = format!("/runs/{}?cell=0&sample=0", run.id);
    for width in [320, 400, 1280, 1920] {
        let keep = folder.path().join(width.to_string());
        let height = if width == 400 { 2400 } else { 1400 };
        let page = Page::launch(&keep, &server.path(&sample), &[], (width, height)).await;
        for scheme in ["light", "dark"] {
            page.prefer(scheme).await;
            page.until("[data-testid=opened] .viewer mark[data-kind=needle]", 60)
                .await;
            page.until("[data-testid=status-sample][data-state=done]", 20)
                .await;
            let over = page.overhang().await;
            assert_eq!(over, 0, "the run is {over} px too wide at {width} px");
            page.picture(&format!("run-{width}-{scheme}.png")).await;
        }
        let list = "document.querySelector('.crumbs a').click(), true";
        assert_eq!(page.ask::<bool>(list).await, Some(true));
        page.until("[data-testid=runs] tbody tr", 20).await;
        let over = page.overhang().await;
        assert_eq!(over, 0, "the list is {over} px too wide at {width} px");
        page.picture(&format!("runs-{width}.png")).await;
        page.click("run-dialog").await;
        page.until("dialog[open] [data-testid=run-model] option", 20)
            .await;
        let over = "(d => d.scrollWidth - d.clientWidth)(document.querySelector('dialog'))";
        let over: i64 = page.ask(over).await.unwrap();
        assert_eq!(over, 0, "the dialog is {over} px too wide at {width} px");
        page.picture(&format!("run-dialog-{width}.png")).await;
        page.close().await;
    }
}
