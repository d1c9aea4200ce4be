//! A visitor with a mouse and a keyboard: every click is one of the mouse at the element's place, and is
//! counted. There is no other way to click here.

use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::input::{
    DispatchKeyEventParams, DispatchKeyEventType, InsertTextParams,
};
use chromiumoxide::layout::Point;
use tokio::time::{Instant, sleep};

use super::driver::Page;

/// How long an element may take until it can be clicked.
const PATIENCE: Duration = Duration::from_secs(60);
/// The modifier Ctrl, as DevTools count modifiers.
const CTRL: i64 = 2;

/// Somebody who looks at a page and has clicked so often.
pub(super) struct Visitor {
    page: Page,
    clicks: u32,
    began: Instant,
}

/// What a visitor has in front of them, and what it took.
pub(super) struct Reached {
    /// What it is.
    pub(super) what: &'static str,
    /// Clicks until then.
    pub(super) clicks: u32,
    /// The most clicks that it may take.
    pub(super) most: u32,
    /// Seconds since the page could be used.
    pub(super) seconds: f64,
}

impl Visitor {
    /// Whose time begins when `first` is there.
    pub(super) async fn of(page: Page, first: &str) -> Self {
        page.until(first, 60).await;
        Self {
            page,
            clicks: 0,
            began: Instant::now(),
        }
    }

    /// Clicks at the middle of what `selector` matches, once it can be used, is in view, does not move
    /// and is covered by nothing.
    pub(super) async fn click(&mut self, selector: &str) {
        let place = format!(
            "(async () => {{
                const element = document.querySelector({selector:?});
                if (!element || element.disabled) return null;
                element.scrollIntoView({{ block: 'center', inline: 'center', behavior: 'instant' }});
                const middle = () => {{
                    const box = element.getClientRects()[0];
                    return box ? [box.x + box.width / 2, box.y + box.height / 2] : null;
                }};
                const before = middle();
                await new Promise(done => setTimeout(done, 60));
                const after = middle();
                const moves = !before || !after || before.some((at, axis) => Math.abs(at - after[axis]) > 0.5);
                if (moves) return null;
                const top = document.elementFromPoint(...after);
                return element.contains(top) ? after : null;
            }})()"
        );
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(Some((x, y))) = self.page.ask::<Option<(f64, f64)>>(&place).await {
                self.page.page.click(Point { x, y }).await.unwrap();
                self.clicks += 1;
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("{selector} could not be clicked within {PATIENCE:?}");
    }

    /// Types in the place of all that the focused field holds, and leaves the field.
    pub(super) async fn type_over(&self, text: &str) {
        let all = DispatchKeyEventParams::builder()
            .r#type(DispatchKeyEventType::RawKeyDown)
            .key("a")
            .code("KeyA")
            .modifiers(CTRL)
            .command("selectAll")
            .build();
        self.page.page.execute(all.unwrap()).await.unwrap();
        let typed = InsertTextParams::new(text);
        self.page.page.execute(typed).await.unwrap();
        self.page.press("Tab").await;
    }

    /// Waits until something matches `selector`.
    pub(super) async fn sees(&self, selector: &str, seconds: u64) {
        self.page.until(selector, seconds).await;
    }

    /// Waits until the element's text holds `part`.
    pub(super) async fn reads(&self, id: &str, part: &str, seconds: u64) {
        self.page.until_text(id, part, seconds).await;
    }

    /// The text of what `selector` matches.
    pub(super) async fn text_of(&self, selector: &str) -> String {
        let script = format!("document.querySelector({selector:?})?.textContent");
        let text: Option<String> = self.page.ask(&script).await;
        text.unwrap_or_else(|| panic!("the page has no {selector}"))
    }

    /// Notes what is in front of the visitor now, which may take `most` clicks.
    pub(super) fn reached(&self, what: &'static str, most: u32) -> Reached {
        Reached {
            what,
            clicks: self.clicks,
            most,
            seconds: self.began.elapsed().as_secs_f64(),
        }
    }

    /// Leaves; nothing went wrong in the page until then.
    pub(super) async fn leave(self) {
        assert_eq!(self.page.faults().await, [""; 0]);
        self.page.close().await;
    }
}
