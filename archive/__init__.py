"""The core: facts written once, a log that chains them, and folds that read them.

Knows neither Scrapy nor the web, and nothing of crawler/, pipelines/, settings/ or browse/. Its top floor holds what
stands for an archive as a whole; an outlet's names and words stay out.
"""
