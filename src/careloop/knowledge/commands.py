"""``careloop articles``."""

from __future__ import annotations

import click

from careloop.common.commands import BadInput, start_django


@click.group()
def articles() -> None:
    """The articles of the knowledge room."""


@articles.command()
@click.option("--sector", default="retail_skincare", show_default=True, help="Whose articles: a folder that ships.")
@click.option("--publish", "is_published", is_flag=True, help="Publish them at once instead of keeping them as drafts.")
def load(sector: str, is_published: bool) -> None:
    """Load the starter articles of a sector, to be edited as one's own. Safe to run again."""
    start_django()
    from careloop.common.errors import CareloopError
    from careloop.knowledge.loading import load_starter_articles

    try:
        count = load_starter_articles(sector, is_published=is_published)
    except CareloopError as error:
        raise BadInput(str(error)) from None
    click.echo(f"{count} articles were added {'and published' if is_published else 'as drafts'}.")
