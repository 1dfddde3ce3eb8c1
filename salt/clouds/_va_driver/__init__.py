"""
What every ``va_*`` salt-cloud driver shares: the way from Salt's data to the va-driver executable.

``cloud``
    the functions of a driver, as salt-cloud calls them
``executable``
    where the executable is, and one call of it
``provider``
    a provider of Salt's as the protocol's record
``server``
    a profile or map entry as the protocol's server
``minion``
    the minion's part of that, and the life of its key on this master
``start_event``
    the wait for a minion to tell this master that it has started

Standard library and Salt only: the Python is Salt's own, 3.10 to 3.14.
"""

from .cloud import Cloud

__all__ = ["Cloud"]
