"""Settings: who wins, and that whatever is wrong is named with its file."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tokentui.errors import SettingsError
from tokentui.settings import IN_FILE, Settings, load


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration that is not there yet."""
    return tmp_path / "config.toml"


def loaded(config: Path, text: str | bytes) -> Settings:
    """The settings of a configuration of this text, and of nothing else."""
    config.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load({"HOME": str(config.parent)}, config=str(config))


def refused(config: Path, text: str | bytes) -> SettingsError:
    """What a configuration of this text is refused with: it names the file."""
    with pytest.raises(SettingsError) as raised:
        loaded(config, text)
    assert str(config) in raised.value.message
    assert raised.value.exit_status == 2
    return raised.value


def test_values_nested_too_deeply_are_refused(config: Path) -> None:
    """In a line that names the file, however TOML gives up."""
    assert "nested" in str(refused(config, "x = " + "[" * 500 + "]" * 500))
    refused(config, "x = " + "{a=" * 5000 + "1" + "}" * 5000)


# Where they come from


def test_defaults_lie_in_the_user_s_own_directories(tmp_path: Path) -> None:
    settings = load({"HOME": str(tmp_path)})
    assert settings.home == tmp_path / ".local/share/tokentui"
    assert settings.config_file == tmp_path / ".config/tokentui/config.toml"
    assert settings.database_url == str(tmp_path / ".local/share/tokentui/tokens.db")
    assert (settings.expiring_within, settings.default_lifetime) == (timedelta(days=7), timedelta(days=30))
    assert settings.max_lifetime is None
    assert not settings.read_only
    assert not list(tmp_path.iterdir())  # to read settings makes nothing


def test_home_and_configuration_by_the_environment(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "/etc/xdg"}
    assert load(environ).home == Path("/data/tokentui")
    assert load(environ).config_file == Path("/etc/xdg/tokentui/config.toml")
    environ["TOKENTUI_HOME"] = "/srv/tokens"
    assert load(environ).home == Path("/srv/tokens")
    assert load(environ).database_url == "/srv/tokens/tokens.db"


def test_the_database_is_the_flag_s_then_the_variable_s_then_the_file_s(config: Path) -> None:
    config.write_text('database = "file.db"\n', encoding="utf-8")
    environ = {"HOME": str(config.parent), "TOKENTUI_CONFIG": str(config)}
    assert load(environ).database_url == "file.db"
    assert load(environ | {"TOKENTUI_DB": ""}).database_url == "file.db"
    assert load(environ | {"TOKENTUI_DB": "variable.db"}).database_url == "variable.db"
    assert load(environ | {"TOKENTUI_DB": "variable.db"}, database="flag.db").database_url == "flag.db"


def test_the_configuration_is_the_flag_s_then_the_variable_s_then_the_default(tmp_path: Path) -> None:
    for name in ("flag", "variable", ".config/tokentui/config"):
        file = tmp_path / f"{name}.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f'theme = "{name}"\n', encoding="utf-8")
    environ = {"HOME": str(tmp_path)}
    assert load(environ).theme == ".config/tokentui/config"
    environ["TOKENTUI_CONFIG"] = str(tmp_path / "variable.toml")
    assert load(environ).theme == "variable"
    assert load(environ, config=str(tmp_path / "flag.toml")).theme == "flag"


@pytest.mark.parametrize(
    ("variable", "flag", "file", "expected"),
    [
        ("", False, "false", False), ("0", False, "false", False), ("1", False, "false", True),
        ("", True, "false", True), ("", False, "true", True), ("0", False, "true", True),
    ],
)  # fmt: skip
def test_any_source_makes_it_read_only(config: Path, variable: str, flag: bool, file: str, expected: bool) -> None:
    """None of them takes it back: what somebody locked stays locked."""
    config.write_text(f"read_only = {file}\n", encoding="utf-8")
    environ = {"HOME": str(config.parent), "TOKENTUI_READ_ONLY": variable}
    assert load(environ, config=str(config), read_only=flag).read_only is expected


def test_a_tilde_is_somebody_s_home_or_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load({"TOKENTUI_HOME": "~/tokens"}).home == tmp_path / "tokens"
    assert load({"TOKENTUI_HOME": "~nosuchuser/tokens"}).home == Path("~nosuchuser/tokens")
    with pytest.raises(SettingsError, match="no configuration at ~nosuchuser"):
        load({}, config="~nosuchuser/config.toml")


def test_a_configuration_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no configuration at"):
        load({"HOME": str(tmp_path)}, config=str(tmp_path / "none.toml"))
    with pytest.raises(SettingsError, match="there is no configuration at"):
        load({"HOME": str(tmp_path), "TOKENTUI_CONFIG": str(tmp_path / "none.toml")})


def test_they_are_frozen(tmp_path: Path) -> None:
    with pytest.raises(FrozenInstanceError):
        load({"HOME": str(tmp_path)}).read_only = True  # type: ignore[misc]


# What stands in the file

GOOD = """
database = "x.db"
read_only = true
busy_timeout = "2s"
expiring_within = "14d"
default_lifetime = "12w"
max_lifetime = "365d"
require_expiry = true
require_owner = true
allowed_extensions = ["custom", "zapier"]
forbid_all_modules = true
max_unused = "90d"
reveal = false
audit_log = "/var/log/tokentui.log"
base_path = "/public/v1"
unmatched = "allow"
proxy = "nginx"
trusted_proxies = ["10.0.0.1", "2001:DB8::/32"]
api_url = "https://api.example.com"
usage_slots = "30d"
usage_days = "800d"
log_memory = "0"
leaks_keys = "/etc/tokentui/github.json"
leaks_action = "record"
notify_mail = true
notify_to = ["ops@example.com"]
notify_from = "tokens@example.com"
notify_sendmail = "/usr/bin/msmtp"
notify_webhook = "https://example.com/hook"
notify_webhook_secret = "/etc/tokentui/hook.secret"
notify_before = ["14d", "1d"]
notify_events = ["rotated"]
clipboard = "tmux"
clipboard_clear = "45s"
theme = "nord"
[keys]
"token.new" = "ctrl+n"
"""


def test_every_setting_can_stand_in_the_file(config: Path) -> None:
    """None is left at its default, so that a new one has to be put in here."""
    settings, plain = loaded(config, GOOD), load({"HOME": str(config.parent)})
    same = [item.name for item in IN_FILE if getattr(settings, item.name) == getattr(plain, item.name)]
    assert not same
    assert settings.trusted_proxies == ("10.0.0.1/32", "2001:db8::/32")
    assert settings.keys == {"token.new": "ctrl+n"}
    assert settings.default_lifetime == timedelta(weeks=12)
    assert settings.allowed_extensions == ("custom", "zapier")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("max_lifetme", "max_lifetime"), ("readonly", "read_only"), ("data_base", "database"), ("Theme", "theme"),
        ("key", "keys"), ("trusted-proxies", "trusted_proxies"), ("usage_day", "usage_days"),
    ],
)  # fmt: skip
def test_an_unknown_key_names_the_nearest(config: Path, typed: str, meant: str) -> None:
    error = refused(config, f'{typed} = "x"\n')
    assert repr(typed) in error.message
    assert error.hint == f"did you mean {meant!r}?"


@pytest.mark.parametrize("typed", ["home", "config_file", "zzzz", '""', "master_key"])
def test_an_unknown_key_with_none_near_lists_them(config: Path, typed: str) -> None:
    """Also what only the environment may say."""
    error = refused(config, f'{typed} = "x"\n')
    assert error.hint.startswith("known are allowed_extensions, api_url,") or "did you mean" in error.hint


WRONG = {
    "str": ["1", "true", "[]", "{}", "1.5", "2026-12-31"],
    "bool": ['"yes"', "1", "0", '"true"', "[]", "{}"],
    "timedelta": [
        "30",
        "true",
        "[]",
        '"soon"',
        '""',
        '"-1d"',
        '"never"',
        '"7 days"',
        '"9999999d"',
        '"999999999w"',
        "12:00:00",
    ],
    "tuple": ['["x y"]', '["X"]', "[1.5]", "[[]]", '["10.0.0.0/33"]', '"nonsense"', "true", "{}", '[""]'],
    "Mapping": ['"ctrl+n"', "[]", "1", "{x = 1}", "{x = ['ctrl+n']}", "{x = {y = 'z'}}"],
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (item.name, value)
        for item in IN_FILE
        for kind, values in WRONG.items()
        for value in values
        if str(item.type).startswith(kind)
    ],
)
def test_each_wrong_value_names_its_key_and_what_is_expected(config: Path, name: str, value: str) -> None:
    error = refused(config, f"{name} = {value}\n")
    assert error.message.startswith(f"{name!r} in ")
    assert error.hint
    assert "\n" not in str(error)


def test_every_setting_is_of_a_kind_that_is_tested() -> None:
    assert all(str(item.type).startswith(tuple(WRONG)) for item in IN_FILE)


@pytest.mark.parametrize("item", [item for item in IN_FILE if "of" in item.metadata], ids=lambda item: item.name)
def test_a_choice_lists_what_can_be_chosen(config: Path, item: object) -> None:
    name, choices = item.name, item.metadata["of"]  # type: ignore[attr-defined]
    for value in ("nosuch", "", choices[0].upper()):
        assert refused(config, f'{name} = "{value}"\n').hint == f"one of {', '.join(choices)}"
    for value in choices:
        assert getattr(loaded(config, f'{name} = "{value}"\n'), name) == value


@pytest.mark.parametrize("name", ["default_lifetime", "max_lifetime", "max_unused"])
def test_a_token_needs_time(config: Path, name: str) -> None:
    for value in ("0", "0d"):
        assert "needs time to" in refused(config, f'{name} = "{value}"\n').hint


@pytest.mark.parametrize(
    "item", [item for item in IN_FILE if str(item.type).startswith("timedelta")], ids=lambda i: i.name
)
def test_no_duration_leaves_the_calendar(config: Path, item: object) -> None:
    """Added to, or taken from, the present moment: an OverflowError in a screen would end the app."""
    name = item.name  # type: ignore[attr-defined]
    time = getattr(loaded(config, f'{name} = "365000d"\n'), name)
    assert datetime.now(UTC) + time < datetime.max.replace(tzinfo=UTC)
    assert refused(config, f'{name} = "365001d"\n').hint == "at most 365000d"


@pytest.mark.parametrize(
    "content",
    [
        b"= 3", b"theme", b"theme = 'a'\ntheme = 'b'", b"\xff\xfe", b"theme = '\x00'", b"[keys\n", b"theme = 'a\nb'",
        "theme = 'x'".encode("utf-16"), b"\x1b[31m", b"[[keys]]\nx = 'y'", b"a" * 10_000,
    ],
)  # fmt: skip
def test_what_is_no_toml_is_refused_in_one_line(config: Path, content: bytes) -> None:
    assert "\n" not in str(refused(config, content))


def test_what_can_t_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"can.t be read: .*directory"):
        load({"HOME": str(tmp_path)}, config=str(tmp_path))
    (tmp_path / "file").write_bytes(b"")
    for name in ("file/config.toml", "x" * 300):
        with pytest.raises(SettingsError, match="can't be read"):
            load({"HOME": str(tmp_path)}, config=str(tmp_path / name))


def test_a_byte_order_mark_is_passed_over(config: Path) -> None:
    """As some editors write one before all else."""
    assert loaded(config, b"\xef\xbb\xbfread_only = true\n") == loaded(config, "read_only = true\n")
    assert "it is not UTF-8 text" in str(refused(config, b"theme = '\xff'"))


def test_an_empty_file_sets_nothing(config: Path) -> None:
    assert loaded(config, "# nothing\n") == loaded(config, b"")


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.just("30d"), st.just("10.0.0.0/8"))
VALUES = VALUES.map(
    lambda value: "[]" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
)


@given(st.dictionaries(st.sampled_from([item.name for item in IN_FILE]), VALUES, max_size=4))
@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=60
)
def test_whatever_stands_there_is_settings_or_a_refusal(config: Path, table: dict[str, str]) -> None:
    text = "".join(f"{name} = {value}\n" for name, value in table.items())
    config.write_text(text, encoding="utf-8")
    try:
        settings = load({"HOME": str(config.parent)}, config=str(config))
    except SettingsError as error:
        assert str(config) in str(error)  # noqa: PT017
    else:
        assert set(table) <= {item.name for item in IN_FILE}
        assert isinstance(settings.database_url, str)
