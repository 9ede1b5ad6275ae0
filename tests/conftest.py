"""The cast of the rooms plays here too."""

from careloop.conftest import *  # noqa: F403
from careloop.conftest import _files_in_a_folder_of_the_test, _nothing_remembered_between_tests

__all__ = ["_files_in_a_folder_of_the_test", "_nothing_remembered_between_tests"]
