//! The command `fathom`: parse, wire, run; no logic.

use std::process::ExitCode;

fn main() -> ExitCode {
    fathom_backend::cli::main()
}
