//! The page and its workers.
//!
//! ```text
//! URL --parse--> SampleQuery --check--> BuildRequest --builder worker--> BuiltSample (sample, prompt, token counts)
//! BuiltSample --engine worker (WGSL)--> ScoredTranscript     BuiltSample --server (HTTP, events)--> ScoredTranscript
//! ```
//!
//! The page decides and shows; the workers wait and compute. `ui` knows only `shared`; `pages` put
//! `ui`, `state` and `client` together; nobody but `client` and `worker` reaches the network.
#![cfg_attr(
    not(feature = "worker"),
    expect(
        dead_code,
        reason = "what only the workers use of the modules that both programs share"
    )
)]
#![expect(
    unreachable_pub,
    reason = "the component macro writes a `pub` of its own"
)]

pub mod app; // the router and shared contexts
mod client; // HTTP client: one method per endpoint
mod pages; // the pages, one folder each
mod protocol; // messages between the page and its workers
mod state; // state that outlives a page
mod ui; // UI components that depend only on `shared`
#[cfg(feature = "worker")]
pub mod worker; // the web workers
mod worker_host; // starts workers and talks to them
