//! Chromium, driven: open, click, wait, read.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chromiumoxide::browser::{Browser, BrowserConfig};
use chromiumoxide::cdp::browser_protocol::browser::CrashGpuProcessParams;
use chromiumoxide::cdp::browser_protocol::dom::SetFileInputFilesParams;
use chromiumoxide::cdp::browser_protocol::emulation::MediaFeature;
use chromiumoxide::cdp::browser_protocol::storage::OverrideQuotaForOriginParams;
use chromiumoxide::handler::Handler;
use chromiumoxide::handler::viewport::Viewport;
use chromiumoxide::page::ScreenshotParams;
use futures_util::StreamExt;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// A page in a browser of its own.
pub(super) struct Page {
    browser: Browser,
    events: JoinHandle<()>,
    pub(super) page: chromiumoxide::Page,
}

const WEBGPU: [&str; 3] = [
    "enable-unsafe-webgpu",
    "use-webgpu-adapter=swiftshader",
    "ignore-gpu-blocklist",
];
const QUIET: [&str; 4] = [
    "disable-background-networking",
    "disable-component-update",
    "no-first-run",
    "disable-sync",
];

/// Keeps what goes wrong in the page, for [`Page::faults`].
const LISTEN: &str = "
    window.faults = [];
    const keep = what => window.faults.push(String(what));
    addEventListener('error', event => keep(event.message));
    addEventListener('unhandledrejection', event => keep(event.reason));
    const error = console.error;
    console.error = (...what) => { keep(what.join(' ')); error(...what); };";

/// Starts a browser. One that dies before it listens, as Chromium now and then does on a busy
/// machine, is started again: it has not seen the page yet.
async fn start(config: BrowserConfig) -> (Browser, Handler) {
    for _ in 0..2 {
        if let Ok(started) = Browser::launch(config.clone()).await {
            return started;
        }
    }
    Browser::launch(config).await.unwrap()
}

impl Page {
    /// Opens `url` in a browser that keeps its things in `folder`.
    pub(super) async fn open(folder: &Path, url: &str) -> Self {
        Self::launch(folder, url, &WEBGPU, (1680, 1000)).await
    }

    /// The same without WebGPU.
    pub(super) async fn open_without_webgpu(folder: &Path, url: &str) -> Self {
        Self::launch(
            folder,
            url,
            &["disable-features=WebGPU,WebGPUService"],
            (1280, 900),
        )
        .await
    }

    pub(super) async fn launch(
        folder: &Path,
        url: &str,
        flags: &[&str],
        (width, height): (u32, u32),
    ) -> Self {
        let mut config = BrowserConfig::builder()
            .new_headless_mode()
            .no_sandbox()
            .disable_default_args()
            .user_data_dir(folder.join("browser"))
            .chrome_executable(executable())
            .viewport(Viewport {
                width,
                height,
                ..Viewport::default()
            })
            .launch_timeout(Duration::from_secs(60))
            .request_timeout(Duration::from_secs(60));
        for flag in flags.iter().chain(&QUIET) {
            config = match flag.split_once('=') {
                Some((key, value)) => config.arg((key, value)),
                None => config.arg(*flag),
            };
        }
        let (browser, mut handler) = start(config.build().unwrap()).await;
        // An event that the crate does not know is no reason to stop listening.
        let events = tokio::spawn(async move { while handler.next().await.is_some() {} });
        let page = browser.new_page("about:blank").await.unwrap();
        // Browsers with a frozen `navigator.gpu` behind a flag are made to look as those without.
        if flags.iter().any(|flag| flag.contains("WebGPU")) {
            let hide = "delete Navigator.prototype.gpu";
            page.evaluate_on_new_document(hide).await.unwrap();
        }
        page.evaluate_on_new_document(LISTEN).await.unwrap();
        page.goto(url).await.unwrap();
        Self {
            browser,
            events,
            page,
        }
    }

    /// Waits until something matches `selector`.
    pub(super) async fn until(&self, selector: &str, seconds: u64) {
        let script = format!("document.querySelector({selector:?}) !== null");
        self.until_true(&script, selector, seconds).await;
    }

    /// Waits until the element's text holds `part`.
    pub(super) async fn until_text(&self, id: &str, part: &str, seconds: u64) {
        let script = format!(
            "(document.querySelector('[data-testid={id}]')?.textContent ?? '').includes({part:?})"
        );
        self.until_true(&script, &format!("{part:?} in {id}"), seconds)
            .await;
    }

    /// Waits until `script` says so; `what` is for who reads that it did not.
    pub(super) async fn until_true(&self, script: &str, what: &str, seconds: u64) {
        let end = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < end {
            if self.ask::<bool>(script).await.unwrap_or(false) {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
        let text: Option<String> = self.ask("document.body.innerText.slice(0, 9000)").await;
        panic!(
            "no {what} after {seconds} s; the page says:\n{}",
            text.unwrap_or_default()
        );
    }

    /// What the errors of the page said since it was opened.
    pub(super) async fn faults(&self) -> Vec<String> {
        self.ask("window.faults").await.unwrap()
    }

    /// What a script gives.
    pub(super) async fn ask<T: serde::de::DeserializeOwned>(&self, script: &str) -> Option<T> {
        self.page.evaluate(script).await.ok()?.into_value().ok()
    }

    /// The text of an element.
    pub(super) async fn text(&self, id: &str) -> String {
        let script = format!("document.querySelector('[data-testid={id}]')?.textContent");
        let text: Option<String> = self.ask(&script).await;
        text.unwrap_or_else(|| panic!("the page has no {id}"))
    }

    /// Waits until a button can be pressed, and presses it.
    pub(super) async fn click(&self, id: &str) {
        self.until(&format!("[data-testid={id}]:not(:disabled)"), 60)
            .await;
        let script = format!("document.querySelector('[data-testid={id}]').click(), true");
        assert_eq!(
            self.ask::<bool>(&script).await,
            Some(true),
            "{id} can be pressed"
        );
    }

    /// Presses, and measures in the page how many milliseconds pass until `selector` matches.
    pub(super) async fn click_and_wait(&self, id: &str, selector: &str) -> f64 {
        let script = format!(
            "new Promise(done => {{
                const start = performance.now();
                document.querySelector('[data-testid={id}]').click();
                const look = () => document.querySelector({selector:?}) || performance.now() - start > 20000
                    ? done(performance.now() - start) : setTimeout(look, 10);
                look();
            }})"
        );
        self.ask(&script).await.unwrap()
    }

    /// Chooses in a list.
    pub(super) async fn choose(&self, id: &str, value: &str) {
        let script = format!(
            "(() => {{ const list = document.querySelector('[data-testid={id}]'); list.value = {value:?};
                list.dispatchEvent(new Event('change', {{ bubbles: true }})); return list.value === {value:?}; }})()"
        );
        assert_eq!(
            self.ask::<bool>(&script).await,
            Some(true),
            "{id} has {value}"
        );
    }

    /// Types into a field, and measures in the page until `script` says that it is there: how many
    /// milliseconds passed, and how long the page stood still at most.
    pub(super) async fn fill_and_wait(&self, id: &str, text: &str, script: &str) -> (f64, f64) {
        let script = format!(
            "new Promise(done => {{
                const field = document.querySelector('[data-testid={id}]');
                field.value = {text:?};
                field.dispatchEvent(new InputEvent('input', {{ bubbles: true }}));
                const start = performance.now();
                let last = start, still = 0;
                const look = () => {{
                    const now = performance.now();
                    still = Math.max(still, now - last);
                    last = now;
                    if (({script}) || now - start > 30000) done([now - start, still]);
                    else setTimeout(look, 5);
                }};
                look();
            }})"
        );
        self.ask(&script).await.unwrap()
    }

    /// Presses a key where the focus is.
    pub(super) async fn press(&self, key: &str) {
        let focused = self.page.find_element(":focus").await.unwrap();
        focused.press_key(key).await.unwrap();
    }

    /// Types into a field.
    pub(super) async fn fill(&self, id: &str, text: &str) {
        let script = format!(
            "(() => {{ const field = document.querySelector('[data-testid={id}]'); field.value = {text:?};
                field.dispatchEvent(new InputEvent('input', {{ bubbles: true }})); return true; }})()"
        );
        assert_eq!(
            self.ask::<bool>(&script).await,
            Some(true),
            "{id} takes text"
        );
    }

    /// As a reader sees it who prefers `scheme`, light or dark.
    pub(super) async fn prefer(&self, scheme: &str) {
        let feature = MediaFeature {
            name: "prefers-color-scheme".to_owned(),
            value: scheme.to_owned(),
        };
        self.page
            .emulate_media_features(vec![feature])
            .await
            .unwrap();
    }

    /// How many pixels the page is wider than its window.
    pub(super) async fn overhang(&self) -> i64 {
        let script = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.ask(script).await.unwrap()
    }

    /// Gives a file to a field that takes one.
    pub(super) async fn give_file(&self, id: &str, name: &str, text: &str) {
        let script = format!(
            "(() => {{ const data = new DataTransfer(); data.items.add(new File([{text:?}], {name:?}));
                const field = document.querySelector('[data-testid={id}]'); field.files = data.files;
                field.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()"
        );
        assert_eq!(
            self.ask::<bool>(&script).await,
            Some(true),
            "{id} takes a file"
        );
    }

    /// From now on keeps what the page saves, for [`Page::save`].
    pub(super) async fn keep_saved(&self) {
        let keep = "(() => { const make = URL.createObjectURL;
            URL.createObjectURL = blob => { window.saved = blob.text(); return make.call(URL, blob); };
            return true; })()";
        assert_eq!(self.ask::<bool>(keep).await, Some(true));
    }

    /// Presses a button that saves a file, and reads the file.
    pub(super) async fn save(&self, id: &str) -> String {
        self.click(id).await;
        self.ask("window.saved").await.unwrap()
    }

    /// Picks a file on disk, as a reader does in the field's dialog.
    pub(super) async fn pick_file(&self, id: &str, path: &Path) {
        let selector = format!("[data-testid={id}]");
        self.until(&selector, 30).await;
        let field = self.page.find_element(selector);
        let picked = SetFileInputFilesParams::builder()
            .file(path.to_string_lossy())
            .object_id(field.await.unwrap().remote_object_id)
            .build();
        self.page.execute(picked.unwrap()).await.unwrap();
    }

    /// Gives the pages of `origin` so many bytes of storage, or what the browser likes.
    pub(super) async fn quota(&self, origin: &str, bytes: Option<f64>) {
        let mut params = OverrideQuotaForOriginParams::new(origin);
        params.quota_size = bytes;
        self.page.execute(params).await.unwrap();
    }

    /// Ends the browser's process that holds the adapter.
    pub(super) async fn lose_the_device(&self) {
        // It takes the answer with it where it is quick.
        let crash = self.browser.execute(CrashGpuProcessParams::default());
        let _crashed = timeout(Duration::from_secs(5), crash).await;
    }

    /// Keeps a picture in `$FATHOM_PICTURES`, where that is set.
    pub(super) async fn picture(&self, name: &str) {
        if let Some(folder) = std::env::var_os("FATHOM_PICTURES").map(PathBuf::from) {
            std::fs::create_dir_all(&folder).unwrap();
            // Colours that go over into one another have arrived.
            let still = "Promise.all(document.getAnimations().map(a => a.finished)).then(() => 1)";
            assert_eq!(self.ask::<u32>(still).await, Some(1));
            let params = ScreenshotParams::builder().build();
            self.page
                .save_screenshot(params, folder.join(name))
                .await
                .unwrap();
        }
    }

    pub(super) async fn reload(&self) {
        self.page.reload().await.unwrap();
    }

    /// Ends the browser, by force where it does not go by itself.
    pub(super) async fn close(mut self) {
        let _asked = timeout(Duration::from_secs(5), self.browser.close()).await;
        if timeout(Duration::from_secs(5), self.browser.wait())
            .await
            .is_err()
        {
            let _killed = self.browser.kill().await;
        }
        self.events.abort();
    }
}

fn executable() -> PathBuf {
    let names = ["chromium", "google-chrome", "chromium-browser"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let all = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.into_iter()
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("no Chromium on the path"))
}
