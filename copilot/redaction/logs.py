"""Nothing secret is logged: a filter that redacts what a record would say, installed where a program starts."""

from __future__ import annotations

import logging
import traceback
from typing import Final

from copilot.redaction import Redactor

_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class Redacting(logging.Filter):
    """Replaces the secrets in the message, the traceback and the added fields of each record; lets every record pass."""

    def __init__(self, redactor: Redactor | None = None) -> None:
        super().__init__()
        self.redactor = redactor or Redactor()

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; what is left of the record says nothing secret, to any handler after this one."""
        try:
            said = record.getMessage()
        except Exception as error:  # arguments that do not fit their message: say so, and never the arguments
            said = f"{record.msg!s} (its arguments do not fit: {type(error).__name__})"
        record.msg, record.args = self.redactor.redact(said), ()
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = self.redactor.redact("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
            record.exc_info = None
        elif record.exc_text:
            record.exc_text = self.redactor.redact(record.exc_text)
        if record.stack_info:
            record.stack_info = self.redactor.redact(record.stack_info)
        for name, value in vars(record).items():
            if name not in _OWN and value is not None and not isinstance(value, bool | int | float):
                setattr(record, name, self.redactor.redact(str(value)))
        return True


def install(logger: logging.Logger | None = None, redactor: Redactor | None = None) -> Redacting:
    """Put the filter on every handler of the logger (the root by default) and answer with it.

    On the handlers and not on the logger, since a logger's filters are not asked of what its children log.
    """
    where = logger or logging.getLogger()
    made = Redacting(redactor)
    for handler in where.handlers:
        handler.addFilter(made)
    return made
