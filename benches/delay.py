"""A way to a daemon's TCP port on which every byte takes half of a round trip's time."""

import queue
import socket
import threading
import time


class Far:
    """A proxy before `port` of this machine, at a distance of `rtt` seconds; as a context its own port."""

    def __init__(self, port, rtt):
        self.port, self.delay = int(port), rtt / 2
        self.listener = socket.create_server(("127.0.0.1", 0))

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self.listener.getsockname()[1]

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            time.sleep(2 * self.delay)  # the handshake of TCP
            far = socket.create_connection(("127.0.0.1", self.port))
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=ends, daemon=True).start()

    def carry(self, source, sink):
        on_the_way = queue.Queue()
        threading.Thread(target=self.deliver, args=(on_the_way, sink), daemon=True).start()
        try:
            while data := source.recv(1 << 16):
                on_the_way.put((time.monotonic() + self.delay, data))
        except OSError:
            pass
        on_the_way.put((time.monotonic() + self.delay, None))

    def deliver(self, on_the_way, sink):
        while True:
            due, data = on_the_way.get()
            time.sleep(max(0, due - time.monotonic()))
            try:
                if data is None:
                    sink.shutdown(socket.SHUT_RDWR)
                    return
                sink.sendall(data)
            except OSError:
                return
