"""What happens to a look on its way into the archive; STEPS is the one place that states the order.

The steps are plain classes over plain functions and know nothing of Scrapy, the crawler or the settings, so that a
replay runs the same ones.
"""

STEPS = {
    "pipelines.clean.Clean": 100,
    "pipelines.dates.Dates": 200,
    "pipelines.version.Judge": 300,
    "pipelines.export.Export": 400,
}
