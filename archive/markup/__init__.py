"""Addresses in what a page is made of: style sheets and srcset, found by the crawler, replaced by the replay."""
