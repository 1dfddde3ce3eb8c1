"""The two ways in which a driver is asked: with tornado's coroutines, and without."""

import functools
import threading

try:
    import tornado.concurrent
    import tornado.gen
    import tornado.ioloop
except ImportError:
    tornado = None


def asynchronous(method):
    """Lets ``method`` run in a thread, and answers a future, where the driver is asynchronous."""

    @functools.wraps(method)
    def wrapper(self, *args, **kwargs):
        work = functools.partial(method, self, *args, **kwargs)
        return _in_thread(work) if self.asynchronous else work()

    return wrapper


def at_once(method):
    """The same for what needs no thread, because nothing is asked."""

    @functools.wraps(method)
    def wrapper(self, *args, **kwargs):
        if not self.asynchronous:
            return method(self, *args, **kwargs)
        future = tornado.concurrent.Future()
        try:
            future.set_result(method(self, *args, **kwargs))
        except Exception as error:  # pylint: disable=broad-except
            future.set_exception(error)
        return future

    return wrapper


def after(values, work):
    """A future of ``work``, done in a thread with what comes of ``values``, of which some may be awaited."""

    @tornado.gen.coroutine
    def steps():
        found = []
        for value in values:
            if _is_awaited(value):
                value = yield value
            found.append(value)
        answer = yield _in_thread(functools.partial(work, *found))
        raise tornado.gen.Return(answer)

    return steps()


def one_by_one(works):
    """What the last of ``works`` answers, each begun when the one before has answered: a future, or at once."""
    answer = works[0]()
    if not _is_awaited(answer):
        for work in works[1:]:
            answer = work()
        return answer

    @tornado.gen.coroutine
    def steps():
        last = yield answer
        for work in works[1:]:
            last = yield work()
        raise tornado.gen.Return(last)

    return steps() if works[1:] else answer


def entered(value, enter):
    """``value``; ``enter`` is called before each turn of it where it is a coroutine that is not tornado's."""
    return _Entered(value, enter) if _is_awaited(value) and hasattr(value, "send") else value


def when_read(value, told):
    """
    ``value`` after ``told`` was called with it, or a future of the same: one that calls it in the turn of
    the loop in which whoever awaits it goes on. Between a callback and that, others have their turns.
    """
    if not _is_awaited(value):
        told(value)
        return value
    read = _Read()
    read.told = told

    def done(future):
        error = future.exception()
        if error is not None:
            read.set_exception(error)
        else:
            read.set_result(future.result())

    tornado.ioloop.IOLoop.current().add_future(tornado.gen.convert_yielded(value), done)
    return read


def _is_awaited(value):
    return tornado is not None and (tornado.concurrent.is_future(value) or hasattr(value, "__await__"))


class _Entered(object):
    """A coroutine of Python's own, which begins later than it is called."""

    def __init__(self, coroutine, enter):
        self._coroutine = coroutine
        self._enter = enter

    def __await__(self):
        return self

    def __iter__(self):
        return self

    def __next__(self):
        return self.send(None)

    def send(self, value):
        """A turn."""
        self._enter()
        return self._coroutine.send(value)

    def throw(self, *error):
        """A turn with what went wrong."""
        self._enter()
        return self._coroutine.throw(*error)

    def close(self):
        """Its end before its time."""
        self._coroutine.close()


def _in_thread(work):
    loop = tornado.ioloop.IOLoop.current()
    future = tornado.concurrent.Future()

    def run():
        try:
            done = functools.partial(future.set_result, work())
        except Exception as error:  # pylint: disable=broad-except
            done = functools.partial(future.set_exception, error)
        try:
            # only the loop's own thread may touch its futures
            loop.add_callback(done)
        except RuntimeError:
            pass  # the loop is closed: nobody waits any more

    thread = threading.Thread(target=run)
    thread.daemon = True
    thread.start()
    return future


if tornado is not None:

    class _Read(tornado.concurrent.Future):
        """Tells when its result is read: tornado's and asyncio's coroutines go on just then."""

        told = None

        def result(self, *args, **kwargs):
            value = super(_Read, self).result(*args, **kwargs)
            self.told(value)
            return value
