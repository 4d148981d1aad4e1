"""The core: facts written once, a log that chains them, and folds that read them. Knows neither Scrapy nor the web."""
