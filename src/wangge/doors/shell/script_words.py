"""The sentences that scripts say. They travel in the page, in its language; see `frontend/words.ts`."""

from __future__ import annotations

from django.utils.translation import gettext as _


def script_words() -> dict[str, str]:
    return {
        "close": _("Close"),
        "confirm_title": _("Please confirm"),
        "confirm_yes": _("Yes, go on"),
        "confirm_no": _("No, go back"),
        "network_failed": _("The connection failed. Nothing was saved; please try again."),
        "shortcuts_title": _("Keyboard shortcuts"),
        "shortcuts_on": _("Turn the shortcuts on"),
        "shortcuts_off": _("Turn the shortcuts off"),
        "map_title": _("Map"),
        "map_loading": _("The map is loading …"),
        "map_failed": _("The map cannot be shown here. Please describe the place in words."),
        "map_choose": _("Press on the map where it is. With the keyboard: arrows move it, Enter chooses."),
        "map_chosen": _("Chosen: {grid}"),
        "map_outside": _("Chosen. This point lies in no known grid; please describe the place in words too."),
        "zoom_in": _("Closer"),
        "zoom_out": _("Farther"),
        "locating": _("Looking for your position …"),
        "locating_failed": _("Your position was not found. Press on the map, or use words."),
        "photo_number": _("Photo {number}"),
        "photo_remove": _("Remove"),
        "photo_working": _("Preparing the photo …"),
        "photo_too_many": _("At most {limit} photos; the first ones were kept."),
        "drafts_offline": _("No connection. What you send is kept on this phone and sent later."),
        "drafts_waiting": _("{count} waiting on this phone for a connection, photos too."),
        "drafts_without_photos": _("The photos could not be kept; please add them again later."),
        "drafts_refused": _("{count} could not be accepted. Please open it, mend it and send it again."),
        "drafts_open": _("Open it"),
        "drafts_discard": _("Throw it away"),
        "drafts_see": _("See it"),
        "drafts_sending": _("Sending what was kept …"),
        "drafts_sent": _("{count} sent."),
        "drafts_sign_in": _("Please sign in again; then what was kept is sent."),
        "copied": _("Copied: {text}"),
        "idle_title": _("You will be signed out"),
        "idle_text": _("Nothing was done here for a while. In about two minutes you will be signed out."),
        "idle_stay": _("Stay signed in"),
    }
