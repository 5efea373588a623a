"""What is known not to hold yet.

A name is taken out with the change that mends it; none comes in.
"""

from __future__ import annotations

STATE_TESTS_A_LINE = 0.14
