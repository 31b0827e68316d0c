"""A notice is sent once, delivered once when its hour has come, and read by whom it is for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from wangge.foundation.journal.actors import Subject
from wangge.foundation.notices.access import notice_for
from wangge.foundation.notices.actions import UnableToRead, deliver_due, mark_all_read, mark_read, send
from wangge.foundation.notices.defaults import load_defaults
from wangge.foundation.notices.models import DeliveryRecord, Notice, QuietHours, Recipient
from wangge.foundation.notices.queries import inbox, notices_about, unread_count

MORNING = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
EVENING = datetime(2026, 3, 6, 13, 0, tzinfo=UTC)  # 21:00
CASE = Subject("case", "230717-20260306-00017")
LIN = Recipient("requester", CASE.id)
WU = Recipient("user", "17")
HANDLER = Recipient("post", "31")
QIAN = Recipient("user", "18")


def tell(to=WU, key="line:1", at=MORNING, **changes):
    return send(
        **{"to": to, "template": "case.rate", "params": {}, "about": CASE, "at": at, "key": key, **changes}
    )


@pytest.mark.django_db
def test_what_is_sent_is_in_the_inbox_once_delivered():
    notice = tell()
    assert not inbox(WU).exists()
    assert deliver_due(at=MORNING) == 1
    assert inbox(WU).get() == notice
    assert inbox(WU).get().about == CASE
    assert inbox(WU).get().text == "问题解决了吗？点此选择，未解决会重新办理。"
    assert not inbox(QIAN).exists()


@pytest.mark.django_db
def test_sending_twice_under_one_key_is_sending_once():
    first, second = tell(), tell(at=MORNING + timedelta(hours=1), urgent=True)
    assert first == second
    assert second.created_at == MORNING
    assert tell(key="line:2") != first
    assert tell(to=QIAN) != first
    assert Notice.objects.count() == 3


@pytest.mark.django_db
def test_at_night_it_waits_for_the_morning_and_leaves_then():
    tell(at=EVENING)
    assert deliver_due(at=EVENING) == 0
    assert deliver_due(at=datetime(2026, 3, 6, 23, 29, tzinfo=UTC)) == 0
    assert deliver_due(at=datetime(2026, 3, 6, 23, 30, tzinfo=UTC)) == 1


@pytest.mark.django_db
def test_what_is_urgent_leaves_at_night():
    tell(at=EVENING, urgent=True)
    assert deliver_due(at=EVENING) == 1


@pytest.mark.django_db
def test_a_deployment_has_its_own_quiet_hours():
    QuietHours.objects.filter(id=1).update(starts=time(22))
    assert load_defaults() == 0
    tell(at=EVENING)
    assert deliver_due(at=EVENING) == 1


@pytest.mark.django_db
def test_every_delivery_is_on_record_and_happens_once():
    notice = tell()
    assert deliver_due(at=MORNING) == 1
    assert deliver_due(at=MORNING + timedelta(hours=1)) == 0
    record = DeliveryRecord.objects.get()
    assert (record.notice, record.channel, record.outcome, record.at) == (
        notice,
        "inbox",
        "delivered",
        MORNING,
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", ["UPDATE notices_deliveryrecord SET at = now()", "DELETE FROM notices_deliveryrecord"]
)
def test_the_record_of_a_delivery_cannot_be_changed(change):
    tell()
    deliver_due(at=MORNING)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.django_db
def test_delivery_goes_in_batches_oldest_first():
    for number in range(5):
        tell(key=f"line:{number}", at=MORNING + timedelta(minutes=5 - number))
    assert deliver_due(at=MORNING + timedelta(hours=1), batch=2) == 2
    assert [notice.key for notice in inbox(WU)] == ["line:3", "line:4"]
    assert deliver_due(at=MORNING + timedelta(hours=1), batch=9) == 3


@pytest.mark.django_db
def test_an_inbox_holds_what_is_for_the_person_and_for_their_posts():
    for to in (WU, HANDLER, QIAN):
        tell(to=to)
    deliver_due(at=MORNING)
    assert {notice.recipient for notice in inbox(WU, HANDLER)} == {WU, HANDLER}
    assert unread_count(WU, HANDLER) == 2
    assert not inbox().exists()


@pytest.mark.django_db
def test_reading_counts_the_first_time():
    notice = tell()
    deliver_due(at=MORNING)
    notice = notice_for([WU], notice.pk)
    assert unread_count(WU) == 1
    mark_read(notice=notice, readers=[WU, HANDLER], at=MORNING + timedelta(minutes=1))
    mark_read(notice=notice, readers=[WU, HANDLER], at=MORNING + timedelta(minutes=9))
    assert notice.read_at == MORNING + timedelta(minutes=1)
    assert unread_count(WU) == 0


@pytest.mark.django_db
def test_everything_can_be_read_at_once_but_nobody_else_s():
    for key in ("line:1", "line:2"):
        tell(key=key)
        tell(to=QIAN, key=key)
    tell(key="line:3", at=EVENING)
    deliver_due(at=MORNING)
    assert mark_all_read(readers=[WU], at=MORNING) == 2
    assert unread_count(QIAN) == 2
    assert Notice.objects.get(key="line:3").read_at is None


@pytest.mark.django_db
def test_somebody_else_reads_nothing_and_is_told_of_nothing():
    notice = tell()
    deliver_due(at=MORNING)
    with pytest.raises(Notice.DoesNotExist):
        notice_for([QIAN], notice.pk)
    with pytest.raises(UnableToRead) as refusal:
        mark_read(notice=notice, readers=[QIAN], at=MORNING)
    assert refusal.value.code == "not_yours"
    notice.refresh_from_db()
    assert notice.read_at is None


@pytest.mark.django_db
def test_what_is_not_delivered_cannot_be_read():
    notice = tell()
    with pytest.raises(Notice.DoesNotExist):
        notice_for([WU], notice.pk)
    with pytest.raises(UnableToRead) as refusal:
        mark_read(notice=notice, readers=[WU], at=MORNING)
    assert refusal.value.code == "not_delivered"
    with pytest.raises(IntegrityError):
        Notice.objects.update(read_at=MORNING)


@pytest.mark.django_db
def test_only_accounts_posts_and_requesters_are_written_to():
    with pytest.raises(IntegrityError):
        tell(to=Recipient("everybody", "1"))


@pytest.mark.django_db
def test_a_case_shows_what_was_sent_about_it():
    told = tell(to=LIN)
    tell(about=Subject("case", "230717-20260306-00018"), key="line:9")
    assert list(notices_about(CASE)) == [told]


@pytest.mark.django_db(transaction=True)
def test_several_workers_deliver_each_notice_once():
    for number in range(40):
        tell(key=f"line:{number}")

    def deliver(_):
        try:
            delivered = 0
            while count := deliver_due(at=MORNING, batch=3):
                delivered += count
            return delivered
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        delivered = sum(pool.map(deliver, range(4)))
    assert delivered + (deliver_due(at=MORNING, batch=40)) == 40
    assert DeliveryRecord.objects.count() == 40
