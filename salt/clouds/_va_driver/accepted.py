"""The keys that the master on this machine has accepted: files of its ``pki_dir``, or Salt 3008's key cache."""

import contextlib
import logging
import os
import tempfile
import time

import salt.cache

from .errors import DriverError
from .start_event import master_opts

log = logging.getLogger("va_driver")

_FILES = "localfs_key"

# What was accepted before Salt put a new server's key there: {directory: (when, {id: (inode, key)})}.
_before = {}
_FRESH = 60
# bytes; a public key of 8192 bits has less than 1500
_LONGEST = 1 << 16


def keys(opts):
    """The accepted keys, wherever the configured master looks for them."""
    return _Cached(opts) if opts.get("keys.cache_driver", _FILES) != _FILES else _Filed(opts)


def files(opts):
    """Those of them that are files, for Salt writes one in any case."""
    return _Filed(opts)


def remember(opts, again=False):
    """
    Take note of the accepted keys, for Salt writes over them before a driver is asked to create.

    Only this late: the worker of a parallel map begins with it too.
    """
    asks = ("selected_query_option", "destroy", "action", "function", "list_images", "list_sizes", "list_locations")
    if any(opts.get(name) for name in asks):
        return
    place = _directory(opts)
    when, _ = _before.get(place, (None, None))
    if again or when is None or time.monotonic() - when > _FRESH:
        _before[place] = (time.monotonic(), _all(place))


class _Filed:
    """One file a key, as in every Salt by default."""

    def __init__(self, opts):
        self._opts = opts
        self._place = _directory(opts)

    def is_own(self, id_, public):
        """Whether the very key ``public`` is accepted for ``id_``."""
        return _same(_read(self._path(id_)), public)

    def has(self, id_):
        """Whether any key is accepted for ``id_``."""
        return os.path.exists(self._path(id_))

    def claim(self, id_, public):
        """
        Make sure that Salt has not put ``public`` in another machine's place; put that one back.

        Salt accepts without a look at what is there, so this is the first chance to see it.
        """
        if not self.is_own(id_, public):
            return
        inode, key = _before.get(self._place, (None, {}))[1].get(id_, (None, b""))
        if key and key.split() != public.encode().split():
            with open(self._path(id_), "r+b") as file:
                # Another inode: somebody has taken the old key away since, so it is to stay away.
                if os.fstat(file.fileno()).st_ino == inode:
                    file.write(key)
                    file.truncate()
                    raise _taken(id_, "accepted")
        if os.path.exists(os.path.join(self._opts["pki_dir"], "minions_rejected", id_)):
            self.remove_own(id_, public)
            raise _taken(id_, "rejected")

    def remove_own(self, id_, public):
        """
        Take off the key that Salt accepted before the server was created; no other key.

        Salt leaves it there when a creation fails, so that whoever has the seed could join with it.
        """
        if self.is_own(id_, public):
            _remove(self._path(id_), id_)

    @contextlib.contextmanager
    def revoking(self, show):  # pylint: disable=unused-argument
        """The ``pki_dir`` in which the executable is to revoke the key of a server; None where there is none."""
        yield self._opts["pki_dir"] if os.path.isdir(self._place) else None

    def _path(self, id_):
        return os.path.join(self._place, id_)


class _Cached(_Filed):
    """
    A key cache such as 3008's ``mmap_key``, beside the files: by the cache the master lets a minion sign in,
    and by the file, which salt-cloud writes, 3008.3 still checks what it then sends.
    """

    def __init__(self, opts):
        super().__init__(opts)
        # The cache is the master's, and it finds it by its own configuration.
        opts = master_opts(opts)
        self._cache = salt.cache.Cache(opts, driver=opts["keys.cache_driver"])

    def has(self, id_):
        return super().has(id_) or bool(self._entry(id_))

    def claim(self, id_, public):
        super().claim(id_, public)
        if not self.is_own(id_, public):
            return
        entry = self._entry(id_)
        if entry and not _same(entry.get("pub"), public):
            super().remove_own(id_, public)
            raise _taken(id_, entry.get("state"))
        self._cache.store("keys", id_, {"state": "accepted", "pub": public})

    def remove_own(self, id_, public):
        super().remove_own(id_, public)
        if _same(self._entry(id_).get("pub"), public):
            self._cache.flush("keys", id_)

    @contextlib.contextmanager
    def revoking(self, show):
        """
        A directory with the key that the cache has for the minion of the server that ``show`` shows: the
        executable knows the fingerprint of the right one, and what it takes away there is taken away here.
        """
        id_ = (show() or {}).get("minion_id")
        key = self._entry(id_).get("pub") if id_ else None
        if not key:
            with super().revoking(show) as pki_dir:
                yield pki_dir
            return
        with tempfile.TemporaryDirectory(prefix="va-driver-") as top:
            for name in ("minions", "minions_pre", "minions_rejected", "minions_denied"):
                os.mkdir(os.path.join(top, name))
            path = os.path.join(top, "minions", id_)
            with open(path, "w", encoding="utf-8") as file:
                file.write(key)
            yield top
            if not os.path.exists(path):
                self.remove_own(id_, key)

    def _entry(self, id_):
        return self._cache.fetch("keys", id_) or {}


def _directory(opts):
    return os.path.join(opts["pki_dir"], "minions")


def _all(place):
    found = {}
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                found[entry.name] = (entry.inode(), _bytes(entry.path))
    except OSError as error:
        log.debug("the accepted keys are not known: %s", error)
    return found


def _bytes(path):
    """A key's file, by as few calls as can be: there may be many thousands."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(descriptor, _LONGEST)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _taken(id_, state):
    return DriverError(
        "already_exists",
        f"already_exists: this master has another key for {id_}, {state}; it stays as it is. If no machine uses it any "
        f"more: salt-key -d {id_}",
    )


def _same(one, other):
    return bool(one) and bool(other) and one.split() == other.split()


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):
        return None


def _remove(path, id_):
    try:
        os.remove(path)
        log.info("the key of %s is off this master again", id_)
    except OSError as error:
        log.error("the key of %s, which has no server, is still accepted: %s", id_, error)
