"""Programs that call the API: a token each, JSON in and out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client

from town import Person, Town
from wangge.doors.api.models import ApiToken
from wangge.doors.api.scopes import Scope
from wangge.doors.api.tokens import create_token
from wangge.foundation.worktime import clock
from wangge.organisations.models import Appointment

ROOT = "/api/v1"
PROBLEM = "application/problem+json"
REPORT: dict[str, Any] = {
    "text": "林都花园3号楼前的路灯三天没亮了。",
    "channel": "hotline_12345",
    "place": {"area_code": "230717001001001", "words": "3号楼前"},
}


def token_for(
    town: Town, person: Person | str, *scopes: str, days: int = 30, at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A token that acts as this person, with all scopes unless some are named."""
    who = town.people[person] if isinstance(person, str) else person
    return create_token(
        by=town.lu.holder,
        at=at or clock.now(),
        name="pytest",
        appointment=Appointment.objects.get(pk=who.holder.appointment_id),
        scopes=scopes or Scope.values,
        days=days,
    )


@dataclass
class Program:
    """Something that calls with a token; answers are checked for being declared as what they are."""

    token: str = ""
    client: Client = field(default_factory=Client)
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self._checked(self.client.get(self._at(path), headers=self._told(headers)))

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self._checked(
            self.client.generic(
                "POST", self._at(path), content, content_type="application/json", headers=self._told(headers)
            )
        )

    def delete(self, path: str) -> HttpResponse:
        return self._checked(self.client.delete(self._at(path), headers=self._told({})))

    def act(self, number: str, act: str, version: int, **told: Any) -> HttpResponse:
        return self.post(f"/cases/{number}/acts/{act}", {"seen_version": version, **told})

    def send_photo(self, photo: Any) -> HttpResponse:
        return self._checked(self.client.post(self._at("/photos"), {"photo": photo}, headers=self._told({})))

    def _at(self, path: str) -> str:
        return path if path.startswith("/api") else ROOT + path

    def _told(self, headers: dict[str, str]) -> dict[str, str]:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**bearer, **self.headers, **told}

    @staticmethod
    def _checked(response: Any) -> Any:
        if response.status_code >= 400:
            problem_of(response)
        return response


def problem_of(response: HttpResponse) -> dict[str, Any]:
    """The problem document of a refusal, held against RFC 9457 and itself."""
    assert response.headers["Content-Type"] == PROBLEM, response.content[:200]
    problem: dict[str, Any] = json.loads(response.content)
    assert problem["status"] == response.status_code
    assert problem["type"] == f"urn:wangge:problem:{problem['code']}"
    assert problem["title"]
    assert problem["detail"]
    return problem


def program_of(town: Town, person: Person | str, *scopes: str) -> Program:
    return Program(token_for(town, person, *scopes)[1])
