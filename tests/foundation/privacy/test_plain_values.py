"""Plain values leave the privacy room by its acts alone."""

import re
from pathlib import Path

import wangge

SOURCE = Path(wangge.__file__).parent
# Each other place that unseals is a decision, and says here what it reads.
ELSEWHERE = {
    "cases/access.py": "the secret by which an anonymous requester follows a case",
    "cases/exports.py": "the filters of an export asked for: words somebody searched by, no identity",
    "doors/api/case_routes.py": "the secret on the receipt, to the program that registered the case",
    "doors/api/webhook_routes.py": "the secret a receiver checks signatures with, once to who subscribes",
    "doors/desk/exporting.py": "the filters of a long list: words somebody searched by, no identity",
    "doors/desk/intake_pages.py": "the secret on the receipt a clerk reads to the caller",
    "doors/desk/paper_pages.py": "the same secret, printed on the receipt for the caller",
    "doors/exchange/uploads.py": "a file somebody sent to be taken in, for as long as that takes",
    "doors/resident/own_pages.py": "the secret on the receipt just given, and to its signed-in owner",
    "doors/resident/drafts.py": "what a resident typed and has not sent yet, for that resident",
    "foundation/webhooks/sending.py": "the secret that signs what a receiver is told",
}


def files_that_unseal():
    return {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if re.search(r"\.unseal\(|\bunseal\b.*import|import.*\bunseal\b", path.read_text())
    }


def test_nobody_else_unseals():
    outside = {path for path in files_that_unseal() if not path.startswith("foundation/privacy/")}
    assert outside <= ELSEWHERE.keys()


def test_inside_the_room_only_acts_and_indexes_do():
    inside = {
        path.rpartition("/")[2] for path in files_that_unseal() if path.startswith("foundation/privacy/")
    }
    assert inside == {"actions.py", "fields.py", "models.py"}
