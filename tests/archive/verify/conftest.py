"""What is damaged here: a copy of a home after two crawls."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archive.home import Home


@pytest.fixture
def home(kept: Path, tmp_path: Path) -> Home:
    """A copy of that home, for this test to damage."""
    shutil.copytree(kept, tmp_path / "home")
    return Home(tmp_path / "home")
