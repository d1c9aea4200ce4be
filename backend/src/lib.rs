//! The server: the only crate with sockets, files and SQL; also the command `fathom`.
//!
//! ```text
//! cli, http -> jobs, store, data;   jobs -> engine, store;   engine and store never meet
//! ```

#[cfg(test)]
mod cases; //           what other people's servers, models and programs write
pub mod catalog; //     which models and engines can be asked
pub mod cli; //         one file per subcommand
pub mod config; //      fathom.toml: the endpoints that may be asked
pub mod data; //        models: where they come from, hashes, cache
pub mod engine; //      a prompt in, a completion or a failure out
pub mod errors; //      errors as text
pub mod http; //        router in one function, one file per resource
pub mod jobs; //        queue, worker, watchers
pub mod named_file; //  files that a person named
pub mod script_time; // how long scripts may run
pub mod store; //       runs and rows
#[cfg(test)]
mod testing;
pub mod tokenizer; //   --tokenizer SPEC -> TokenCounter
pub mod wanted; //      whether anyone still waits for what is made
pub mod whole_file; //  the old file or the whole new one
