"""What is entered in forms, each person's for themselves."""

import collections
import threading
import time

from .executable import DriverFailure

# How many unfinished forms are remembered, and for how long in seconds.
_MOST = 256
_LONGEST = 3600


class Form(object):
    """One provider's form: what a driver's attributes of these names are while its calls are answered."""

    def __init__(self, driver_name, variables):
        self.field_values = {"driver_name": driver_name, "servers": [], "defaults": {}}
        self.provider_vars = dict(variables)
        self.profile_vars = dict(variables)
        # the choices of each field, as they were offered last
        self.offered = {}

    def finished(self, record):
        """The same with the finished provider: another one, since two may finish one form."""
        form = Form("", {})
        form.field_values = record
        form.provider_vars, form.profile_vars = self.provider_vars, self.profile_vars
        return form


class Forms(object):
    """The forms that are being filled in, by the provider's name: that of the first step is no one's yet."""

    def __init__(self, new):
        self._new = new
        self._open = collections.OrderedDict()
        self._lock = threading.Lock()

    def of(self, field_values):
        """The form that these values are of, and whether nobody has begun it here."""
        name = field_values.get("provider_name")
        if not name:
            return self._new(), True
        with self._lock:
            known = self._open.pop(name, None)
            form = self._open[name] = known or self._new()
            while len(self._open) > _MOST:
                self._open.popitem(last=False)
        return form, known is None

    def close(self, field_values):
        """Forgets the form, which is finished."""
        with self._lock:
            self._open.pop(field_values.get("provider_name"), None)


# By what the fields of a server's form are known to be one person's.
_WHOSE = ("provider_name", "server_name", "dash_user")


class ServerForms(object):
    """
    The servers that are being described, over the steps of the dashboard's form. A step may send only what
    is new in it; whose it is then is told by the server's name or the user, or there is only one.
    """

    def __init__(self):
        self._open = []
        self._lock = threading.Lock()

    def collect(self, step, fields):
        """All that was entered so far, with ``fields``."""
        with self._lock:
            return self._collected(step, fields)

    def _collected(self, step, fields):
        now = time.time()
        self._open = [(then, values) for then, values in self._open if now - then < _LONGEST][-_MOST:]
        mine = [one for one in self._open if _may_be_one(one[1], fields)]
        if step == 0:
            # begun anew; another's is another's only where that is sure
            mine = [one for one in mine if all(one[1].get(name) == fields.get(name) for name in _WHOSE)]
            collected = {}
        elif len(mine) > 1:
            raise DriverFailure(
                "invalid_field",
                "several servers are being described at once: send server_name with each step",
                "/server/server_name",
            )
        else:
            collected = dict(mine[0][1]) if mine else {}
        collected.update((name, value) for name, value in fields.items() if value is not None)
        self._open = [one for one in self._open if not any(one is other for other in mine)]
        self._open.append((now, collected))
        return dict(collected)

    def close(self, server_name):
        """Forgets a server, which is made."""
        with self._lock:
            self._open = [one for one in self._open if one[1].get("server_name") != server_name]


def _may_be_one(values, fields):
    both = [name for name in _WHOSE if values.get(name) is not None and fields.get(name) is not None]
    return all(values[name] == fields[name] for name in both)
