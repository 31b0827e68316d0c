"""What the database says of the work that waits, asked for when somebody reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min, QuerySet
from procrastinate.contrib.django.models import ProcrastinateJob
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wangge.cases.models import Case
from wangge.cases.queries import Filters, filtered
from wangge.cases.states import OPEN
from wangge.foundation.journal.models import Checkpoint
from wangge.foundation.journal.queries import backlog
from wangge.foundation.notices.models import Notice


class Figures(Collector):
    """Every figure as of one moment. A handful of statements, each answered from an index."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterator[Metric]:
        yield from self._cases()
        yield from self._journal()
        yield from self._jobs()

    def _cases(self) -> Iterator[Metric]:
        cases = Case.objects.filter(state__in=sorted(OPEN))
        waiting = GaugeMetricFamily("wangge_cases_open", "Cases not ended.", labels=["district", "state"])
        oldest = GaugeMetricFamily(
            "wangge_cases_oldest_seconds",
            "Age since registration of the oldest case in a state.",
            labels=["district", "state"],
        )
        groups = cases.values_list("district", "state").annotate(
            count=Count("id"), first=Min("registered_at")
        )
        for district, state, count, first in groups.order_by("district", "state"):
            waiting.add_metric([district, state], count)
            oldest.add_metric([district, state], (self.at - first).total_seconds())
        yield waiting
        yield oldest
        late = GaugeMetricFamily(
            "wangge_cases_overdue", "Open cases past their promise.", labels=["district"]
        )
        for district, count in _by_district(filtered(cases, Filters(overdue=True), self.at)):
            late.add_metric([district], count)
        yield late

    def _journal(self) -> Iterator[Metric]:
        left = backlog()
        yield _gauge("wangge_wakeups_waiting", "Journal lines the worker has not answered.", left.waiting)
        yield _gauge(
            "wangge_wakeups_stuck", "Of these, lines whose answer failed and is tried again.", left.stuck
        )
        yield _gauge("wangge_wakeups_oldest_seconds", "Age of the oldest of them.", left.age_seconds(self.at))
        seal = Checkpoint.objects.order_by("-number").values_list("at", flat=True).first()
        if seal is not None:
            yield _gauge(
                "wangge_journal_seal_age_seconds", "Since the last seal.", (self.at - seal).total_seconds()
            )
        undelivered = Notice.objects.filter(delivered_at=None, deliver_at__lte=self.at).count()
        yield _gauge("wangge_notices_undelivered", "Messages whose hour has come.", undelivered)

    def _jobs(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("wangge_jobs", "Slow work by its state.", labels=["status"])
        groups = ProcrastinateJob.objects.values_list("status").annotate(count=Count("id"))
        for status, count in groups.order_by("status"):
            jobs.add_metric([status], count)
        yield jobs


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)


def _by_district(cases: QuerySet[Case]) -> list[tuple[str, int]]:
    groups = cases.order_by().values_list("district").annotate(count=Count("id"))
    return [(district, count) for district, count in groups.order_by("district")]
