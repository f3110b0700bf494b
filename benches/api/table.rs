//! The figures, as a Markdown table.

use super::measure::{Duel, Times};

/// Rows of figures, and lines below them.
pub struct Table {
    rows: Vec<String>,
    figures: Vec<String>,
    notes: Vec<String>,
}

// === impl Table ===

impl Table {
    pub fn new() -> Self {
        Self { rows: Vec::new(), figures: Vec::new(), notes: Vec::new() }
    }

    /// A row: the work, what it is measured against, the goal, the figures. The ratio is that of the rates.
    pub fn row(&mut self, work: &str, limit: &str, goal: &str, duel: &Duel) {
        let (ratio, least, greatest) = duel.ratio();
        let (rate, limit_rate) = duel.figures(|sample| sample.rate());
        let (server, limit_server) = duel.figures(|sample| sample.server_us());
        let (database, limit_database) = duel.figures(|sample| sample.database_us());
        let row = format!(
            "| {work} | {} | {limit} | {} | **{ratio:.2}** ({least:.2}–{greatest:.2}) | {goal} | {} + {} | {} | {:.2} |",
            short(rate),
            short(limit_rate),
            short(server),
            short(database),
            short(limit_server + limit_database),
            duel.cpu_ratio(),
        );
        eprintln!("{row}");
        self.rows.push(row);
    }

    /// A row of the second table: what something takes by itself.
    pub fn figure(&mut self, work: &str, goal: &str, times: &Times) {
        let [median, least, greatest] = [times.median, times.least, times.greatest].map(span);
        let row = format!("| {work} | **{median}** ({least}–{greatest}) | {goal} |");
        eprintln!("{row}");
        self.figures.push(row);
    }

    /// A line below the table.
    pub fn note(&mut self, line: &str) {
        eprintln!("- {line}");
        self.notes.push(line.into());
    }

    /// To standard output.
    pub fn print(&self) {
        if !self.rows.is_empty() {
            println!(
                "| work | per second | limit | per second | ratio (least–greatest) | goal | µs CPU: server + database | of the limit | CPU ratio |"
            );
            println!("|---|---|---|---|---|---|---|---|---|");
            self.rows.iter().for_each(|row| println!("{row}"));
            println!();
        }
        if !self.figures.is_empty() {
            println!("| work | time (least–greatest) | goal |\n|---|---|---|");
            self.figures.iter().for_each(|row| println!("{row}"));
            println!();
        }
        self.notes.iter().for_each(|line| println!("- {line}"));
    }
}

/// Seconds for people.
fn span(seconds: f64) -> String {
    match seconds {
        s if s >= 1e-3 => format!("{} ms", short(s * 1e3)),
        s if s >= 1e-6 => format!("{} µs", short(s * 1e6)),
        s => format!("{} ns", short(s * 1e9)),
    }
}

/// Three digits are all that a shared machine can say.
fn short(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}
