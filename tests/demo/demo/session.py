"""A session with `va-driver rpc`: requests one by one, progress as it comes."""

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from .failure import Failure

Json = dict[str, Any]
OnProgress = Callable[[str, int, int], None]

# What runs when the demo is interrupted is undone first.
GOODBYE_SECONDS = 120


class Session:
    """One process of `va-driver rpc`, for use in a `with` statement."""

    def __init__(self, program: Path, environment: dict[str, str], on_progress: OnProgress) -> None:
        self._process = subprocess.Popen(
            [program, "rpc"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
            start_new_session=True,
        )
        self._on_progress = on_progress
        self._last_id = 0

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.communicate(timeout=GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        if kind is None and self._process.returncode != 0:
            raise Failure(f"va-driver rpc ended with {self._process.returncode}")

    def call(self, method: str, **params: Any) -> Json:
        """Answers the result of `method`; an error of the protocol's becomes a Failure."""
        self._last_id += 1
        request = {"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params}
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Failure(f"va-driver rpc was gone before {method}") from None
        message = self._answer(method)
        if "error" in message:
            error = message["error"]
            raise Failure(f"{method}: {error['message']} ({error['data']['kind']})")
        result: Json = message["result"]
        return result

    def _answer(self, method: str) -> Json:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message: Json = json.loads(line)
            if message.get("method") == "progress":
                params = message["params"]
                self._on_progress(params["phase"], params["done"], params["total"])
            elif message.get("id") == self._last_id:
                return message
            else:
                raise Failure(f"an answer to nothing that was asked: {line.strip()}")
        raise Failure(f"va-driver rpc ended without an answer to {method}")
