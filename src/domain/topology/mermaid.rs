//! A topology as a Mermaid flowchart.

use std::collections::HashMap;
use std::fmt::Write;

use super::{Amount, Binding, Bound, Partition, Topology, Workspace, label};
use crate::id::{PartitionId, WorkspaceId};

/// Most bytes of a chart, the last lines apart: renderers refuse more than 50,000 characters.
const BYTES: usize = 48_000;
/// Most edges of a chart: renderers refuse more than 500.
const EDGES: usize = 480;

/// How the kinds of workspaces look.
const STYLES: &str = "  classDef production stroke-width:3px\n  classDef staging stroke-dasharray:6 3\n  \
                      classDef development stroke-dasharray:2 3\n  classDef archived opacity:0.5\n";

/// A chart as far as it is drawn.
struct Chart<'a> {
    topology: &'a Topology,
    bound: Bound<'a>,
    partitions: HashMap<PartitionId, &'a Partition>,
    text: String,
    edges: usize,
    /// What is drawn, and its name in the chart.
    workspaces: HashMap<WorkspaceId, usize>,
    drawn: HashMap<PartitionId, usize>,
    /// There is a node that stands for all partitions.
    all: bool,
    bindings: usize,
    shares: usize,
}

/// Draws a topology: workspaces with what they see, then the partitions that are left, then shares, each as long as there
/// is room for it.
pub(super) fn draw(topology: &Topology) -> String {
    let mut chart = Chart {
        topology,
        bound: topology.bound(),
        partitions: topology.partitions.iter().map(|one| (one.id, one)).collect(),
        text: "flowchart LR\n".into(),
        edges: 0,
        workspaces: HashMap::new(),
        drawn: HashMap::new(),
        all: false,
        bindings: 0,
        shares: 0,
    };
    topology.workspaces.iter().for_each(|one| chart.workspace(one));
    topology.partitions.iter().for_each(|one| chart.partition(one));
    chart.all_shares();
    chart.end()
}

// === impl Chart ===

impl<'a> Chart<'a> {
    /// Draws a workspace, the partitions that it is bound to, and its bindings; all or nothing.
    fn workspace(&mut self, workspace: &'a Workspace) {
        let bindings = self.bound.of(workspace.id).to_vec();
        let place = self.workspaces.len();
        let mut lines = String::new();
        let title = escape(&workspace.display_name);
        let class = match workspace.archived {
            true => "archived".to_owned(),
            false => workspace.environment.title().to_lowercase(),
        };
        let told = escape(&label::of_workspace(workspace));
        line(&mut lines, format_args!("  w{place}[\"{title}<br/>{told}\"]:::{class}"));
        let mut new = Vec::new();
        for binding in &bindings {
            let next = self.drawn.len() + new.len();
            let known = self.drawn.get(&binding.partition).copied();
            let Some(found) = self.partitions.get(&binding.partition) else { continue };
            let end = known.unwrap_or_else(|| {
                line(&mut lines, format_args!("{}", node(next, found)));
                new.push(binding.partition);
                next
            });
            line(&mut lines, format_args!("  w{place} {} p{end}", arrow(binding)));
        }
        let all = workspace.all_partitions && workspace.bindings_known;
        if all {
            if !self.all {
                lines.push_str("  all[(\"all partitions\")]\n");
            }
            line(&mut lines, format_args!("  w{place} --> all"));
        }
        let edges = bindings.len() + usize::from(all);
        if !self.add(&lines, edges) {
            return;
        }
        self.all |= all;
        self.bindings += bindings.len();
        self.workspaces.insert(workspace.id, place);
        for id in new {
            self.drawn.insert(id, self.drawn.len());
        }
    }

    /// Draws a partition that no drawn workspace is bound to.
    fn partition(&mut self, partition: &'a Partition) {
        let place = self.drawn.len();
        let known = self.drawn.contains_key(&partition.id);
        if !known && self.add(&format!("{}\n", node(place, partition)), 0) {
            self.drawn.insert(partition.id, place);
        }
    }

    /// Draws the shares between drawn workspaces.
    fn all_shares(&mut self) {
        for share in &self.topology.shares {
            let ends = self.workspaces.get(&share.owner).zip(self.workspaces.get(&share.target));
            let Some((owner, target)) = ends else { continue };
            let name = escape(&label::name(&share.folder_name));
            if !self.add(&format!("  w{owner} -. \"{name}\" .-> w{target}\n"), 1) {
                return;
            }
            self.shares += 1;
        }
    }

    /// Adds lines with so many edges, if there is room for them.
    fn add(&mut self, lines: &str, edges: usize) -> bool {
        let fits = self.text.len() + lines.len() <= BYTES && self.edges + edges <= EDGES;
        if fits {
            self.text.push_str(lines);
            self.edges += edges;
        }
        fits
    }

    fn end(mut self) -> String {
        let drawn = Amount {
            workspaces: self.workspaces.len(),
            partitions: self.drawn.len(),
            bindings: self.bindings,
            shares: self.shares,
        };
        if let Some(text) = self.topology.amount().less(drawn).left_out() {
            line(&mut self.text, format_args!("  cut[\"{text}\"]"));
        }
        self.text.push_str(STYLES);
        self.text
    }
}

fn node(place: usize, partition: &Partition) -> String {
    let (name, told) = (escape(&partition.display_name), label::of_partition(partition));
    match told.is_empty() {
        true => format!("  p{place}[(\"{name}\")]"),
        false => format!("  p{place}[(\"{name}<br/>{}\")]", escape(&told)),
    }
}

fn arrow(binding: &Binding) -> &'static str {
    match (binding.primary, binding.read_only) {
        (true, _) => "== primary ==>",
        (false, true) => "-- read-only -->",
        (false, false) => "-->",
    }
}

fn line(to: &mut String, text: std::fmt::Arguments<'_>) {
    // A String takes all that it is given.
    let _ = writeln!(to, "{text}");
}

/// A name as text between quotes: of ASCII only letters, digits and what means nothing to Mermaid stand for themselves.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in label::name(text).chars() {
        if !c.is_ascii() || c.is_ascii_alphanumeric() || " -_.,/+".contains(c) {
            escaped.push(c);
        } else {
            escaped.push_str(&format!("#{};", u32::from(c)));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::topology::tests::{large, small};

    /// Every line is of one of the few forms that are drawn.
    fn is_valid(chart: &str) -> bool {
        let mut lines = chart.lines();
        let quoted = |text: &str| text.chars().all(|c| !"\"[]{}()|`\\%".contains(c));
        let is_line = |line: &str| {
            let parts: Vec<&str> = line.split('"').collect();
            line.starts_with("  ")
                && matches!(parts.len(), 1 | 3)
                && (parts.len() == 1 || quoted(parts[1]))
        };
        lines.next() == Some("flowchart LR") && lines.all(is_line)
    }

    #[test]
    fn x_04_a_chart_of_a_small_tenant() {
        let expected = "flowchart LR\n  \
            w0[\"Default<br/>production\"]:::production\n  \
            p0[(\"Everybody<br/>2 people\")]\n  \
            w0 == primary ==> p0\n  \
            all[(\"all partitions\")]\n  \
            w0 --> all\n  \
            w1[\"Acme - EU - Staging<br/>staging, eu, Acme\"]:::staging\n  \
            p1[(\"Europe<br/>eu, 1 person\")]\n  \
            w1 == primary ==> p1\n  \
            w1 -- read-only --> p0\n  \
            w0 -. \"Templates\" .-> w1\n";
        assert_eq!(draw(&small()), format!("{expected}{STYLES}"));
    }

    #[test]
    fn x_04_names_are_only_text() {
        for name in [
            "a \"quoted\" [name] (with) {all} |of| it",
            "end",
            "`md`",
            "%%{init: {}}%%",
            "a\nb",
            "<b>&amp;</b>#quot;",
            "😀 \\n",
            "x\u{2028}y",
        ] {
            let mut topology = small();
            topology.workspaces[0].display_name = name.into();
            topology.partitions[0].display_name = name.into();
            topology.shares[0].folder_name = name.into();
            topology.workspaces[1].brand = name.into();
            let chart = draw(&topology);
            assert!(is_valid(&chart), "{chart}");
            assert_eq!(chart.lines().count(), draw(&small()).lines().count(), "{chart}");
        }
    }

    #[test]
    fn x_04_a_chart_of_a_large_tenant_is_cut() {
        let chart = draw(&large());
        assert!(chart.len() < 50_000 && is_valid(&chart), "{}", chart.len());
        assert!(chart.matches(['>',]).count() > 100);
        let edges = chart.lines().filter(|line| line.contains("> ")).count();
        assert!(edges <= 500, "{edges}");
        let cut = chart.lines().find(|line| line.starts_with("  cut[")).expect("it says so");
        assert!(cut.contains("workspaces") && cut.contains("shares"), "{cut}");
    }
}
