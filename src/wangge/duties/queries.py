"""Who owes what, where, on which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from wangge.duties.models import CommunityAdmission, DispatchRule, Matter
from wangge.foundation.refusals import Refusal
from wangge.organisations.models import Organisation, OrganisationType


class UnableToNameLead(Refusal):
    """The catalogue does not name exactly one body that may be made to act. Codes: `not_in_force`,
    `no_rule`, `no_unit`, `two_units`, `not_admitted`."""


@dataclass(frozen=True)
class Lead:
    """The answer of the dispatch catalogue: one lead, who assists, and why.

    `admission` stands where the lead is a community. `not_admitted` names communities the rule would
    have assist, that may not be asked to because nothing admits the matter there.
    """

    organisation: Organisation
    assists: tuple[Organisation, ...]
    rule: DispatchRule
    admission: CommunityAdmission | None
    not_admitted: tuple[Organisation, ...] = ()


#: Bodies that serve a community: they take part only in what was admitted.
_OF_COMMUNITY = frozenset({OrganisationType.COMMITTEE, OrganisationType.GRID_TEAM})


def _in_force(day: date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))


def _prefixes(area_code: str) -> list[str]:
    """Every code an area above (or at) this place can have: city 4, district 6, town 9, …"""
    return [area_code[:length] for length in (4, 6, 9, 12, 15, 17) if len(area_code) >= length]


def matters_in_force(day: date) -> QuerySet[Matter]:
    return (
        Matter.objects.filter(_in_force(day))
        .select_related("category")
        .order_by("category__position", "code")
    )


def rule_for(*, matter: Matter, area_code: str, day: date) -> DispatchRule | None:
    """The rule of the most specific area that holds the place."""
    rules = DispatchRule.objects.filter(
        _in_force(day), matter=matter, area__prefix__in=_prefixes(area_code)
    ).select_related("area", "matter")
    return max(rules, key=lambda rule: len(rule.area.prefix), default=None)


def admission_for(*, matter: Matter, area_code: str, day: date) -> CommunityAdmission | None:
    """The in-force admission that lets a community at this place lead the matter."""
    admissions = CommunityAdmission.objects.filter(
        _in_force(day), matter=matter, area__prefix__in=_prefixes(area_code)
    ).select_related("area")
    return max(admissions, key=lambda admission: len(admission.area.prefix), default=None)


def who_leads(*, matter: Matter, area_code: str, day: date) -> Lead:
    """Exactly one lead unit for a matter at a place on a day, or UnableToNameLead that says why not."""
    if not matter.in_force_on(day):
        raise UnableToNameLead(
            "not_in_force",
            _("“%(matter)s” is not in force on this day. Choose another matter.") % {"matter": matter.label},
            field="matter",
        )
    rule = rule_for(matter=matter, area_code=area_code, day=day)
    if rule is None:
        raise UnableToNameLead(
            "no_rule",
            _("The dispatch catalogue has no rule for “%(matter)s” here on this day. Choose another matter.")
            % {"matter": matter.label},
            field="matter",
        )
    by_kind = _bodies([rule.lead_kind, *rule.assist_kinds], area_code)
    leads = by_kind.get(rule.lead_kind, [])
    if not leads:
        raise UnableToNameLead(
            "no_unit",
            _("The catalogue names “%(kind)s” as lead, but no such body answers for this place.")
            % {"kind": rule.lead_kind},
            field="matter",
        )
    if len(leads) > 1:
        raise UnableToNameLead(
            "two_units",
            _("More than one “%(kind)s” answers for this place. Have the organisation register corrected.")
            % {"kind": rule.lead_kind},
            field="matter",
        )
    lead = leads[0]
    admission = check_admission(organisation=lead, matter=matter, area_code=area_code, day=day)
    named = [body for kind in rule.assist_kinds for body in by_kind.get(kind, []) if body != lead]
    assists = tuple(dict.fromkeys(named))
    communities = tuple(body for body in assists if body.type in _OF_COMMUNITY)
    if communities and not (admission or admission_for(matter=matter, area_code=area_code, day=day)):
        assists = tuple(body for body in assists if body not in communities)
        return Lead(lead, assists, rule, admission, not_admitted=communities)
    return Lead(lead, assists, rule, admission)


def check_admission(
    *, organisation: Organisation, matter: Matter, area_code: str, day: date
) -> CommunityAdmission | None:
    """A community takes part only in what was admitted there and is in force; UnableToNameLead otherwise.

    Source: 事无准入不得进 (domain notes §0.5, §7); 上海市居民委员会工作条例 art. 27.
    """
    if organisation.type not in _OF_COMMUNITY:
        return None
    admission = admission_for(matter=matter, area_code=area_code, day=day)
    if admission is None:
        raise UnableToNameLead(
            "not_admitted",
            _(
                "“%(matter)s” is not admitted for communities here today, so it cannot be handed to one. "
                "Dispatch it to the department that owes it."
            )
            % {"matter": matter.label},
            field="unit",
        )
    return admission


def _bodies(kinds: list[str], area_code: str) -> dict[str, list[Organisation]]:
    """Per kind, the active bodies of the most specific area that holds the place."""
    found: dict[str, list[Organisation]] = {}
    rows = Organisation.objects.filter(
        kind__in=kinds, active=True, area__prefix__in=_prefixes(area_code)
    ).select_related("area")
    for body in rows.order_by("code"):
        nearest = found.setdefault(body.kind, [])
        if nearest and len(nearest[0].area.prefix) > len(body.area.prefix):
            continue
        if nearest and len(nearest[0].area.prefix) < len(body.area.prefix):
            nearest.clear()
        nearest.append(body)
    return found
