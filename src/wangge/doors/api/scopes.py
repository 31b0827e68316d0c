"""What a token may be used for, within what its post may do anyway."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from wangge.organisations.roles import PUBLIC, SEPARATED, Role


class Scope(models.TextChoices):
    CASES_READ = "cases:read", _("Read cases")
    CASES_REGISTER = "cases:register", _("Register requests")
    CASES_ACT = "cases:act", _("Act on cases")
    TERRITORY_READ = "territory:read", _("Read areas and grids")
    DUTIES_READ = "duties:read", _("Read matters and organisations")
    WEBHOOKS_MANAGE = "webhooks:manage", _("Subscribe to events")


#: Posts no program acts from: people who take part act for themselves, and the three administrators watch
#: over one another in person (三员分立).
PEOPLE_ONLY = PUBLIC | SEPARATED

#: Posts a token may act from.
POSTS = frozenset(set(Role) - PEOPLE_ONLY)
