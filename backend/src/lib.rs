//! The server: the only crate with sockets, files and SQL; also the command `fathom`.
//!
//! ```text
//! cli, http -> jobs, store, data;   jobs -> engine, store;   engine and store never meet
//! ```

#[cfg(test)]
mod cases; // expected outcomes for other programs' files and servers' replies
pub mod catalog; // the models and engines that can be used here
pub mod cli; // one file per subcommand
pub mod config; // `fathom.toml`: the configured endpoints
pub mod data; // models and corpora on disk: download, hashes, cache
pub mod engine; // engines: a prompt in, a completion or a failure out
pub mod errors; // formats errors as safe text
pub mod http; // the HTTP server: one router, one file per resource
pub mod http_client; // clients of other servers
pub mod jobs; // the queue, its workers and watchers
pub mod named_file; // opens files that a user named
pub mod script_time; // time limits for scripts
pub mod store; // the database of runs and rows
#[cfg(test)]
mod testing;
pub mod tokenizer; // parses `--tokenizer SPEC` into a token counter
pub mod whole_file; // atomic file writes: the old file or the whole new one
pub mod work_cancellation; // whether anyone still waits for a result
