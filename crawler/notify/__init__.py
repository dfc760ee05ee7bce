"""Who is told of what: matters -> what an address was not told of yet -> one message -> the address.

matters.py    what there may be to tell, and choosing.py what of it an address is told now; pure
words.py      the words of both languages, and message.py: matters become one message; pure
gathering.py  what the ledger knows becomes matters; addresses.py: whom a series tells
sending.py    the only keeper of apprise
telling.py    all of it: after a crawl, after a verification, by the clock
"""
