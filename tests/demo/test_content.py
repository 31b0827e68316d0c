"""The demo's written content: complete, varied, playable, and without a number that could ring."""

from __future__ import annotations

import csv
import itertools
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

import wangge.duties
from wangge.cases.states import MOVES, State
from wangge.cases.words import Channel, InformReason, RequestType, Satisfaction
from wangge.demo.reading import DATA, messages
from wangge.duties.models import Priority
from wangge.organisations.roles import Role

DOCS = Path(__file__).parents[2] / "docs"
COLUMNS = [
    "key", "district", "text", "channel", "request_type", "matter", "priority", "place", "place_kind", "tone",
    "traits", "outcome", "dispatch_note", "work_notes", "feedback", "callback_contacted", "callback_solved",
    "callback_satisfaction", "comment",
]  # fmt: skip
TRAITS = {
    "negation", "several_matters", "thanks", "out_of_scope", "statutory_channel", "emergency_line", "secret",
    "unlawful", "duplicate_of", "contains_phone", "contains_id", "dialect", "typos", "english", "sarcasm",
    "anonymous", "confidential", "elder", "child", "village", "clerk_note", "patrol", "policy", "wrong_place",
    "season_winter", "season_thaw", "season_summer", "season_autumn", "walk_a", "walk_c",
}  # fmt: skip
TONES = {
    "calm", "angry", "polite", "confused", "terse", "long", "worried", "sarcastic", "grateful", "plain",
}  # fmt: skip
PLACE_KINDS = {"estate", "road", "landmark", "vague", "none"}
#: Outcomes that leave a case standing in the state of the same name.
STANDING = {
    "registered", "screening", "to_dispatch", "dispatched", "in_progress", "feedback_given", "verifying",
    "callback_due", "shelved", "paused", "withdrawn", "merged", "objection_review",
}  # fmt: skip
#: Outcomes that need a callback with an answer.
CALLED_BACK = {
    "closed_solved", "closed_partly", "closed_explained", "closed_unsolved", "redo", "redo_open",
    "objection_upheld", "objection_accepted", "reopened",
}  # fmt: skip
NEVER_AT_A_UNIT = {"registered", "screening", "to_dispatch", "withdrawn", "merged", "answered", "informed"}
#: The trait that goes with each reason for not dispatching.
REASON_TRAITS = {
    "emergency_line": "emergency_line", "statutory_channel": "statutory_channel",
    "out_of_scope": "out_of_scope", "secret_or_privacy": "secret", "unlawful_or_improper": "unlawful",
}  # fmt: skip


@cache
def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def matters() -> list[dict[str, Any]]:
    return list(toml("matters.toml")["matter"])


def matter_of(row: dict[str, str]) -> dict[str, Any] | None:
    return next((matter for matter in matters() if matter["code"] == row["matter"]), None)


@cache
def categories() -> dict[str, dict[str, str]]:
    path = Path(wangge.duties.__file__).parent / "defaults" / "categories.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def organisation_keys() -> set[str]:
    told = toml("organisations.toml")
    return {kind["key"] for kind in [*told["kind"], *told["derived"]]}


def traits(row: dict[str, str]) -> set[str]:
    return {trait.split(":")[0] for trait in row["traits"].split(";") if trait}


def rows_with(trait: str) -> list[dict[str, str]]:
    return [row for row in messages() if trait in traits(row)]


def outcome(row: dict[str, str]) -> str:
    return row["outcome"].split(":")[0]


# --- the catalogue ---------------------------------------------------------------------------------


def test_every_category_has_matters_and_nothing_lies_outside_them() -> None:
    assert {matter["category"] for matter in matters()} == set(categories())
    assert 70 <= len(matters()) <= 90


def test_codes_and_names_of_matters_are_used_once() -> None:
    for field in ("code", "name", "name_en"):
        assert not [value for value, n in Counter(m[field] for m in matters()).items() if n > 1]


def test_matters_use_the_words_of_the_rooms() -> None:
    for matter in matters():
        assert matter["priority"] in Priority.values, matter["code"]
        assert set(matter["request_types"]) <= set(RequestType.values), matter["code"]
        assert {matter["lead"], *matter["assists"]} <= organisation_keys(), matter["code"]
        assert matter["lead"] not in matter["assists"], matter["code"]
        assert len(set(matter["keywords"])) == len(matter["keywords"]) >= 5, matter["code"]


def test_facilities_and_safety_are_always_verified() -> None:
    for matter in matters():
        if matter["priority"] == "emergency" or "component" in matter["request_types"]:
            assert matter["verification_required"], matter["code"]
        if matter["category"] in {"fire_safety", "flood_snow", "road_facility"}:
            assert matter["verification_required"], matter["code"]


def test_a_basis_is_named_and_an_unread_one_says_so() -> None:
    for matter in matters():
        assert matter["basis"], matter["code"]
        assert matter["as_of"], matter["code"]
        assert matter["basis_note"] in {"", "unverified"}, matter["code"]
        if not re.search(r"第[一二三四五六七八九十百千]+条|〔\d{4}〕", matter["basis"]):
            assert matter["basis_note"] == "unverified", matter["code"]


def test_a_community_leads_or_assists_only_where_an_admission_says_why() -> None:
    for matter in matters():
        takes_part = "community" in (matter["lead"], *matter["assists"])
        assert takes_part == ("admission" in matter), matter["code"]
        assert matter["community"] == (matter["lead"] == "community"), matter["code"]
        if takes_part:
            assert matter["admission"]["catalogue"] in {"self_governance", "assist_government"}
            assert matter["admission"]["basis"]


def test_burdens_are_heard_by_the_relief_office() -> None:
    assert {m["lead"] for m in matters() if m["category"] == "governance_burden"} == {"relief_office"}


# --- bodies, roles, people, figures ----------------------------------------------------------------


def test_each_district_has_twenty_three_departments() -> None:
    told = toml("organisations.toml")
    assert sum(kind["type"] == "department" for kind in told["kind"]) == 23
    assert set(told["districts"]) == {"230717", "230718", "230719"}
    keys = [kind["key"] for kind in [*told["kind"], *told["derived"]]]
    assert len(keys) == len(set(keys))
    for kind in told["kind"]:
        assert kind["type"] in {"department", "utility", "centre", "office"}
        assert "{district}" in kind["name"], kind["key"]
        assert "{district}" in kind["name_en"], kind["key"]


def test_organisations_hold_known_roles_and_callbacks_stay_outside_the_units() -> None:
    told = toml("organisations.toml")
    for kind in [*told["kind"], *told["derived"]]:
        assert set(kind["roles"]) <= set(Role.values), kind["key"]
        if {"department_handler", "department_lead"} & set(kind["roles"]):
            assert "callback_agent" not in kind["roles"], kind["key"]


def test_every_role_is_described_in_both_languages() -> None:
    told = toml("roles.toml")
    assert set(told) == set(Role.values)
    for role, words in told.items():
        assert all(words[key] for key in ("label", "label_en", "description", "description_en")), role
        assert words["description"].endswith("。"), role
        assert re.fullmatch(r"[ -~–’]+", words["description_en"]), role


def test_the_pools_of_names_suffice_and_repeat_nothing() -> None:
    pools = toml("people.toml")["names"]
    for name, pool in pools.items():
        assert len(pool) == len(set(pool)), name
    given = [name for key, pool in pools.items() if key.startswith("given") for name in pool]
    assert len(pools["surnames"]) * len(given) > 1000


def test_reported_figures_are_exact_and_marked_as_reported() -> None:
    told = toml("figures.toml")
    assert told["marker"] == "reported"
    figures = {(one["district"], one["key"]): one for one in told["figure"]}
    assert len(figures) == len(told["figure"])
    known = {
        ("230717", "training_attendances"): 1628, ("230717", "in_service_members"): 1016,
        ("230717", "communities_fully_budgeted"): 20, ("230717", "satisfaction"): 98,
        ("230718", "town_duties"): 135, ("230718", "departments"): 23, ("230718", "tasks_claimed"): 48,
        ("230718", "in_service_members"): 1465, ("230719", "basic_grids"): 147,
        ("230719", "rural_grids"): 7, ("230719", "dedicated_grids"): 70,
    }  # fmt: skip
    for key, value in known.items():
        assert figures[key]["value"] == value, key


def test_figures_of_people_and_lower_bounds_are_never_faked_as_rows() -> None:
    for figure in toml("figures.toml")["figure"]:
        if figure["is_at_least"] or figure["unit"] in {"人次", "名", "人"}:
            assert figure["rows"] is False, figure["key"]


# --- messages --------------------------------------------------------------------------------------


def test_the_file_is_one_plain_table() -> None:
    raw = (DATA / "messages.csv").read_bytes()
    assert b"\r" not in raw
    assert not raw.startswith(b"\xef\xbb\xbf")
    with (DATA / "messages.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file, strict=True))
    assert table[0] == COLUMNS
    assert {len(line) for line in table} == {len(COLUMNS)}
    assert all(cell == cell.strip() and "\n" not in cell for line in table for cell in line)


def test_there_are_enough_messages_and_no_key_twice() -> None:
    keys = [row["key"] for row in messages()]
    assert len(keys) >= 330
    assert len(keys) == len(set(keys))


def test_messages_use_the_words_of_the_rooms() -> None:
    for row in messages():
        key = row["key"]
        assert row["district"] in {"230717", "230718", "230719"}, key
        assert row["channel"] in Channel.values, key
        assert row["request_type"] in RequestType.values, key
        assert row["priority"] in Priority.values, key
        assert row["place_kind"] in PLACE_KINDS, key
        assert row["tone"] in TONES, key
        assert traits(row) <= TRAITS, key
        assert (row["place"] == "") == (row["place_kind"] == "none"), key
        matter = matter_of(row)
        assert (row["matter"] == "") == (matter is None), key
        if matter is not None:
            assert row["request_type"] in matter["request_types"], key


def test_every_outcome_is_one_that_can_be_played() -> None:
    for row in messages():
        word, _, detail = row["outcome"].partition(":")
        if word == "informed":
            assert detail in InformReason.values, row["key"]
        else:
            assert word in STANDING | CALLED_BACK | {"answered", "closed_unreachable"}, row["key"]
            assert detail == "", row["key"]
    assert set(State.values) >= STANDING


def test_each_story_has_the_words_its_outcome_needs_and_no_others() -> None:
    for row in messages():
        key, word = row["key"], outcome(row)
        if word in {"informed", "answered"}:
            assert row["feedback"], key
        else:
            assert row["matter"] or word in {"registered", "screening", "withdrawn"}, key
        if word in NEVER_AT_A_UNIT:
            assert not row["work_notes"], key
        if word in STANDING | {"informed", "answered", "closed_unreachable"}:
            assert not row["callback_solved"], key
        if word in CALLED_BACK | {"dispatched", "in_progress", "feedback_given", "verifying", "callback_due"}:
            assert row["dispatch_note"], key
        if word in CALLED_BACK | {"feedback_given", "verifying", "callback_due", "closed_unreachable"}:
            assert row["work_notes"], key
            assert row["feedback"], key
        if word in {"registered", "screening", "to_dispatch", "dispatched", "in_progress"}:
            assert not row["feedback"], key


def test_callbacks_agree_with_how_the_case_closed() -> None:
    fitting = {
        "closed_solved": {"solved"}, "closed_partly": {"partly"}, "closed_unsolved": {"not"},
        "closed_explained": {"not"}, "redo": {"solved", "partly"},
        "redo_open": {"not", "partly"},
    }  # fmt: skip
    for row in messages():
        word = outcome(row)
        if word in CALLED_BACK:
            assert row["callback_contacted"] in {"yes", "no"}, row["key"]
            assert row["callback_solved"] in fitting.get(word, {"solved", "partly", "not"}), row["key"]
            assert row["callback_satisfaction"] in {"", *Satisfaction.values}, row["key"]
        if "anonymous" in traits(row):
            assert word not in CALLED_BACK, f"{row['key']}: nobody is there to be called"
    assert all("anonymous" in traits(row) for row in messages() if outcome(row) == "closed_unreachable")


def test_objections_carry_the_ground_and_the_ruling() -> None:
    for row in messages():
        steps = row["work_notes"].split("|")
        moved = [re.match(r"改派\[(\w+)\]：", step) for step in steps]
        if outcome(row) == "objection_upheld":
            assert steps[0].startswith("异议："), row["key"]
            assert steps[1].startswith("裁定："), row["key"]
        if outcome(row) == "objection_accepted":
            assert steps[0].startswith("异议："), row["key"]
            assert any(moved), row["key"]
        matter = matter_of(row)
        for move in filter(None, moved):
            assert matter is not None
            assert move.group(1) in organisation_keys() - {matter["lead"]}, row["key"]
        if not outcome(row).startswith("objection"):
            assert not any(step.startswith(("异议：", "裁定：", "改派")) for step in steps), row["key"]


def test_a_duplicate_names_a_message_of_its_own_district() -> None:
    by_key = {row["key"]: row for row in messages()}
    for row in rows_with("duplicate_of"):
        named = re.search(r"duplicate_of:(\w+)", row["traits"])
        assert named is not None
        assert named.group(1) != row["key"]
        assert by_key[named.group(1)]["district"] == row["district"], row["key"]
    assert all("duplicate_of" in traits(row) for row in messages() if outcome(row) == "merged")


def test_no_two_messages_say_the_same_in_other_order() -> None:
    """Pairs of characters shared by two texts: real near-copies stand above a half."""
    chinese = [row for row in messages() if "english" not in traits(row)]
    pairs = [(row, {row["text"][i : i + 2] for i in range(len(row["text"]) - 1)}) for row in chinese]
    for (one, first), (other, second) in itertools.combinations(pairs, 2):
        alike = len(first & second) / len(first | second)
        assert alike < 0.4 or "duplicate_of" in traits(one) | traits(other), (one["key"], other["key"])


def test_feedback_and_reasons_are_written_for_each_case() -> None:
    for column in ("dispatch_note", "feedback", "work_notes"):
        counted = Counter(row[column] for row in messages() if len(row[column]) > 18)
        assert max(counted.values()) <= 3, counted.most_common(1)


def test_lengths_run_from_a_cry_to_a_letter() -> None:
    lengths = sorted(len(row["text"]) for row in messages())
    assert 5 <= lengths[0] <= 10
    assert 300 <= lengths[-1] <= 400
    assert sum(length <= 30 for length in lengths) >= 60
    assert sum(length >= 100 for length in lengths) >= 12


def test_every_matter_category_channel_kind_and_priority_is_met() -> None:
    used = Counter((matter_of(row) or {"category": ""})["category"] for row in messages())
    assert all(used[category] >= 10 for category in categories()), used
    assert {row["matter"] for row in messages()} >= {matter["code"] for matter in matters()}
    assert {row["channel"] for row in messages()} == set(Channel.values)
    assert {row["request_type"] for row in messages()} == set(RequestType.values)
    assert {row["priority"] for row in messages()} == set(Priority.values)
    assert {row["district"] for row in messages()} == {"230717", "230718", "230719"}
    assert min(Counter(row["district"] for row in messages()).values()) >= 100
    reasons = {row["outcome"].split(":")[1] for row in messages() if outcome(row) == "informed"}
    assert reasons == set(InformReason.values)


@pytest.mark.parametrize(
    ("trait", "least"),
    [
        ("negation", 12), ("several_matters", 12), ("thanks", 8), ("statutory_channel", 6),
        ("out_of_scope", 8), ("emergency_line", 6), ("english", 4), ("typos", 4), ("dialect", 4),
        ("sarcasm", 8), ("anonymous", 8), ("confidential", 10), ("elder", 30), ("child", 15),
        ("village", 20), ("policy", 15), ("contains_phone", 4), ("contains_id", 2), ("duplicate_of", 5),
        ("season_winter", 30), ("season_thaw", 4), ("season_summer", 8), ("season_autumn", 6),
        ("wrong_place", 2), ("patrol", 15), ("clerk_note", 20), ("secret", 3), ("unlawful", 3),
    ],
)  # fmt: skip
def test_the_hard_kinds_of_message_are_there(trait: str, least: int) -> None:
    assert len(rows_with(trait)) >= least


def test_what_a_desk_would_not_dispatch_is_marked() -> None:
    for row in messages():
        reason = row["outcome"].partition(":")[2]
        if reason in REASON_TRAITS:
            assert REASON_TRAITS[reason] in traits(row), row["key"]
    assert len([row for row in messages() if traits(row) & {"statutory_channel", "out_of_scope"}]) >= 10


def test_thanks_are_no_complaint() -> None:
    for row in rows_with("thanks"):
        if row["matter"] == "":
            assert row["outcome"] == "answered", row["key"]
            assert row["request_type"] == "consult", row["key"]


def test_riders_tell_of_places_and_a_reporter_is_never_a_witness_against_persons() -> None:
    for row in messages():
        if row["channel"] == "reporter":
            assert row["place"] or "thanks" in traits(row), row["key"]
            assert row["matter"] != "CHILD-02", row["key"]


def test_the_two_walks_are_among_them() -> None:
    (first,) = rows_with("walk_a")
    assert first["channel"] == "hotline_12345"
    assert first["matter"] == "HEAT-01"
    assert "3号网格" in first["place"]
    (second,) = rows_with("walk_c")
    assert second["outcome"] == "objection_upheld"
    assert second["callback_solved"] == "solved"


def test_most_places_name_something_of_their_district() -> None:
    named: dict[str, set[str]] = {}
    for file in ("committees.csv", "towns.csv"):
        with (DATA / "territory" / file).open(encoding="utf-8", newline="") as lines:
            for area in csv.DictReader(lines):
                name = re.sub(r"(居委会|村民委员会|村委会)$", "", area["name"])
                named.setdefault(area["code"][:6], set()).add(re.sub(r"村村$", "村", name))
    placed = [row for row in messages() if row["place"]]
    met = [row for row in placed if any(name in row["place"] for name in named[row["district"]])]
    assert len(met) * 2 >= len(placed)
    assert {row["district"] for row in met} == set(named) - {"230700"}


# --- numbers that could belong to somebody ---------------------------------------------------------

PHONE = re.compile(r"(?<!\d)1\d{10}(?!\d)")
IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
ANY_LONG = re.compile(r"(?<!\d)\d{9,}[Xx]?(?!\d)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def test_planted_numbers_stand_only_where_declared() -> None:
    for row in messages():
        everywhere = " ".join(row[column] for column in COLUMNS if column not in {"key", "district"})
        assert bool(PHONE.search(row["text"])) == ("contains_phone" in traits(row)), row["key"]
        assert bool(IDENTITY.search(row["text"])) == ("contains_id" in traits(row)), row["key"]
        planted = {*PHONE.findall(row["text"]), *IDENTITY.findall(row["text"])}
        codes = {found for found in ANY_LONG.findall(everywhere) if found.startswith(row["district"])}
        assert set(ANY_LONG.findall(everywhere)) == planted | codes, row["key"]


def test_planted_phones_cannot_ring_and_identities_cannot_exist() -> None:
    for row in messages():
        for phone in PHONE.findall(row["text"]):
            assert phone.startswith("1000000"), row["key"]
        for number in IDENTITY.findall(row["text"]):
            assert number.startswith("999999"), row["key"]
            rest = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True)) % 11
            assert number[17].upper() == "10X98765432"[rest], row["key"]


def test_no_other_file_of_the_demo_holds_a_number_that_could_ring() -> None:
    for path in DATA.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        assert not PHONE.search(text), path.name
        assert not IDENTITY.search(text), path.name
    assert toml("people.toml")["phones"]["prefix"] == "1000000"
    assert toml("people.toml")["identity_numbers"]["region"] == "999999"


# --- phrases ---------------------------------------------------------------------------------------


def test_bulk_cases_of_every_category_have_words() -> None:
    told = toml("phrases.toml")
    assert set(told) == set(categories())
    for category, pools in told.items():
        assert set(pools) == {"texts", "work_notes", "feedback"}, category
        assert len(pools["texts"]) >= 12, category
        assert len(pools["work_notes"]) >= 6, category
        assert len(pools["feedback"]) >= 6, category
        if category != "governance_burden":
            assert any("{place}" in text for text in pools["texts"]), category


def test_phrases_repeat_nothing_and_have_no_other_blank_than_the_place() -> None:
    said = [text for pools in toml("phrases.toml").values() for pool in pools.values() for text in pool]
    assert not [text for text, n in Counter(said).items() if n > 1]
    for text in said:
        assert set(re.findall(r"\{(\w*)\}", text)) <= {"place"}, text
        assert text.format(place="永红社区").strip(), text


# --- the glossary ----------------------------------------------------------------------------------


def test_the_glossary_names_every_state_move_role_and_word_of_a_case() -> None:
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")
    words = [
        *State.values, *MOVES, *Role.values, *Channel.values, *RequestType.values, *Priority.values,
        *InformReason.values, *categories(),
    ]  # fmt: skip
    missing = [word for word in words if f"`{word}`" not in glossary]
    assert not missing


def test_the_glossary_the_pages_and_the_demo_call_roles_the_same() -> None:
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")
    with translation.override("en"):
        for role, words in toml("roles.toml").items():
            assert words["label_en"] == str(Role(role).label), role
            assert f"| {words['label']} | `{role}` |" in glossary, role


def test_the_glossary_and_the_pages_call_categories_the_same() -> None:
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")
    for code, words in categories().items():
        assert f"| {words['name']} | `{code}` |" in glossary, code


def test_within_a_table_of_the_glossary_no_identifier_stands_twice() -> None:
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")
    for part in re.split(r"^#+ ", glossary, flags=re.MULTILINE):
        identifiers = re.findall(r"^\| [^|]+ \| `([^`]+)` \|", part, flags=re.MULTILINE)
        assert len(identifiers) == len(set(identifiers)), part.splitlines()[0]


def test_the_readme_explains_every_trait_and_outcome() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    words = {*TRAITS, *STANDING, *CALLED_BACK, "answered", "closed_unreachable"}
    assert not [word for word in sorted(words) if not re.search(rf"`{word}[`:]", readme)]
