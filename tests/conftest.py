"""The cast of the rooms and the desks that are really served play here too."""

from careloop.cli.tests.conftest import *  # noqa: F403
from careloop.conftest import *  # noqa: F403
from careloop.conftest import _files_in_a_folder_of_the_test, _nothing_remembered_between_tests
from tests.journeys.browser import browser

__all__ = ["_files_in_a_folder_of_the_test", "_nothing_remembered_between_tests", "browser"]
