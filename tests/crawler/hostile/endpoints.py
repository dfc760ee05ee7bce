"""All that the hostile newspaper answers, endpoint by endpoint.

Takes   nothing. Gives: ENDPOINTS. Writes: nothing.
"""

from __future__ import annotations

from .bounds import bounded
from .broken import cut, no_article, statuses
from .endpoint import Endpoint
from .roads import redirects
from .whole import weapons, whole

ENDPOINTS: tuple[Endpoint, ...] = (
    *whole(),
    *cut(),
    *no_article(),
    *statuses(),
    *redirects(),
    *bounded(),
    *weapons(),
)
