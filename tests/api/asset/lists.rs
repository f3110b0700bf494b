//! Lists of assets.

use precinct::pb::{self, Area, AssetType, ErrorReason};
use tonic::Code;

use super::{Pair, workspace};
use crate::on_both;
use crate::support::actor::ok;
use crate::support::assets::listing;
use crate::support::status::{assert_refused, fields};

on_both! {
    /// S-05, H-04: own and received assets are one list in one order, whatever the order and the size of the pages.
    async fn s_05_own_and_received_assets_are_one_list(app) {
        let pair = Pair::new(app, Area::Database).await;
        let Pair { admin, owner, target, folder, .. } = &pair;
        let below = admin.folder(owner, folder, "Below").await;
        ok(admin.try_share(owner, folder, &[target]).await);
        let mut made = Vec::new();
        for n in [3, 0, 4, 1, 5, 2, 6, 7] {
            let name = format!("No. {n}");
            match n % 3 {
                0 => admin.asset(target, AssetType::SmartList, &name).await,
                1 => pair.shared(AssetType::SmartList, &name).await,
                _ => admin.asset_in(owner, &below, AssetType::StaticList, &name).await,
            };
            made.push(name);
        }
        // Not live, and so not seen.
        pair.shared(AssetType::Segmentation, "No. 8").await;
        let mut by_name = made.clone();
        by_name.sort();
        for (order, mut expected) in [("display_name", by_name), ("create_time", made)] {
            for direction in ["", " desc"] {
                for page_size in [1, 2, 3, 8, 100] {
                    let order_by = format!("{order}{direction}");
                    let request = pb::ListAssetsRequest { order_by, page_size, ..listing(target) };
                    let found = admin.list_assets(request).await;
                    let found: Vec<String> = found.into_iter().map(|one| one.display_name).collect();
                    assert_eq!(found, expected, "{order}{direction} by {page_size}");
                }
                expected.reverse();
            }
        }
    }

    /// A list is of a folder, of a program, of some types.
    async fn a_list_is_cut_to_what_is_asked_for(app) {
        let (admin, w) = workspace(app).await;
        let root = admin.root(&w, Area::DesignStudio).await;
        let folder = admin.folder(&w, &root, "Inner").await;
        let program = admin.asset(&w, AssetType::Program, "Fair").await;
        let local = admin.local(&w, &program, AssetType::Email, "Local").await;
        let inner = admin.asset_in(&w, &folder, AssetType::Email, "Inner").await;
        let outer = admin.asset(&w, AssetType::Snippet, "Outer").await;
        let find = async |request: pb::ListAssetsRequest| {
            let found = admin.list_assets(request).await;
            found.into_iter().map(|one| one.asset_id).collect::<Vec<_>>()
        };
        let of = |folder: &str, program: &str, types: &[AssetType]| pb::ListAssetsRequest {
            folder_id: folder.into(),
            program_id: program.into(),
            types: types.iter().map(|one| i32::from(*one)).collect(),
            ..listing(&w)
        };
        assert_eq!(find(of("", "", &[])).await, [&program, &inner, &local, &outer].map(String::clone));
        assert_eq!(find(of("", "", &[AssetType::Email, AssetType::Snippet])).await, [&inner, &local, &outer].map(String::clone));
        assert_eq!(find(of(&root, "", &[])).await, [&outer].map(String::clone));
        assert_eq!(find(of(&folder, "", &[])).await, [&inner].map(String::clone));
        assert_eq!(find(of(&folder, "", &[AssetType::Snippet])).await, Vec::<String>::new());
        assert_eq!(find(of("", &program, &[])).await, [&local].map(String::clone));
        for (request, field) in [
            (of("", &inner, &[]), "program_id"),
            (of(&folder, &program, &[]), "program_id"),
            (of("", "", &[AssetType::Unspecified]), "types[0]"),
        ] {
            let status = admin.assets().list_assets(request).await;
            let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
            assert_eq!(fields(&status), [field]);
        }
        let elsewhere = admin.workspace("Elsewhere", &[]).await;
        let there = |request| pb::ListAssetsRequest { workspace_id: elsewhere.clone(), ..request };
        let status = admin.assets().list_assets(there(of(&folder, "", &[]))).await;
        assert_refused(status, Code::NotFound, ErrorReason::FolderNotFound);
        let status = admin.assets().list_assets(there(of("", &program, &[]))).await;
        assert_refused(status, Code::NotFound, ErrorReason::AssetNotFound);
    }
}
