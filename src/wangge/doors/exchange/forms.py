"""The form with which a file is sent to the desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.cases.intake import PUBLIC_CHANNELS
from wangge.cases.words import Channel
from wangge.doors.exchange.mapping import Mapping, built_in, read_mapping
from wangge.foundation.refusals import Refusal

_LARGEST_MAPPING = 200_000


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or an Excel workbook (.xlsx), titles in the first rows."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
        max_length=None,
        allow_empty_file=True,
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("How the requests came in"),
        choices=[choice for choice in Channel.choices if choice[0] not in PUBLIC_CHANNELS],
        initial=Channel.HOTLINE_12345,
    )
    mapping = forms.FileField(
        label=gettext_lazy("Mapping of the columns"),
        help_text=gettext_lazy("A .toml file. Not needed for the 12345 hotline's usual work orders."),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".toml"}),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, label_suffix="", use_required_attribute=False)
        self.mapping_text = ""
        self.read: Mapping | None = None

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > settings.IMPORT_MAX_MB * 1024 * 1024:
            raise forms.ValidationError(
                _("The file has more than %(most)s MB. Send it in parts, or let an operator import it.")
                % {"most": settings.IMPORT_MAX_MB}
            )
        return file

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        sent = told.get("mapping")
        if "mapping" in self.errors or "channel" in self.errors:
            return told
        try:
            if sent and (sent.size or 0) > _LARGEST_MAPPING:
                raise forms.ValidationError({"mapping": _("This is too large for a mapping.")})
            text = sent.read() if sent else built_in(told["channel"])
            self.read = read_mapping(text)
            self.mapping_text = text.decode("utf-8-sig")
        except Refusal as refusal:
            self.add_error("mapping", str(refusal))
        return told
