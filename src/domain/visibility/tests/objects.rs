//! Questions about folders, and what is in them, against the model (A-08, S-05 to S-07, W-12, X-01).

use super::folders::{WORKSPACES, any_fact, every_folder};
use super::*;

/// Reads, copies, changes, shares.
const ASKED: [Permission; 4] = [
    Permission::AssetsRead,
    Permission::AssetsClone,
    Permission::AssetsWrite,
    Permission::AssetsShare,
];

// === impl Model ===

impl Model {
    /// Whether a workspace may do something with an object, whoever asks it to.
    pub(super) fn lets(
        &self,
        workspace: WorkspaceId,
        object: Object,
        permission: Permission,
    ) -> bool {
        match object {
            Object::Partition(id) => match self.reach(workspace, id) {
                None => false,
                Some(writable) => writable || !permission.changes_people(),
            },
            Object::Folder(folder) => self.lets_in(workspace, folder, true, permission),
            Object::Asset { folder, live } => self.lets_in(workspace, folder, live, permission),
        }
    }

    fn sees(&self, workspace: WorkspaceId, object: Object) -> bool {
        self.lets(workspace, object, Permission::AssetsRead)
    }

    fn lets_in(
        &self,
        workspace: WorkspaceId,
        folder: FolderId,
        live: bool,
        permission: Permission,
    ) -> bool {
        match self.reach_of_folder(workspace, folder) {
            None => false,
            Some(Reach::Own { .. }) => true,
            Some(Reach::Received { .. }) => live && !permission.changes_content(),
        }
    }

    /// The shares that could let a workspace see a folder: of it, or of one above that is no root.
    pub(super) fn shares(&self, folder: FolderId, target: WorkspaceId) -> Vec<Change> {
        let owner = self.owner(folder).filter(|owner| self.lives(*owner));
        let Some(owner) = owner.filter(|owner| !self.workspaces[owner].archived) else {
            return Vec::new();
        };
        let above = self.above(folder).into_iter().filter(|one| self.folders.contains_key(one));
        above.map(|folder| Change::Share { owner, folder, target }).collect()
    }
}

fn questions(
    users: &[&'static str],
    permissions: &[Permission],
) -> Vec<(&'static str, Permission, WorkspaceId, Object)> {
    let mut all = Vec::new();
    for folder in every_folder() {
        let assets = [true, false].map(|live| Object::Asset { folder, live });
        for object in assets.into_iter().chain([Object::Folder(folder)]) {
            for workspace in (0..WORKSPACES).map(|n| WorkspaceId(id(n))) {
                for permission in permissions {
                    all.extend(users.iter().map(|user| (*user, *permission, workspace, object)));
                }
            }
        }
    }
    all
}

/// Some facts, and one who may do all.
fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let admin =
        Grant { principal: USERS[0].to_owned(), role: role::TENANT_ADMIN.id(), workspace: None };
    proptest::collection::vec(any_fact(), 0..60).prop_map(move |mut facts| {
        facts.push(Fact::Grant(GrantId(id(2_000)), Some(admin.clone())));
        facts
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// A-08, S-06, S-07: questions about folders, and what is in them, are answered as the facts say, and the
    /// reasons say the same.
    #[test]
    fn a_08_answers_about_folders_are_as_the_facts_say(facts in facts(), cut in 0..60usize) {
        let mut model = Model::default();
        facts.iter().for_each(|fact| model.take(fact));
        let cut = cut.min(facts.len());
        let built = Index::default().with(facts[..cut].to_vec());
        let patched = facts[cut..].iter().fold(built, |index, fact| index.with([fact.clone()]));
        for (principal, permission, workspace, object) in questions(&USERS, &ASKED) {
            let question =
                Question { principal, permission, workspace: Some(workspace), object: Some(object) };
            let verdict = answers(&patched, &model, &question)?;
            // Not seen is not the same as seen and not to be changed.
            match verdict {
                Some(Verdict::FolderNotVisible) => prop_assert!(!model.sees(workspace, object)),
                Some(Verdict::SharedReadOnly) => prop_assert!(model.sees(workspace, object)),
                _ => {}
            }
        }
    }

    /// the change that an explanation names turns the verdict, and none is named only where no single
    /// grant or share would.
    #[test]
    fn x_01_the_named_share_turns_the_verdict(facts in facts()) {
        let index = Index::default().with(facts.clone());
        let mut model = Model::default();
        facts.iter().for_each(|fact| model.take(fact));
        for (principal, permission, workspace, object) in questions(&USERS[..2], &ASKED[1..3]) {
            let question =
                Question { principal, permission, workspace: Some(workspace), object: Some(object) };
            turns(&index, &model, &question)?;
        }
    }
}
