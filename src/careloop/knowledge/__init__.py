"""What the company knows and says: articles in both languages, written, published, found."""
