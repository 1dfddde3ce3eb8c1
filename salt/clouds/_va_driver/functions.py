"""
The functions that every driver has, for salt-cloud to call.

Salt injects ``__active_provider_name__`` into the globals of the function that it calls, so each driver's
module needs functions whose globals are its own: ``lend`` makes them from the ones below.
"""

import types

# In the globals of a driver's module this is its Cloud.
_cloud = None


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
    """Where the provider is, as its configuration says."""
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
    """Suspend a server."""
    return _cloud.action("suspend", name, kwargs, call)


def resume(name, kwargs=None, call=None):
    """Let a suspended server go on."""
    return _cloud.action("resume", name, kwargs, call)


def networks(kwargs=None, call=None):
    """The networks: ``salt-cloud -f networks PROVIDER``."""
    return _cloud.available("networks", call, only="function")


def network_list(kwargs=None, call=None):
    """The networks, under the name that Salt's own drivers have for them."""
    return _cloud.available("networks", call, only="function")


def sec_groups(kwargs=None, call=None):
    """The security groups; a libvirt host has none."""
    return _cloud.available("sec_groups", call, only="function")


def usage(kwargs=None, call=None):
    """CPUs, memory and disk of the provider: used, free, all."""
    return _cloud.usage(call)


def plan(kwargs=None, call=None):
    """What create would do: ``salt-cloud -f plan PROVIDER name=NAME profile=PROFILE``."""
    return _cloud.plan(kwargs, call)


def recover(kwargs=None, call=None):
    """Remove what creations that were cut off have left."""
    return _cloud.recover(call)


def orphans(kwargs=None, call=None):
    """What is left of servers that are gone: ``salt-cloud -f orphans PROVIDER``; ``remove=True`` removes it."""
    return _cloud.orphans(kwargs, call)


_LENT = [value for name, value in globals().items() if isinstance(value, types.FunctionType)]


def lend(module):
    """Put the functions into ``module``, the globals of a driver's module, which hold its ``_cloud``."""
    for function in _LENT:
        lent = types.FunctionType(function.__code__, module, function.__name__, function.__defaults__)
        lent.__doc__ = function.__doc__
        lent.__module__ = module["__name__"]
        module[function.__name__] = lent
