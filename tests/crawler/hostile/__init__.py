"""A newspaper that does everything wrong: endpoints, each with what must come of it.

Takes   nothing.
Gives   ENDPOINTS; Newspaper, their server on loopback.
Writes  nothing.
"""

from .endpoint import Endpoint
from .endpoints import ENDPOINTS
from .server import HostileNewspaper

__all__ = ["ENDPOINTS", "Endpoint", "HostileNewspaper"]
