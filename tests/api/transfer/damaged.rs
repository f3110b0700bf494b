//! K-03: a file that is not as it was exported is refused with what is wrong, and nothing of it is used.

use precinct::domain::package::{BYTES_MAX, LINE_MAX, Reader, write};
use precinct::pb;
use precinct::pb::import_package_request::Part;
use precinct::pb::{AssetType, ErrorReason, ReferenceKind};
use serde_json::json;
use tonic::Code;

use crate::on_both;
use crate::support::assets::refers;
use crate::support::status::{assert_refused, fields, metadata};
use crate::support::transfers::{import, into};

on_both! {
    /// K-03: damaged, cut, reordered, of another version, too large.
    async fn k_03_a_damaged_file_is_refused(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let snippet = ada.asset(home, AssetType::Snippet, "Footer").await;
        ada.approve(home, &snippet).await;
        let email = ada.user_of(home, AssetType::Email, "Welcome", &[refers(ReferenceKind::Snippet, &snippet)]).await;
        ada.approve(home, &email).await;
        let file = ada.package(home, &[&email]).await;
        let copy = ada.workspace("Copy", &[&tenant.default_partition]).await;
        let before = ada.revision().await;
        let text = String::from_utf8(file.clone()).expect("lines of JSON");
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let mut swapped = lines.clone();
        swapped.swap(3, 4);
        let spoilt = [
            ("CHECKSUM", text.replace("Welcome", "Welcame")),
            ("CHECKSUM", text.replacen("\"region\":\"\"", "\"region\":\"eu\"", 1)),
            ("MISSING", lines[..lines.len() - 1].concat()),
            ("MISSING", text[..text.len() - 1].to_owned()),
            ("MISSING", String::new()),
            ("ORDER", swapped.concat()),
            ("VERSION", text.replacen("\"version\":1", "\"version\":9", 1)),
            ("FORMAT", format!("{text}{{}}\n")),
            ("FORMAT", "<html>\n".into()),
            ("SIZE", "x".repeat(LINE_MAX + 1)),
            ("SIZE", text.clone() + &"\n".repeat(BYTES_MAX)),
        ];
        for (problem, file) in spoilt {
            let refused = ada.try_import(into(&copy), file.as_bytes()).await;
            let refused = assert_refused(refused, Code::InvalidArgument, ErrorReason::PackageInvalid);
            let found = metadata(&refused, "problem");
            // What goes on behind the end is refused for that as soon as it is seen.
            let fits = found.as_deref() == Some(problem) || (problem == "SIZE" && found.as_deref() == Some("FORMAT"));
            assert!(fits, "{problem}: {refused:?}");
            assert_eq!(fields(&refused), ["data"]);
        }
        assert_eq!(ada.revision().await, before);
        assert!(ada.asset_names(&copy).await.is_empty());
        assert_eq!(ada.import_package(into(&copy), &file).await.added, 2);
    }

    /// K-03: checksums that hold do not make a package true.
    async fn k_03_a_forged_file_is_refused(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let email = ada.asset(home, AssetType::Email, "Welcome").await;
        ada.approve(home, &email).await;
        let mut reader = Reader::default();
        reader.push(&ada.package(home, &[&email]).await).expect("it is whole");
        let package = reader.end().expect("it is whole");
        let copy = ada.workspace("Copy", &[&tenant.default_partition]).await;
        let mut forged = package.clone();
        forged.assets[0].display_name = "x".repeat(300);
        let mut nowhere = package.clone();
        nowhere.assets[0].folder_id = precinct::id::FolderId::new();
        let mut far = package.clone();
        far.needs.region = "x".repeat(LINE_MAX / 2);
        let mut deep = package.clone();
        deep.assets[0].content = (0..40).fold(json!({}), |all, _| json!({ "a": all }));
        for one in [forged, nowhere, far, deep] {
            let refused = ada.try_import(into(&copy), &write(&one, "")).await;
            let refused = assert_refused(refused, Code::InvalidArgument, ErrorReason::PackageInvalid);
            assert_eq!(metadata(&refused, "problem").as_deref(), Some("CONTENT"));
            assert!(refused.details().len() < 2_000 && refused.message().len() < 500, "{refused:?}");
        }
        assert!(ada.asset_names(&copy).await.is_empty());
    }

    /// K-03: the header comes first, and once.
    async fn k_03_the_header_comes_first(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let header = || pb::ImportPackageRequest { part: Some(Part::Header(into(home))) };
        for messages in [
            vec![],
            vec![pb::ImportPackageRequest { part: Some(Part::Data(vec![1])) }],
            vec![header(), header()],
            [import(into(home), b"{}", 10), vec![pb::ImportPackageRequest { part: None }]].concat(),
        ] {
            let refused = ada.transfers().import_package(tokio_stream::iter(messages)).await;
            assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        }
    }
}
