//! Looks at the page at several widths, light and dark; pictures go to `$FATHOM_PICTURES`.

use super::driver::Page;
use crate::server::{Server, order};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_sticks_out_at_any_width() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let run: fathom_shared::api::RunView = server.order(&order(1)).await.json().await.unwrap();
    crate::api::wait_for_rows(&server, run.id, 1).await;
    let path = format!(
        "/?task=niah_single_1&length=400&seed=42&sample=0&run={}",
        run.id
    );
    for width in [400, 1280, 1920] {
        let keep = folder.path().join(width.to_string());
        // A phone's page is long: all of it in one picture.
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
