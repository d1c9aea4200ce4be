//! Drives Chromium: opens pages, clicks, waits and reads.

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

/// A page in its own browser.
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

/// Collects errors in the page, for [`Page::faults`].
const LISTEN: &str = "
    window.faults = [];
    const keep = what => window.faults.push(String(what));
    addEventListener('error', event => keep(event.message));
    addEventListener('unhandledrejection', event => keep(event.reason));
    const error = console.error;
    console.error = (...what) => { keep(what.join(' ')); error(...what); };";

/// The page's shaders run also where the processor is faster, as it is beside SwiftShader.
const ON_WEBGPU: &str = "
    try { localStorage.getItem('fathom.engine') ?? localStorage.setItem('fathom.engine', 'webgpu'); }
    catch { /* a page without storage */ }";

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
    /// Opens `url` in a browser that keeps its things in `folder`; models run on WebGPU.
    pub(super) async fn open(folder: &Path, url: &str) -> Self {
        Self::launch(folder, url, &WEBGPU, (1680, 1000)).await
    }

    /// Like `open`, but without WebGPU.
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
        // An event unknown to the crate is no reason to stop listening.
        let events = tokio::spawn(async move { while handler.next().await.is_some() {} });
        let page = browser.new_page("about:blank").await.unwrap();
        // Browsers that hide a frozen `navigator.gpu` behind a flag are made to look as if they had
        // none.
        if flags.iter().any(|flag| flag.contains("WebGPU")) {
            let hide = "delete Navigator.prototype.gpu";
            page.evaluate_on_new_document(hide).await.unwrap();
        }
        if flags == WEBGPU {
            page.evaluate_on_new_document(ON_WEBGPU).await.unwrap();
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

    /// Waits until the element's text contains `part`.
    pub(super) async fn until_text(&self, id: &str, part: &str, seconds: u64) {
        let script = format!(
            "(document.querySelector('[data-testid={id}]')?.textContent ?? '').includes({part:?})"
        );
        self.until_true(&script, &format!("{part:?} in {id}"), seconds)
            .await;
    }

    /// Waits until `script` returns true; `what` is for the message if it does not.
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

    /// The page's errors since it was opened.
    pub(super) async fn faults(&self) -> Vec<String> {
        self.ask("window.faults").await.unwrap()
    }

    /// Evaluates a script and returns its value.
    pub(super) async fn ask<T: serde::de::DeserializeOwned>(&self, script: &str) -> Option<T> {
        self.page.evaluate(script).await.ok()?.into_value().ok()
    }

    /// The text of an element.
    pub(super) async fn text(&self, id: &str) -> String {
        let script = format!("document.querySelector('[data-testid={id}]')?.textContent");
        let text: Option<String> = self.ask(&script).await;
        text.unwrap_or_else(|| panic!("the page has no {id}"))
    }

    /// Waits until a button is enabled, and presses it.
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

    /// Clicks with the mouse, where the element is.
    pub(super) async fn tap(&self, id: &str) {
        let selector = format!("[data-testid={id}]:not(:disabled)");
        self.until(&selector, 60).await;
        let element = self.page.find_element(selector).await.unwrap();
        element.click().await.unwrap();
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

    /// Chooses an option in a list.
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

    /// Types into a field, and measures in the page how many milliseconds pass until `script` is
    /// true, and how long the page was blocked at most.
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

    /// Opens `url` in another tab of the same browser, which is looked at from now on; the tab before
    /// it goes on.
    pub(super) async fn new_tab(&mut self, url: &str) -> chromiumoxide::Page {
        let tab = self.browser.new_page("about:blank").await.unwrap();
        tab.evaluate_on_new_document(LISTEN).await.unwrap();
        tab.goto(url).await.unwrap();
        std::mem::replace(&mut self.page, tab)
    }

    /// Presses the mouse where the element is.
    pub(super) async fn press_mouse(&self, selector: &str) {
        self.until(&format!("{selector}:not(:disabled)"), 60).await;
        let found = self.page.find_element(selector).await.unwrap();
        found.scroll_into_view().await.unwrap();
        found.click().await.unwrap();
    }

    /// Types where the focus is, key by key.
    pub(super) async fn type_keys(&self, text: &str) {
        let focused = self.page.find_element(":focus").await.unwrap();
        focused.type_str(text).await.unwrap();
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

    /// Emulates a reader who prefers `scheme`, light or dark.
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

    /// Gives a file to a file field.
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

    /// From now on records what the page saves, for [`Page::save`].
    pub(super) async fn keep_saved(&self) {
        let keep = "(() => { const make = URL.createObjectURL;
            URL.createObjectURL = blob => { window.saved = blob.text(); return make.call(URL, blob); };
            return true; })()";
        assert_eq!(self.ask::<bool>(keep).await, Some(true));
    }

    /// Presses a button that saves a file, and returns its contents.
    pub(super) async fn save(&self, id: &str) -> String {
        self.click(id).await;
        self.ask("window.saved").await.unwrap()
    }

    /// Picks a file on disk, as a reader does in the file dialog.
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

    /// Limits the storage of `origin` to this many bytes, or removes the limit.
    pub(super) async fn quota(&self, origin: &str, bytes: Option<f64>) {
        let mut params = OverrideQuotaForOriginParams::new(origin);
        params.quota_size = bytes;
        self.page.execute(params).await.unwrap();
    }

    /// Crashes the browser's GPU process.
    pub(super) async fn lose_the_device(&self) {
        // If it is fast, it takes the reply with it.
        let crash = self.browser.execute(CrashGpuProcessParams::default());
        let _crashed = timeout(Duration::from_secs(5), crash).await;
    }

    /// Saves a screenshot in `$FATHOM_PICTURES`, if that is set.
    pub(super) async fn picture(&self, name: &str) {
        if let Some(folder) = std::env::var_os("FATHOM_PICTURES").map(PathBuf::from) {
            std::fs::create_dir_all(&folder).unwrap();
            // Wait until colour transitions have finished.
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

    /// Closes the browser, by force if necessary.
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
