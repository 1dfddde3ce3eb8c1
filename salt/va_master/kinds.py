"""The drivers of va-driver: those that va_master has something more for, and all that there are."""

import logging

from .driver import VaDriver
from .executable import DriverFailure, call

log = logging.getLogger("va_driver")


class LibVirtDriver(VaDriver):
    """libvirt hosts."""

    base = "libvirt"

    def __init__(self, driver_name=base, **kwargs):
        super(LibVirtDriver, self).__init__(driver_name, **kwargs)

    def _add_own(self, record):
        if self.flavours and not record.get("flavours"):
            record["flavours"] = self.flavours
        # the certificates are for TLS, which the bare protocol is with a host that is elsewhere
        host = record.get("host_ip") or record.get("provider_ip") or "/"
        protocol = record.get("host_protocol") or record.get("provider_protocol")
        if self.ssl_path and protocol in ("qemu", "qemu+tls") and host[0] != "/" and not record.get("uri"):
            record.setdefault("pkipath", self.ssl_path)


class OpenStackDriver(VaDriver):
    """OpenStack clouds."""

    base = "openstack"

    def __init__(self, driver_name=base, **kwargs):
        super(OpenStackDriver, self).__init__(driver_name, **kwargs)


def drivers(path="va-driver", **kwargs):
    """A driver for each that va-driver has now, manifests and external ones among them."""
    own = [LibVirtDriver, OpenStackDriver]
    try:
        listed = call(path, "driver.list", {})
    except DriverFailure as error:
        # va_master starts all the same, and each form says it
        log.error("%s", error.message)
        listed = {"drivers": []}
    for broken in listed.get("broken") or ():
        log.error("%s: %s", broken.get("file"), broken.get("message"))
    others = [one["id"] for one in listed["drivers"] if one["id"] not in [class_.base for class_ in own]]
    return [class_(path=path, **kwargs) for class_ in own] + [VaDriver(id_, path=path, **kwargs) for id_ in others]
