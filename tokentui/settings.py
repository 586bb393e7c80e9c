"""Settings: flags over environment over the configuration file. Built once, frozen, passed in."""

from __future__ import annotations

import difflib
import errno
import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tokentui import validation
from tokentui.errors import SettingsError

_SLUG = r"[a-z0-9][a-z0-9-]{0,63}"


NOTIFIED_EVENTS = ("rotated", "disabled", "deleted")
"""What `notify_events` may list."""


def _address(name: str, value: object) -> str:
    """One mail address; raises ValidationError."""
    return validation.mail_address(str(value), field=name)


def _positive_duration(name: str, value: object) -> timedelta:
    time = _duration(name, value)
    if not time:
        raise validation.ValidationError(name, "write a time such as 7d")
    return time


def _event(name: str, value: object) -> str:
    if value not in NOTIFIED_EVENTS:
        raise validation.ValidationError(name, f"a list of {', '.join(NOTIFIED_EVENTS)}")
    return str(value)


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set. `home` and `config_file` come from the environment; the rest may stand in the file too.

    `docs` in a field's metadata is the line that README's table shows.
    """

    home: Path
    config_file: Path
    database: str = field(default="", repr=False, metadata={"docs": "a SQLAlchemy URL or the path of an SQLite file"})
    read_only: bool = field(default=False, metadata={"docs": "write nothing, and hide what would"})
    busy_timeout: timedelta = field(
        default=timedelta(seconds=5), metadata={"docs": "how long a write waits for another process's lock"}
    )
    expiring_within: timedelta = field(
        default=timedelta(days=7), metadata={"docs": "how long before its expiry a token counts as expiring"}
    )
    default_lifetime: timedelta = field(
        default=timedelta(days=30), metadata={"docs": "the expiry of a new token where none is chosen"}
    )
    max_lifetime: timedelta | None = field(
        default=None, metadata={"docs": "the longest a token may live; also refuses `never`"}
    )
    require_expiry: bool = field(default=False, metadata={"docs": "refuse tokens that never expire"})
    require_owner: bool = field(default=False, metadata={"docs": "refuse tokens that nobody answers for"})
    allowed_extensions: tuple[str, ...] = field(
        default=(),
        metadata={
            "docs": "a list of slugs: what new tokens may be for; all extensions where it is empty",
            "like": _SLUG,
        },
    )
    forbid_all_modules: bool = field(
        default=False, metadata={"docs": "refuse tokens with all modules: each is to name those that it needs"}
    )
    max_unused: timedelta | None = field(
        default=None, metadata={"docs": "`tokentui tidy` disables what was not used for so long"}
    )
    reveal: bool = field(
        default=True,
        metadata={"docs": "`false`: a key is shown when it is made, never again, and no sealed copy of it is kept"},
    )
    audit_log: str = field(
        default="",
        metadata={
            "docs": "where each entry of the audit goes too, as a line of JSON: `journal`, `syslog` or a file",
            "like": r"|journal|syslog|[/~][^\x00]*",
            "example": "journal, syslog or /var/log/tokentui.log",
        },
    )
    base_path: str = field(
        default="",
        metadata={
            "docs": "taken off a request's path before it is matched, such as `/public/v1`",
            # As a path is once it is decoded: whole segments, none of which a server would resolve.
            "example": "/public/v1",
            "like": r"(?:/(?!\.{1,2}(?:/|$))[^/?#%\\;\x00-\x20\x7f]+)*/?",
        },
    )
    unmatched: str = field(
        default="refuse",
        metadata={"docs": "`refuse` or `allow` a path that no module covers", "of": ("refuse", "allow")},
    )
    proxy: str = field(
        default="auto",
        metadata={
            "docs": "the original-request headers to read: `nginx`, `forwarded`, or `auto`, the pair there",
            "of": ("auto", "nginx", "forwarded"),
        },
    )
    trusted_proxies: tuple[str, ...] = field(
        default=("127.0.0.0/8", "::1/128"),
        metadata={"docs": "a list of networks: whose `X-Forwarded-For` and access log `tokentui serve` believes"},
    )
    api_url: str = field(
        default="",
        metadata={"docs": "where clients reach the API: `doctor` sends a request there, and *Try it* shows it"},
    )
    usage_slots: timedelta = field(
        default=timedelta(days=100),
        metadata={"docs": "how long responses are kept by quarter of an hour; then by day of UTC"},
    )
    usage_days: timedelta | None = field(
        default=None, metadata={"docs": "how long they are kept by day; for ever where it is not set"}
    )
    log_memory: timedelta = field(
        default=timedelta(days=7),
        metadata={"docs": "how long after its last line an hour of the access log is known line by line"},
    )
    leaks_keys: str = field(
        default="",
        metadata={"docs": "the file of the public keys that sign alerts to the gate's `POST /leaks`; off without"},
    )
    leaks_action: str = field(
        default="disable",
        metadata={
            "docs": "`disable` or `record` a token whose key an alert tells of",
            "of": ("disable", "record"),
        },
    )
    notify_mail: bool = field(
        default=False, metadata={"docs": "`tokentui notify` mails a token's owner where that is an address"}
    )
    notify_to: tuple[str, ...] = field(
        default=(),
        metadata={"docs": "a list of addresses: who is mailed about tokens whose owner is none", "each": _address},
    )
    notify_from: str = field(default="", metadata={"docs": "the sender of its mail; sendmail's own where it is empty"})
    notify_sendmail: str = field(
        default="/usr/sbin/sendmail", metadata={"docs": "the program that takes its mail on standard input"}
    )
    notify_webhook: str = field(
        default="",
        repr=False,
        metadata={
            "docs": "a URL that is sent each notice as JSON, signed",
            "like": r"https?://[^\s]+|",
            "example": "https://example.com/hook",
        },
    )
    notify_webhook_secret: str = field(
        default="", metadata={"docs": "the file of the secret that signs what the webhook is sent"}
    )
    notify_before: tuple[timedelta, ...] = field(
        default=(timedelta(days=30), timedelta(days=7), timedelta(days=1)),
        metadata={"docs": "a list: how long before its expiry a token is told of", "each": _positive_duration},
    )
    notify_events: tuple[str, ...] = field(
        default=(),
        metadata={"docs": "a list of what else is told: `rotated`, `disabled`, `deleted`", "each": _event},
    )
    clipboard: str = field(
        default="auto",
        metadata={
            "docs": "how keys are copied: `auto`, `osc52`, `tmux`, `screen`, `system` or `none`",
            "of": ("auto", "osc52", "tmux", "screen", "system", "none"),
        },
    )
    clipboard_clear: timedelta | None = field(
        default=None,
        metadata={
            "docs": "when a copied key is taken out of tmux or the desktop's clipboard again, while the app runs"
        },
    )
    theme: str = field(default="", metadata={"docs": "a Textual theme; the one chosen in the app is kept otherwise"})
    keys: Mapping[str, str] = field(
        default_factory=dict, metadata={"docs": "a table: the ID of a command (see `?`) = the keys that run it"}
    )

    @property
    def database_url(self) -> str:
        """The database as it was named, or the default file in the home."""
        return self.database or str(self.home / "tokens.db")


IN_FILE = tuple(item for item in fields(Settings) if item.name not in ("home", "config_file"))
"""The settings that the configuration file may hold."""

MAX_TEXT_FILE = 1024 * 1024
"""Bytes of the largest configuration or catalogue that is read."""

_LONGEST = timedelta(days=365_000)
"""Longer ones, added to the present moment, would leave the calendar."""


def load(
    environ: Mapping[str, str] | None = None,
    *,
    database: str | None = None,
    config: str | None = None,
    read_only: bool = False,
) -> Settings:
    """The settings in force; the arguments are the flags. Raises SettingsError, naming the key or the file."""
    env = os.environ if environ is None else environ
    user = Path(env.get("HOME") or Path.home())
    data = Path(env.get("XDG_DATA_HOME") or user / ".local/share")
    conf = Path(env.get("XDG_CONFIG_HOME") or user / ".config")
    named = config or env.get("TOKENTUI_CONFIG")
    # os.path's leaves `~nosuchuser` as it is, where Path.expanduser raises.
    file = Path(os.path.expanduser(named)) if named else conf / "tokentui/config.toml"
    settings = Settings(
        home=Path(os.path.expanduser(env.get("TOKENTUI_HOME") or data / "tokentui")),
        config_file=file,
        **_from_file(file, must_exist=bool(named)),
    )
    chosen = database or env.get("TOKENTUI_DB")
    if chosen:
        settings = replace(settings, database=chosen)
    if read_only or env.get("TOKENTUI_READ_ONLY", "") not in ("", "0"):
        settings = replace(settings, read_only=True)
    return settings


def read_limited(file: Path, limit: int = MAX_TEXT_FILE) -> bytes:
    """The bytes of a regular file of at most `limit` bytes; raises OSError for another one, a device or a FIFO too."""
    # Not to wait for whoever would write into a FIFO.
    with open(file, "rb", opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK)) as source:
        if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        content = source.read(limit + 1)
    if len(content) > limit:
        raise OSError(errno.EFBIG, f"it is larger than {limit // 1024} KiB")
    return content


def changed(settings: Settings, given: Mapping[str, object]) -> Settings:
    """The settings with some values replaced, checked as those of the file; raises SettingsError."""
    return replace(settings, **{name: _checked(name, value, "") for name, value in given.items()})  # type: ignore[arg-type]


def _from_file(file: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        text = read_limited(file).decode("utf-8-sig")  # some editors put a byte order mark before all else
    except FileNotFoundError:
        if must_exist:
            raise SettingsError(f"there is no configuration at {file}") from None
        return {}
    except OSError as error:
        raise SettingsError(f"the configuration {file} can't be read", error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise SettingsError(f"the configuration {file} can't be read", "it is not UTF-8 text") from None
    except ValueError as error:  # a path that can't be one
        raise SettingsError(f"the configuration {file} can't be read", str(error)) from None
    import tomllib

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the configuration {file} is not TOML", str(error)) from None
    except RecursionError:
        raise SettingsError(f"the configuration {file} can't be read", "its values are nested too deeply") from None
    return {name: _value(file, name, value) for name, value in table.items()}


def _value(file: Path, name: str, value: object) -> object:
    settings = {item.name: item for item in IN_FILE}
    if name not in settings:
        near = difflib.get_close_matches(name, settings, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(settings))}"
        raise SettingsError(f"unknown key {name!r} in {file}", hint)
    return _checked(name, value, f" in {file}")


def _checked(name: str, value: object, where: str) -> object:
    item = next(item for item in IN_FILE if item.name == name)
    kind = str(item.type)
    wrong = SettingsError(f"{name!r}{where} has a wrong value")
    if kind.startswith("timedelta"):
        try:
            return _duration(name, value)
        except validation.ValidationError as error:
            wrong.hint = error.message
            raise wrong from None
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "str" and isinstance(value, str):
        choices, shape = item.metadata.get("of"), item.metadata.get("like")
        if choices and value not in choices:
            wrong.hint = f"one of {', '.join(choices)}"
            raise wrong
        if shape and not re.fullmatch(shape, value):
            wrong.hint = f"write it like {item.metadata['example']}"
            raise wrong
        return value
    if kind.startswith("tuple"):
        try:
            if check := item.metadata.get("each"):
                return _list_of(name, value, check)
            return _slugs(value) if item.metadata.get("like") == _SLUG else validation.networks(_strings(value))
        except validation.ValidationError as error:
            wrong.hint = error.message
            raise wrong from None
    if kind.startswith("Mapping") and isinstance(value, dict) and all(isinstance(keys, str) for keys in value.values()):
        return value
    wrong.hint = f"expected {'a table of strings' if kind.startswith('Mapping') else kind}"
    raise wrong


def _duration(name: str, value: object) -> timedelta:
    if not isinstance(value, str):
        raise validation.ValidationError(name, 'expected a text such as "7d"')
    time = validation.duration(value, field=name)
    if time > _LONGEST:
        raise validation.ValidationError(name, f"at most {_LONGEST.days}d")
    if not time and name.endswith("_lifetime"):
        raise validation.ValidationError(name, "a token needs time to live")
    if not time and name == "max_unused":
        raise validation.ValidationError(name, "a token needs time to be used")
    return time


def _list_of(name: str, value: object, check: Callable[[str, object], object]) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise validation.ValidationError(name, "expected a list")
    return tuple(dict.fromkeys(check(name, one) for one in value))


def _slugs(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(slug, str) and re.fullmatch(_SLUG, slug) for slug in value):
        raise validation.ValidationError("extension", 'expected a list of slugs such as ["custom", "zapier"]')
    return tuple(dict.fromkeys(value))


def _strings(value: object) -> list[str]:
    """A list of strings; anything else becomes one that no check lets pass, for its message."""
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
