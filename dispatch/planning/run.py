"""placeholder being written"""


def execute(run_id: int, worker: str) -> None:
    raise RuntimeError


def abandoned() -> list[int]:
    return []
