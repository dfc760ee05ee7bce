"""The demonstration newspaper: an invented site on loopback that speaks the client's API and serves its pages.

`lianzai demo` archives it, and the tests crawl it. Nothing here is imported by a crawl of a real site.
"""
