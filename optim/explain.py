"""stub."""


def explain(instance: object, *, seconds: float) -> list[str]:
    """Stub."""
    del instance, seconds
    return []
