//! The `precinct` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    precinct::cli::main()
}
