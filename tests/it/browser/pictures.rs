//! Looks at the page at several widths, light and dark; pictures go to `$FATHOM_PICTURES`.

use std::path::PathBuf;

use chromiumoxide::cdp::browser_protocol::emulation::MediaFeature;
use chromiumoxide::page::ScreenshotParams;

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
        let page = Page::launch(&keep, &server.path(&path), &[], (width, 1000)).await;
        for scheme in ["light", "dark"] {
            let feature = MediaFeature {
                name: "prefers-color-scheme".to_owned(),
                value: scheme.to_owned(),
            };
            page.page
                .emulate_media_features(vec![feature])
                .await
                .unwrap();
            page.until(".viewer mark[data-kind=needle]", 60).await;
            page.until("[data-testid=status-server][data-state=done]", 30)
                .await;
            let script =
                "document.documentElement.scrollWidth - document.documentElement.clientWidth";
            let over: i64 = page
                .page
                .evaluate(script)
                .await
                .unwrap()
                .into_value()
                .unwrap();
            assert_eq!(over, 0, "the page is {over} px too wide at {width} px");
            if let Some(pictures) = std::env::var_os("FATHOM_PICTURES") {
                let pictures = PathBuf::from(pictures);
                std::fs::create_dir_all(&pictures).unwrap();
                let file = pictures.join(format!("playground-{width}-{scheme}.png"));
                let params = ScreenshotParams::builder().full_page(width == 400).build();
                page.page.save_screenshot(params, file).await.unwrap();
            }
        }
        page.close().await;
    }
}
