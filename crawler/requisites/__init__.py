"""What a page or a style sheet needs to be shown; `page.py` is the front door, re-exported here."""

from archive.markup.css import css_addresses
from archive.markup.srcset import srcset_addresses

from .page import css_requisites, html_requisites, kind_of

__all__ = ["css_addresses", "css_requisites", "html_requisites", "kind_of", "srcset_addresses"]
