//! `ImportPeople`: chunks in order, a reply for each, and nothing twice.

use precinct::pb;
use precinct::pb::import_people_request::Part;
use precinct::pb::{ErrorReason, PersonWriteMode};
use tonic::{Code, Status};

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::assert_refused;

const IMPORT: &str = "0190f0e0-0000-4000-8000-000000000042";

fn header(w: &str) -> pb::ImportHeader {
    pb::ImportHeader {
        import_id: IMPORT.into(),
        workspace_id: w.into(),
        mode: PersonWriteMode::CreateOrUpdate.into(),
        source: pb::PersonSource::Import.into(),
        ..pb::ImportHeader::default()
    }
}

fn chunk(first_row: i64, emails: &[&str], last: bool) -> pb::ImportChunk {
    let person = |email: &&str| pb::Person { email: (*email).into(), ..pb::Person::default() };
    pb::ImportChunk { first_row, people: emails.iter().map(person).collect(), last }
}

/// Sends the messages and returns the replies, and how the stream ended.
async fn import(
    ada: &Actor,
    header: pb::ImportHeader,
    chunks: Vec<pb::ImportChunk>,
) -> (Vec<pb::ImportPeopleResponse>, Result<(), Status>) {
    let parts = std::iter::once(Part::Header(header)).chain(chunks.into_iter().map(Part::Chunk));
    let messages: Vec<_> = parts.map(|part| pb::ImportPeopleRequest { part: Some(part) }).collect();
    let mut replies = Vec::new();
    let stream = ada.people().import_people(tokio_stream::iter(messages)).await;
    let mut stream = match stream {
        Ok(stream) => stream.into_inner(),
        Err(status) => return (replies, Err(status)),
    };
    loop {
        match stream.message().await {
            Ok(Some(reply)) => replies.push(reply),
            Ok(None) => return (replies, Ok(())),
            Err(status) => return (replies, Err(status)),
        }
    }
}

async fn progress(ada: &Actor, w: &str) -> pb::Import {
    let request = pb::GetImportRequest { workspace_id: w.into(), import_id: IMPORT.into() };
    ok(ada.people().get_import(request).await).import.unwrap()
}

on_both! {
    /// A reply per committed chunk, with the rows that were refused by their place in the import.
    async fn a_reply_for_each_chunk(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let before = ada.revision().await;
        let chunks = vec![
            chunk(0, &["a@example.com", "bad", "b@example.com"], false),
            chunk(3, &["a@example.com", "c@example.com"], false),
            chunk(5, &[], true),
        ];
        let (replies, end) = import(&ada, header(w), chunks).await;
        end.unwrap();
        let shape: Vec<_> = replies
            .iter()
            .map(|r| (r.first_row, r.committed_rows, r.created, r.updated, r.unchanged, r.failed))
            .collect();
        assert_eq!(shape, [(0, 3, 2, 0, 0, 1), (3, 5, 1, 0, 1, 0), (5, 5, 0, 0, 0, 0)]);
        let error = &replies[0].errors[0];
        assert_eq!(error.row, 1);
        assert_eq!(error.error.as_ref().unwrap().violations[0].field, "email");
        assert_eq!(ada.revision().await, before + 2, "H-08: an import raises it by one per chunk");
        let known = progress(&ada, w).await;
        assert_eq!((known.state(), known.committed_rows), (pb::ImportState::Complete, 5));
        assert_eq!((known.created, known.unchanged, known.failed), (3, 1, 1));
        assert_eq!(ada.count(w).await, 3);
    }

    /// A chunk that is sent again is answered again and not applied again; with other content it is refused.
    async fn a_chunk_sent_again_is_not_applied_again(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let one = chunk(0, &["a@example.com", ""], false);
        let (first, end) = import(&ada, header(w), vec![one.clone()]).await;
        end.unwrap();
        let (again, end) = import(&ada, header(w), vec![one, chunk(2, &["b@example.com"], true)]).await;
        end.unwrap();
        assert!(again[0].replayed && !again[1].replayed);
        assert_eq!((again[0].created, again[0].committed_rows), (first[0].created, 2));
        assert_eq!(ada.count(w).await, 3);
        let other = chunk(0, &["x@example.com"], false);
        let (_, end) = import(&ada, header(w), vec![other]).await;
        assert_refused(end, Code::InvalidArgument, ErrorReason::ImportChanged);
        let mut changed = header(w);
        changed.mode = PersonWriteMode::CreateOnly.into();
        let (_, end) = import(&ada, changed, vec![]).await;
        assert_refused(end, Code::InvalidArgument, ErrorReason::ImportChanged);
    }

    /// A chunk out of order is refused, and says where to go on; what was committed before it stays.
    async fn a_chunk_out_of_order_is_refused(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let chunks = vec![chunk(0, &["a@example.com"], false), chunk(2, &["b@example.com"], false)];
        let (replies, end) = import(&ada, header(w), chunks).await;
        assert_eq!(replies.len(), 1);
        let status =
            assert_refused(end, Code::FailedPrecondition, ErrorReason::ImportChunkOutOfOrder);
        let place = crate::support::status::metadata(&status, "next_row");
        assert_eq!(place.as_deref(), Some("1"));
        assert_eq!((ada.count(w).await, progress(&ada, w).await.committed_rows), (1, 1));
    }

    /// W-09: an import is addressed through its workspace; through another one it is not there.
    async fn w_09_an_import_belongs_to_its_workspace(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let other = ada.workspace("other", &[]).await;
        import(&ada, header(w), vec![chunk(0, &["a@example.com"], false)]).await.1.unwrap();
        let request = pb::GetImportRequest { workspace_id: other.clone(), import_id: IMPORT.into() };
        let result = ada.people().get_import(request).await;
        assert_refused(result, Code::NotFound, ErrorReason::ImportNotFound);
        let (_, end) = import(&ada, header(&other), vec![]).await;
        assert_refused(end, Code::InvalidArgument, ErrorReason::ImportChanged);
    }

    /// What an import cannot begin with is refused before anything is kept.
    async fn a_bad_header_is_refused(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let elsewhere = header("0190f0e0-0000-7000-8000-000000000000");
        let (_, end) = import(&ada, elsewhere, vec![]).await;
        assert_refused(end, Code::NotFound, ErrorReason::WorkspaceNotFound);
        let nameless = pb::ImportHeader { import_id: String::new(), ..header(w) };
        let (_, end) = import(&ada, nameless, vec![]).await;
        assert_refused(end, Code::InvalidArgument, ErrorReason::InvalidField);
        let empty = chunk(0, &[], false);
        let (_, end) = import(&ada, header(w), vec![empty]).await;
        assert_refused(end, Code::InvalidArgument, ErrorReason::InvalidField);
        let stranger = pb::GetImportRequest {
            workspace_id: w.clone(),
            import_id: "0190f0e0-0000-7000-8000-000000000000".into(),
        };
        let result = ada.people().get_import(stranger).await;
        assert_refused(result, Code::NotFound, ErrorReason::ImportNotFound);
    }
}
