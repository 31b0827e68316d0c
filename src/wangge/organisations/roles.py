"""The roles a post can carry (domain notes §2)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    RESIDENT = "resident", _("Resident")
    REPORTER = "reporter", _("Reporter")
    VOLUNTEER = "volunteer", _("Volunteer")
    IN_SERVICE_MEMBER = "in_service_member", _("In-service member")
    GRID_WORKER = "grid_worker", _("Grid worker")
    PART_TIME_GRID_WORKER = "part_time_grid_worker", _("Part-time grid worker")
    GRID_LEAD = "grid_lead", _("Grid lead")
    COMMUNITY_SECRETARY = "community_secretary", _("Community secretary")
    COMMUNITY_WORKER = "community_worker", _("Community worker")
    TOWN_DISPATCHER = "town_dispatcher", _("Town dispatcher")
    TOWN_LEADER = "town_leader", _("Town leader")
    DEPARTMENT_HANDLER = "department_handler", _("Department handler")
    DEPARTMENT_LEAD = "department_lead", _("Department lead")
    CENTER_INTAKE = "center_intake", _("Command centre intake and dispatch")
    CENTER_SUPERVISOR = "center_supervisor", _("Command centre supervisor")
    CALLBACK_AGENT = "callback_agent", _("Callback agent")
    JOINT_MEETING_OFFICE = "joint_meeting_office", _("Joint meeting office")
    RELIEF_OFFICE = "relief_office", _("Burden relief office")
    ADMISSION_REVIEWER = "admission_reviewer", _("Admission reviewer")
    DISTRICT_LEADER = "district_leader", _("District leader")
    PRIVACY_OFFICER = "privacy_officer", _("Personal information officer")
    SYSTEM_ADMIN = "system_admin", _("System administrator")
    SECURITY_ADMIN = "security_admin", _("Security administrator")
    AUDITOR = "auditor", _("Audit administrator")


#: Three duties that no one person may hold two of (三员分立, GB/T 22239-2019 8.1.5).
SEPARATED = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})

#: People who take part rather than work here: no desk, no idle logout.
PUBLIC = frozenset({Role.RESIDENT, Role.REPORTER, Role.VOLUNTEER, Role.IN_SERVICE_MEMBER})

FIELD = frozenset({Role.GRID_WORKER, Role.PART_TIME_GRID_WORKER})
COMMUNITY = frozenset({Role.GRID_LEAD, Role.COMMUNITY_SECRETARY, Role.COMMUNITY_WORKER})
TOWN = frozenset({Role.TOWN_DISPATCHER, Role.TOWN_LEADER})
DEPARTMENT = frozenset({Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_LEAD})
CENTER = frozenset({Role.CENTER_INTAKE, Role.CENTER_SUPERVISOR})
