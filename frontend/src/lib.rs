//! The page and its workers.
//!
//! ```text
//! URL --parse--> SampleQuery --check--> BuildRequest --builder worker--> BuiltSample (sample, prompt, token counts)
//! BuiltSample --engine worker (WGSL)--> ScoredTranscript     BuiltSample --server (HTTP, events)--> ScoredTranscript
//! ```
//!
//! The page decides and shows; the workers wait and compute. `ui` knows only `shared`; `pages` put
//! `ui`, `state` and `client` together; nobody but `client` and `worker` reaches the network.
#![expect(
    unreachable_pub,
    reason = "the component macro writes a `pub` of its own"
)]

pub mod app; //    router and contexts
mod client; //     one method per endpoint
mod pages; //      one folder per page
mod protocol; //   the messages between page and workers
mod state; //      what outlives a page
mod ui; //         parts that know nothing of ours but `shared`
pub mod worker; // what runs beside the page
