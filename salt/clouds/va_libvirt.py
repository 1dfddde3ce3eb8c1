"""
salt-cloud driver for libvirt hosts, by way of the va-driver executable.

.. code-block:: yaml

    # /etc/salt/cloud.providers.d/mykvm.conf
    mykvm:
      driver: va_libvirt
      uri: qemu+tls://kvm1.example.org/system
      network: default
      image: debian-12.qcow2
      size: va-small

What it shares with the other ``va_*`` drivers is in the package ``_va_driver`` beside this file.
"""

import hashlib
import importlib.util
import os
import sys

__virtualname__ = "va_libvirt"


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
    """The provider's configuration, or False where it does not say which host it is."""
    return _cloud.get_configured_provider(
        ("uri", "url", "host_ip", "provider_ip", "host_protocol", "provider_protocol")
    )


def seal(name, kwargs=None, call=None):
    """Take the minion's private key off the server's seed, once the minion has read it."""
    return _cloud.action("seal", name, kwargs, call)


def resize(name, kwargs=None, call=None):
    """Give a server the size ``size``; while it runs as far as it was started for."""
    return _cloud.action("resize", name, kwargs, call)


def rebuild(name, kwargs=None, call=None):
    """Make a server's root disk anew, from the image ``image``, else from its own."""
    return _cloud.action("rebuild", name, kwargs, call)


def rename(name, kwargs=None, call=None):
    """Call a server that is off by ``newname``; its minion keeps its id."""
    return _cloud.action("rename", name, kwargs, call)


def snapshot(name, kwargs=None, call=None):
    """Keep a server's state as the snapshot ``name``, within its disks."""
    return _cloud.action("snapshot", name, kwargs, call)


def list_snapshots(name, kwargs=None, call=None):
    """A server's snapshots."""
    return _cloud.action("list_snapshots", name, kwargs, call)


def revert_snapshot(name, kwargs=None, call=None):
    """Put a server back to the snapshot ``name``."""
    return _cloud.action("revert_snapshot", name, kwargs, call)


def delete_snapshot(name, kwargs=None, call=None):
    """Delete the snapshot ``name`` of a server."""
    return _cloud.action("delete_snapshot", name, kwargs, call)


def attach_disk(name, kwargs=None, call=None):
    """Give a server a disk of ``size`` GiB in ``pool``, or again the ``volume`` of one that was detached."""
    return _cloud.action("attach_disk", name, kwargs, call)


def detach_disk(name, kwargs=None, call=None):
    """Take the disk ``volume`` away from a server; ``delete=True`` deletes it, too."""
    return _cloud.action("detach_disk", name, kwargs, call)


def attach_interface(name, kwargs=None, call=None):
    """Give a server a card on ``network``, or on ``bridge`` and so on, with the members of its ``networks``."""
    return _cloud.action("attach_interface", name, kwargs, call)


def detach_interface(name, kwargs=None, call=None):
    """Take the card with the address ``mac`` away from a server."""
    return _cloud.action("detach_interface", name, kwargs, call)


def console_log(name, kwargs=None, call=None):
    """What a server's console has printed, where the host logs it into a pool; the last ``lines`` of it."""
    return _cloud.action("console_log", name, kwargs, call)
