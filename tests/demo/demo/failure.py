"""What ends the demo."""


class Failure(Exception):
    """Something is not as it should be; the text says what."""


def expect(condition: bool, what: str) -> None:
    """Fails unless `condition` holds; `what` says what is wrong if it does not."""
    if not condition:
        raise Failure(what)
