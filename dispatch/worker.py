"""What the background worker loads: huey_consumer dispatch.worker.queue."""

import os
import signal
from functools import partial

from dispatch.app import create_app
from dispatch.run import end_with_parent

# The consumer works in processes that it forks. When it is killed they would go on for ever, unseen; to be
# asked politely they only note that their parent should stop.
os.register_at_fork(after_in_child=partial(end_with_parent, signal.SIGKILL))

app = create_app()
queue = app.extensions["queue"]
