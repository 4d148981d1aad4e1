"""When crawls run: the daemon of SCHEDULE, its slots, and who may run which.

A crawl is a process of its own here, so no Scrapy and no spider. APScheduler is known in this room alone.
"""
