"""A filter for log handlers that masks phone numbers, identity numbers and the like.

    LOGGING["filters"]["mask"] = {"()": "wangge.foundation.privacy.logs.MaskIdentifiers"}

It is the last net, not the rule: what is logged should hold ids and codes in the first place. Put it
on handlers, not on loggers, so that records of libraries pass through it too.
"""

from __future__ import annotations

import logging

from wangge.foundation.privacy.screening import mask_text

_formatter = logging.Formatter()


class MaskIdentifiers(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except Exception:  # arguments that do not fit: logging reports it later, with the arguments
            message = str(record.msg)
        record.msg, record.args = mask_text(message), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = _formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = mask_text(record.exc_text)
        if record.stack_info:
            record.stack_info = mask_text(record.stack_info)
        return True
