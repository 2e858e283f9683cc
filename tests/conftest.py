"""What every test may ask for; the servers and the browser have files of their own."""

pytest_plugins = ["tests.servers", "tests.browsers"]
