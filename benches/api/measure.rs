//! Samples of work done, the CPU time that it took, and two kinds of work side by side.

use std::fs;
use std::time::Instant;

/// Clock ticks per second, as Linux counts them in /proc.
const TICKS: f64 = 100.0;

/// Whose CPU time is read.
#[derive(Clone, Copy, Debug)]
pub enum Meter {
    /// One process, all its threads.
    Process(u32),
    /// A process and its children, those that ended too: PostgreSQL.
    Family(u32),
}

/// Work done, and what it took, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Calls, or rows.
    pub units: f64,
    wall: f64,
    server: f64,
    database: f64,
}

/// Two kinds of work, in interleaved rounds.
#[derive(Debug)]
pub struct Duel {
    ours: Vec<Sample>,
    limit: Vec<Sample>,
}

/// What something took, again and again, in seconds: the median, the least and the greatest.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    pub median: f64,
    pub least: f64,
    pub greatest: f64,
}

/// Times work in this thread: what one of so many takes, in rounds, after one that does not count.
pub fn time(rounds: usize, count: usize, mut work: impl FnMut(usize)) -> Times {
    let mut round = || {
        let start = Instant::now();
        (0..count).for_each(&mut work);
        #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let count = count as f64;
        start.elapsed().as_secs_f64() / count
    };
    round();
    Times::of((0..rounds).map(|_| round()).collect())
}

/// Runs work that says how many units it did, and takes the time.
pub async fn sample(
    server: Option<Meter>,
    database: Meter,
    work: impl Future<Output = u64>,
) -> Sample {
    let cpu = || (server.map_or(0.0, Meter::seconds), database.seconds());
    let (start, before) = (Instant::now(), cpu());
    let units = work.await;
    let wall = start.elapsed().as_secs_f64();
    let after = cpu();
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let units = units as f64;
    Sample { units, wall, server: after.0 - before.0, database: after.1 - before.1 }
}

/// Runs ours and the limit in turns.
pub async fn duel(
    rounds: usize,
    ours: impl AsyncFn() -> Sample,
    limit: impl AsyncFn() -> Sample,
) -> Duel {
    rematch(rounds, async |_| {}, async |_| ours().await, async |_| limit().await).await
}

/// The same of work that is another in each round, from 0 on, and that something comes before.
pub async fn rematch(
    rounds: usize,
    before: impl AsyncFn(usize),
    ours: impl AsyncFn(usize) -> Sample,
    limit: impl AsyncFn(usize) -> Sample,
) -> Duel {
    let mut duel = Duel { ours: Vec::new(), limit: Vec::new() };
    for round in 0..rounds {
        before(round).await;
        // Whoever goes second meets warmer caches: take turns in that, too.
        if round % 2 == 0 {
            duel.ours.push(ours(round).await);
            duel.limit.push(limit(round).await);
        } else {
            duel.limit.push(limit(round).await);
            duel.ours.push(ours(round).await);
        }
    }
    duel
}

// === impl Meter ===

impl Meter {
    fn seconds(self) -> f64 {
        match self {
            Self::Process(pid) => ticks(pid).map_or(0.0, |own| own.itself),
            Self::Family(pid) => {
                let children = children(pid).into_iter().filter_map(ticks).map(|own| own.itself);
                let parent = ticks(pid).map_or(0.0, |own| own.itself + own.ended_children);
                children.sum::<f64>() + parent
            }
        }
    }
}

struct Ticks {
    parent: u32,
    itself: f64,
    ended_children: f64,
}

fn ticks(pid: u32) -> Option<Ticks> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the name, in parentheses, and may hold anything; the third is the first here.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let seconds = |at: usize| fields.get(at)?.parse::<f64>().ok().map(|ticks| ticks / TICKS);
    Some(Ticks {
        parent: fields.get(1)?.parse().ok()?,
        itself: seconds(11)? + seconds(12)?,
        ended_children: seconds(13)? + seconds(14)?,
    })
}

fn children(parent: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").expect("/proc is there").filter_map(Result::ok);
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| ticks(*pid).is_some_and(|ticks| ticks.parent == parent)).collect()
}

/// A line of a process's status, in MB.
pub fn memory(pid: u32, line: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let kilobytes = line.and_then(|text| text.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.expect("memory is in kB") / 1_024
}

// === impl Times ===

impl Times {
    pub fn of(values: Vec<f64>) -> Self {
        let (median, least, greatest) = spread(values.into_iter());
        Self { median, least, greatest }
    }
}

// === impl Sample ===

impl Sample {
    /// Units per second.
    pub fn rate(&self) -> f64 {
        self.units / self.wall
    }

    /// CPU time of the server, in microseconds per unit.
    pub fn server_us(&self) -> f64 {
        self.server / self.units * 1e6
    }

    /// CPU time of the database, in microseconds per unit.
    pub fn database_us(&self) -> f64 {
        self.database / self.units * 1e6
    }

    /// CPU time of both, in seconds.
    pub fn cpu(&self) -> f64 {
        self.server + self.database
    }

    /// The same work counted in other units.
    pub fn counting(self, units: f64) -> Self {
        Self { units, ..self }
    }
}

// === impl Duel ===

impl Duel {
    /// The median of the rounds' ratios of rates, and the least and the greatest.
    pub fn ratio(&self) -> (f64, f64, f64) {
        spread(self.ours.iter().zip(&self.limit).map(|(ours, limit)| ours.rate() / limit.rate()))
    }

    /// The same for the CPU time per unit, server and database together.
    pub fn cpu_ratio(&self) -> f64 {
        let cpu = |sample: &Sample| sample.server_us() + sample.database_us();
        spread(self.ours.iter().zip(&self.limit).map(|(ours, limit)| cpu(ours) / cpu(limit))).0
    }

    /// A figure of ours, and of the limit: the medians.
    pub fn figures(&self, of: impl Fn(&Sample) -> f64) -> (f64, f64) {
        (spread(self.ours.iter().map(&of)).0, spread(self.limit.iter().map(&of)).0)
    }
}

fn spread(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    (values[values.len() / 2], values[0], values[values.len() - 1])
}
