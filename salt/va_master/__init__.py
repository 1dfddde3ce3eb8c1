"""
va_master's drivers, by way of the va-driver executable.

Copy or link this directory into va_master and register a driver in its deploy handler::

    from va_driver import VaDriver        # the name under which you copied it
    driver = VaDriver("libvirt", provider_name="...", profile_name="...", host_ip=master_ip)

Python 2.7 and 3, standard library only; where tornado can be imported, every method is asynchronous.
"""

from .driver import VaDriver
from .executable import DriverFailure
from .steps import Step, StepResult

__all__ = ["DriverFailure", "Step", "StepResult", "VaDriver"]
