//! Members, and what happens meanwhile to what they are in (C-05).

use precinct::pb;
use precinct::pb::ErrorReason;
use tonic::Code;

use crate::on_both;
use crate::support::members::{Kind, Members};
use crate::support::status::{assert_refused, offenders};

const ROUNDS: usize = 12;

on_both! {
    /// C-05: a program with members stays in its workspace, hidden ones too.
    async fn c_05_a_program_with_members_does_not_move(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let target = ada.workspace("Target", &[]).await;
        let a = ada.person(w, "a@example.com").await.person_id;
        let folder = ada.folder(w, &ada.root(w, pb::Area::MarketingActivities).await, "Folder").await;
        let held = Members::make(&ada, Kind::Program, w, &folder, "Program").await;
        held.add(&[&a]).await;
        let delete = pb::DeletePersonRequest {
            workspace_id: w.clone(),
            person_id: a,
            ..pb::DeletePersonRequest::default()
        };
        ada.people().delete_person(delete).await.expect("deleted");
        assert_eq!(held.count().await, (0, 1));
        let result = ada.try_move_folder(w, &folder, &target, "").await;
        let status = assert_refused(result, Code::FailedPrecondition, ErrorReason::ProgramHasMembers);
        assert_eq!(offenders(&status), [held.id.clone()]);
        assert_eq!(held.try_remove(&[], true).await.expect("cleared").removed, 1);
        ada.try_move_folder(w, &folder, &target, "").await.expect("it moves");
        assert_eq!(held.through(&target).count().await, (0, 0));
    }

    /// C-05: of a move and a coming member one wins, and no program moves with its members.
    async fn c_05_members_do_not_slip_in_while_their_program_moves(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let target = ada.workspace("Target", &[]).await;
        let a = ada.person(w, "a@example.com").await.person_id;
        let root = ada.root(w, pb::Area::MarketingActivities).await;
        for round in 0..ROUNDS {
            let folder = ada.folder(w, &root, &format!("Folder {round}")).await;
            let name = format!("Program {round}");
            let held = Members::make(&ada, Kind::Program, w, &folder, &name).await;
            let people = [&*a];
            let (added, moved) = tokio::join!(
                held.try_add(&people, true),
                ada.try_move_folder(w, &folder, &target, "")
            );
            match moved {
                Ok(_) => {
                    assert_refused(added, Code::NotFound, ErrorReason::AssetNotFound);
                    assert_eq!(held.through(&target).count().await, (0, 0));
                }
                Err(status) => {
                    let (code, reason) = (Code::FailedPrecondition, ErrorReason::ProgramHasMembers);
                    assert_refused::<()>(Err(status), code, reason);
                    added.expect("it came first");
                }
            }
        }
    }

    /// H-05: many who put the same people in, in any order, put each in once.
    async fn h_05_each_is_put_in_once_by_many(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let mut people = Vec::new();
        for n in 0..20 {
            people.push(ada.person(w, &format!("p{n}@example.com")).await.person_id);
        }
        let root = ada.root(w, pb::Area::Database).await;
        let held = Members::make(&ada, Kind::List, w, &root, "List").await;
        let calls = (0..8).map(|n| {
            let (held, mut people) = (held.clone(), people.clone());
            people.rotate_left(n * 2);
            tokio::spawn(async move {
                let people: Vec<&str> = people.iter().map(String::as_str).collect();
                held.add(&people).await
            })
        });
        let calls: Vec<_> = calls.collect();
        let mut added = 0;
        for call in calls {
            let results = call.await.expect("no panic").results;
            added += results.iter().filter(|one| one.status() == pb::AssetMemberStatus::Added).count();
        }
        assert_eq!((added, held.count().await), (20, (20, 0)));
    }
}
