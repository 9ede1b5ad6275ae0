"""What happens to an article."""

ARTICLE_WRITTEN = "article.written"  # a new text of it was kept, in one language or both
ARTICLE_PUBLISHED = "article.published"  # its newest texts are what readers get
ARTICLE_RETIRED = "article.retired"  # nobody is offered it any more
