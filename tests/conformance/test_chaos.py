"""A short chaos in every full run; `make chaos` is the long one."""

from __future__ import annotations

import pytest

from tests.load.chaos import make_chaos


@pytest.mark.servers
@pytest.mark.usefixtures("dropped_connections_are_swept_up")
@pytest.mark.timeout(180)
async def test_a_real_desk_that_is_killed_frozen_and_locked_keeps_every_promise() -> None:
    findings = await make_chaos(seconds=45, seed=2)

    findings.print()
    assert not {name: words for name, words in findings.broken.items() if words}
    assert findings.counts["acked"] > 0
    assert findings.counts["suppressed"] > 0
