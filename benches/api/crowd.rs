//! A tenant's many people, the same in every run, as rows: ten fields, four partitions, four static lists; and twenty
//! segmentations of them with ten rules each, written twice: as filters, and as SQL by hand.

use precinct::pb;

use super::caller::Caller;
use super::cluster::Database;
use super::rows;
use super::world;

/// As many as a tenant may have.
pub const SEGMENTATIONS: usize = 20;
/// Segments of a segmentation, without Default.
pub const RULES: usize = 10;
/// In no other segment.
pub const DEFAULT: &str = "00000000-0000-0000-0000-000000000000";
/// `country N`, so many.
const COUNTRIES: usize = 40;
/// Static lists; each has one of twenty people.
const LISTS: usize = 4;
/// The fields beside `city` and `score`, in the order in which they are made: the key of the first is 3.
const FIELDS: [(&str, pb::FieldType); 8] = [
    ("country", pb::FieldType::Text),
    ("plan", pb::FieldType::Text),
    ("code", pb::FieldType::Text),
    ("visits", pb::FieldType::Integer),
    ("amount", pb::FieldType::Number),
    ("birthday", pb::FieldType::Date),
    ("joined", pb::FieldType::Date),
    ("vip", pb::FieldType::Boolean),
];
/// When the first person was made.
const TIME: i64 = 1_700_000_000_000_000;

/// A tenant with people.
pub struct Crowd {
    pub member: Caller,
    pub tenant: String,
    /// The workspace that sees all partitions; everything is its.
    pub workspace: String,
    partitions: Vec<String>,
    lists: Vec<String>,
}

/// A segmentation: in the service, and by hand.
pub struct Segmentation {
    pub id: String,
    /// The ids of its segments, without Default.
    pub segments: Vec<String>,
    /// The id of the segment of the person `p`.
    case: String,
}

/// A rule: as a filter, and as a condition of the person `p`.
struct Rule {
    filter: String,
    sql: String,
}

// === impl Crowd ===

impl Crowd {
    /// A tenant with fields and lists, and nobody in it yet.
    pub async fn new(operator: &Caller, name: &str) -> Self {
        let made = world::tenant(operator, name).await;
        let member = operator.member(world::id(&made));
        for (name, kind) in FIELDS {
            let field =
                pb::Field { name: name.into(), r#type: kind.into(), ..pb::Field::default() };
            let request =
                pb::CreateFieldRequest { field: Some(field), ..pb::CreateFieldRequest::default() };
            member.fields().create_field(request).await.expect("a field");
        }
        let mut partitions = vec![made.default_partition_id.clone()];
        for name in ["North", "East", "South"] {
            partitions.push(world::partition(&member, name).await);
        }
        let workspace = world::workspace(&member, "Everything", &[]).await;
        let mut lists = Vec::new();
        for nth in 0..LISTS {
            lists.push(list(&member, &workspace, &format!("List {nth}")).await);
        }
        Self { tenant: world::id(&made).into(), member, workspace, partitions, lists }
    }

    /// Stores its people, and puts them into the lists, past all rules.
    pub async fn fill(&self, database: &Database, people: i64) {
        let tenant = &self.tenant;
        let partitions = self.partitions.join("','");
        let insert = format!(
            "INSERT INTO person (tenant_id, id, partition_id, uniqueness_scope, email, email_key, external_id, \
             first_name, last_name, unsubscribed, source, attributes, folded, version, create_time, update_time) \
             SELECT '{tenant}', {}, p.ids[1 + i % cardinality(p.ids)], '{DEFAULT}', \
             'person.' || i || '@example.com', 'person.' || i || '@example.com', 'crm-' || i, \
             'first ' || i % 1000, 'last ' || i % 5000, false, 'IMPORT', jsonb_build_object(\
             '1', 'city ' || i % 300, '2', i * 7919 % 1000, '3', 'country ' || i / 7 % {COUNTRIES}, \
             '4', 'plan ' || i / 3 % 8, '5', 'code ' || i % 9973, '6', i * 31 % 500, '7', (i * 17 % 10000) / 4.0, \
             '8', to_char(date '1950-01-01' + (i * 37 % 20000)::int, 'YYYY-MM-DD'), \
             '9', to_char(date '2015-01-01' + (i % 4000)::int, 'YYYY-MM-DD'), '10', i % 11 = 0), \
             '{{}}', 1, {TIME} + i, {TIME} + i \
             FROM generate_series(0, {people}::bigint - 1) i, (SELECT ARRAY['{partitions}']::uuid[] ids) p",
            id_sql("i"),
        );
        database.execute(&insert).await;
        let lists = self.lists.join("','");
        let members = format!(
            "INSERT INTO asset_member (tenant_id, asset_id, person_id, add_time) \
             SELECT '{tenant}', l.ids[1 + i % 20], {}, {TIME} FROM generate_series(0, {people}::bigint - 1) i, \
             (SELECT ARRAY['{lists}']::uuid[] ids) l WHERE i % 20 < {LISTS}",
            id_sql("i"),
        );
        database.execute(&members).await;
        database.execute("VACUUM ANALYZE").await;
    }

    /// Makes a segmentation, as a draft.
    pub async fn segmentation(&self, nth: usize) -> Segmentation {
        let rules: Vec<Rule> = (0..RULES).map(|rule| self.rule(nth * RULES + rule)).collect();
        let segment = |(at, rule): (usize, &Rule)| pb::Segment {
            display_name: format!("Segment {at}"),
            filter: Some(pb::Filter { text: rule.filter.clone(), ..pb::Filter::default() }),
            ..pb::Segment::default()
        };
        let segmentation = pb::Segmentation {
            display_name: format!("Segmentation {nth}"),
            segments: rules.iter().enumerate().map(segment).collect(),
            ..pb::Segmentation::default()
        };
        let request = pb::CreateSegmentationRequest {
            workspace_id: self.workspace.clone(),
            segmentation: Some(segmentation),
            ..pb::CreateSegmentationRequest::default()
        };
        let made = self.member.segmentations(0).create_segmentation(request).await;
        let made = made.expect("a segmentation").into_inner().segmentation.expect("the same");
        let segments: Vec<String> =
            made.segments.into_iter().map(|one| one.segment_id).take(RULES).collect();
        let arms = segments.iter().zip(&rules);
        let arms: String =
            arms.map(|(id, rule)| format!(" WHEN {} THEN '{id}'::uuid", rule.sql)).collect();
        let case = format!("CASE{arms} ELSE '{DEFAULT}'::uuid END");
        Segmentation { id: made.segmentation_id, segments, case }
    }

    /// The rule of a number: one of five kinds in turns, over a text, a number, a day, a list, or several of these.
    fn rule(&self, n: usize) -> Rule {
        match n % 5 {
            0 => {
                let names: Vec<usize> = countries(n).collect();
                let named = |quote: char| {
                    let names =
                        names.iter().map(|country| format!("{quote}country {country}{quote}"));
                    names.collect::<Vec<_>>().join(", ")
                };
                Rule {
                    filter: format!("country in ({})", named('"')),
                    sql: format!("p.attributes->>'3' IN ({})", named('\'')),
                }
            }
            1 => {
                let (low, high) = (n * 37 % 900, n * 37 % 900 + 79);
                Rule {
                    filter: format!("score between {low} and {high}"),
                    sql: format!("(p.attributes->>'2')::bigint BETWEEN {low} AND {high}"),
                }
            }
            2 => {
                let year = 1950 + n * 7 % 50;
                Rule {
                    filter: format!("birthday between {year}-01-01 and {}-06-30", year + 3),
                    sql: format!(
                        "p.attributes->>'8' COLLATE \"C\" BETWEEN '{year}-01-01' AND '{}-06-30'",
                        year + 3
                    ),
                }
            }
            3 => {
                let (list, plan) = (&self.lists[n / 5 % LISTS], n % 8);
                Rule {
                    filter: format!(
                        "in_list(\"{list}\") or (plan = \"plan {plan}\" and amount >= 2000.5)"
                    ),
                    sql: format!(
                        "(EXISTS (SELECT FROM asset_member l WHERE l.tenant_id = p.tenant_id AND l.person_id = p.id \
                         AND l.asset_id = '{list}') \
                         OR (p.attributes->>'4' = 'plan {plan}' AND (p.attributes->>'7')::numeric >= 2000.5))"
                    ),
                }
            }
            _ => {
                let visits = 50 + n * 13 % 150;
                Rule {
                    filter: format!(
                        "city starts_with \"city 1\" and (visits < {visits} or vip = true)"
                    ),
                    sql: format!(
                        "(starts_with(p.attributes->>'1', 'city 1') \
                         AND ((p.attributes->>'6')::bigint < {visits} OR (p.attributes->>'10')::boolean))"
                    ),
                }
            }
        }
    }

    /// Where each person belongs: `id`, `partition_id`, `segment_id`.
    pub fn wanted(&self, of: &Segmentation) -> String {
        format!(
            "SELECT p.id, p.partition_id, {} AS segment_id FROM person p \
             WHERE p.tenant_id = '{}' AND p.delete_time IS NULL",
            of.case, self.tenant
        )
    }

    /// The statement that approves a segmentation by hand: its results, under any id.
    pub fn insert(&self, of: &Segmentation, id: &str) -> String {
        format!(
            "INSERT INTO segment_member (tenant_id, segmentation_id, person_id, from_generation, to_generation, \
             partition_id, segment_id) SELECT '{}', '{id}', w.id, 1, {}, w.partition_id, w.segment_id FROM ({}) w",
            self.tenant,
            i64::MAX,
            self.wanted(of),
        )
    }

    /// The statement that brings such results up to date by hand, and writes only what differs.
    pub fn refresh(&self, of: &Segmentation, id: &str) -> String {
        format!(
            "INSERT INTO segment_member (tenant_id, segmentation_id, person_id, from_generation, to_generation, \
             partition_id, segment_id) SELECT '{tenant}', '{id}', w.id, 1, {}, w.partition_id, w.segment_id FROM ({}) w \
             LEFT JOIN segment_member m ON m.tenant_id = '{tenant}' AND m.segmentation_id = '{id}' AND m.person_id = w.id \
             WHERE (m.partition_id, m.segment_id) IS DISTINCT FROM (w.partition_id, w.segment_id) \
             ON CONFLICT (tenant_id, segmentation_id, person_id, from_generation) \
             DO UPDATE SET partition_id = excluded.partition_id, segment_id = excluded.segment_id",
            i64::MAX,
            self.wanted(of),
            tenant = self.tenant,
        )
    }

    /// The live results of a segmentation: `person_id`, `partition_id`, `segment_id`.
    pub fn live(&self, id: &str) -> String {
        format!(
            "SELECT m.person_id, m.partition_id, m.segment_id FROM segmentation g \
             JOIN segment_member m ON m.tenant_id = '{tenant}' AND m.segmentation_id = g.id \
             AND m.from_generation <= g.live_generation AND m.to_generation > g.live_generation \
             WHERE g.tenant_id = '{tenant}' AND g.id = '{id}'",
            tenant = self.tenant,
        )
    }

    /// How many people are elsewhere than they belong: in the live results of a segmentation, or in none.
    pub async fn wrong(&self, database: &Database, of: &Segmentation) -> i64 {
        let sql = format!(
            "SELECT count(*) FROM ({}) w FULL JOIN ({}) m ON m.person_id = w.id \
             WHERE (m.partition_id, m.segment_id) IS DISTINCT FROM (w.partition_id, w.segment_id)",
            self.wanted(of),
            self.live(&of.id),
        );
        database.number(&sql).await
    }
}

// === impl Segmentation ===

impl Segmentation {
    /// A country that puts people into the first segment of the segmentation with this number.
    pub fn country(nth: usize) -> String {
        format!("country {}", countries(nth * RULES).next().expect("three"))
    }
}

/// The countries of a rule.
fn countries(n: usize) -> impl Iterator<Item = usize> {
    (0..3).map(move |step| (n / 5 * 3 + step * 13) % COUNTRIES)
}

/// [`rows::id`] of a number that SQL works out.
fn id_sql(number: &str) -> String {
    format!("('00000000-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid")
}

/// The id of results that are kept by hand.
pub fn by_hand(nth: usize) -> String {
    rows::id(i64::try_from(nth).expect("few"))
}

async fn list(member: &Caller, workspace: &str, name: &str) -> String {
    let asset = pb::Asset {
        display_name: name.into(),
        r#type: pb::AssetType::StaticList.into(),
        ..pb::Asset::default()
    };
    let request = pb::CreateAssetRequest {
        workspace_id: workspace.into(),
        asset: Some(asset),
        ..pb::CreateAssetRequest::default()
    };
    let made = member.assets(0).create_asset(request).await.expect("a list");
    made.into_inner().asset.expect("the list").asset_id
}
