//! Tests that need more than one crate, or the original programs' output. One binary, so that it
//! links once.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests as well")]

mod advise; // `fathom advise`
mod api; // the server's API
mod browser; // the page in a browser
mod circles; // no circles between sibling modules
mod controlled_endpoint; // an endpoint that answers when told to
#[expect(
    dead_code,
    reason = "what holds back more than a sample is wanted by the tests of the program"
)]
mod endpoint; // `fathom endpoint`
mod generate; // `fathom generate`
mod golden; // outputs of the original programs
mod hostile; // hostile requests and files
mod layers; // who may import whom
mod names; // one meaning for each type name
mod openai_api; // `/v1`
mod output; // standard output, and `-o -`
mod questions; // files of questions
mod repo; // rules of the repository
mod results; // comparing, tracking, gates and reports
mod server; // starts a server
mod styles; // scoped styles
