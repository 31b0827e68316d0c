"""What is said in code and templates, against what the catalogues answer."""

from __future__ import annotations

import gettext

import pytest

from wangge.config import catalogues

HEADER = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=1; plural=0;\n"

"""


@pytest.fixture
def house(tmp_path):
    """A product of one room that says four things."""
    root = tmp_path / "house"
    room = root / "kitchen"
    (room / "templates" / "kitchen").mkdir(parents=True)
    (room / "locale" / "zh_Hans" / "LC_MESSAGES").mkdir(parents=True)
    (room / "apps.py").write_text("")
    (room / "rules.py").write_text(
        'WORDS = [_("Tea is ready."), ngettext_lazy("%(n)s cup", "%(n)s cups", 2), pgettext("act", "Open")]\n'
    )
    (room / "templates" / "kitchen" / "page.html").write_text(
        '<div>\n  {% if cup %}\n      <p title="{% translate "Sugar?" %}">it\'s (here</p>\n'
        "  {% endif %}\n</div>\n"
    )
    answer(
        root,
        ("Tea is ready.", "茶好了。"),
        ("Sugar?", "加糖吗？"),
        extra='msgid "%(n)s cup"\nmsgid_plural "%(n)s cups"\nmsgstr[0] "%(n)s 杯"\n\n'
        'msgctxt "act"\nmsgid "Open"\nmsgstr "打开"\n',
    )
    return root


def answer(root, *pairs, extra="", room="kitchen"):
    text = HEADER + "".join(f'msgid "{said}"\nmsgstr "{answered}"\n\n' for said, answered in pairs) + extra
    path = root / room / catalogues.CATALOGUE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_all_answered_is_no_fault(house):
    assert catalogues.faults(house) == []


def test_words_are_found_with_context_plural_and_place(house):
    said = catalogues.everything_said(house)
    assert {(saying.message, saying.plural, saying.context) for saying in said.places} == {
        ("Tea is ready.", "", ""),
        ("Sugar?", "", ""),
        ("%(n)s cup", "%(n)s cups", ""),
        ("Open", "", "act"),
    }
    assert ["house/kitchen/templates/kitchen/page.html:3"] in said.places.values()


def test_blocks_of_a_template_are_found_trimmed(house):
    (house / "kitchen" / "templates" / "kitchen" / "block.html").write_text(
        "<p>\n{% blocktranslate trimmed count n=cups %}\n  {{ n }} spoon\n{% plural %}\n"
        "  {{ n }} spoons\n{% endblocktranslate %}\n</p>"
    )
    (fault,) = catalogues.faults(house)
    assert "“%(n)s spoon”" in fault
    assert "has no translation" in fault


@pytest.mark.parametrize(
    ("pairs", "complaint"),
    [
        ([("Tea is ready.", "")], "“Tea is ready.” in kitchen has no translation"),
        ([("Tea is ready.", "茶好了 %(when)s")], "different placeholders"),
        ([("Tea is ready.", "茶好了。"), ("Coffee is ready.", "咖啡好了。")], "said nowhere: remove it"),
    ],
)
def test_each_fault_is_told(house, pairs, complaint):
    answer(house, *pairs)
    assert any(complaint in fault for fault in catalogues.faults(house))


def test_a_fuzzy_answer_is_no_answer(house):
    answer(house, extra='#, fuzzy\nmsgid "Tea is ready."\nmsgstr "茶？"\n')
    assert any("marked fuzzy" in fault for fault in catalogues.faults(house))


def test_two_rooms_may_not_answer_the_same_words_differently(house):
    (house / "cellar").mkdir()
    answer(house, ("Tea is ready.", "茶煮好了。"), room="cellar")
    assert any("Django shows only one" in fault for fault in catalogues.faults(house))
    answer(house, ("Tea is ready.", "茶好了。"), room="cellar")
    assert not any("Django shows only one" in fault for fault in catalogues.faults(house))


def test_update_adds_what_is_new_and_drops_what_is_gone(house):
    (house / "kitchen" / "rules.py").write_text('WORDS = [_("Tea is ready."), _("Supper!")]\n')
    assert catalogues.update(house) == [house / "kitchen" / catalogues.CATALOGUE]
    text = (house / "kitchen" / catalogues.CATALOGUE).read_text()
    assert 'msgid "Supper!"\nmsgstr ""' in text
    assert "茶好了。" in text
    assert "Open" not in text
    assert catalogues.faults(house) == ["“Supper!” in kitchen has no translation."]
    assert catalogues.update(house) == [], "a second time there is nothing to do"


def test_compiled_catalogues_answer(house):
    path = house / "kitchen" / catalogues.CATALOGUE
    assert not catalogues.compiled(path)
    (target,) = catalogues.compile_all(house)
    assert catalogues.compiled(path)
    with target.open("rb") as file:
        chinese = gettext.GNUTranslations(file)
    assert chinese.gettext("Tea is ready.") == "茶好了。"
    assert chinese.ngettext("%(n)s cup", "%(n)s cups", 3) == "%(n)s 杯"
    assert chinese.pgettext("act", "Open") == "打开"
