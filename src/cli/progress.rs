//! How far a command is: a bar on a terminal, else a line now and then. All of it on standard error.

use std::time::{Duration, Instant};

use indicatif::{HumanCount, HumanFloatCount, ProgressBar, ProgressFinish, ProgressStyle};

/// Time between lines where there is no terminal.
const INTERVAL: Duration = Duration::from_secs(5);
/// Time between redraws of the clock on a terminal.
const TICK: Duration = Duration::from_millis(200);

/// How far a command is, in rows.
pub struct Progress {
    bar: ProgressBar,
    begun: Instant,
    last_line: Instant,
    /// How many rows were done before this run.
    before: u64,
}

// === impl Progress ===

impl Progress {
    /// Begins; `total` is the number of rows, where it is known.
    pub fn new(total: Option<u64>) -> Self {
        let (bar, template) = match total {
            Some(total) => (
                ProgressBar::new(total),
                "{wide_bar} {human_pos} of {human_len} rows, {msg}, {eta} left",
            ),
            None => (ProgressBar::no_length(), "{spinner} {human_pos} rows, {msg}"),
        };
        let style = ProgressStyle::with_template(template).expect("the templates above are valid");
        let bar = bar.with_style(style).with_finish(ProgressFinish::AndClear);
        bar.enable_steady_tick(TICK);
        Self { bar, begun: Instant::now(), last_line: Instant::now(), before: 0 }
    }

    /// An earlier run came this far.
    pub fn resume(&mut self, rows: u64) {
        self.before = rows;
        self.bar.set_position(rows);
        self.bar.reset_eta();
        self.begun = Instant::now();
    }

    /// So many rows are done by now; `more` is what else there is to say, if anything.
    pub fn update(&mut self, rows: u64, more: &str) {
        self.bar.set_position(rows);
        let separator = if more.is_empty() { "" } else { ", " };
        let message = format!("{}{separator}{more}", self.rate());
        if self.bar.is_hidden() && self.last_line.elapsed() >= INTERVAL {
            self.last_line = Instant::now();
            let total = self.bar.length().map(|total| format!(" of {}", HumanCount(total)));
            eprintln!("{}{} rows, {message}", HumanCount(rows), total.unwrap_or_default());
        }
        self.bar.set_message(message);
    }

    /// Says something that stays.
    pub fn note(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }

    /// How long it has taken, and how fast it went.
    pub fn pace(&self) -> String {
        format!("{:.1} s, {}", self.begun.elapsed().as_secs_f64(), self.rate())
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn rate(&self) -> String {
        #[expect(clippy::cast_precision_loss, reason = "for people to read")]
        let rows = self.bar.position().saturating_sub(self.before) as f64;
        let rate = rows / self.begun.elapsed().as_secs_f64().max(0.001);
        format!("{:.0} rows/s", HumanFloatCount(rate))
    }
}
