"""The demo's accounts: one a role, with one published password. Never for a database that is no demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from wangge.foundation.accounts.models import User
from wangge.foundation.journal.actors import Actor
from wangge.organisations.actions import appoint, post_in
from wangge.organisations.models import Organisation
from wangge.organisations.roles import Role
from wangge.territory.models import Area

#: Printed by `make demo` and on the demo's own sign-in page; that is what it is for.
PASSWORD = "wangge-demo-2026"  # noqa: S105

SEEDER = Actor.system("demo")


@dataclass(frozen=True)
class DemoAccount:
    """Who one may sign in as: the role, and the body and area the post works for."""

    username: str
    role: Role
    organisation: str
    area: str


_GRID = "230717001001003"
_COMMUNITY = "230717001001"
_TOWN = "230717001"
_DISTRICT = "230717"

ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount("resident", Role.RESIDENT, f"{_COMMUNITY}.community", _COMMUNITY),
    DemoAccount("grid_worker", Role.GRID_WORKER, f"{_COMMUNITY}.community", _GRID),
    DemoAccount("community_worker", Role.COMMUNITY_WORKER, f"{_COMMUNITY}.community", _COMMUNITY),
    DemoAccount("community_secretary", Role.COMMUNITY_SECRETARY, f"{_COMMUNITY}.community", _COMMUNITY),
    DemoAccount("town_dispatcher", Role.TOWN_DISPATCHER, f"{_TOWN}.town_unit", _TOWN),
    DemoAccount("town_leader", Role.TOWN_LEADER, f"{_TOWN}.town_unit", _TOWN),
    DemoAccount("department_handler", Role.DEPARTMENT_HANDLER, f"{_DISTRICT}.urban_management", _DISTRICT),
    DemoAccount("department_lead", Role.DEPARTMENT_LEAD, f"{_DISTRICT}.urban_management", _DISTRICT),
    DemoAccount("heating_handler", Role.DEPARTMENT_HANDLER, f"{_DISTRICT}.heating_company", _DISTRICT),
    DemoAccount("center_intake", Role.CENTER_INTAKE, f"{_DISTRICT}.command_center", _DISTRICT),
    DemoAccount("callback_agent", Role.CALLBACK_AGENT, f"{_DISTRICT}.command_center", _DISTRICT),
    DemoAccount("center_supervisor", Role.CENTER_SUPERVISOR, f"{_DISTRICT}.command_center", _DISTRICT),
    DemoAccount("district_leader", Role.DISTRICT_LEADER, f"{_DISTRICT}.district_office", _DISTRICT),
    DemoAccount("privacy_officer", Role.PRIVACY_OFFICER, f"{_DISTRICT}.data_bureau", _DISTRICT),
    DemoAccount("system_admin", Role.SYSTEM_ADMIN, f"{_DISTRICT}.data_bureau", _DISTRICT),
    DemoAccount("security_admin", Role.SECURITY_ADMIN, f"{_DISTRICT}.data_bureau", _DISTRICT),
    DemoAccount("auditor", Role.AUDITOR, f"{_DISTRICT}.audit_office", _DISTRICT),
)


def seed_accounts(*, at: datetime) -> int:
    """Make the accounts that are missing and appoint them; returns how many were made."""
    known = set(
        User.objects.filter(username__in=[a.username for a in ACCOUNTS]).values_list("username", flat=True)
    )
    missing = [account for account in ACCOUNTS if account.username not in known]
    if not missing:
        return 0
    shared = User()
    shared.set_password(PASSWORD)  # one hash for all of them: making seventeen takes ten seconds
    for account in missing:
        with transaction.atomic():
            user = User.objects.create(username=account.username, password=shared.password, created_at=at)
            organisation = Organisation.objects.get(code=account.organisation)
            area = Area.objects.get(code=account.area)
            post = post_in(organisation=organisation, role=account.role, area=area)
            appoint(by=SEEDER, user=user, post=post, at=at)
    return len(missing)


def sheet(address: str) -> str:
    """What `make demo` prints when it is ready."""
    width = max(len(account.username) for account in ACCOUNTS)
    rows = "\n".join(
        f"  {account.username:<{width}}  {Organisation.objects.get(code=account.organisation).name}"
        f"  {account.role.value}"
        for account in ACCOUNTS
    )
    return (
        f"\nWangge (网格) is ready:  {address}\n\n"
        f"These are DEMO accounts. Everybody knows their password; never use them anywhere else.\n"
        f"Password of all of them:  {PASSWORD}\n\n{rows}\n\n"
        "People, grids and cases are invented. Ctrl-C stops the demo; its data stays for the next time.\n"
    )
