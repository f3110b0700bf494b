//! The assets of a world.

use precinct::pb::{Area, AssetType, ReferenceKind};

use crate::support::actor::{Actor, ok};
use crate::support::assets::refers;

/// Ids of assets of the world's workspace.
#[derive(Clone)]
pub struct Assets {
    /// A folder of the design studio, empty.
    pub folder: String,
    /// A folder that is shared with the Default workspace, empty.
    pub shared_folder: String,
    /// A program, empty.
    pub program: String,
    /// A snippet that is approved, and that the email uses.
    pub snippet: String,
    /// An email that never was approved.
    pub email: String,
    /// A form that is approved, and that nothing uses.
    pub form: String,
    /// A landing page that is approved, and has a draft.
    pub page: String,
    /// The root of the design studio of the Default workspace.
    pub target_folder: String,
    /// A snippet of the Default workspace.
    pub target_snippet: String,
}

// === impl Assets ===

impl Assets {
    /// New ones.
    pub async fn new(admin: &Actor, workspace: &str, target: &str) -> Self {
        let root = admin.root(workspace, Area::DesignStudio).await;
        let folder = admin.folder(workspace, &root, "Spring").await;
        let shared_folder = admin.folder(workspace, &root, "Shared").await;
        ok(admin.try_share(workspace, &shared_folder, &[target]).await);
        let program = admin.asset(workspace, AssetType::Program, "Fair").await;
        let snippet = admin.asset(workspace, AssetType::Snippet, "Footer").await;
        let form = admin.asset(workspace, AssetType::Form, "Sign up").await;
        let page = admin.asset(workspace, AssetType::LandingPage, "Welcome").await;
        for id in [&snippet, &form, &page] {
            admin.approve(workspace, id).await;
        }
        admin.write_asset(workspace, &page, "next").await;
        let uses = [refers(ReferenceKind::Snippet, &snippet)];
        let email = admin.user_of(workspace, AssetType::Email, "Invitation", &uses).await;
        let target_folder = admin.root(target, Area::DesignStudio).await;
        let target_snippet = admin.asset(target, AssetType::Snippet, "Imprint").await;
        Self {
            folder,
            shared_folder,
            program,
            snippet,
            email,
            form,
            page,
            target_folder,
            target_snippet,
        }
    }
}
