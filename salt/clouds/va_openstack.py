"""
salt-cloud driver for OpenStack clouds, by way of the va-driver executable.

.. code-block:: yaml

    # /etc/salt/cloud.providers.d/mycloud.conf
    mycloud:
      driver: va_openstack
      identity_url: https://keystone.example.org:5000/v3
      username: me
      password: sdb://vault/openstack
      tenant: project
      region: RegionOne
      network: private
      sec_group: default
      image: debian-12
      size: m1.small

What it shares with the other ``va_*`` drivers is in the package ``_va_driver`` beside this file.
"""

import hashlib
import importlib.util
import os
import sys

__virtualname__ = "va_openstack"


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
    """The provider's configuration; the executable says what is missing there, if anything is."""
    return _cloud.get_configured_provider()


def pause(name, kwargs=None, call=None):
    """Halt a server in its host's memory."""
    return _cloud.action("pause", name, kwargs, call)


def unpause(name, kwargs=None, call=None):
    """Let a paused server go on."""
    return _cloud.action("unpause", name, kwargs, call)


def rescue(name, kwargs=None, call=None):
    """Start a server from a rescue system, of the image ``image`` where that is said."""
    return _cloud.action("rescue", name, kwargs, call)


def unrescue(name, kwargs=None, call=None):
    """Start a rescued server from its own disk again."""
    return _cloud.action("unrescue", name, kwargs, call)


def resize(name, kwargs=None, call=None):
    """Give a server the size ``size``; then confirm or revert that."""
    return _cloud.action("resize", name, kwargs, call)


def confirm_resize(name, kwargs=None, call=None):
    """Keep the new size."""
    return _cloud.action("confirm_resize", name, kwargs, call)


def revert_resize(name, kwargs=None, call=None):
    """Go back to the size before."""
    return _cloud.action("revert_resize", name, kwargs, call)


def shelve(name, kwargs=None, call=None):
    """Take a server off its host; its disk is kept."""
    return _cloud.action("shelve", name, kwargs, call)


def unshelve(name, kwargs=None, call=None):
    """Bring a shelved server back."""
    return _cloud.action("unshelve", name, kwargs, call)


def lock(name, kwargs=None, call=None):
    """Refuse whatever would change a server."""
    return _cloud.action("lock", name, kwargs, call)


def unlock(name, kwargs=None, call=None):
    """Allow what changes a server again."""
    return _cloud.action("unlock", name, kwargs, call)


def rebuild(name, kwargs=None, call=None):
    """Make a server's root disk anew, from the image ``image``, else from its own."""
    return _cloud.action("rebuild", name, kwargs, call)


def snapshot(name, kwargs=None, call=None):
    """Make an image called ``name`` of a server."""
    return _cloud.action("snapshot", name, kwargs, call)


def console_log(name, kwargs=None, call=None):
    """What a server's console has printed; the last ``lines`` of it."""
    return _cloud.action("console_log", name, kwargs, call)
