//! Segmentations of many people: approving them and computing them anew, against SQL by hand that writes the same into
//! the same table; and what it costs that results follow a change, against computing them anew.

use std::time::{Duration, Instant};

use precinct::pb;
use precinct::pb::longrunning::{Operation, WaitOperationRequest, operation};
use prost::Message;
use sqlx::{AssertSqlSafe, Executor, Row};

use super::Size;
use super::caller::Caller;
use super::cluster::{Cluster, Database};
use super::crowd::{self, Crowd, SEGMENTATIONS, Segmentation};
use super::load::scatter;
use super::measure::{Duel, Sample, rematch, sample};
use super::members;
use super::rows;
use super::server::Server;
use super::table::Table;

/// Rounds: each approves a segmentation that never was approved.
const ROUNDS: usize = 3;
/// People of one call.
const BATCH: usize = 1_000;

/// A tenant with segmentations, another with the same people and none, and the server that serves them.
pub struct Place {
    pub size: Size,
    pub database: Database,
    pub server: Server,
    pub crowd: Crowd,
    plain: Crowd,
    pub segmentations: Vec<Segmentation>,
}

/// Measures the whole life of segmentations, and how they are read.
pub async fn measure(cluster: &Cluster, size: Size, table: &mut Table) {
    let place = Place::new(cluster, size).await;
    let idle = place.server.memory();
    let approval = place.measure_approve(table).await;
    table.note(&format!(
        "server of the segments benches: {idle} MB resident before, {} MB at the peak of approvals of {} people",
        place.server.peak_memory(),
        size.people
    ));
    let recomputing = place.measure_recompute(table).await;
    place.measure_changes(table, &approval, &recomputing).await;
    members::measure(&place, table).await;
}

// === impl Place ===

impl Place {
    /// All but the first [`ROUNDS`] segmentations are approved while nobody is there, and get their results by hand.
    async fn new(cluster: &Cluster, size: Size) -> Self {
        let database = cluster.database("segments").await;
        let server = Server::start(&database.service_url).await;
        let operator = Caller::operator(&server.address).await;
        let crowd = Crowd::new(&operator, "Segments").await;
        let plain = Crowd::new(&operator, "Plain").await;
        let mut segmentations = Vec::new();
        for nth in 0..SEGMENTATIONS {
            segmentations.push(crowd.segmentation(nth).await);
        }
        let place = Self { size, database, server, crowd, plain, segmentations };
        for one in &place.segmentations[ROUNDS..] {
            place.approve(one).await;
        }
        place.quiet().await;
        place.crowd.fill(&place.database, size.people).await;
        place.plain.fill(&place.database, size.people).await;
        for one in &place.segmentations[ROUNDS..] {
            place.database.execute(&place.crowd.insert(one, &one.id)).await;
        }
        place.database.execute("VACUUM ANALYZE").await;
        place.database.fill_pgbench(size.people.max(100_000)).await;
        place
    }

    /// First approvals, each with the work that goes on behind it.
    async fn measure_approve(&self, table: &mut Table) -> Duel {
        let approval = rematch(
            ROUNDS,
            async |_| {},
            async |round| {
                let work = async {
                    let done = self.approve(&self.segmentations[round]).await;
                    assert_eq!((done.people, done.changed), (self.size.people, self.size.people));
                    self.quiet().await;
                    self.size.people.unsigned_abs()
                };
                sample(Some(self.server.meter()), self.database.meter(), work).await
            },
            async |round| {
                let one = &self.segmentations[round];
                self.statement(&self.crowd.insert(one, &crowd::by_hand(round))).await
            },
        )
        .await;
        table.row("ApproveSegmentation, a person", "INSERT … SELECT CASE by hand", "", &approval);
        self.compare(ROUNDS).await;
        approval
    }

    /// A segmentation of which one in a hundred results, and then none, is wrong. By hand, each round brings the results
    /// of another copy up to date.
    async fn measure_recompute(&self, table: &mut Table) -> Duel {
        let (one, copy) = (&self.segmentations[0], crowd::by_hand(0));
        let refresh = self.crowd.refresh(one, &copy);
        let wrong = self.size.people / 100;
        let changed = rematch(
            ROUNDS,
            async |_| {
                self.change_behind(&copy, wrong).await;
                assert_eq!(self.crowd.wrong(&self.database, one).await, wrong);
            },
            async |_| self.recompute(one, wrong).await,
            async |_| self.statement(&refresh).await,
        )
        .await;
        let work = "RecomputeSegmentation with 1 % changed, a person";
        table.row(work, "SQL by hand that writes the difference", "2", &changed);
        let unchanged = rematch(
            ROUNDS,
            async |_| {},
            async |_| self.recompute(one, 0).await,
            async |_| self.statement(&refresh).await,
        )
        .await;
        let work = "RecomputeSegmentation with nothing changed, a person";
        table.row(work, "SQL by hand that writes the difference", "", &unchanged);
        // The others know nothing of those who were changed.
        for other in &self.segmentations[1..] {
            self.database.execute(&self.crowd.refresh(other, &other.id)).await;
        }
        self.compare(SEGMENTATIONS).await;
        self.database.execute("VACUUM ANALYZE").await;
        changed
    }

    /// People changed through the service, with segmentations that follow, and without.
    async fn measure_changes(&self, table: &mut Table, approval: &Duel, recomputing: &Duel) {
        #[allow(clippy::cast_precision_loss, reason = "there are 20")]
        let all = SEGMENTATIONS as f64;
        let (approve, recompute) =
            (approval.figures(Sample::cpu).0 * all, recomputing.figures(Sample::cpu).0 * all);
        for percent in [1, 5] {
            let changes = rematch(
                ROUNDS,
                async |_| {},
                async |round| self.sync(&self.crowd, percent, round).await,
                async |round| self.sync(&self.plain, percent, round).await,
            )
            .await;
            let work = format!("SyncPeople, a person of {percent} %, {SEGMENTATIONS} approved");
            table.row(&work, "the same, none approved", "", &changes);
            let (with, without) = changes.figures(Sample::cpu);
            let more = with - without;
            table.note(&format!(
                "changing {percent} % of {} people costs {more:.2} s CPU more with {SEGMENTATIONS} approved: {:.2} % of \
                 computing them anew with 1 % changed ({recompute:.1} s; goal ≤ {} %), {:.2} % of approving them \
                 ({approve:.1} s)",
                self.size.people,
                more / recompute * 100.0,
                percent + 1,
                more / approve * 100.0,
            ));
        }
        self.compare(SEGMENTATIONS).await;
        self.database.execute("VACUUM ANALYZE").await;
    }

    /// The results of the first so many segmentations are those that SQL by hand comes to.
    async fn compare(&self, count: usize) {
        for one in &self.segmentations[..count] {
            assert_eq!(self.crowd.wrong(&self.database, one).await, 0, "{}", one.id);
        }
    }

    /// Puts so many people who are in another segment into the first of segmentation 0, behind the service's back.
    async fn change_behind(&self, copy: &str, people: i64) {
        let (tenant, one) = (&self.crowd.tenant, &self.segmentations[0]);
        let update = format!(
            "UPDATE person SET attributes = attributes || jsonb_build_object('3', '{}') \
             WHERE tenant_id = '{tenant}' AND id IN (SELECT person_id FROM segment_member \
             WHERE tenant_id = '{tenant}' AND segmentation_id = '{copy}' AND segment_id <> '{}' \
             ORDER BY md5(person_id::text) LIMIT {people})",
            Segmentation::country(0),
            one.segments[0],
        );
        self.database.execute(&update).await;
    }

    /// Computes a segmentation anew, with the work that goes on behind it.
    async fn recompute(&self, one: &Segmentation, changed: i64) -> Sample {
        let work = async {
            let done = self.recomputed(one).await;
            assert_eq!((done.people, done.changed), (self.size.people, changed));
            self.quiet().await;
            self.size.people.unsigned_abs()
        };
        sample(Some(self.server.meter()), self.database.meter(), work).await
    }

    async fn statement(&self, sql: &str) -> Sample {
        let work = async {
            self.database.execute(sql).await;
            self.size.people.unsigned_abs()
        };
        sample(None, self.database.meter(), work).await
    }

    /// Changes so many percent of a tenant's people, in batches, one after the other.
    async fn sync(&self, crowd: &Crowd, percent: usize, round: usize) -> Sample {
        let people = usize::try_from(self.size.people).expect("many") * percent / 100;
        let (step, first) = (100 / percent, percent + round);
        let numbers: Vec<usize> = (0..people).map(|nth| nth * step + first % step).collect();
        let requests: Vec<pb::SyncPeopleRequest> =
            numbers.chunks(BATCH).map(|those| request(crowd, those, first)).collect();
        let work = async {
            for request in requests {
                let count = request.people.len();
                let done = crowd.member.people(0).sync_people(request).await.expect("results");
                let updated = i32::from(pb::PersonWriteStatus::Updated);
                let results = done.into_inner().results;
                assert_eq!(results.iter().filter(|one| one.status == updated).count(), count);
            }
            self.size.people.unsigned_abs() * percent as u64 / 100
        };
        sample(Some(self.server.meter()), self.database.meter(), work).await
    }

    async fn approve(&self, one: &Segmentation) -> pb::ApproveSegmentationResult {
        let request = pb::ApproveSegmentationRequest {
            workspace_id: self.crowd.workspace.clone(),
            segmentation_id: one.id.clone(),
            ..pb::ApproveSegmentationRequest::default()
        };
        let begun = self.crowd.member.segmentations(0).approve_segmentation(request).await;
        self.end(begun.expect("an approval begins").into_inner().operation).await
    }

    /// Computes a segmentation anew.
    pub async fn recomputed(&self, one: &Segmentation) -> pb::RecomputeSegmentationResult {
        let request = pb::RecomputeSegmentationRequest {
            workspace_id: self.crowd.workspace.clone(),
            segmentation_id: one.id.clone(),
            ..pb::RecomputeSegmentationRequest::default()
        };
        let begun = self.crowd.member.segmentations(0).recompute_segmentation(request).await;
        self.end(begun.expect("a computing begins").into_inner().operation).await
    }

    /// Waits for the end of an operation.
    async fn end<M: Message + Default>(&self, begun: Option<Operation>) -> M {
        let mut operation = begun.expect("an operation");
        while !operation.done {
            let request = WaitOperationRequest { name: operation.name, timeout: None };
            let found = self.crowd.member.operations().wait_operation(request).await;
            operation = found.expect("the operation").into_inner();
        }
        match operation.result {
            Some(operation::Result::Response(any)) => {
                M::decode(any.value.as_slice()).expect("its result")
            }
            other => panic!("{other:?}"),
        }
    }

    /// Until nothing computes, tells or removes anything any more.
    pub async fn quiet(&self) {
        let mut connection = self.database.connect().await;
        let sql = "SELECT count(*) FROM segmentation WHERE operation_id IS NOT NULL";
        let end = Instant::now() + Duration::from_secs(3_600);
        loop {
            let row = connection.fetch_one(AssertSqlSafe(sql)).await.expect("a count");
            if row.get::<i64, _>(0) == 0 {
                return;
            }
            assert!(Instant::now() < end, "work goes on and on");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The id of a person, picked by a number.
    pub fn person(&self, pick: u64) -> String {
        rows::id(scatter(pick, self.size.people))
    }
}

/// Asks to change people: to a country that some segment of one of the segmentations is about, and to a code that they
/// did not have.
fn request(crowd: &Crowd, numbers: &[usize], turn: usize) -> pb::SyncPeopleRequest {
    let text = |text: String| pb::AttributeValue {
        kind: Some(pb::attribute_value::Kind::TextValue(text)),
    };
    let person = |number: &usize| pb::Person {
        email: format!("person.{number}@example.com"),
        attributes: [
            ("country".to_owned(), text(Segmentation::country(turn))),
            ("code".to_owned(), text(format!("turn {turn}"))),
        ]
        .into(),
        ..pb::Person::default()
    };
    pb::SyncPeopleRequest {
        workspace_id: crowd.workspace.clone(),
        mode: pb::PersonWriteMode::UpdateOnly.into(),
        lookup_field: pb::PersonLookupField::Email.into(),
        people: numbers.iter().map(person).collect(),
        ..pb::SyncPeopleRequest::default()
    }
}
