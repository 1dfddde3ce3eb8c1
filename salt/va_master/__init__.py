"""
va_master's drivers, by way of the va-driver executable.

Copy or link this directory into va_master and register the drivers in its deploy handler, which
docs/va_master.md shows::

    import va_driver                      # the name under which you copied it
    self.drivers += va_driver.drivers(host_ip=..., key_name=..., key_path=..., datastore_handler=...)

Python 2.7 and 3, standard library only; where tornado can be imported, every method is asynchronous.
"""

from .driver import VaDriver
from .executable import DriverFailure
from .kinds import LibVirtDriver, OpenStackDriver, drivers
from .steps import Step, StepResult

# what a driver of one's own derives from, by va_master's name for it
DriverBase = VaDriver

__all__ = [
    "DriverBase",
    "DriverFailure",
    "LibVirtDriver",
    "OpenStackDriver",
    "Step",
    "StepResult",
    "VaDriver",
    "drivers",
]
