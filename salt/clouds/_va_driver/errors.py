"""Failures, as Salt can deal with them."""

import contextlib
import logging

from salt.exceptions import SaltCloudException, SaltCloudSystemExit

from .interruption import ending_workers

log = logging.getLogger("va_driver")


class DriverError(SaltCloudSystemExit):
    """
    A call that failed. ``kind`` is the protocol's, or ``lost`` where the executable gave no answer.

    Salt goes on with a map's other servers after a SaltCloudSystemExit; anything else aborts it.
    """

    def __init__(self, kind, message, left_behind=()):
        super().__init__(message)
        self.kind = kind
        self.left_behind = list(left_behind)

    def __reduce__(self):
        # Another process may not have this module under its name.
        return SaltCloudSystemExit, (self.message,)


def invalid(why):
    """What is asked for is wrong, and nothing was done."""
    return DriverError("invalid_field", f"invalid_field: {why}")


@contextlib.contextmanager
def salt_errors(what):
    """
    Every failure becomes one that Salt knows, and is logged as an error.

    Salt logs a failed listing only for debugging and goes on as if there were no servers; it swallows a
    KeyError; and it aborts a whole map, or the rest of the names, over anything that is no
    SaltCloudSystemExit.
    """
    try:
        with ending_workers():
            yield
    except SaltCloudSystemExit as error:
        log.error("%s: %s", what, error)
        raise
    except SaltCloudException as error:
        log.error("%s: %s", what, error)
        raise SaltCloudSystemExit(str(error)) from error
    except Exception as error:  # pylint: disable=broad-except
        log.error("%s: %s: %s", what, type(error).__name__, error, exc_info=True)
        raise SaltCloudSystemExit(f"{what}: {type(error).__name__}: {error}") from error
