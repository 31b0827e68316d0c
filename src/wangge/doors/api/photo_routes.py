"""Photos: send one, then name its digest in a registration or an act; and read those of a case."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from ninja import File, Router, Schema, Status, UploadedFile
from pydantic import Field

from wangge.cases.access import Sight, case_for, visibility
from wangge.cases.models import Attachment
from wangge.doors.api.bearer import ApiRequest, Bearer
from wangge.doors.api.models import TokenPhoto
from wangge.doors.api.scopes import Scope
from wangge.doors.api.words import DigestInPath, NumberInPath
from wangge.foundation.files.actions import store_photo
from wangge.foundation.files.disk import open_photo

router = Router(tags=["photos"])


class Photo(Schema):
    """A photo as it is kept: pixels only, without what the camera wrote into it."""

    digest: str = Field(description="SHA-256 of what is kept; name it in `photos`.")
    size: int
    width: int
    height: int


@router.post(
    "/photos",
    response={201: Photo},
    auth=Bearer(Scope.CASES_REGISTER, Scope.CASES_ACT),
    operation_id="send_photo",
)
def send_photo(request: ApiRequest, photo: UploadedFile = File(...)) -> Status[Photo]:  # type: ignore[type-arg]  # noqa: B008
    """Keep a photo for this token. The same photo again is the same row; unused ones go after 30 days."""
    caller = request.auth
    kept = store_photo(photo, at=request.at)  # type: ignore[arg-type]
    TokenPhoto.objects.bulk_create(
        [TokenPhoto(token=caller.token, file=kept, at=request.at)], ignore_conflicts=True
    )
    return Status(201, Photo(digest=kept.digest, size=kept.size, width=kept.width, height=kept.height))


#: A picture, not JSON.
PICTURE: dict[str, Any] = {
    "responses": {
        200: {
            "description": "The photo",
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


@router.get(
    "/cases/{number}/photos/{digest}",
    response={200: None},
    auth=Bearer(Scope.CASES_READ),
    operation_id="get_photo",
    openapi_extra=PICTURE,
)
def get_photo(
    request: ApiRequest, number: NumberInPath, digest: DigestInPath, small: bool = False
) -> HttpResponseBase:
    """A photo of a case, for posts that read its text; `small` for the thumbnail."""
    case = case_for(request.auth.by, number)
    if visibility(request.auth.by, case).text < Sight.FULL:
        raise Http404
    found = Attachment.objects.filter(case=case, file__digest=digest).select_related("file").first()
    if found is None:
        raise Http404
    try:
        content = open_photo(found.file, thumbnail=small)
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(content, content_type=found.file.content_type)
