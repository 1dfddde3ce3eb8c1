"""What the master on this machine keeps of a minion beside its key: grains, pillar, mine."""

import logging

import salt.cache

from .start_event import master_opts

log = logging.getLogger("va_driver")


def forget(opts, id_):
    """
    Takes away what the master keeps of the minion ``id_``, as ``salt-key -d`` does, unless its configuration says
    ``preserve_minion_cache``: else the next server of that name is targeted by the grains of the last.
    """
    try:
        opts = master_opts(opts)
        if opts.get("preserve_minion_cache"):
            return
        cache = salt.cache.factory(opts)
        # all of it in one bank; since 3008 in one each
        cache.flush(f"minions/{id_}")
        for bank in ("grains", "mine"):
            cache.flush(bank, id_)
        for key in cache.list("pillar") or ():
            # the environment's name may follow
            if key.partition(":")[0] == id_:
                cache.flush("pillar", key)
    except Exception as error:  # pylint: disable=broad-except
        # The server is gone, whatever else there is.
        log.warning("%s: what the master keeps of it could not be taken away: %s", id_, error)
