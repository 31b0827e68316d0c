"""Whoever owns the tables can change anything in them; verifying finds it and names it."""

import tracemalloc
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.journal.makers import AT, CASE, OTHER, TABLES, tamper, the_owner, write, write_chain
from wangge.config.command import wangge
from wangge.foundation.journal.actors import Subject
from wangge.foundation.journal.canonical import canonical_bytes
from wangge.foundation.journal.hashing import digest_of
from wangge.foundation.journal.models import Line
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.journal.seal_files import path_of
from wangge.foundation.journal.sealing import seal_heads
from wangge.foundation.journal.verifying import Finding, verify_journal

pytestmark = pytest.mark.django_db(transaction=True)
LATER = AT + timedelta(days=1)
LENGTH = 5


@pytest.fixture(autouse=True)
def seals(settings, tmp_path):
    settings.SEALS_DIR = tmp_path / "seals"


@pytest.fixture(params=["sm3", "sha256"])
def journal(settings, request):
    """Two chains of five lines under either hash."""
    settings.JOURNAL_HASH = request.param
    for _ in range(LENGTH):
        write(CASE)
        write(OTHER)


def named(**options):
    """Kind and place of every finding."""
    return [(finding.kind, finding.where) for finding in verify_journal(**options).findings]


def rewrite_from(subject, seq, *, upto=None, algorithm="sm3"):
    """What a patient forger does: change a line and make every hash after it follow, head and all."""
    with the_owner() as connection:
        previous = bytes(lines_of(subject).get(seq=seq).previous_hash)
        for line in lines_of(subject).filter(seq__gte=seq, **({"seq__lte": upto} if upto else {})):
            facts = {"forged": True} if line.seq == seq else line.facts
            canonical = canonical_bytes(
                subject=subject, seq=line.seq, act=line.act, by=line.by, facts=facts, at=line.at
            )
            new_hash = digest_of((previous, canonical), algorithm)
            connection.execute(
                "UPDATE journal_line SET facts = %s::jsonb, canonical = %s, previous_hash = %s, hash = %s,"
                " algorithm = %s WHERE id = %s",
                [
                    '{"forged": true}' if line.seq == seq else "{}",
                    canonical,
                    previous,
                    new_hash,
                    algorithm,
                    line.pk,
                ],
            )
            previous = new_hash
        if upto is None:
            connection.execute(
                "UPDATE journal_head SET hash = %s WHERE subject_id = %s", [previous, subject.id]
            )


def cut_off(subject, last):
    """Remove the lines after `last` and make the head forget them."""
    with the_owner() as connection:
        connection.execute("DELETE FROM journal_line WHERE subject_id = %s AND seq > %s", [subject.id, last])
        connection.execute(
            "UPDATE journal_head SET seq = %s, sealed_seq = least(sealed_seq, %s), hash = (SELECT hash FROM"
            " journal_line WHERE subject_id = %s AND seq = %s) WHERE subject_id = %s",
            [last, last, subject.id, last, subject.id],
        )


# --- sound ---


def test_an_empty_journal_is_sound():
    verdict = verify_journal()
    assert (verdict.lines, verdict.subjects, verdict.checkpoints, verdict.findings) == (0, 0, 0, ())
    assert verdict.sound


def test_an_untouched_journal_is_sound(journal):
    seal_heads(at=LATER)
    write(CASE)
    verdict = verify_journal(since=path_of(1))
    assert (verdict.lines, verdict.subjects, verdict.checkpoints) == (2 * LENGTH + 1, 2, 1)
    assert verdict.sound


def test_a_journal_that_changed_its_hash_on_the_way_is_sound(settings):
    for algorithm in ("sm3", "sha256", "sm3"):
        settings.JOURNAL_HASH = algorithm
        write(CASE)
        seal_heads(at=LATER)
    assert set(Line.objects.values_list("algorithm", flat=True)) == {"sm3", "sha256"}
    assert verify_journal().sound


def test_verifying_may_stand_inside_a_transaction_of_others(journal, db):
    with transaction.atomic():
        write(CASE)
        assert verify_journal().lines == 2 * LENGTH + 1


# --- found at any time ---

COLUMNS = {
    "act": "act = 'case.closed'",
    "actor": "actor_id = '8'",
    "actor's label": "actor_label = 'wu'",
    "kind of actor": "actor_kind = 'system'",
    "post": "post_id = '32'",
    "facts": """facts = '{"solved": true}'""",
    "facts to null": "facts = 'null'",
    "moment": "at = at + interval '1 second'",
    "moment by a microsecond": "at = at + interval '1 microsecond'",
    "hashed bytes": "canonical = canonical || ' '",
    "hashed bytes to rubbish": "canonical = 'rubbish'",
    "hash": "hash = decode(repeat('ab', 32), 'hex')",
    "previous hash": "previous_hash = decode(repeat('ab', 32), 'hex')",
    "name of the hash": "algorithm = CASE algorithm WHEN 'sm3' THEN 'sha256' ELSE 'sm3' END",
    "name of the hash to an unknown one": "algorithm = 'md5'",
}


@pytest.mark.parametrize("change", COLUMNS.values(), ids=COLUMNS.keys())
def test_a_changed_line_is_named_and_no_other(journal, change):
    tamper(f"UPDATE journal_line SET {change} WHERE subject_id = %s AND seq = 3", CASE.id)
    assert named() == [("changed", f"{CASE}#3")]


def test_a_changed_last_line_is_named(journal):
    tamper("UPDATE journal_line SET facts = '{}', act = 'a.b' WHERE subject_id = %s AND seq = 5", CASE.id)
    assert named() == [("changed", f"{CASE}#5")]


def test_a_line_rewritten_with_a_fitting_hash_is_named(journal, settings):
    rewrite_from(CASE, 3, upto=3, algorithm=settings.JOURNAL_HASH)
    assert named() == [("changed", f"{CASE}#3")]


def test_a_removed_line_is_named(journal):
    tamper("DELETE FROM journal_line WHERE subject_id = %s AND seq = 3", CASE.id)
    verdict = verify_journal()
    assert verdict.findings == (Finding("removed", str(CASE), "line 3 is missing"),)


def test_removed_first_lines_are_named(journal):
    tamper("DELETE FROM journal_line WHERE subject_id = %s AND seq < 3", CASE.id)
    assert verify_journal().findings == (Finding("removed", str(CASE), "lines 1 to 2 are missing"),)


def test_two_lines_in_each_others_place_are_named(journal):
    with the_owner() as connection:
        for old, new in ((2, -1), (4, 2), (-1, 4)):
            connection.execute("ALTER TABLE journal_line DROP CONSTRAINT IF EXISTS line_seq_from_one")
            connection.execute(
                "UPDATE journal_line SET seq = %s WHERE subject_id = %s AND seq = %s", [new, CASE.id, old]
            )
        connection.execute("ALTER TABLE journal_line ADD CONSTRAINT line_seq_from_one CHECK (seq >= 1)")
    assert named() == [("reordered", f"{CASE}#2"), ("reordered", f"{CASE}#4")]


def test_a_line_moved_to_another_subject_is_named(journal):
    tamper(
        "UPDATE journal_line SET subject_id = %s, seq = 6 WHERE subject_id = %s AND seq = 5",
        OTHER.id,
        CASE.id,
    )
    found = named()
    assert ("reordered", f"{OTHER}#6") in found
    assert ("truncated", str(CASE)) in found


def test_a_line_of_a_number_that_is_taken_is_named(journal):
    with the_owner() as connection:
        connection.execute("ALTER TABLE journal_line DROP CONSTRAINT one_line_a_seq")
        try:
            tamper("UPDATE journal_line SET seq = 2 WHERE subject_id = %s AND seq = 3", CASE.id)
            found = named()
        finally:
            connection.execute(
                "UPDATE journal_line SET seq = 3 WHERE seq = 2 AND convert_from(canonical, 'UTF8')"
                " LIKE '%\"seq\":3%'"
            )
            connection.execute(
                "ALTER TABLE journal_line"
                " ADD CONSTRAINT one_line_a_seq UNIQUE (subject_kind, subject_id, seq)"
            )
    assert ("reordered", f"{CASE}#2") in found
    assert ("removed", str(CASE)) in found


def test_a_first_line_that_follows_from_something_is_named(journal):
    line = lines_of(OTHER).first()
    other_start = b"\1" * 32
    tamper(
        "UPDATE journal_line SET previous_hash = %s, hash = %s WHERE id = %s",
        other_start, digest_of((other_start, bytes(line.canonical)), line.algorithm), line.pk,
    )  # fmt: skip
    assert ("changed", f"{OTHER}#1") in named()


# --- found against the head row ---


def test_lines_cut_off_at_the_end_are_found_by_the_head(journal):
    tamper("DELETE FROM journal_line WHERE subject_id = %s AND seq > 3", CASE.id)
    assert verify_journal().findings == (Finding("truncated", str(CASE), "its head says 5 lines, ends at 3"),)


def test_a_chain_removed_with_its_head_left_is_found(journal):
    tamper("DELETE FROM journal_line WHERE subject_id = %s", CASE.id)
    assert verify_journal().findings == (Finding("removed", str(CASE), "the whole chain is gone"),)


def test_a_removed_head_is_found(journal):
    tamper("DELETE FROM journal_head WHERE subject_id = %s", CASE.id)
    assert named() == [("head", str(CASE))]


@pytest.mark.parametrize("change", ["seq = 4", "hash = decode(repeat('ab', 32), 'hex')"])
def test_a_head_that_does_not_fit_is_found(journal, change):
    tamper(f"UPDATE journal_head SET {change} WHERE subject_id = %s", CASE.id)
    assert named() == [("head", str(CASE))]


# --- found only by a seal ---


def test_a_tail_cut_off_with_its_head_rewritten_is_found_after_a_seal_and_not_before(journal):
    cut_off(OTHER, 3)
    assert verify_journal().sound, "nothing remembers the lines: the docs say so"
    seal_heads(at=LATER)
    cut_off(CASE, 3)
    assert verify_journal().findings == (Finding("truncated", str(CASE), "sealed up to line 5, ends at 3"),)


def test_lines_after_the_last_seal_cut_off_with_their_head_rewritten_are_in_the_window(journal):
    seal_heads(at=LATER)
    write(CASE)
    cut_off(CASE, 5)
    assert verify_journal().sound, "nothing remembers the line: the docs say so"


def test_a_chain_rewritten_to_its_end_is_found_after_a_seal(journal, settings):
    seal_heads(at=LATER)
    rewrite_from(CASE, 2, algorithm=settings.JOURNAL_HASH)
    assert named() == [("changed", f"{CASE}#5")]


def test_a_chain_rewritten_before_an_old_seal_is_found_though_it_grew_and_was_sealed_again(journal, settings):
    seal_heads(at=LATER)
    write(CASE)
    rewrite_from(CASE, 2, algorithm=settings.JOURNAL_HASH)
    seal_heads(at=LATER)
    assert named() == [("changed", f"{CASE}#5")]


def test_a_chain_removed_whole_is_found_after_a_seal(journal):
    seal_heads(at=LATER)
    tamper("DELETE FROM journal_line WHERE subject_id = %s", CASE.id)
    tamper("DELETE FROM journal_head WHERE subject_id = %s", CASE.id)
    assert verify_journal().findings == (Finding("removed", str(CASE), "the whole chain is gone"),)


def test_a_head_hidden_from_the_sealer_is_found(journal):
    """The pages may write to heads: one that claims to be sealed would escape the seal."""
    tamper("UPDATE journal_head SET sealed_seq = seq WHERE subject_id = %s", CASE.id)
    seal_heads(at=LATER)
    assert named() == [("checkpoint", str(CASE)), ("checkpoint", "checkpoint 1")]


# --- the checkpoints themselves ---


def sealed_three_times():
    for _ in range(3):
        write(CASE)
        seal_heads(at=LATER)


def remove_checkpoint(number):
    tamper(
        "DELETE FROM journal_sealedhead USING journal_checkpoint"
        " WHERE checkpoint_id = journal_checkpoint.id AND number = %s",
        number,
    )
    tamper("DELETE FROM journal_checkpoint WHERE number = %s", number)


def test_a_removed_checkpoint_is_found():
    sealed_three_times()
    remove_checkpoint(2)
    assert verify_journal().findings[0] == Finding(
        "checkpoint", "checkpoint 3", "checkpoint 2 is missing before it"
    )


def test_a_removed_last_checkpoint_is_found_by_the_heads_it_sealed():
    sealed_three_times()
    remove_checkpoint(3)
    assert verify_journal().findings == (
        Finding("checkpoint", str(CASE), "was sealed up to line 3; no checkpoint says so"),
    )


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 hour'",
        "head_count = 7",
        "sealed_count = 0",
        "hash = decode(repeat('ab', 32), 'hex')",
        "heads_digest = decode(repeat('ab', 32), 'hex')",
        "previous_hash = decode(repeat('ab', 32), 'hex')",
        "algorithm = 'sha256'",
        "algorithm = 'md5'",
        "number = 20",
    ],
)
def test_a_changed_checkpoint_is_found(change):
    sealed_three_times()
    tamper(f"UPDATE journal_checkpoint SET {change} WHERE number = 2")
    found = verify_journal().findings
    assert found
    assert {finding.kind for finding in found} == {"checkpoint"}
    assert {finding.where for finding in found} & {"checkpoint 2", "checkpoint 3", "checkpoint 20"}


@pytest.mark.parametrize("change", ["seq = 1", "hash = decode(repeat('ab', 32), 'hex')", "subject_id = 'x'"])
def test_an_edited_seal_is_found(change):
    sealed_three_times()
    tamper(
        f"UPDATE journal_sealedhead SET {change} WHERE checkpoint_id ="
        " (SELECT id FROM journal_checkpoint WHERE number = 2)"
    )
    assert ("checkpoint", "checkpoint 2") in named()


def test_a_removed_seal_is_found():
    sealed_three_times()
    tamper("DELETE FROM journal_sealedhead WHERE seq = 2")
    assert named() == [("checkpoint", "checkpoint 2")]


# --- held against a file outside ---


def forge_everything():
    """Whoever owns the database can begin anew and seal the forgery; only a file elsewhere knows."""
    with the_owner() as connection:
        connection.execute(f"TRUNCATE {TABLES}")
    write(CASE, act="case.forged")
    seal_heads(at=LATER)


def test_a_journal_forged_whole_with_new_seals_is_found_by_a_file_kept_outside(tmp_path):
    sealed_three_times()
    kept = path_of(2).rename(tmp_path / "kept.jsonl")
    forge_everything()
    assert verify_journal().sound, "by itself it cannot know"
    found = verify_journal(since=kept).findings
    assert Finding("checkpoint", "checkpoint 2", "is in kept.jsonl but not in the database") in found
    assert Finding("truncated", str(CASE), "sealed up to line 2, ends at 1") in found


def test_another_checkpoint_of_the_same_number_is_found_by_a_file(tmp_path):
    sealed_three_times()
    kept = path_of(1).rename(tmp_path / "kept.jsonl")
    forge_everything()
    assert ("checkpoint", "checkpoint 1") in named(since=kept)
    assert ("changed", f"{CASE}#1") in named(since=kept)


def test_a_chain_and_all_its_seals_removed_are_found_by_a_file(tmp_path):
    write(CASE)
    write(OTHER)
    seal_heads(at=LATER)
    kept = path_of(1).rename(tmp_path / "kept.jsonl")
    for table in ("journal_line", "journal_head", "journal_sealedhead"):
        tamper(f"DELETE FROM {table} WHERE subject_id = %s", OTHER.id)
    assert ("removed", str(OTHER)) in named(since=kept)


def test_a_tail_cut_off_with_its_seals_is_found_by_a_file(tmp_path):
    sealed_three_times()
    kept = path_of(3).rename(tmp_path / "kept.jsonl")
    remove_checkpoint(3)
    cut_off(CASE, 2)
    assert verify_journal().sound, "by itself it cannot know"
    assert named(since=kept) == [("checkpoint", "checkpoint 3"), ("truncated", str(CASE))]


# --- whatever single line is tampered with ---


def change_column(chain, seq, draw):
    change = draw(st.sampled_from(sorted(COLUMNS.values())))
    return f"UPDATE journal_line SET {change} WHERE subject_id = '{chain}' AND seq = {seq}"


def remove(chain, seq, draw):
    return f"DELETE FROM journal_line WHERE subject_id = '{chain}' AND seq = {seq}"


def move_within(chain, seq, draw):
    place = draw(st.integers(100, 200))
    return f"UPDATE journal_line SET seq = {place} WHERE subject_id = '{chain}' AND seq = {seq}"


def move_elsewhere(chain, seq, draw):
    place = draw(st.sampled_from(["aa", "m", "zz"]))
    return f"UPDATE journal_line SET subject_id = '{place}' WHERE subject_id = '{chain}' AND seq = {seq}"


def flip_a_bit(chain, seq, draw):
    column = draw(st.sampled_from(["canonical", "hash", "previous_hash"]))
    bit = draw(st.integers(0, 255))
    return (
        f"UPDATE journal_line SET {column} = set_bit({column}, {bit}, 1 - get_bit({column}, {bit}))"
        f" WHERE subject_id = '{chain}' AND seq = {seq}"
    )


TAMPERINGS = [change_column, remove, move_within, move_elsewhere, flip_a_bit]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4), data=st.data())
def test_whatever_is_done_to_any_one_line_it_is_found_and_its_chain_is_named(lengths, data):
    with the_owner() as connection:
        connection.execute(f"TRUNCATE {TABLES}")
    for number, length in enumerate(lengths):
        write_chain(Subject("case", f"c{number}"), length, start=AT + timedelta(hours=number))
    chain = data.draw(st.integers(0, len(lengths) - 1), label="chain")
    seq = data.draw(st.integers(1, lengths[chain]), label="line")
    statement = data.draw(st.sampled_from(TAMPERINGS), label="how")(f"c{chain}", seq, data.draw)
    assert verify_journal().sound
    tamper(statement)
    findings = verify_journal().findings
    assert any(finding.where.startswith(f"case/c{chain}") for finding in findings), (statement, findings)
    untouched = {f"case/c{number}" for number in range(len(lengths))} - {f"case/c{chain}"}
    assert not {finding.where.partition("#")[0] for finding in findings} & untouched


# --- memory and the command ---


def peak_while_verifying():
    tracemalloc.start()
    try:
        assert verify_journal().sound
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_journal():
    for number in range(20):
        write_chain(Subject("case", f"a{number}"), 70)
    seal_heads(at=LATER)
    small = peak_while_verifying()
    for number in range(50):
        write_chain(Subject("case", f"b{number}"), 70)
    seal_heads(at=LATER)
    assert peak_while_verifying() < 1.3 * small


def run(*arguments):
    return CliRunner().invoke(wangge, ["journal", *arguments])


def test_the_command_says_that_a_journal_is_sound(journal):
    sealed = run("seal")
    assert sealed.exit_code == 0, sealed.output
    assert sealed.output == "checkpoint 1: 2 heads sealed\n"
    verified = run("verify")
    assert verified.exit_code == 0
    assert verified.output == "10 lines, 2 subjects, 1 checkpoints: sound\n"


def test_the_command_names_what_it_finds_and_fails(journal):
    tamper("UPDATE journal_line SET act = 'case.closed' WHERE subject_id = %s AND seq = 2", CASE.id)
    verified = run("verify")
    assert verified.exit_code == 1
    assert verified.output == (
        f"changed: {CASE}#2: its columns differ from the bytes that were hashed\n"
        "10 lines, 2 subjects, 0 checkpoints: 1 findings\n"
    )


def test_the_command_holds_the_journal_against_a_file(journal):
    run("seal")
    assert run("verify", "--since", str(path_of(1))).exit_code == 0
    cut_off(CASE, 2)
    with the_owner() as connection:
        connection.execute("TRUNCATE journal_checkpoint, journal_sealedhead")
        connection.execute("UPDATE journal_head SET sealed_seq = 0")
    assert run("verify").exit_code == 0
    found = run("verify", "--since", str(path_of(1)))
    assert found.exit_code == 1
    assert f"truncated: {CASE}: sealed up to line 5, ends at 2" in found.output


def test_the_command_refuses_a_file_that_is_no_seal(tmp_path):
    (tmp_path / "notes.txt").write_text("notes\n")
    refused = run("verify", "--since", str(tmp_path / "notes.txt"))
    assert refused.exit_code == 2
    assert "line 1: not a line of a seal file" in refused.output
