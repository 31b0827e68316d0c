"""The tags of the design system say in words and signs what they say in colour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from wangge.cases.states import State
from wangge.doors.shell import looks
from wangge.doors.shell.assets import icon_names
from wangge.duties.models import Priority

AT = datetime(2026, 3, 6, 1, 30, tzinfo=UTC)


def shown(template: str, language: str = "zh-hans", **context: object) -> str:
    with translation.override(language):
        return Template(template).render(Context({"at": AT, **context}))


def test_every_state_and_priority_has_a_face():
    assert set(looks.STATES) == set(State)
    assert set(looks.PRIORITIES) == set(Priority)
    faces = [*looks.STATES.values(), *looks.PRIORITIES.values(), *looks.MESSAGES.values()]
    assert {face.tone for face in faces} <= set(looks.TONES)
    assert {face.icon for face in [*faces, *looks.CLOCKS.values()]} <= icon_names()


@pytest.mark.parametrize("state", State.values)
def test_a_state_is_told_in_words_and_a_sign(state):
    html = shown("{% state_tag state %}", state=state)
    assert "<use href=" in html
    with translation.override("zh-hans"):
        assert str(State(state).label) in html


def test_a_resident_may_be_told_the_state_in_other_words():
    assert "正在派单" in shown("{% state_tag 'dispatched' label='正在派单' %}")


def test_decoration_is_silent_and_a_lone_icon_speaks():
    assert 'aria-hidden="true"' in shown("{% icon 'clock' %}")
    assert 'aria-label="Close"' in shown("{% icon 'x' label='Close' %}")


def test_an_icon_nobody_drew_is_refused():
    with pytest.raises(TemplateSyntaxError, match=r"icons\.txt"):
        shown("{% icon 'no-such-icon' %}")


def test_a_tone_nobody_chose_is_refused():
    with pytest.raises(TemplateSyntaxError, match="tone"):
        shown("{% tag 'x' 'pink' %}")


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        ("due_at", "running", "剩余 3 小时 20 分钟"),
        ("due_at soon=True", "soon", "剩余 3 小时 20 分钟"),
        ("past", "overdue", "已超时 5 小时"),
        ("due_at paused=True", "paused", "暂停"),
        ("due_at stopped_at=at", "kept", "按时"),
        ("past stopped_at=at", "missed", "超时 5 小时"),
        ("due_at overdue=True", "overdue", "已超时"),
    ],
)
def test_a_clock_says_how_it_stands(call, kind, words):
    html = shown(
        f"{{% clock_badge {call} %}}",
        due_at=AT + timedelta(hours=3, minutes=20),
        past=AT - timedelta(hours=5),
    )
    assert f"clock-{kind}" in html
    assert words in html
    assert "<use href=" in html


def test_no_limit_no_clock():
    assert "—" in shown("{% clock_badge None %}")


class Form(forms.Form):
    text = forms.CharField(label="Text", help_text="A few sentences.", widget=forms.Textarea)
    phone = forms.CharField(label="Phone", required=False)
    way = forms.ChoiceField(label="Way", widget=forms.RadioSelect, choices=[("a", "A"), ("b", "B")])
    agree = forms.BooleanField(label="I agree")


def test_a_field_ties_label_hint_and_error_to_its_control():
    html = shown("{% field form.text rows=4 %}", form=Form({"way": "a"}))
    assert '<label for="id_text">' in html
    assert 'rows="4"' in html
    assert 'aria-invalid="true"' in html
    described = html.split('aria-describedby="')[1].split('"')[0].split()
    assert described
    assert all(f'id="{name}"' in html for name in described)


def test_an_optional_field_says_so():
    assert "（选填）" in shown("{% field form.phone %}", form=Form())
    assert "（选填）" not in shown("{% field form.text %}", form=Form())


def test_choices_stand_in_a_fieldset_with_a_legend():
    html = shown("{% field form.way kind='cards' %}", form=Form({}))
    assert "<legend>Way" in html
    assert html.count('type="radio"') == 2
    assert "choices-cards" in html
    described = html.split('aria-describedby="')[1].split('"')[0].split()
    assert all(f'id="{name}"' in html for name in described)


def test_a_check_box_is_pressed_by_its_words():
    html = shown("{% field form.agree %}", form=Form())
    assert html.index('type="checkbox"') < html.index("I agree")
    assert "</label>" in html[html.index("I agree") :]


def test_the_summary_leads_to_each_fault():
    form = Form({"way": "a"})
    form.add_error(None, "Nothing was saved.")
    html = shown("{% form_errors form %}", form=form)
    assert "Nothing was saved." in html
    assert 'href="#id_text"' in html
    assert 'role="alert"' in html


def test_a_form_without_faults_has_no_summary():
    assert shown("{% form_errors form %}", form=Form()).strip() == ""


def test_json_in_an_attribute_stays_in_it():
    html = shown('<i data-options="{{ value|as_json }}">', value={"name": '"><script>'})
    assert "<script>" not in html
