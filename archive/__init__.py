"""Keep bytes and prove them. Knows nothing of Scrapy, so it outlives the crawler."""
