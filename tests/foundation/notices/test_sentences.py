"""Sentences are plain and short, speak the reader's language, and carry nobody's identity."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from wangge.foundation.notices.templates import compose, register, registered, stored_params, template_of

AT = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
FILLED = {
    "no": "230717-20260306-00017",
    "date": date(2026, 3, 6),
    "unit": {"zh-hans": "伊美区住房和城乡建设局", "en": "Yimei housing bureau"},
    "due": datetime(2026, 3, 9, 9, 30, tzinfo=UTC),
    "what": {"zh-hans": "楼号和单元", "en": "building and entrance"},
    "reason": {"zh-hans": "土地封冻", "en": "frozen ground"},
    "review": date(2027, 5, 1),
    "channel": {"zh-hans": "法律援助热线", "en": "the legal aid line"},
    "phone": "0458-3612348",
}
STANDARD = {
    "case.received": "您的诉求已登记，编号230717-20260306-00017，3月6日前告诉您由谁办理。",
    "case.dispatched": "已交给伊美区住房和城乡建设局办理，预计3月9日 17:30前答复您。",
    "case.info_requested": "还需要您补充：楼号和单元，补充期间时限暂停。",
    "case.extended": "因土地封冻，答复时间改到3月9日 17:30，给您添麻烦了。",
    "case.shelved": "因土地封冻暂时办不了，我们会在2027年5月1日告诉您进展。",
    "case.rate": "问题解决了吗？点此选择，未解决会重新办理。",
    "case.not_dispatched": "这件事需要走法律援助热线，电话0458-3612348，我们已记录。",
}


def said(code, language="zh-hans", **changes):
    template = template_of(code)
    values = {**FILLED, **changes}
    params = stored_params(template, {gap: values[gap] for gap in template.gaps})
    return compose(code, params, written_at=AT, language=language)


@pytest.mark.parametrize("code", sorted(STANDARD))
def test_the_messages_to_residents_read_as_agreed(code):
    assert said(code) == STANDARD[code]


@pytest.mark.parametrize("code", sorted(STANDARD))
def test_they_stay_within_seventy_characters(code):
    assert len(said(code)) <= 70


@pytest.mark.parametrize("code", sorted(STANDARD))
def test_the_english_ones_hold_no_chinese(code):
    assert said(code, language="en").isascii()


def test_every_registered_sentence_has_the_same_gaps_in_chinese():
    for template in registered():
        with translation.override("en"):
            english = template.gaps
        with translation.override("zh-hans"):
            assert template.gaps == english, template.code


def test_the_reader_s_language_decides_and_not_the_sender_s():
    with translation.override("zh-hans"):
        params = stored_params(
            template_of("case.extended"), {"reason": FILLED["reason"], "due": FILLED["due"]}
        )
    with translation.override("en"):
        assert compose("case.extended", params, written_at=AT) == (
            "Because of frozen ground the answer comes by 9 Mar 17:30. We are sorry for the trouble."
        )


def test_a_lazy_text_is_kept_in_every_language():
    params = stored_params(template_of("case.shelved"), {"reason": _("Chinese"), "review": FILLED["review"]})
    assert params["reason"] == {"zh-hans": "中文", "en": "Chinese"}
    assert params["review"] == {"date": "2027-05-01"}


@pytest.mark.parametrize(
    "reason", ["请联系13812345678", "林某 230717199001011238", "写信到lin@example.com", "一" * 61]
)
def test_identity_and_long_texts_are_refused(reason):
    with pytest.raises(ValueError, match=r"case\.extended\.reason"):
        said("case.extended", reason=reason)
    with pytest.raises(ValueError, match=r"case\.extended\.reason"):
        said("case.extended", reason={"zh-hans": "土地封冻", "en": reason})


def test_only_a_public_gap_takes_a_phone_number():
    with pytest.raises(ValueError, match="no identity"):
        said("case.not_dispatched", channel="电话13812345678")


@pytest.mark.parametrize("params", [{}, {"no": "1"}, {"no": "1", "date": "2026", "name": "林小河"}])
def test_every_gap_is_filled_and_nothing_else_carried(params):
    with pytest.raises(ValueError, match="gaps"):
        stored_params(template_of("case.received"), params)


def test_an_unknown_template_is_named():
    with pytest.raises(ValueError, match=r"case\.unheard_of"):
        template_of("case.unheard_of")


def test_a_code_stands_for_one_sentence():
    register("case.rate", template_of("case.rate").sentence)
    with pytest.raises(ValueError, match=r"case\.rate"):
        register("case.rate", "Rate us!")
