"""The service: runs every kept profile on its schedule, each crawl in a process of its own, and tells how it is.

ledger, profiles/ ──> plan ──> due ──> timetable (APScheduler) ──> runs ──> children (lianzai crawl)
                                                                    │
                                          state ──> web: /healthz /readyz /metrics, locks/_service.json
"""
