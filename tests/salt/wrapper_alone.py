"""
The wrapper for va_master on a Python that has nothing else, 2.7 too: test_python2 starts this. It needs no host
but libvirt's own test:///default. usage: wrapper_alone.py DIRECTORY-WITH-va_driver EXECUTABLE [without-tornado]
"""

from __future__ import print_function

import sys
import threading
import time

if "without-tornado" in sys.argv:
    sys.modules["tornado"] = None
sys.path.insert(0, sys.argv[1])

import va_driver  # noqa: E402

PROVIDER = {"provider_name": "t", "uri": "test:///default", "username": u"j\xf6rg", "servers": []}


def failure(function, *args):
    """The kind of the failure that must come, whose text can be shown."""
    try:
        function(*args)
    except va_driver.DriverFailure as error:
        assert u"%s" % error.message and "%s" % error and str(error) and repr(error)
        return error.kind
    raise AssertionError("it did not fail")


def synchronous():
    driver = va_driver.VaDriver("libvirt", path=sys.argv[2], asynchronous=False)
    assert driver.friendly_name() == "LibVirt"
    steps = driver.get_steps()
    assert [step.name for step in steps][0] == "Provider info", steps
    fields = dict((field["id"], field) for field in steps[0].serialize()["fields"])
    assert "qemu+tls" in fields["host_protocol"]["option_choices"]["host_protocol"], fields
    assert not steps[0].validate({"provider_name": ""})
    assert driver.validate_field_values(-1, {}).new_step_index == 0
    assert driver.validate_field_values(0, {"provider_name": u"\xe9"}).errors
    assert driver.get_provider_status(PROVIDER)["success"]
    assert driver.get_sizes(PROVIDER) == ["va-small", "va-medium", "va-large"]
    servers = driver.get_servers(PROVIDER)
    assert [server["hostname"] for server in servers] == ["test"], servers
    assert failure(driver.server_action, PROVIDER, "absent", "start") == "not_found"
    assert failure(driver.server_action, PROVIDER, u"\xe9", "start") == "not_found"
    assert driver.server_action(PROVIDER, "test", "suspend")["success"]
    assert failure(driver.create_server, PROVIDER, {"server_name": u"a", u"storag_disk": 1}) == "invalid_field"
    away = dict(PROVIDER, uri="qemu+tcp://127.0.0.1:1/system")
    assert driver.get_servers(away) == []
    assert not driver.get_provider_status(away)["success"]
    data = driver.get_provider_data(dict(PROVIDER, pool="default-pool"))
    assert data["provider_billing"]["provider"]["memory"] == "8192 MiB", data
    assert driver.get_provider_data(away)["provider_usage"]["max_cpus"] == -1
    assert [type(one).__name__ for one in va_driver.drivers(path=sys.argv[2])[:2]] == [
        "LibVirtDriver",
        "OpenStackDriver",
    ]
    driver.path = "/nowhere/va-driver"
    assert failure(driver.get_steps) == "missing"


def asynchronous():
    import tornado.ioloop

    driver = va_driver.VaDriver("libvirt", path=sys.argv[2])
    assert driver.asynchronous
    loop = tornado.ioloop.IOLoop()
    loop.make_current()
    assert loop.run_sync(driver.friendly_name) == "LibVirt"
    assert loop.run_sync(driver.driver_id) == "libvirt"
    driver.path = "/nowhere/va-driver"
    assert failure(loop.run_sync, driver.get_steps) == "missing"
    loop.close()


def left_at_exit():
    """A call that runs in a thread when the interpreter ends is ended, and nobody complains."""
    driver = va_driver.VaDriver("libvirt", path=sys.argv[1] + "/slow", asynchronous=False)
    thread = threading.Thread(target=failure, args=(driver.get_steps,))
    thread.daemon = True
    thread.start()
    time.sleep(0.2)


synchronous()
left_at_exit()
try:
    import tornado
except ImportError:
    assert not va_driver.VaDriver("libvirt").asynchronous
    print("without tornado")
else:
    asynchronous()
    print("with tornado")
