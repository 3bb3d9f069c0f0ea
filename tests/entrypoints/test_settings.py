from pathlib import Path

import pytest

from auteur.entrypoints.settings import Settings, WrongSettingError, load_settings, unknown_variables


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.chdir(str(tmp_path))


def test_the_storys_names_and_defaults_hold() -> None:
    settings = load_settings()
    assert (settings.app_name, settings.port) == ("Auteur Movie Director API", 8000)
    assert settings.frontend_url == "http://localhost:3000"
    assert (settings.ws_heartbeat_interval, settings.ws_message_queue_size) == (30, 100)
    assert (settings.task_timeout, settings.max_concurrent_tasks) == (300, 3)
    assert (settings.log_level, settings.log_format, settings.default_quality) == ("INFO", "json", "standard")
    assert settings.host == "127.0.0.1"


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKEND_WORKSPACE_ROOT", "/films")
    monkeypatch.setenv("BACKEND_QUALITY_PRESETS", '{"sketch": {"steps": 1, "resolution": "64x128", "lane": "x"}}')
    monkeypatch.setenv("BACKEND_DEFAULT_QUALITY", "sketch")
    monkeypatch.setenv("BACKEND_LOG_LEVEL", "debug")
    settings = load_settings()
    assert str(settings.workspace) == "/films"
    preset = settings.presets()["sketch"]
    assert (preset.steps, preset.width_px, preset.height_px, preset.lane) == (1, 64, 128, "x")
    assert settings.log_level == "DEBUG"


def test_in_a_container_the_workspace_is_the_volume() -> None:
    assert str(load_settings(is_docker=True).workspace) == "/workspace"


def test_time_limits_are_by_type_and_quality() -> None:
    settings = load_settings(task_timeouts={"*": {"ultra": 900.0}, "image_to_video": {"ultra": 1200.0}})
    assert settings.presets()["ultra"].timeout_s == 900
    assert settings.preset_overrides(["image_to_video"])["image_to_video"]["ultra"].timeout_s == 1200
    assert settings.preset_overrides(["image_to_video"])["image_to_video"]["draft"].timeout_s == 300


SECRET = "hunter2"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", SECRET),
        ("PORT", "70000"),
        ("MAX_CONCURRENT_TASKS", "0"),
        ("MAX_CONCURRENT_TASKS", "three"),
        ("TASK_TIMEOUT", "-1"),
        ("TASK_TIMEOUT", "nan"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("BACKEND", "mongodb"),
        ("QUALITY_PRESETS", "{"),
        ("QUALITY_PRESETS", "{}"),
        ("QUALITY_PRESETS", '{"draft": {"steps": 10}}'),
        ("QUALITY_PRESETS", '{"draft": {"steps": 0, "resolution": "512x512"}}'),
        ("QUALITY_PRESETS", '{"draft": {"steps": 1, "resolution": "9999x9999"}}'),
        ("QUALITY_OVERRIDES", '{"x": {"draft": {}}}'),
        ("TASK_TIMEOUTS", "[1]"),
        ("LANE_WEIGHTS", '{"a": "many"}'),
        ("DEFAULT_QUALITY", SECRET),
        ("REDIS_URL", f"http://:{SECRET}@somewhere"),
        ("REDIS_URL", f"redis://:{SECRET}@somewhere:port"),
        ("REDIS_URL", SECRET),
        ("REDIS_STATE_PREFIX", "{films}:"),
        ("REDIS_PROGRESS_CHANNEL", ""),
        ("WORKER_LEASE", "0"),
        ("HISTORY_DAYS", "0"),
        ("WS_MESSAGE_QUEUE_SIZE", "1"),
        ("HISTORY_EVENTS", "10"),
        ("SHUTDOWN_DRAIN", "-3"),
    ],
)
def test_a_wrong_setting_is_one_line_with_its_name_and_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"BACKEND_{name}", value)
    with pytest.raises(WrongSettingError) as wrong:
        load_settings()
    said = str(wrong.value)
    assert f"BACKEND_{name}" in said
    assert "\n" not in said
    assert SECRET not in said
    assert value not in said or len(value) < 3


def test_redis_is_used_as_soon_as_it_is_named() -> None:
    assert load_settings().log_backend == "sqlite"
    assert load_settings(redis_url="").log_backend == "sqlite"
    settings = load_settings(redis_url=f"redis://user:{SECRET}@redis:6379/0")
    assert settings.log_backend == "redis"
    assert (settings.redis_progress_channel, settings.redis_state_prefix) == ("auteur:progress", "auteur:project:")
    assert SECRET not in repr(settings)


def test_a_misspelt_variable_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKEND_MAX_CONCURENT_TASKS", "3")
    monkeypatch.setenv("BACKEND_PORT", "3")
    assert unknown_variables() == [
        "BACKEND_MAX_CONCURENT_TASKS is no setting and is ignored; did you mean BACKEND_MAX_CONCURRENT_TASKS?"
    ]


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_a_misspelt_name_is_told_with_the_nearest_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        f"BACKEND_REDIS_URI={SECRET}\nBACKND_PORT={SECRET}\nexport BACKEND_hosts={SECRET}\nPORT=3\nBACKEND_XYZZY=1\n"
        "backend_port=8001\n"
    )
    monkeypatch.setenv("BACKEDN_HOST", SECRET)
    said = unknown_variables()
    assert said == [
        "BACKEDN_HOST is no setting and is ignored; did you mean BACKEND_HOST?",
        "BACKEND_REDIS_URI in .env is no setting and is ignored; did you mean BACKEND_REDIS_URL?",
        "BACKEND_XYZZY in .env is no setting and is ignored.",
        "BACKEND_hosts in .env is no setting and is ignored; did you mean BACKEND_HOST?",
        "BACKND_PORT in .env is no setting and is ignored; did you mean BACKEND_PORT?",
    ]
    assert load_settings().port == 8001


def test_a_mark_at_the_beginning_of_the_file_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BACKEND_APP_NAME=Büro\n", encoding="utf-8-sig")
    assert load_settings().app_name == "Büro"
    assert unknown_variables() == []


@pytest.mark.parametrize(
    "content",
    [
        f"BACKEND_APP_NAME={SECRET}\n".encode("utf-16"),
        f"BACKEND_APP_NAME={SECRET}\n".encode("utf-16-le"),
        f"BACKEND_APP_NAME=Büro {SECRET}\n".encode("latin-1"),
        f"BACKEND_APP_NAME={SECRET}\n".encode("utf-32"),
        None,
    ],
    ids=["utf-16", "utf-16 without a mark", "latin-1", "utf-32", "a directory"],
)
def test_a_file_that_cannot_be_read_is_one_line_that_names_it(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / ".env"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(WrongSettingError) as wrong:
        load_settings()
    said = str(wrong.value)
    assert str(path) in said
    assert "\n" not in said
    assert SECRET not in said


@pytest.mark.parametrize("path", ["/" + "a" * 300, "/aaaaaaaaa" * 400], ids=["a long name", "a long path"])
def test_a_workspace_without_room_for_names_is_refused(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("BACKEND_WORKSPACE_ROOT", path)
    with pytest.raises(WrongSettingError, match=r"^BACKEND_WORKSPACE_ROOT: the path is too long$"):
        load_settings()
