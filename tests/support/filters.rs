//! Shorthands for filters.

use precinct::pb;
use tonic::Status;

use super::actor::Actor;

/// A filter of a text.
pub fn text(text: &str) -> pb::Filter {
    pb::Filter { text: text.into(), ..pb::Filter::default() }
}

// === impl Actor ===

impl Actor {
    /// The first names of the people whom a workspace sees and for whom a filter holds, in order.
    pub async fn named(&self, workspace: &str, filter: &str) -> Vec<String> {
        let found = self.try_named(workspace, text(filter)).await;
        found.unwrap_or_else(|status| panic!("{filter}: {status:?}"))
    }

    /// The same, of pages of two; the count is of as many.
    pub async fn try_named(
        &self,
        workspace: &str,
        filter: pb::Filter,
    ) -> Result<Vec<String>, Status> {
        let mut request = pb::ListPeopleRequest {
            workspace_id: workspace.into(),
            page_size: 2,
            filter: Some(filter.clone()),
            ..pb::ListPeopleRequest::default()
        };
        let mut names = Vec::new();
        loop {
            let page = self.people().list_people(request.clone()).await?.into_inner();
            names.extend(page.people.into_iter().map(|one| one.first_name));
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                break;
            }
        }
        let counting = pb::CountPeopleRequest {
            workspace_id: workspace.into(),
            filter: Some(filter),
            ..pb::CountPeopleRequest::default()
        };
        let counted = self.people().count_people(counting).await?.into_inner().total;
        assert_eq!(usize::try_from(counted), Ok(names.len()));
        names.sort();
        Ok(names)
    }

    /// A smart list in a folder; its id.
    pub async fn smart_list(&self, workspace: &str, folder: &str, filter: &str) -> String {
        let kind = Some(prost_types::value::Kind::StringValue(filter.into()));
        let fields = [("filter".to_owned(), prost_types::Value { kind })];
        let asset = pb::Asset {
            r#type: pb::AssetType::SmartList.into(),
            display_name: format!("Smart {}", uuid::Uuid::now_v7()),
            folder_id: folder.into(),
            content: Some(prost_types::Struct { fields: fields.into() }),
            ..pb::Asset::default()
        };
        self.asset_of(workspace, asset).await
    }
}
