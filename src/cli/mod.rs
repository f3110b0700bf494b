//! The command line: the one source of flags, of the environment variables (`PRECINCT_*`), and of their
//! documentation.

mod authentication;
mod client;
mod completions;
mod csv;
mod database;
mod duration;
mod events;
mod export;
mod health;
mod import;
mod migrate;
mod progress;
#[cfg(test)]
mod round_trip;
mod serve;

use std::fmt;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::COMMIT;
use crate::error::Error;
use crate::telemetry::{self, LogFormat};

/// Workspaces, person partitions and sharing, as a gRPC service.
#[derive(Debug, Parser)]
#[command(name = "precinct", version = version())]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// How log lines look.
    #[arg(long, env = "PRECINCT_LOG_FORMAT", value_enum, default_value = "auto", global = true)]
    log_format: LogFormat,

    /// What is logged: a level, or levels by module, such as `warn,precinct=debug`.
    #[arg(long, env = "PRECINCT_LOG", default_value = "info", global = true)]
    log: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Serve),
    /// Bring the database to this version, or see how far it is.
    Migrate(migrate::Migrate),
    /// Ask a server how it is: 0 serving, 4 not serving, 5 unreachable.
    Health(health::Health),
    Import(import::Import),
    Export(export::Export),
    /// Follow what happens in a tenant.
    #[command(subcommand)]
    Events(events::Events),
    /// Print completions for a shell.
    Completions(completions::Completions),
}

/// Why a command failed, for people, and its exit code, for scripts.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something broke: 1.
    Crash(String),
    /// The configuration cannot work: 2, as clap's own refusals.
    Config(String),
    /// The database is not at this version: 3.
    Schema(String),
    /// An import is complete, but for rows that were rejected: 3.
    Rejected(String),
    /// The server asked is not serving: 4.
    NotServing(String),
    /// The server asked does not answer, or no longer: 5.
    Unreachable(String),
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // The last word is for people, whatever the format of the logs.
            eprintln!("error: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

// === impl Cli ===

impl Cli {
    fn run(self) -> Result<(), Failure> {
        telemetry::init(self.log_format, &self.log).map_err(Failure::Config)?;
        let runtime = tokio::runtime::Runtime::new().map_err(|e| Failure::Crash(e.to_string()))?;
        runtime.block_on(async {
            match self.command {
                Command::Serve(serve) => serve.run().await,
                Command::Migrate(migrate) => migrate.run().await,
                Command::Health(health) => health.run().await,
                Command::Import(import) => import.run().await,
                Command::Export(export) => export.run().await,
                Command::Events(events) => events.run().await,
                Command::Completions(completions) => completions.run(),
            }
        })
    }
}

fn version() -> &'static str {
    match COMMIT {
        "" => env!("CARGO_PKG_VERSION"),
        commit => format!("{} ({commit})", env!("CARGO_PKG_VERSION")).leak(),
    }
}

// === impl Failure ===

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Crash(_) => 1,
            Self::Config(_) => 2,
            Self::Schema(_) | Self::Rejected(_) => 3,
            Self::NotServing(_) => 4,
            Self::Unreachable(_) => 5,
        }
    }
}

impl From<client::Error> for Failure {
    fn from(error: client::Error) -> Self {
        let unreachable = matches!(error, client::Error::Unreachable(_)) || error.is_transient();
        let message = error.to_string();
        if unreachable { Self::Unreachable(message) } else { Self::Crash(message) }
    }
}

/// What a failure says to people who see all of it, where callers of the API would see only that it happened.
fn plainly(error: Error) -> String {
    match error {
        Error::Internal(source) => source.to_string(),
        error => error.to_string(),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crash(message)
            | Self::Config(message)
            | Self::Schema(message)
            | Self::Rejected(message)
            | Self::NotServing(message)
            | Self::Unreachable(message) => f.write_str(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn flags_are_consistent() {
        Cli::command().debug_assert();
    }
}
