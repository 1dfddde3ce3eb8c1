"""Makes SQLite fast enough: connections stay open, nothing waits for the disk, readers do not wait for a writer."""

from sqlalchemy import event, exc, pool
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.engine import Engine


def pool_class(cls, url):
    # SQLAlchemy 1.4 opens a file anew for each session, and SQLite then parses all of its schema again.
    return pool.QueuePool if cls._is_url_file_db(url) else pool.SingletonThreadPool


def connect_parameters(dialect, _record, _arguments, parameters):
    if dialect.name == "sqlite":
        parameters["check_same_thread"] = False


def pragmas(connection, _record):
    if "sqlite" not in type(connection).__module__:
        return
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=OFF", "busy_timeout=20000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def locked(error, _match, _engine, _is_disconnect):
    # Who has read and now writes, and was forestalled, is refused at once: he has to begin anew, as the services do with
    # a server's databases after a deadlock.
    from oslo_db import exception

    raise exception.DBDeadlock(error)


def install():
    """For all engines that this process makes from now on."""
    # Not before the service has made threads green.
    from oslo_db.sqlalchemy import exc_filters

    pysqlite.SQLiteDialect_pysqlite.get_pool_class = classmethod(pool_class)
    event.listen(Engine, "do_connect", connect_parameters)
    event.listen(Engine, "connect", pragmas)
    exc_filters.filters("sqlite", exc.OperationalError, r".*database is locked")(locked)
