//! How fast the page's two engines read and write, in headless Chromium on one machine: the default
//! model, a needle at a length, on the processor and on the adapter that Chromium has for tests.
//! `cargo xtask bench page-engines` builds and runs this.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "it drives the browser as the tests do, and talks to a terminal"
)]

#[path = "../it/browser/driver.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod driver; // drives a browser
#[path = "../it/server.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod server; // starts a server

use driver::Page;
use serde::Deserialize;
use server::Server;

/// What the page keeps of its last answer.
#[derive(Deserialize)]
struct Pace {
    tokens: u32,
    prefill: f64,
    decode: Option<f64>,
}

const PACE: &str = "(() => {
    const key = Object.keys(localStorage).find(key => key.startsWith('fathom.pace.'));
    return key && localStorage.getItem(key);
})()";

#[tokio::main]
async fn main() {
    let length = std::env::args().nth(1).unwrap_or("1024".to_owned());
    println!("  | engine | tokens of the prompt | prefill, tokens/s | decode, tokens/s |");
    for engine in ["processor", "webgpu"] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path(), true);
        let path = format!("/playground?task=niah_single_1&length={length}&seed=42&sample=0");
        let page = Page::open(folder.path(), &server.path(&path)).await;
        page.until("[data-testid=engine-choice]", 60).await;
        page.choose("engine-choice", engine).await;
        page.click("load-model").await;
        page.until("[data-testid=model-state][data-state=ready]", 300)
            .await;
        page.click("run-here").await;
        page.until("[data-testid=status-here][data-state=done]", 3600)
            .await;
        let kept = page.ask::<String>(PACE).await.unwrap();
        let pace: Pace = serde_json::from_str(&kept).unwrap();
        println!(
            "  | {} | {} | {:.1} | {:.1} |",
            page.text("device").await,
            pace.tokens,
            pace.prefill,
            pace.decode.unwrap_or_default()
        );
        page.close().await;
    }
}
