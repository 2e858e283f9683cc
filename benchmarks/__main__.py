"""`make bench`: our engine and its peers side by side."""

import sys

from benchmarks.compare import main

sys.exit(main())
