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
