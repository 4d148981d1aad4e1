"""What commands share: settings checked, errors as one line with their exit code, output that steers no terminal.

It lies outside commands/, since Scrapy makes a command of each class found there. What a command does is not known.
"""
