"""python3 -m va_bed.database SERVICE DIR: makes the empty databases of a service, with its own tools."""

import importlib
import sys

from . import identity, sqlite_pool
from .bed import REGION, Bed


def run(main, program, bed, service, *arguments):
    """Runs a `*-manage` command in this process."""
    sys.argv = [program, "--config-file", str(bed.config(service)), *arguments]
    try:
        code = main()
    except SystemExit as end:
        code = end.code
    if code:
        sys.exit(f"{sys.argv} failed: {code}")


def keystone(bed):
    import getpass
    import grp
    import os

    from keystone.cmd import cli
    from keystone.common import provider_api

    owner = ["--keystone-user", getpass.getuser(), "--keystone-group", grp.getgrgid(os.getgid()).gr_name]
    urls = [f"--bootstrap-{kind}-url={bed.auth_url}" for kind in ("public", "internal", "admin")]
    for command in (
        ["fernet_setup", *owner],
        ["credential_setup", *owner],
        ["db_sync"],
        ["bootstrap", "--bootstrap-password", bed.password, "--bootstrap-region-id", REGION, *urls],
    ):
        cli.CONF.reset()
        cli.main(argv=["keystone-manage", "--config-file", str(bed.config("keystone")), *command])
    # The same process can go on as a server only without what the commands registered.
    cli.CONF.reset()
    cli.CONF.unregister_opt(cli.command_opt)
    provider_api.ProviderAPIs._clear_registry_instances()
    identity.fill(bed)


def placement(bed):
    from placement.cmd import manage

    run(manage.main, "placement-manage", bed, "placement", "db", "sync")


def glance(bed):
    from glance.cmd import manage

    run(manage.main, "glance-manage", bed, "glance", "db_sync")


def cinder(bed):
    from cinder.cmd import manage

    run(manage.main, "cinder-manage", bed, "cinder", "db", "sync")


def neutron(bed):
    import sqlalchemy
    from neutron.db.migration import cli
    from neutron.db.migration.models import head

    # Neutron's migrations need more than SQLite can do: make today's tables and say that they are today's.
    engine = sqlalchemy.create_engine(f"sqlite:///{bed.database('neutron')}")
    head.get_metadata().create_all(engine)
    engine.dispose()
    run(cli.main, "neutron-db-manage", bed, "neutron", "stamp", "heads")


def nova(bed):
    from nova import config, objects
    from nova.cmd import manage

    config.parse_args(["nova-manage", "--config-file", str(bed.config("nova"))])
    objects.register_all()
    for step in (
        lambda: manage.ApiDbCommands().sync(),
        lambda: manage.CellV2Commands().map_cell0(f"sqlite:///{bed.database('nova_cell0')}"),
        lambda: manage.DbCommands().sync(),
        lambda: manage.CellV2Commands().create_cell(name="cell1"),
    ):
        if code := step():
            sys.exit(f"nova-manage failed: {code}")


def main():
    service, path = sys.argv[1:]
    if service in ("nova", "cinder", "glance"):
        importlib.import_module(f"{service}.cmd.manage")  # makes sockets and threads green before anything uses them
    sqlite_pool.install()
    globals()[service](Bed.load(path))


if __name__ == "__main__":
    main()
