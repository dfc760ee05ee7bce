"""What a page or a style sheet needs to be shown; `page.py` is the front door, re-exported here."""

from .css import css_addresses
from .page import css_requisites, html_requisites, kind_of
from .srcset import srcset_addresses

__all__ = ["css_addresses", "css_requisites", "html_requisites", "kind_of", "srcset_addresses"]
