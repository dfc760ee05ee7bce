"""Get the bytes of a newspaper series from its site, politely."""
