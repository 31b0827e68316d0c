"""What is planted: identities nobody has, each with its own number, so that a find tells where it was put.

Names begin with 欧阳麒, phones with 1000009 (no operator gave that out), identity numbers were born on the
day Beijing's 110105 has in every textbook, flats are 9nnn室. Their masks (欧阳*, 100****0001,
1****************X) match none of the patterns below, so what is masked properly is not found.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from wangge.foundation.privacy.identity_numbers import check_character

#: Never in plain anywhere but where somebody entitled asked for it.
IDENTITIES = {
    "name": re.compile(r"欧阳麒[\u4e00-\u9fff]{2}"),
    "phone": re.compile(r"1000009\d{4}"),
    "id_number": re.compile(r"11010519491231\d{3}[\dXx]"),
    "flat": re.compile(r"9\d{3}室"),
    "email": re.compile(r"qilin\d{4}@planted"),
    "plate": re.compile(r"F9Q\d{3}"),
}
#: What somebody wrote: to be read by those who work on the case, and standing in erasable rows alone.
WORDS = re.compile(r"紫檀木匣\d{3}")

#: Between the digits of a number people write all sorts of things.
_between_digits = re.compile(r"(?<=\d)[ \-.·_]{1,2}(?=\d)")
_spoken = str.maketrans("零幺一二三四五六七八九", "01123456789")
_spoken_run = re.compile(r"[零幺一二三四五六七八九\d]{11,}")
_han = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒"
_digit_names = "零幺二三四五六七八九"


@dataclass(frozen=True)
class Find:
    kind: str
    value: str


def find(text: str) -> set[Find]:
    """Planted things in a text, however their digits are spaced or spelled."""
    plain = unicodedata.normalize("NFKC", text)
    joined = _between_digits.sub("", plain)
    spoken = _spoken_run.sub(lambda run: run.group().translate(_spoken), joined)
    return {
        Find(kind, match.upper() if kind == "id_number" else match)
        for kind, pattern in [*IDENTITIES.items(), ("words", WORDS)]
        for one in {plain, joined, spoken}
        for match in pattern.findall(one)
    }


#: As programs write text into files: what is no text in one of these is something else.
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


def find_in_bytes(content: bytes) -> set[Find]:
    """Planted things in bytes; characters of two bytes may begin at an even or an odd place."""
    return {
        found
        for name in _ENCODINGS
        for begin in (0, 1)
        for found in find(content[begin:].decode(name, errors="ignore"))
    }


@dataclass
class Garden:
    """Hands out identities and remembers where each went."""

    planted: dict[str, str] = field(default_factory=dict)
    _serial: Iterator[int] = field(default_factory=lambda: iter(range(1, 1000)))

    def _keep(self, value: str, where: str) -> str:
        self.planted[value] = where
        return value

    def name(self, where: str) -> str:
        high, low = divmod(next(self._serial), len(_han))
        return self._keep(f"欧阳麒{_han[high]}{_han[low]}", where)

    def phone(self, where: str) -> str:
        return self._keep(f"1000009{next(self._serial):04}", where)

    def id_number(self, where: str) -> str:
        first = f"11010519491231{next(self._serial):03}"
        return self._keep(first + check_character(first), where)

    def address(self, where: str) -> str:
        flat = self._keep(f"9{next(self._serial):03}室", where)
        return f"麒麟阁小区7号楼8单元{flat}"

    def text(self, where: str) -> str:
        """A sentence as people write it: words, a phone in four spellings, an ID number, a mail, a plate."""
        number = next(self._serial)
        words = self._keep(f"紫檀木匣{number:03}", where)
        plain, spaced, wide, spoken = (self.phone(f"{where}, spelling {n}") for n in range(4))
        spaced = f"{spaced[:3]} {spaced[3:7]}-{spaced[7:]}"
        wide = "".join(chr(ord(digit) + 0xFEE0) for digit in wide)
        spoken = "".join(_digit_names[int(digit)] for digit in spoken)
        mail = self._keep(f"qilin{number:04}@planted", where) + ".example"
        plate = "黑" + self._keep(f"F9Q{number:03}", where)
        return (
            f"{words}丢在路上。打{plain}或{spaced}，也可以打{wide}，{spoken}，"
            f"身份证{self.id_number(where)}，邮箱{mail}，车牌{plate}。"
        )

    def photo(self, where: str, colour: str) -> SimpleUploadedFile:
        """A picture with a name that says who, and with EXIF as phones write it."""
        name, phone = self.name(f"{where}: EXIF"), self.phone(f"{where}: EXIF")
        picture = Image.new("RGB", (320, 240), colour)
        exif = picture.getexif()
        exif[0x010E] = f"{name} {phone}"  # ImageDescription
        exif[0x013B] = self.phone(f"{where}: EXIF artist")  # Artist
        exif[0x9C9D] = f"{name}\0".encode("utf-16-le")  # XPAuthor
        exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + f"{name} {phone}".encode("utf-16-be")  # UserComment
        content = io.BytesIO()
        picture.save(content, "JPEG", exif=exif, comment=f"{name} {phone}".encode())
        found = find_in_bytes(content.getvalue())
        assert {Find("name", name), Find("phone", phone)} <= found, "it would prove nothing"
        filename = f"{self.name(f'{where}: filename')}-{self.phone(f'{where}: filename')}.jpg"
        return SimpleUploadedFile(filename, content.getvalue(), content_type="image/jpeg")

    def where(self, found: Find) -> str:
        return self.planted.get(found.value, "?")
