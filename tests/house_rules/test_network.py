"""Few doors to the network, so that every outside call has limits, retries and a place to be looked at."""

from tests.house_rules.source import lies_in, modules

NETWORK = (
    "httpx", "requests", "urllib.request", "urllib3", "http.client", "socket", "smtplib", "ftplib",
    "aiohttp", "websockets", "geopy.geocoders",
)  # fmt: skip
DOORS = (
    "dispatch/itsm/http.py",
    "dispatch/places.py",
    "dispatch/streets.py",
    "dispatch/mail.py",
    "dispatch/push/door.py",
    "dispatch/run.py",  # asks its own web server on this machine whether it is ready
)


def test_the_network_is_reached_through_its_doors_only():
    wrong = [
        f"{module}:{line} imports {name}"
        for module in modules()
        if not lies_in(module.path, DOORS)
        for line, name in module.imports()
        if any(f"{name}.".startswith(f"{client}.") for client in NETWORK)
    ]
    assert not wrong, f"go through one of {', '.join(DOORS)}\n" + "\n".join(wrong)
