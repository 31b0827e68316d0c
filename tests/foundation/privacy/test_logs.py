"""The log filter lets no identifier through, wherever in a record it stands."""

import io
import logging

import pytest

from wangge.foundation.privacy.logs import MaskIdentifiers


@pytest.fixture
def log():
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(MaskIdentifiers())
    logger = logging.getLogger("tests.privacy")
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, written
    logger.removeHandler(handler)


def test_without_the_filter_the_number_would_stand_there():
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.handle(logging.makeLogRecord({"msg": "call %s", "args": ("13800001234",)}))
    assert "13800001234" in written.getvalue()


def test_message_and_arguments_are_masked(log):
    logger, written = log
    logger.warning("call %s about %s", "13800001234", "230717-20260306-00017")
    assert written.getvalue() == "call 138****1234 about 230717-20260306-00017\n"


def test_an_error_and_its_traceback_are_masked(log):
    logger, written = log
    try:
        raise ValueError("no such requester: 13800001234")
    except ValueError:
        logger.exception("lookup failed")
    assert "no such requester: 138****1234" in written.getvalue()
    assert "Traceback" in written.getvalue()
    assert "13800001234" not in written.getvalue()


def test_a_record_whose_arguments_do_not_fit_is_logged_all_the_same(log):
    logger, written = log
    logger.warning("call %s and %s", "13800001234")
    assert written.getvalue() == "call %s and %s\n"
