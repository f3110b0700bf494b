"""Tells what a workspace holds, what a refusal names and what a plan would do, with names in place of ids."""

from collections import defaultdict
from collections.abc import Iterator

from precinct.v1 import asset_service_pb2 as assets
from precinct.v1 import common_pb2 as common
from precinct.v1 import folder_service_pb2 as folders
from precinct.v1 import plan_pb2 as plans
from precinct.v1 import workspace_service_pb2 as workspaces

from client import Client, Refusal
from telling import say

PAGE = 1000
STATES = {
    assets.ASSET_STATE_DRAFT: ", draft",
    assets.ASSET_STATE_APPROVED: ", version {}",
    assets.ASSET_STATE_APPROVED_WITH_DRAFT: ", version {} and a draft",
}

REACH = {
    common.BINDING_ACCESS_UNSPECIFIED: "not seen",
    common.BINDING_ACCESS_READ_WRITE: "read and write",
    common.BINDING_ACCESS_READ_ONLY: "read only",
}


def revision(client: Client) -> int:
    """The tenant's revision, which each change raises by one. Every reply to a read brings it along."""
    request = workspaces.ListAccessibleWorkspacesRequest()
    _, call = client.workspaces.ListAccessibleWorkspaces.with_call(request)
    return int(dict(call.initial_metadata())["x-precinct-revision"])


def show(client: Client, workspace: str) -> None:
    """What a workspace holds, by its lists: its folders with their assets, programs with what is local to them."""
    tree = defaultdict(list)
    for folder in client.folders.ListFolders(
        folders.ListFoldersRequest(workspace_id=workspace, page_size=PAGE)
    ).folders:
        tree[folder.parent_folder_id].append((folder.folder_id, folder.display_name + mark(folder)))
    for asset in client.assets.ListAssets(assets.ListAssetsRequest(workspace_id=workspace, page_size=PAGE)).assets:
        tree[asset.parent_program_id or asset.folder_id].append((asset.asset_id, title(asset) + mark(asset)))
    say(workspace)
    for id, area in tree[""]:
        if tree[id]:
            say(f"  {area}")
        for line in below(tree, id):
            say(f"    {line}")


def below(tree: dict[str, list[tuple[str, str]]], parent: str) -> Iterator[str]:
    for id, line in tree[parent]:
        yield line
        yield from (f"  {one}" for one in below(tree, id))


def title(asset: assets.Asset) -> str:
    """An asset's name, what it is, and how far it is on the way to being live."""
    kind = assets.AssetType.Name(asset.type).removeprefix("ASSET_TYPE_").replace("_", " ").lower()
    return f"{asset.display_name} ({kind}{STATES.get(asset.state, '').format(asset.approved_version)})"


def mark(one: folders.Folder | assets.Asset) -> str:
    """The arrow of what is shared to others, the padlock of what others share."""
    if one.sharing_state == folders.SHARING_STATE_SHARED_OUT:
        return "  ↗ shared out"
    if one.sharing_state == folders.SHARING_STATE_SHARED_IN:
        return f"  🔒 of {one.owner_workspace_id}{', read-only' * one.read_only}"
    return ""


def tell(refusal: Refusal) -> None:
    """Why a call was refused, the facts that programs get, and what is in the way."""
    say(refusal)
    say("  facts:", ", ".join(f"{key} {value}" for key, value in sorted(refusal.metadata.items())) or "none")
    for id, matter in sorted(refusal.offenders):
        if matter != refusal.message:
            say("  in the way:", id, "-", matter)


def tell_plan(plan: plans.Plan) -> None:
    """What a call would do: to workspaces, to references, shares, people, segmentations and rights, and to quotas."""
    for effect in [*plan.effects, plan.hidden]:
        fields = [(field.name, value) for field, value in effect.ListFields() if field.name != "workspace_id"]
        said = [word(value) if name == "state" else f"{name} {value}" for name, value in fields]
        if said:
            say(f"  in {effect.workspace_id or elsewhere(effect is plan.hidden)}:", ", ".join(said))
    for broken in plan.broken_references:
        say(f"  would break in {broken.workspace_id}: {broken.asset_id} uses {broken.target_asset_id}")
    for verb, shares in [("begin", plan.shares_begun), ("end", plan.shares_ended)]:
        for share in shares:
            say(f"  would {verb}: {share.folder_id} shared with {share.target_workspace_id}")
    for sight in plan.sights:
        before, after = (REACH[reach] for reach in (sight.access_before, sight.access_after))
        say(f"  {sight.workspace_id or 'it'} and {sight.partition_id or 'it'}: {before} -> {after}; {sight.people} people")
    for primary in plan.primaries:
        before, after = (id or "none" for id in (primary.partition_id_before, primary.partition_id_after))
        say(f"  new people of {primary.workspace_id or 'it'}: {before} -> {after}")
    for one in plan.segmentations:
        say(f"  {one.segmentation_id}: {one.people_to_evaluate} people to evaluate, {one.results_dropped} results dropped")
    for one in plan.access:
        place = "tenant-wide" if one.tenant_wide else f"in {one.workspace_id or 'it'}"
        gained, lost = len(one.permissions_gained), len(one.permissions_lost)
        say(f"  {one.principal} {place}: {gained} permissions gained, {lost} lost")
    for quota in plan.quotas:
        say(f"  {quota.name}: {quota.used_before} -> {quota.used_after} of {quota.limit}")


def word(state: plans.PlannedState) -> str:
    return plans.PlannedState.Name(state).removeprefix("PLANNED_STATE_").lower()


def elsewhere(hidden: bool) -> str:
    return "workspaces that the caller does not see" if hidden else "the one to be made"
