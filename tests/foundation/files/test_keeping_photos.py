"""A photo is kept once under the digest of its content, and not for ever if it belongs to nothing."""

import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from PIL import Image

from wangge.foundation.files.actions import claim_files, store_photo, sweep_strays, sweep_unclaimed
from wangge.foundation.files.cleaning import UnableToStore
from wangge.foundation.files.disk import open_photo, path_of
from wangge.foundation.files.models import StoredFile

AT = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_dir")]


def kept_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_photo_lies_under_the_digest_of_its_bytes(picture, files_dir):
    file = store_photo(picture(), at=AT)
    with open_photo(file) as photo:
        content = photo.read()
    assert hashlib.sha256(content).hexdigest() == file.digest
    assert (file.size, file.width, file.height, file.content_type) == (len(content), 400, 300, "image/jpeg")
    assert kept_in(files_dir) == [f"{file.digest}.jpg", f"{file.digest}.thumbnail.jpg"]
    assert path_of(file.digest).parent == files_dir / file.digest[:2] / file.digest[2:4]
    with open_photo(file, thumbnail=True) as photo:
        assert max(Image.open(photo).size) == 320


def test_a_django_upload_is_taken_and_its_name_forgotten(picture, files_dir):
    upload = SimpleUploadedFile("../../etc/林小河.jpg", picture().getvalue(), content_type="text/html")
    file = store_photo(upload, at=AT)
    assert file.content_type == "image/jpeg"
    assert all("林" not in name for name in kept_in(files_dir))
    assert not (files_dir.parent.parent / "etc").exists()


@pytest.mark.parametrize(
    "digest", ["../../etc/passwd", "a" * 63, "A" * 64, "a" * 63 + "/", "a" * 64 + "\n", ""]
)
def test_no_path_is_made_of_anything_but_a_digest(digest):
    with pytest.raises(ValueError, match="64 hexadecimal"):
        path_of(digest)


def test_the_same_picture_twice_is_one_row_and_one_file(picture, files_dir):
    first = store_photo(picture(), at=AT)
    second = store_photo(picture(), at=AT + timedelta(days=3))
    assert (first.pk, first.digest) == (second.pk, second.digest)
    assert StoredFile.objects.count() == 1
    assert len(kept_in(files_dir)) == 2


def test_keeping_one_is_one_statement_besides_begin_and_commit(picture):
    with CaptureQueriesContext(connection) as queries:
        store_photo(picture(), at=AT)
    assert [query["sql"][:6] for query in queries] == ["INSERT"]


def test_a_refused_file_leaves_nothing(files_dir):
    with pytest.raises(UnableToStore):
        store_photo(io.BytesIO(b"nothing to see"), at=AT)
    assert kept_in(files_dir) == []
    assert not StoredFile.objects.exists()


def test_what_nothing_claims_goes_after_thirty_days(picture, files_dir):
    file = store_photo(picture(), at=AT)
    claimed = store_photo(picture(size=(200, 100)), at=AT)
    assert claim_files([claimed], at=AT) == 1
    assert sweep_unclaimed(at=AT + timedelta(days=30)) == 0
    assert sweep_unclaimed(at=AT + timedelta(days=30, seconds=1)) == 1
    assert StoredFile.objects.get() == claimed
    assert file.digest not in "".join(kept_in(files_dir))
    assert len(kept_in(files_dir)) == 2


def test_sending_it_again_gives_it_time_again(picture):
    store_photo(picture(), at=AT)
    store_photo(picture(), at=AT + timedelta(days=29))
    assert sweep_unclaimed(at=AT + timedelta(days=31)) == 0


def test_claiming_twice_keeps_the_first_moment(picture):
    file = store_photo(picture(), at=AT)
    assert claim_files([file], at=AT) == 1
    assert claim_files([file], at=AT + timedelta(days=1)) == 0
    assert StoredFile.objects.get().claimed_at == AT


def test_a_photo_of_an_upload_that_was_taken_back_is_swept_from_disk(picture, files_dir):
    kept = store_photo(picture(), at=AT)
    with transaction.atomic():
        store_photo(picture(size=(200, 100)), at=AT)
        transaction.set_rollback(True)
    (files_dir / "ab" / "cd").mkdir(parents=True)
    (files_dir / "ab" / "cd" / ".half.jpg.0123").write_bytes(b"half")
    assert len(kept_in(files_dir)) == 5
    for path in files_dir.rglob("*"):
        os.utime(path, (AT.timestamp(), AT.timestamp()))
    assert sweep_strays(at=AT + timedelta(hours=23)) == 0
    assert sweep_strays(at=AT + timedelta(hours=25)) == 3
    assert kept_in(files_dir) == [f"{kept.digest}.jpg", f"{kept.digest}.thumbnail.jpg"]


@pytest.mark.django_db(transaction=True)
def test_many_who_send_the_same_at_once_share_one_row(picture, files_dir):
    content = picture().getvalue()

    def send(_):
        try:
            return store_photo(io.BytesIO(content), at=AT).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(8)))) == 1
    assert len(kept_in(files_dir)) == 2


@pytest.mark.django_db(transaction=True)
def test_a_photo_sent_while_its_old_copy_is_swept_is_not_lost(picture, files_dir):
    content = picture().getvalue()
    later = AT + timedelta(days=31)

    def sweep(_):
        try:
            return sweep_unclaimed(at=later)
        finally:
            connection.close()

    def send(_):
        try:
            return store_photo(io.BytesIO(content), at=later)
        finally:
            connection.close()

    for _ in range(5):
        file = store_photo(io.BytesIO(content), at=AT)
        with ThreadPoolExecutor(2) as pool:
            swept, sent = pool.submit(sweep, None), pool.submit(send, None)
            assert swept.result() in {0, 1}
            file = sent.result()
        assert StoredFile.objects.get().pk == file.pk
        with open_photo(file) as photo:
            assert hashlib.sha256(photo.read()).hexdigest() == file.digest
