//! Who is in which segment, as callers read it, against SQL by hand; and what somebody who reads people notices of a
//! computing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use precinct::pb;

use super::crowd::{DEFAULT, SEGMENTATIONS, Segmentation};
use super::load::load;
use super::measure::{Sample, duel, sample};
use super::segments::Place;
use super::table::Table;

const PAGE: i32 = 50;
/// Pages in flight.
const LISTS: usize = 16;
/// Counts in flight.
const COUNTS: usize = 2;
/// People whose segments are compared before anything is timed.
const COMPARED: u64 = 50;
/// Callers whose pace is looked at, and how long each waits between its calls: there is time left for others.
const CALLERS: (usize, Duration) = (4, Duration::from_millis(5));

/// Measures `CountSegments`, `ListSegmentMembers` and `GetPersonSegments`, and the pace of `GetPerson`.
pub async fn measure(place: &Place, table: &mut Table) {
    let one = &place.segmentations[1];
    let sql = Sql::new(place, one);
    place.compare_count(one, &sql).await;
    place.compare_list(one, &sql).await;
    place.compare_person().await;
    let count = duel(
        place.size.rounds,
        async || place.count(one).await,
        async || place.script(&sql.count, COUNTS).await,
    );
    let work = format!("CountSegments, {COUNTS} in flight");
    table.row(&work, "SQL by hand", "", &count.await);
    let list = duel(
        place.size.rounds,
        async || place.list(one).await,
        async || place.script(&sql.list, LISTS).await,
    );
    let work = format!("ListSegmentMembers, first {PAGE}, {LISTS} in flight");
    table.row(&work, "SQL by hand", "", &list.await);
    for in_flight in [16, 64] {
        let person = duel(
            place.size.rounds,
            async || place.of_person(in_flight).await,
            async || place.select(in_flight).await,
        );
        let work = format!("GetPersonSegments of {SEGMENTATIONS}, {in_flight} in flight");
        table.row(&work, "pgbench -S", "", &person.await);
    }
    place.measure_pace(one, table).await;
}

/// The statements that somebody would write who has the same tables, and knows that the workspace sees all partitions.
struct Sql {
    count: String,
    list: String,
}

// === impl Sql ===

impl Sql {
    fn new(place: &Place, one: &Segmentation) -> Self {
        let tenant = &place.crowd.tenant;
        let of = format!("tenant_id = '{tenant}' AND segmentation_id = '{}'", one.id);
        let live = format!(
            "(SELECT live_generation FROM segmentation WHERE tenant_id = '{tenant}' AND id = '{}')",
            one.id
        );
        let live = format!("from_generation <= {live} AND to_generation > {live}");
        Self {
            count: format!(
                "SELECT partition_id, segment_id, count(*) AS people FROM segment_member WHERE {of} AND {live} \
                 GROUP BY partition_id, segment_id"
            ),
            list: format!(
                "SELECT x.person_id, x.partition_id, p.email FROM (\
                 SELECT v.id FROM person_partition v WHERE v.tenant_id = '{tenant}' AND v.delete_time IS NULL) v \
                 CROSS JOIN LATERAL (SELECT person_id, partition_id FROM segment_member WHERE {of} AND {live} \
                 AND partition_id = v.id AND segment_id = '{}' ORDER BY person_id LIMIT {PAGE}) x \
                 JOIN person p ON p.tenant_id = '{tenant}' AND p.id = x.person_id ORDER BY x.person_id LIMIT {PAGE}",
                one.segments[1]
            ),
        }
    }
}

// === impl Place ===

impl Place {
    /// Both sides count the same people.
    async fn compare_count(&self, one: &Segmentation, sql: &Sql) {
        let mut client = self.crowd.member.segmentations(0);
        let counted = client.count_segments(self.count_request(one)).await;
        let counted = counted.expect("counts").into_inner();
        assert_eq!((counted.total, counted.counts.len()), (self.size.people, 11));
        for count in counted.counts {
            let by_hand = format!(
                "SELECT coalesce(sum(people), 0)::bigint FROM ({}) c WHERE segment_id = '{}'",
                sql.count, count.segment_id
            );
            assert_eq!(count.people, self.database.number(&by_hand).await, "{}", count.segment_id);
            assert!(count.people > 0, "nobody is in {}", count.segment_id);
        }
    }

    async fn count(&self, one: &Segmentation) -> Sample {
        let (member, request) = (self.crowd.member.clone(), self.count_request(one));
        let calls = load(COUNTS, self.size.seconds, move |slot, _| {
            let (mut client, request) = (member.segmentations(slot), request.clone());
            async move {
                client.count_segments(request).await.expect("counts");
            }
        });
        sample(Some(self.server.meter()), self.database.meter(), calls).await
    }

    fn count_request(&self, one: &Segmentation) -> pb::CountSegmentsRequest {
        pb::CountSegmentsRequest {
            workspace_id: self.crowd.workspace.clone(),
            segmentation_id: one.id.clone(),
        }
    }

    /// Both sides show the same page.
    async fn compare_list(&self, one: &Segmentation, sql: &Sql) {
        let mut client = self.crowd.member.segmentations(0);
        let page = client.list_segment_members(self.list_request(one)).await;
        let page = page.expect("a page").into_inner().members;
        let people: Vec<String> = page.iter().map(|one| format!("'{}'", one.person_id)).collect();
        let same = format!(
            "SELECT count(*) FROM ({}) x WHERE person_id IN ({})",
            sql.list,
            people.join(",")
        );
        assert_eq!(self.database.number(&same).await, i64::from(PAGE));
        assert!(page.is_sorted_by_key(|one| &one.person_id), "by id");
    }

    async fn list(&self, one: &Segmentation) -> Sample {
        let (member, request) = (self.crowd.member.clone(), self.list_request(one));
        let calls = load(LISTS, self.size.seconds, move |slot, _| {
            let (mut client, request) = (member.segmentations(slot), request.clone());
            async move {
                client.list_segment_members(request).await.expect("a page");
            }
        });
        sample(Some(self.server.meter()), self.database.meter(), calls).await
    }

    fn list_request(&self, one: &Segmentation) -> pb::ListSegmentMembersRequest {
        pb::ListSegmentMembersRequest {
            workspace_id: self.crowd.workspace.clone(),
            segmentation_id: one.id.clone(),
            segment_id: one.segments[1].clone(),
            page_size: PAGE,
            ..pb::ListSegmentMembersRequest::default()
        }
    }

    /// A person is in the segments in which the results have it.
    async fn compare_person(&self) {
        let mut elsewhere = 0;
        for pick in 0..COMPARED {
            let request = self.person_request(pick);
            let person = request.person_id.clone();
            let found = self.crowd.member.segmentations(0).get_person_segments(request).await;
            let found = found.expect("segments").into_inner().segments;
            assert_eq!(found.len(), SEGMENTATIONS);
            for one in found {
                elsewhere += usize::from(one.segment_id != DEFAULT);
                let by_hand = format!(
                    "SELECT count(*) FROM ({}) m WHERE person_id = '{person}' AND segment_id = '{}'",
                    self.crowd.live(&one.segmentation_id),
                    one.segment_id
                );
                assert_eq!(self.database.number(&by_hand).await, 1, "{person}");
            }
        }
        assert!(elsewhere > 0, "somebody is not in Default");
    }

    async fn of_person(&self, in_flight: usize) -> Sample {
        let (member, workspace) = (self.crowd.member.clone(), self.crowd.workspace.clone());
        let people: Vec<String> = (0..1_024).map(|pick| self.person(pick)).collect();
        let calls = load(in_flight, self.size.seconds, move |slot, number| {
            let mut client = member.segmentations(slot);
            let nth = usize::try_from(number).expect("a number") % people.len();
            let request = pb::GetPersonSegmentsRequest {
                workspace_id: workspace.clone(),
                person_id: people[nth].clone(),
            };
            async move {
                client.get_person_segments(request).await.expect("segments");
            }
        });
        sample(Some(self.server.meter()), self.database.meter(), calls).await
    }

    fn person_request(&self, pick: u64) -> pb::GetPersonSegmentsRequest {
        pb::GetPersonSegmentsRequest {
            workspace_id: self.crowd.workspace.clone(),
            person_id: self.person(pick),
        }
    }

    async fn select(&self, in_flight: usize) -> Sample {
        let calls = self.database.pgbench("-S", in_flight, self.size.seconds);
        sample(None, self.database.meter(), calls).await
    }

    async fn script(&self, sql: &str, clients: usize) -> Sample {
        let calls = self.database.pgbench_statement(sql, clients, self.size.seconds);
        sample(None, self.database.meter(), calls).await
    }

    /// `GetPerson` alone, and while a segmentation is computed anew again and again, in turns.
    async fn measure_pace(&self, one: &Segmentation, table: &mut Table) {
        let (mut alone, mut beside) = (Vec::new(), Vec::new());
        for _ in 0..self.size.rounds {
            alone.append(&mut self.waits().await);
            let enough = AtomicBool::new(false);
            let computing = async {
                while !enough.load(Ordering::Relaxed) {
                    self.recomputed(one).await;
                }
            };
            let waits = async {
                let waits = self.waits().await;
                enough.store(true, Ordering::Relaxed);
                waits
            };
            beside.append(&mut tokio::join!(waits, computing).0);
            self.quiet().await;
        }
        let [alone, beside] = [alone, beside].map(|mut waits| {
            waits.sort_by(f64::total_cmp);
            let at = |percent: usize| waits[(waits.len() - 1) * percent / 100] * 1e3;
            format!("{:.2} ms, {:.2} ms ({} calls)", at(50), at(99), waits.len())
        });
        table.note(&format!(
            "GetPerson, {} callers that wait {} ms between calls, median and 99th percentile: alone {alone}; while a \
             segmentation is computed anew {beside}",
            CALLERS.0,
            CALLERS.1.as_millis(),
        ));
    }

    /// How long each of many calls of `GetPerson` took, in seconds.
    async fn waits(&self) -> Vec<f64> {
        let (member, workspace) = (self.crowd.member.clone(), self.crowd.workspace.clone());
        let people: Vec<String> = (0..1_024).map(|pick| self.person(pick)).collect();
        let waits = Arc::new(Mutex::new(Vec::new()));
        let kept = waits.clone();
        load(CALLERS.0, 2 * self.size.seconds, move |slot, number| {
            let (mut client, waits) = (member.people(slot), kept.clone());
            let nth = usize::try_from(number).expect("a number") % people.len();
            let request = pb::GetPersonRequest {
                workspace_id: workspace.clone(),
                person_id: people[nth].clone(),
            };
            async move {
                let start = Instant::now();
                client.get_person(request).await.expect("the person");
                waits.lock().expect("nobody panics").push(start.elapsed().as_secs_f64());
                tokio::time::sleep(CALLERS.1).await;
            }
        })
        .await;
        std::mem::take(&mut waits.lock().expect("nobody panics"))
    }
}
