"""python3 -m va_bed.service SERVICE DIR: runs one service in the foreground.

All daemons of Nova run in one process, and so do all of Cinder: their messages need no RabbitMQ then.
"""

import os
import socket
import sys
import time

from . import identity, sqlite_pool
from .bed import HOST, Bed

# Two hosts, so that there are two availability zones.
COMPUTE_HOSTS = ("host-one", "host-two")


def serve(bed, name, application, threads):
    """A plain WSGI server."""
    import waitress

    waitress.serve(application, host=HOST, port=bed.ports[name], threads=threads, channel_timeout=600)


def answers(port):
    try:
        socket.create_connection((HOST, port)).close()
    except OSError:
        return False
    return True


def keystone(bed):
    # Fernet keys and the cache are not made for more threads with SQLite.
    serve(bed, "keystone", identity.application(bed), threads=1)


def placement(bed):
    os.environ["OS_PLACEMENT_CONFIG_DIR"] = str(bed.path)
    sys.argv = ["placement-api"]
    from placement import wsgi

    serve(bed, "placement", wsgi.init_application(), threads=8)


def glance(bed):
    os.environ["OS_GLANCE_CONFIG_DIR"] = str(bed.path)
    sys.argv = ["glance-api"]
    from glance.common import wsgi_app

    serve(bed, "glance", wsgi_app.init_app(), threads=8)


def neutron(bed):
    # What tells Nova of a floating IP is a green thread: it only runs in a green server.
    import neutron.cmd.eventlet  # noqa: F401

    os.environ["OS_NEUTRON_CONFIG_DIR"] = str(bed.path)
    os.environ["OS_NEUTRON_CONFIG_FILES"] = bed.config("neutron").name
    sys.argv = ["neutron-server"]
    import eventlet
    import eventlet.wsgi
    from neutron import server
    from neutron.common import config

    application = server.boot_server(lambda: config.load_paste_app("neutron"))
    eventlet.wsgi.server(eventlet.listen((HOST, bed.ports["neutron"])), application, log_output=False)


def nova(bed):
    os.environ["OS_NOVA_CONFIG_DIR"] = str(bed.path)
    os.environ["EVENTLET_NO_GREENDNS"] = "yes"
    import nova.conf
    from nova import config, context, objects, service
    from nova.compute import rpcapi as compute
    from nova.conductor import rpcapi as conductor
    from nova.objects import host_mapping
    from nova.scheduler import rpcapi as scheduler
    from oslo_log import log
    from oslo_service import service as oslo_service

    config.parse_args(["nova", "--config-file", str(bed.config("nova"))])
    remember_nodes()
    log.setup(nova.conf.CONF, "nova")
    objects.register_all()
    objects.Service.enable_min_version_cache()
    while not (answers(bed.ports["keystone"]) and answers(bed.ports["placement"])):
        time.sleep(0.05)  # the scheduler asks them as it starts
    launcher = oslo_service.ServiceLauncher(nova.conf.CONF)
    for binary, topic in (("nova-conductor", conductor.RPC_TOPIC), ("nova-scheduler", scheduler.RPC_TOPIC)):
        launcher.launch_service(service.Service.create(binary=binary, topic=topic))
    for host in COMPUTE_HOSTS:
        launcher.launch_service(service.Service.create(host=host, binary="nova-compute", topic=compute.RPC_TOPIC))
    # A server that is created before its host belongs to a cell fails: map the hosts, and only then open the door.
    admin = context.get_admin_context()
    while len(objects.HostMappingList.get_by_cell_id(admin, None)) < len(COMPUTE_HOSTS):
        host_mapping.discover_hosts(admin)
        time.sleep(0.1)
    launcher.launch_service(service.WSGIService("osapi_compute"))
    launcher.wait()


def remember_nodes():
    """Has the fake hypervisors be those that the seeded databases know: they would draw new ids in each process."""
    import uuid

    from nova.virt import fake

    class Ids:
        def __getattr__(self, name):
            return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))

    fake.uuids = Ids()
    try:
        from nova.virt import node
    except ImportError:
        return  # Zed's services keep no file that says which node they are
    node.read_local_node_uuid = lambda: fake.uuids.node_of_both_hosts


def cinder(bed):
    from cinder import objects, rpc, service, version
    from cinder.common import config  # noqa: F401
    from oslo_config import cfg
    from oslo_log import log
    from oslo_service import service as oslo_service

    objects.register_all()
    cfg.CONF(["--config-file", str(bed.config("cinder"))], project="cinder", version=version.version_string())
    log.setup(cfg.CONF, "cinder")
    rpc.init(cfg.CONF)
    launcher = oslo_service.ServiceLauncher(cfg.CONF)
    launcher.launch_service(service.Service.create(binary="cinder-scheduler"))
    for backend in cfg.CONF.enabled_backends:
        launcher.launch_service(
            service.Service.create(
                host=f"{cfg.CONF.host}@{backend}",
                service_name=backend,
                binary="cinder-volume",
                coordination=True,
                cluster=None,
            )
        )
    launcher.launch_service(service.WSGIService("osapi_volume"))
    launcher.wait()


def main():
    name, path = sys.argv[1:]
    # Sockets and threads become green before anything else, SQLAlchemy too, has seen them.
    if name == "nova":
        import nova.monkey_patch  # noqa: F401
    elif name == "neutron":
        import neutron.cmd.eventlet  # noqa: F401
    elif name == "cinder":
        import eventlet

        eventlet.monkey_patch()
    sqlite_pool.install()
    globals()[name](Bed.load(path))


if __name__ == "__main__":
    main()
