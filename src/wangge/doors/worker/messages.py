"""What the worker tells people beyond the plain sentences that the notices room knows already."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wangge.foundation.notices.templates import register

register("case.answered", _("Your request {no} is answered. Open it to read the answer."))
register("case.not_dispatched_read", _("Your request {no} goes another way. Open it to read which."))
register("case.paused", _("Your request {no} waits because of: {reason}."))
register("case.time_extended", _("The answer to {no} now comes by {due}. Open it to read why."))
register("case.put_off", _("{no} cannot be done for now ({reason}). On {review} we tell you more."))
register("case.taken_up", _("{no} is being handled again; expect an answer by {due}."))
register("case.feedback_given", _("{unit} has answered your request {no}. Open it to read the result."))
register("case.done_again", _("Your request {no} is handled again; expect an answer by {due}."))
register("case.closed", _("Your request {no} is closed. Open it to read how it ended."))

register(
    "case.handled_together",
    _("Your request {no} concerns something that is being handled already; both are handled as one."),
)

register("desk.arrived", _("New urgent request {no}: to be dispatched by {due}."))
register("desk.for_you", _("{no} is dispatched to your unit: sign by {due}."))
register("desk.signed_by_clock", _("{no} was signed by the clock; answer by {due}."))
register("desk.objection", _("{unit} objects to the dispatch of {no}."))
register("desk.upheld", _("The dispatch of {no} is upheld; answer by {due}."))
register("desk.assist", _("Your unit is asked to assist with {no}."))
register("desk.feedback", _("Feedback on {no} is waiting for a check."))
register("desk.sent_back", _("The feedback on {no} was sent back; read the check and finish the work."))
register("desk.redo", _("The requester says {no} is not solved; handle it again by {due}."))
register("desk.withdrawn", _("{no} was withdrawn by the requester; nothing more is to be done."))
register("desk.merged", _("{no} was merged into another case; your part in it is over."))
register("desk.reopened", _("{no} was opened again by the requester."))
register("desk.review", _("A review of the decision on {no} is asked for."))
register(
    "webhook.paused",
    _("Subscription {no} does not answer and is paused. Mend the program, then resume it through the API."),
)
register("field.check", _("Please look at the place of {no} and say whether it is done."))
