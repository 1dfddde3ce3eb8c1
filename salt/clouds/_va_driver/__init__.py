"""
What every ``va_*`` salt-cloud driver shares: the way from Salt's data to the va-driver executable.

``functions``
    the functions that salt-cloud calls
``cloud``
    what they do
``executable``
    where the executable is, and one call of it
``provider``
    a provider of Salt's as the protocol's record
``members``
    what may stand in a profile: the list
``profile``
    what a map's entry, a profile and a provider say of a server, and the refusal of what is not on the list
``server``, ``networks``
    a profile or map entry as the protocol's server
``links``
    ``sdb://`` in all of those
``minion``
    the minion's part of a server
``accepted``, ``remembered``
    the keys that this master has accepted, and what else it keeps of a minion
``creation``
    a server from Salt's request to the minion's first word
``start_event``, ``start_action``
    the wait for that word, and what is then run
``migration``
    files of Salt's former drivers as ours
``errors``, ``interruption``
    failures, as Salt can deal with them; Ctrl-C and SIGTERM

Standard library and Salt only: the Python is Salt's own, 3.10 to 3.14.
"""

from .cloud import Cloud
from .errors import DriverError
from .executable import Executable
from .functions import lend
from .migration import Migration

__all__ = ["Cloud", "DriverError", "Executable", "Migration", "lend"]
