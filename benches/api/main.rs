//! What the service costs, as ratios against the limit of each kind of work: see `benches/README.md`.
//!
//! The service is a process of its own on a real socket; this one calls it, or sets `pgbench` to the limit.

mod access;
mod caller;
mod cluster;
mod controls;
mod creates;
mod crowd;
mod echo;
mod import;
mod index;
mod library;
mod lists;
mod load;
mod measure;
mod members;
mod reads;
mod rows;
mod segments;
mod server;
mod sharing;
mod start;
mod table;
mod tenants;
mod topology;
mod world;

use std::env;

use self::cluster::Cluster;
use self::table::Table;

/// The kinds of work, in the order in which they are measured.
const WORK: &[&str] = &[
    "echo", "access", "index", "sharing", "reads", "creates", "controls", "import", "lists",
    "segments", "tenants", "start",
];

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// People stored.
    pub people: i64,
    /// Rows imported.
    pub rows: i64,
    /// Interleaved rounds.
    pub rounds: usize,
    /// Seconds for each side of a round.
    pub seconds: u64,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if echo::serve(arguments.first()).await {
        return;
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let size = if quick {
        Size { people: 200_000, rows: 200_000, rounds: 3, seconds: 2 }
    } else {
        Size { people: 1_000_000, rows: 1_000_000, rounds: 5, seconds: 4 }
    };
    // cargo adds `--bench`.
    let named: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|name| !name.starts_with("--")).collect();
    if let Some(unknown) = named.iter().find(|name| !WORK.contains(name)) {
        panic!("{unknown} is no kind of work; there are {WORK:?}");
    }
    let wanted = |work: &str| named.is_empty() || named.contains(&work);
    measure(size, wanted).await;
}

async fn measure(size: Size, wanted: impl Fn(&str) -> bool) {
    let cluster = Cluster::from_env().await;
    let mut table = Table::new();
    if wanted("index") {
        index::measure(&cluster, size, &mut table).await;
    }
    if wanted("access") {
        access::measure(&cluster, size, &mut table).await;
    }
    if wanted("sharing") {
        sharing::measure(&cluster, size, &mut table).await;
    }
    if ["echo", "reads", "creates", "controls", "lists"].into_iter().any(&wanted) {
        let world = world::World::new(&cluster, size).await;
        if wanted("echo") {
            echo::measure(&world, &mut table).await;
        }
        if wanted("reads") {
            reads::measure(&world, &mut table).await;
        }
        // Lists are compared with the database's answer: before anybody is added.
        if wanted("lists") {
            lists::measure(&world, &mut table).await;
        }
        if wanted("creates") {
            creates::measure(&world, &mut table).await;
        }
        if wanted("controls") {
            controls::measure(&world, &mut table).await;
        }
        table.note(&format!("server, peak resident memory: {} MB", world.server.peak_memory()));
    }
    if wanted("import") {
        import::measure(&cluster, size, &mut table).await;
    }
    if wanted("segments") {
        segments::measure(&cluster, size, &mut table).await;
    }
    if wanted("tenants") {
        tenants::measure(&cluster, size, &mut table).await;
    }
    if wanted("start") {
        start::measure(&mut table).await;
    }
    table.print();
}
