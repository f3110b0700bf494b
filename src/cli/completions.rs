//! `precinct completions`.

use std::io;

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::{Cli, Failure};

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

// === impl Completions ===

impl Completions {
    pub(super) fn run(self) -> Result<(), Failure> {
        generate(self.shell, &mut Cli::command(), "precinct", &mut io::stdout());
        Ok(())
    }
}
