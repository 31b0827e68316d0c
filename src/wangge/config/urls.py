"""Which door answers which address."""

from django.urls import include, path

urlpatterns = [
    path("", include("wangge.doors.shell.urls")),
    path("", include("wangge.doors.metrics.urls")),
    path("", include("wangge.doors.resident.urls")),
    path("desk/", include("wangge.doors.desk.urls")),
    path("desk/import/", include("wangge.doors.exchange.urls")),
    path("desk/tokens/", include("wangge.doors.api.page_urls")),
    path("field/", include("wangge.doors.field.urls")),
    path("api/", include("wangge.doors.api.urls")),
    path("open311/", include("wangge.doors.open311.urls")),
]
handler400 = "wangge.doors.shell.errors.bad_request"
handler403 = "wangge.doors.shell.errors.no_permission"
handler404 = "wangge.doors.shell.errors.not_found"
handler500 = "wangge.doors.shell.errors.server_error"
