"""What is damaged here: a home after two crawls, made once, and a copy of it for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from damaged_home import crawled_twice

from archive.home import Home


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after two crawls; no test writes into it. A module whose tests need more in a home has its own."""
    return crawled_twice(tmp_path_factory.mktemp("kept") / "home").root


@pytest.fixture
def home(kept: Path, tmp_path: Path) -> Home:
    """A copy of that home, for this test to damage."""
    shutil.copytree(kept, tmp_path / "home")
    return Home(tmp_path / "home")
