//! `PersonService`.

mod convert;
mod identity;
mod parts;
pub(super) mod stream;

use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use self::convert::{input, order, person, results};
pub(super) use self::convert::{moved, pb_source, required_person, source};
use self::parts::{bounded, emails, path, some};
use super::decode::{self, Fields};
use super::filter::filter;
use super::{mutate, open, operation, plan, planned, reply};
use crate::config::{BATCH_MAX, DESCRIPTION_MAX};
use crate::domain::email::Email;
use crate::domain::text;
use crate::entity::person::Source;
use crate::error::Error;
use crate::id::{PartitionId, PersonId};
use crate::pb;
use crate::pb::person_service_server::PersonService;
use crate::service::person::{Batch, Change, Listing, Made, Move, MoveMany, NewPerson, People};

/// The service.
#[derive(Clone)]
pub struct Api {
    people: People,
    /// Ends streams when the server shuts down.
    shutdown: CancellationToken,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(people: People, shutdown: CancellationToken) -> Self {
        Self { people, shutdown }
    }
}

#[tonic::async_trait]
impl PersonService for Api {
    type ImportPeopleStream = stream::Replies<pb::ImportPeopleResponse>;
    type ExportPeopleStream = stream::Replies<pb::ExportPeopleResponse>;

    async fn create_person(
        &self,
        request: Request<pb::CreatePersonRequest>,
    ) -> Result<Response<pb::CreatePersonResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let partition = fields.optional_id("partition_id", &request.partition_id);
        let source = convert::source(&mut fields, "source", request.source, Source::Api);
        let input = required_person(&mut fields, "person", request.person.as_ref());
        fields.check()?;
        let new = NewPerson { workspace, partition, source, input };
        let made = self.people.create(&ctx, new).await?;
        Ok(reply(made, |made, revision| match made {
            Made::Seen(view) => {
                pb::CreatePersonResponse { person: Some(person(*view)), revision, hidden: false }
            }
            Made::Hidden => pb::CreatePersonResponse { person: None, revision, hidden: true },
        }))
    }

    async fn get_person(
        &self,
        request: Request<pb::GetPersonRequest>,
    ) -> Result<Response<pb::GetPersonResponse>, Status> {
        let (ctx, request) = open(request)?;
        let (workspace, id) = path(&request.workspace_id, &request.person_id)?;
        let found = self.people.get(&ctx, workspace, id).await?;
        Ok(reply(found, |view, _| convert::found(id, view)))
    }

    async fn list_person_memberships(
        &self,
        request: Request<pb::ListPersonMembershipsRequest>,
    ) -> Result<Response<pb::ListPersonMembershipsResponse>, Status> {
        let (ctx, request) = open(request)?;
        let (workspace, id) = path(&request.workspace_id, &request.person_id)?;
        let (size, token) = (request.page_size, &request.page_token);
        let page = self.people.memberships(&ctx, workspace, id, size, token).await?;
        Ok(reply(page, |page, _| pb::ListPersonMembershipsResponse {
            memberships: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next,
        }))
    }

    async fn batch_get_people(
        &self,
        request: Request<pb::BatchGetPeopleRequest>,
    ) -> Result<Response<pb::BatchGetPeopleResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let ids = fields.ids("person_ids", &request.person_ids, BATCH_MAX);
        some(&mut fields, "person_ids", request.person_ids.len());
        fields.check()?;
        let found = self.people.batch_get(&ctx, workspace, ids).await?;
        Ok(reply(found, |views, _| pb::BatchGetPeopleResponse {
            people: views.into_iter().map(person).collect(),
        }))
    }

    async fn list_people(
        &self,
        request: Request<pb::ListPeopleRequest>,
    ) -> Result<Response<pb::ListPeopleResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let listing = Listing {
            workspace: fields.id("workspace_id", &request.workspace_id),
            partitions: fields.ids("partition_ids", &request.partition_ids, BATCH_MAX),
            filter: filter(&mut fields, "filter", request.filter.as_ref()),
            deleted: request.show_deleted,
            order: order(&mut fields, &request.order_by),
            page_size: request.page_size,
            page_token: request.page_token,
        };
        fields.check()?;
        let page = self.people.list(&ctx, &listing).await?;
        Ok(reply(page, |(page, as_of), _| pb::ListPeopleResponse {
            people: page.items.into_iter().map(person).collect(),
            next_page_token: page.next,
            as_of,
        }))
    }

    async fn count_people(
        &self,
        request: Request<pb::CountPeopleRequest>,
    ) -> Result<Response<pb::CountPeopleResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let workspace = fields.optional_id("workspace_id", &request.workspace_id);
        let partitions: Vec<PartitionId> =
            fields.ids("partition_ids", &request.partition_ids, BATCH_MAX);
        let filter = filter(&mut fields, "filter", request.filter.as_ref());
        if workspace.is_none() && filter.is_some() {
            fields.violate(
                "filter",
                "must not be set without a workspace_id: what it refers to is seen through one",
            );
        }
        fields.check()?;
        let counted = self.people.count(&ctx, workspace, &partitions, filter.as_ref()).await?;
        Ok(reply(counted, |(counted, as_of), _| pb::CountPeopleResponse {
            total: counted.iter().map(|(_, count)| count).sum(),
            by_partition: counted.into_iter().map(convert::count).collect(),
            as_of,
        }))
    }

    async fn lookup_people(
        &self,
        request: Request<pb::LookupPeopleRequest>,
    ) -> Result<Response<pb::LookupPeopleResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let emails = emails(&mut fields, &request.emails);
        fields.check()?;
        let found = self.people.look_up(&ctx, workspace, &emails).await?;
        Ok(reply(found, |found, _| pb::LookupPeopleResponse {
            results: request.emails.into_iter().zip(found).map(convert::lookup).collect(),
        }))
    }

    async fn update_person(
        &self,
        request: Request<pb::UpdatePersonRequest>,
    ) -> Result<Response<pb::UpdatePersonResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let message = decode::required("person", request.person)?;
        let paths = convert::paths(request.update_mask, &message)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let id = fields.id("person.person_id", &message.person_id);
        let mut said = input(&mut fields, "person", &message);
        fields.check()?;
        convert::keep_named(&mut said, &paths);
        let change = Change { workspace, id, etag: message.etag, paths, input: said };
        let changed = self.people.update(&ctx, change).await?;
        Ok(reply(changed, |view, revision| pb::UpdatePersonResponse {
            person: Some(person(view)),
            revision,
        }))
    }

    async fn delete_person(
        &self,
        request: Request<pb::DeletePersonRequest>,
    ) -> Result<Response<pb::DeletePersonResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let (workspace, id) = path(&request.workspace_id, &request.person_id)?;
        let deleted = self.people.delete(&ctx, workspace, id, &request.etag).await?;
        Ok(reply(deleted, |view, revision| pb::DeletePersonResponse {
            person: Some(person(view)),
            revision,
        }))
    }

    async fn undelete_person(
        &self,
        request: Request<pb::UndeletePersonRequest>,
    ) -> Result<Response<pb::UndeletePersonResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let (workspace, id) = path(&request.workspace_id, &request.person_id)?;
        let restored = self.people.undelete(&ctx, workspace, id).await?;
        Ok(reply(restored, |view, revision| pb::UndeletePersonResponse {
            person: Some(person(view)),
            revision,
        }))
    }

    async fn sync_people(
        &self,
        request: Request<pb::SyncPeopleRequest>,
    ) -> Result<Response<pb::SyncPeopleResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let mut fields = Fields::default();
        let batch = Batch {
            workspace: fields.id("workspace_id", &request.workspace_id),
            partition: fields.optional_id("partition_id", &request.partition_id),
            mode: convert::mode(&mut fields, request.mode),
            lookup: convert::lookup_field(&mut fields, request.lookup_field),
            source: convert::source(&mut fields, "source", request.source, Source::Api),
            atomic: request.atomic,
            rows: convert::rows(&request.people),
        };
        bounded(&mut fields, "people", request.people.len());
        fields.check()?;
        let written = self.people.sync(&ctx, batch).await?;
        Ok(reply(written, |outcomes, revision| pb::SyncPeopleResponse {
            results: results(outcomes),
            revision,
        }))
    }

    async fn import_people(
        &self,
        request: Request<tonic::Streaming<pb::ImportPeopleRequest>>,
    ) -> Result<Response<Self::ImportPeopleStream>, Status> {
        let (ctx, messages) = open(request)?;
        Ok(stream::import(self.people.clone(), ctx, messages, self.shutdown.clone()))
    }

    async fn get_import(
        &self,
        request: Request<pb::GetImportRequest>,
    ) -> Result<Response<pb::GetImportResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let id = fields.id("import_id", &request.import_id);
        fields.check()?;
        let found = self.people.get_import(&ctx, workspace, id).await?;
        Ok(reply(found, |import, _| pb::GetImportResponse { import: Some(import.into()) }))
    }

    async fn export_people(
        &self,
        request: Request<pb::ExportPeopleRequest>,
    ) -> Result<Response<Self::ExportPeopleStream>, Status> {
        let (ctx, request) = open(request)?;
        stream::export(self.people.clone(), ctx, request, self.shutdown.clone()).await
    }

    async fn delete_people(
        &self,
        request: Request<pb::DeletePeopleRequest>,
    ) -> Result<Response<pb::DeletePeopleResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let ids: Vec<PersonId> = fields.ids("person_ids", &request.person_ids, BATCH_MAX);
        some(&mut fields, "person_ids", request.person_ids.len());
        fields.check()?;
        let removed = self.people.delete_many(&ctx, workspace, &ids, request.atomic).await?;
        Ok(reply(removed, |removed, revision| pb::DeletePeopleResponse {
            results: removed.into_iter().map(convert::removed).collect(),
            revision,
        }))
    }

    async fn move_people(
        &self,
        request: Request<pb::MovePeopleRequest>,
    ) -> Result<Response<pb::MovePeopleResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let mut fields = Fields::default();
        let movement = Move {
            workspace: fields.id("workspace_id", &request.workspace_id),
            people: fields.ids("person_ids", &request.person_ids, BATCH_MAX),
            target: fields.id("target_partition_id", &request.target_partition_id),
            reason: fields.take("reason", text::paragraph(&request.reason, DESCRIPTION_MAX)),
            merge: convert::merges(&mut fields, request.on_duplicate),
            atomic: request.atomic,
        };
        some(&mut fields, "person_ids", request.person_ids.len());
        fields.check()?;
        let moved = self.people.relocate(&ctx, movement).await?;
        Ok(planned(moved, |moved, plan, revision| pb::MovePeopleResponse {
            plan,
            results: moved.into_iter().map(convert::moved).collect(),
            revision,
        }))
    }

    async fn move_people_by_filter(
        &self,
        request: Request<pb::MovePeopleByFilterRequest>,
    ) -> Result<Response<pb::MovePeopleByFilterResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let mut fields = Fields::default();
        let movement = MoveMany {
            workspace: fields.id("workspace_id", &request.workspace_id),
            partitions: fields.ids("partition_ids", &request.partition_ids, BATCH_MAX),
            filter: filter(&mut fields, "filter", request.filter.as_ref()),
            target: fields.id("target_partition_id", &request.target_partition_id),
            reason: fields.take("reason", text::paragraph(&request.reason, DESCRIPTION_MAX)),
            merge: convert::merges(&mut fields, request.on_duplicate),
        };
        fields.check()?;
        let started = self.people.relocate_many(&ctx, movement).await?;
        Ok(planned(started, |started, plan, revision| pb::MovePeopleByFilterResponse {
            plan,
            operation: Some(operation::started(started, revision)),
            revision,
        }))
    }

    async fn merge_people(
        &self,
        request: Request<pb::MergePeopleRequest>,
    ) -> Result<Response<pb::MergePeopleResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let merge = identity::merge(request)?;
        let merged = self.people.merge(&ctx, merge).await?;
        Ok(reply(merged, identity::merged))
    }

    async fn erase_person(
        &self,
        request: Request<pb::ErasePersonRequest>,
    ) -> Result<Response<pb::ErasePersonResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let whom = identity::whom(&request)?;
        let started = self.people.erase(&ctx, &whom).await?;
        Ok(reply(started, |started, revision| pb::ErasePersonResponse {
            operation: Some(operation::started(started, revision)),
            revision,
        }))
    }

    async fn unsuppress_email(
        &self,
        request: Request<pb::UnsuppressEmailRequest>,
    ) -> Result<Response<pb::UnsuppressEmailResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let email = Email::parse(&request.email).map_err(|why| Error::invalid("email", why))?;
        let lifted = self.people.unsuppress(&ctx, &email).await?;
        Ok(reply(lifted, |lifted, revision| pb::UnsuppressEmailResponse { lifted, revision }))
    }

    async fn find_duplicates(
        &self,
        request: Request<pb::FindDuplicatesRequest>,
    ) -> Result<Response<pb::FindDuplicatesResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let workspace = fields.optional_id("workspace_id", &request.workspace_id);
        fields.check()?;
        let (size, token) = (request.page_size, &request.page_token);
        let found = self.people.find_duplicates(&ctx, workspace, size, token).await?;
        Ok(reply(found, |found, _| pb::FindDuplicatesResponse {
            groups: found.groups.into_iter().map(convert::group).collect(),
            next_page_token: found.next,
        }))
    }
}
