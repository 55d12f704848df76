"""A short chaos in every full run; `make chaos` is the long one."""

from __future__ import annotations

import pytest

from tests.load.chaos import make_chaos
from tests.load.chaos_sites import PostgresSite, SqliteSite


@pytest.mark.servers
@pytest.mark.usefixtures("dropped_connections_are_swept_up")
@pytest.mark.timeout(240)
@pytest.mark.parametrize("site", [SqliteSite, PostgresSite], ids=["sqlite", "postgres_and_redis"])
async def test_real_desks_that_are_killed_frozen_and_cut_off_keep_every_promise(
    site: type[SqliteSite] | type[PostgresSite],
) -> None:
    findings = await make_chaos(site, seconds=40, seed=2)

    findings.print()
    assert not {name: words for name, words in findings.broken.items() if words}
    assert findings.counts["acked"] > 0
    assert findings.counts["suppressed"] > 0
