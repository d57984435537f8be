"""uv is told what this machine's pip is set to."""

import os
from pathlib import Path

import pytest

from bin.lib import packages


@pytest.fixture
def pip_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_", "SSL_"))]:
        monkeypatch.delenv(name)
    configuration = tmp_path / "pip.conf"
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    return configuration


def test_index_certificate_and_folders_are_handed_on(pip_configuration: Path, tmp_path: Path) -> None:
    pip_configuration.write_text(
        "[global]\nindex-url = https://packages.example/simple\ncert = /etc/ours.pem\n"
        f"find-links = {tmp_path} /no/such/folder\n"
        "extra-index-url = https://more.example/simple file:///no/such/folder\n"
    )
    environment = packages.uv_environment()
    assert environment["UV_DEFAULT_INDEX"] == "https://packages.example/simple"
    assert environment["UV_INDEX"] == "https://more.example/simple"
    assert environment["UV_FIND_LINKS"] == str(tmp_path)
    assert environment["SSL_CERT_FILE"] == "/etc/ours.pem"


def test_environment_variables_win_over_files(pip_configuration: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip_configuration.write_text("[global]\nindex-url = https://packages.example/simple\n")
    monkeypatch.setenv("PIP_INDEX_URL", "https://closer.example/simple")
    assert packages.uv_environment()["UV_DEFAULT_INDEX"] == "https://closer.example/simple"


def test_nothing_is_made_up_where_pip_is_not_configured(
    pip_configuration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    assert not {"UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE"} & packages.uv_environment().keys()
