//! Logs: JSON for machines, short lines for a terminal; to standard error.

use std::io::{self, IsTerminal};
use std::panic;

use clap::ValueEnum;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Pretty on a terminal, else JSON.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

/// Starts logging, at the level of a filter such as `info` or `warn,precinct=debug`.
pub fn init(format: LogFormat, filter: &str) -> Result<(), String> {
    let filter: Targets = filter.parse().map_err(|error| format!("PRECINCT_LOG: {error}"))?;
    let pretty = match format {
        LogFormat::Auto => io::stderr().is_terminal(),
        LogFormat::Json => false,
        LogFormat::Pretty => true,
    };
    let log = tracing_subscriber::registry().with(filter);
    let lines = fmt::layer().with_writer(io::stderr);
    if pretty {
        log.with(lines.compact()).init();
    } else {
        let lines = lines.json().flatten_event(true).with_current_span(true);
        log.with(lines.with_span_list(false)).init();
    }
    // A panic is a line like any other.
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let message = panic.payload_as_str().unwrap_or_default();
        tracing::error!(place, message, "panic");
    }));
    Ok(())
}
