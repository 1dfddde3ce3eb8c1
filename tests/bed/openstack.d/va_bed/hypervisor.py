"""A hypervisor that runs nothing, and can rescue what boots from a volume."""

from nova.virt import fake


class Hypervisor(fake.FakeDriver):
    """Nova's own fake, which says that it cannot."""

    capabilities = {**fake.FakeDriver.capabilities, "supports_bfv_rescue": True}
