//! Folders under concurrency: the database ends in a state that the checker accepts (F-02, D-04 for names).

use precinct::pb::{Area, ErrorReason};
use tokio::task::JoinSet;

use crate::on_both;
use crate::support::status::reason;

on_both! {
    /// F-02: folders that are moved into each other at once never end in a circle.
    async fn f_02_racing_moves_make_no_cycle(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let root = ada.root(home, Area::Database).await;
        let mut folders = Vec::new();
        for number in 0..4 {
            folders.push(ada.folder(home, &root, &format!("Folder {number}")).await);
        }
        let mut moves = JoinSet::new();
        for (at, id) in folders.iter().enumerate() {
            for step in 1..4 {
                let parent = folders[(at + step) % 4].clone();
                let (ada, home, id) = (ada.clone(), home.clone(), id.clone());
                moves.spawn(async move { ada.try_move_folder(&home, &id, "", &parent).await.map(drop) });
            }
        }
        let outcomes = moves.join_all().await;
        let refused = outcomes.iter().filter_map(|one| one.as_ref().err()).map(reason);
        let refused: Vec<String> = refused.collect();
        assert!(refused.iter().all(|one| one == "FailedPrecondition / FOLDER_CYCLE"), "{refused:?}");
        // Of moves in a circle at least one closes it.
        assert!(!refused.is_empty() && refused.len() < outcomes.len(), "{refused:?}");
        let found = ada.list_folders(home, "", Area::Database).await;
        assert_eq!(found.len(), 5, "every folder hangs on the root");
    }

    /// F-02: of folders made at once with one name in one place, one is there.
    async fn f_02_racing_names_leave_one(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let root = ada.root(home, Area::Database).await;
        let mut made = JoinSet::new();
        for _ in 0..12 {
            let (ada, home, root) = (ada.clone(), home.clone(), root.clone());
            made.spawn(async move { ada.try_folder(&home, &root, "Lists").await.map(drop) });
        }
        let outcomes = made.join_all().await;
        assert_eq!(outcomes.iter().filter(|one| one.is_ok()).count(), 1);
        let taken = ErrorReason::NameTaken.as_str_name().trim_start_matches("ERROR_REASON_");
        let refused = outcomes.iter().filter_map(|one| one.as_ref().err());
        assert!(refused.map(reason).all(|one| one == format!("AlreadyExists / {taken}")));
    }

    /// F-03: a folder that is deleted while something is put into it is either there with it, or gone without.
    async fn f_03_deleting_races_with_filling(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let root = ada.root(home, Area::Database).await;
        for round in 0..6 {
            let id = ada.folder(home, &root, &format!("Folder {round}")).await;
            let (fill, delete) = tokio::join!(
                ada.try_folder(home, &id, "Inner"),
                ada.try_delete_folder(home, &id)
            );
            match (&fill, &delete) {
                (Ok(_), Err(status)) => assert_eq!(reason(status), "FailedPrecondition / FOLDER_NOT_EMPTY"),
                (Err(status), Ok(_)) => assert_eq!(reason(status), "NotFound / FOLDER_NOT_FOUND"),
                _ => panic!("one of both goes through: {fill:?} {delete:?}"),
            }
        }
    }
}
