"""The account of what was found, captured, revised and withdrawn; rebuildable from the WARCs. Alone imports sqlalchemy."""
