"""The reading room: pages, search and feeds (`pages/`), replay (`replay/`), and the frame that carries them. Read-only.

Alone imports jinja2, and starlette and uvicorn beside the service's own `crawler/service/web.py`.
"""
