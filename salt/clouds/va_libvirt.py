"""
salt-cloud driver for libvirt hosts, by way of the va-driver executable.

.. code-block:: yaml

    # /etc/salt/cloud.providers.d/mykvm.conf
    mykvm:
      driver: va_libvirt
      uri: qemu+tls://kvm1.example.org/system
      defaults: {network: default, image: debian-12.qcow2, size: va-small}

The functions are thin, because they must live here: Salt injects ``__active_provider_name__`` into the
globals of the module that defines them. What they do is in the package ``_va_driver`` beside this file,
which every ``va_*`` driver shares.
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


def __virtual__():
    # Nothing is started here: the loader runs in every worker of a parallel query or create.
    return __virtualname__


def get_configured_provider():
    """The provider's configuration, or False where it does not say which host it is."""
    return _cloud.get_configured_provider(("uri", "host_ip", "provider_ip", "host_protocol", "provider_protocol"))


def list_nodes(call=None):
    """The servers: id, image, size, state, private_ips, public_ips."""
    return _cloud.list_nodes(call)


def list_nodes_full(call=None):
    """The servers, with all that is known about them."""
    return _cloud.list_nodes_full(call)


def list_nodes_min(call=None):
    """The servers: id and state."""
    return _cloud.list_nodes_min(call)


def list_nodes_select(call=None):
    """The servers, with the members that ``query.selection`` names."""
    return _cloud.list_nodes_select(call)


def show_instance(name, kwargs=None, call=None):
    """All about one server: ``salt-cloud -a show_instance NAME``."""
    return _cloud.show_instance(name, call)


def avail_images(call=None):
    """The images: ``salt-cloud --list-images PROVIDER``."""
    return _cloud.available("images", call)


def avail_sizes(call=None):
    """The sizes: ``salt-cloud --list-sizes PROVIDER``."""
    return _cloud.available("sizes", call)


def avail_locations(call=None):
    """Where the host stands, as the provider says."""
    return _cloud.avail_locations(call)


def create(vm_):
    """Create a server, with its minion's key in the seed that it reads at its first boot."""
    return _cloud.create(vm_)


def destroy(name, kwargs=None, call=None):
    """Delete a server, all that was made for it, and its minion's key; no other key."""
    return _cloud.destroy(name, call)


def start(name, kwargs=None, call=None):
    """Start a server: ``salt-cloud -a start NAME``."""
    return _cloud.action("start", name, kwargs, call)


def stop(name, kwargs=None, call=None):
    """Shut a server down; after ``timeout`` seconds (60) switch it off."""
    return _cloud.action("stop", name, kwargs, call)


def reboot(name, kwargs=None, call=None):
    """Reboot a server."""
    return _cloud.action("reboot", name, kwargs, call)


def suspend(name, kwargs=None, call=None):
    """Halt a server in its host's memory."""
    return _cloud.action("suspend", name, kwargs, call)


def resume(name, kwargs=None, call=None):
    """Let a suspended server go on."""
    return _cloud.action("resume", name, kwargs, call)


def seal(name, kwargs=None, call=None):
    """Take the minion's private key off the server's seed, once the minion has read it."""
    return _cloud.action("seal", name, kwargs, call)


def networks(kwargs=None, call=None):
    """The networks: ``salt-cloud -f networks PROVIDER``."""
    return _cloud.available("networks", call, only="function")


def sec_groups(kwargs=None, call=None):
    """The security groups; a libvirt host has none."""
    return _cloud.available("sec_groups", call, only="function")


def usage(kwargs=None, call=None):
    """CPUs, memory and disk of the host: used, free, all."""
    return _cloud.usage(call)


def plan(kwargs=None, call=None):
    """What create would do: ``salt-cloud -f plan PROVIDER name=NAME profile=PROFILE``."""
    return _cloud.plan(kwargs, call)


def recover(kwargs=None, call=None):
    """Remove what creations that were cut off have left on the host."""
    return _cloud.recover(call)
