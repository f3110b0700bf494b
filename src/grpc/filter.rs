//! stub
use crate::domain::filter::{Explained, Filter};
use crate::grpc::decode::Fields;
use crate::pb;
pub(super) fn parse(_: &mut Fields, _: &str, f: pb::Filter) -> Option<Filter> {
    Filter::parse(&f.text).ok()
}
pub(super) fn explained(_: &Explained) -> Vec<pb::ConditionVerdict> {
    vec![]
}
impl From<&Filter> for pb::Filter {
    fn from(f: &Filter) -> Self {
        Self { text: f.to_string() }
    }
}
