"""
salt-cloud driver for whatever va-driver has a driver of: a program or a manifest in ``drivers.d``, or one in Rust.

.. code-block:: yaml

    # /etc/salt/cloud.providers.d/myrack.conf
    myrack:
      driver: va_external
      driver_id: rack
      directory: /srv/rack

``driver_id`` says which one; ``va-driver driver list`` lists them. What it shares with the other ``va_*`` drivers is in
the package ``_va_driver`` beside this file.
"""

import hashlib
import importlib.util
import os
import sys

__virtualname__ = "va_external"


def _shared():
    """
    Import the package ``_va_driver`` from this file's own directory.

    Salt's loader executes this file by its path and puts no directory on ``sys.path``, so a plain import
    finds nothing, whichever of ``cloud_dirs``, ``extension_modules`` and ``module_dirs`` led here. The
    loader skips names that begin with ``_``, and ``saltutil.sync_clouds`` copies directories whole. The
    module's name tells copies in different directories apart, so that a new file never meets old code.
    """
    directory = os.path.join(os.path.dirname(os.path.realpath(__file__)), "_va_driver")
    name = "_va_driver_" + hashlib.sha256(directory.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, os.path.join(directory, "__init__.py"), submodule_search_locations=[directory]
        )
        sys.modules[name] = package = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(package)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


_cloud = _shared().Cloud(__virtualname__, globals())
_shared().lend(globals())


def __virtual__():
    # Nothing is started here: the loader runs in every worker of a parallel query or create.
    return __virtualname__


def get_configured_provider():
    """The provider's configuration, or False where it does not say which driver it is for."""
    return _cloud.get_configured_provider(("driver_id",))


def _act(word):
    """The function for an action that not every driver has."""

    def act(name, kwargs=None, call=None):
        return _cloud.action(word, name, kwargs, call)

    act.__name__ = word
    act.__doc__ = f"The action {word}, where the driver has it."
    return act


for _word in (
    "pause",
    "unpause",
    "rescue",
    "unrescue",
    "resize",
    "confirm_resize",
    "revert_resize",
    "shelve",
    "unshelve",
    "lock",
    "unlock",
    "rebuild",
    "snapshot",
    "list_snapshots",
    "revert_snapshot",
    "delete_snapshot",
    "attach_disk",
    "detach_disk",
    "attach_interface",
    "detach_interface",
    "rename",
    "console_log",
):
    globals()[_word] = _act(_word)
