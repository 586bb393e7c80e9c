"""The commands as INTERFACES describes them: words, flags, JSON keys, exit statuses, streams."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from tests.cli.conftest import Tokentui

TOKEN_KEYS = {
    "id", "name", "external_id", "description", "extension", "permissions", "status", "created_at", "created_by",
    "updated_at", "updated_by", "expires_at", "last_used_at", "requests_30d", "owner", "networks", "secrets",
}  # fmt: skip
KEY = re.compile(r"SU-\d{3}-\d{3}-\d{3}:[0-9a-f]{40}")


def moment(text: str) -> datetime:
    """JSON's `2026-11-24T09:30:00Z`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def test_create_prints_the_key_alone_on_the_last_line(tokentui: Tokentui) -> None:
    """And lists the token without it; the expiry is 30 days where none is chosen."""
    made = tokentui("create", "--name", "Nightly", "--module", "usage", "--module", "products")
    assert made.status == 0
    assert KEY.fullmatch(made.key)
    (token,) = tokentui("list", "--json").json
    assert set(token) == TOKEN_KEYS
    assert token["permissions"] == {"all": False, "modules": ["products", "usage"]}
    assert token["extension"] == {"slug": "custom", "name": "Custom", "code": "EXT-000"}
    assert timedelta(days=29.9) < moment(token["expires_at"]) - moment(token["created_at"]) <= timedelta(days=30)
    for command in (("list",), ("list", "--json"), ("list", "--csv"), ("show", token["id"]), ("audit",), ("export",)):
        assert made.key[-40:] not in tokentui(*command).out


def test_the_whole_life_of_a_token(tokentui: Tokentui) -> None:
    """Make, show, edit, key, rotate, renew, disable, enable, delete, restore, purge."""
    made = tokentui.make("--external-id", "E-1", "--expires", "10d", name="First")
    token_id = made["id"]
    assert set(made) == TOKEN_KEYS | {"key"}
    assert tokentui("show", token_id.lower(), "--json").json["external_id"] == "E-1"
    edited = tokentui("edit", token_id, "--name", "Second", "--external-id", "", "--module", "helpdesk", "--json").json
    assert (edited["name"], edited["external_id"], edited["permissions"]["modules"]) == ("Second", None, ["helpdesk"])
    assert tokentui("key", token_id).out == made["key"] + "\n"
    assert tokentui("key", token_id, "--header").out == f"Authorization: ApiKey {made['key']}\n"
    rotated = tokentui("rotate", token_id, "--overlap", "1h", "--json").json
    assert set(rotated) == TOKEN_KEYS | {"key", "previous_stops_at"}
    assert rotated["key"] != made["key"]
    assert rotated["expires_at"] == made["expires_at"]
    renewed = tokentui("renew", token_id, "--expires", "90d", "--json").json
    assert renewed["previous_stops_at"] == made["expires_at"]
    assert tokentui("renew", token_id, "--expires", "100d", "--keep-key", "--json").json["key"] is None
    assert tokentui("key", token_id).out.strip() == renewed["key"]
    for action, status in (("disable", "disabled"), ("enable", "active"), ("delete", "deleted"), ("restore", "active")):
        done = tokentui(action, token_id, "--json", *(["--yes"] if action == "delete" else []))
        assert (done.status, done.json) == (0, {"done": [token_id], "refused": []}), action
        assert tokentui("show", token_id, "--json").json["status"] == status
    tokentui("delete", token_id, "--yes")
    assert tokentui("purge", "--older-than", "1d", "--yes", "--json").json == {"done": [], "refused": []}
    assert tokentui("purge", "--yes", "--json").json["done"] == [token_id]
    assert tokentui("show", token_id).status == 1
    actions = [entry["action"] for entry in tokentui("audit", token_id, "--json").json]
    assert actions == [
        "purge", "delete", "restore", "delete", "enable", "disable", "reveal", "renew", "renew", "rotate", "reveal",
        "reveal", "edit", "create",
    ]  # fmt: skip


def test_many_at_once_are_all_or_nothing(tokentui: Tokentui) -> None:
    """One that can't be: none is, exit status 1, each reason said."""
    first, second = tokentui.make(name="A")["id"], tokentui.make(name="B")["id"]
    tokentui("disable", first)
    done = tokentui("disable", first, second, "--json")
    assert done.status == 1
    assert done.json["done"] == []
    assert [refusal["id"] for refusal in done.json["refused"]] == [first]
    assert tokentui("show", second, "--json").json["status"] == "active"
    assert tokentui("delete", first, "SU-000-000-001", "--yes").status == 1


def test_delete_and_purge_need_yes_without_a_terminal(tokentui: Tokentui) -> None:
    """Exit status 2, nothing done."""
    token_id = tokentui.make()["id"]
    assert tokentui("delete", token_id).status == 2
    assert tokentui("show", token_id, "--json").json["status"] == "active"
    tokentui("delete", token_id, "--yes")
    assert tokentui("purge").status == 2


def test_filter_sort_and_limit(tokentui: Tokentui) -> None:
    """The same language as in the app; an unknown field lists the fields."""
    tokentui.make("--expires", "3d", name="Soon")
    tokentui.make("--expires", "never", name="Forever")
    tokentui.make("--extension", "zapier", name="Later")

    def names(*arguments: str) -> list[str]:
        return [token["name"] for token in tokentui("list", "--json", *arguments).json]

    assert names() == ["Soon", "Later", "Forever"]
    assert names("--sort", "-expires") == ["Forever", "Later", "Soon"]
    assert names("--sort", "name", "--limit", "2") == ["Forever", "Later"]
    assert names("--status", "expiring") == ["Soon"]
    assert names("--filter", "ext:zapier") == ["Later"]
    assert names("--filter", "-soon") == ["Later", "Forever"]
    wrong = tokentui("list", "--filter", "colour:red", "--json")
    assert wrong.status == 2
    assert "status" in wrong.json["error"]["message"]
    assert tokentui("list", "--sort", "colour").status == 2
    assert tokentui("list", "--json", "--csv").status == 2


def test_owner_and_networks_are_set_and_cleared(tokentui: Tokentui) -> None:
    """An empty text clears either; what isn't named is left as it is."""
    made = tokentui.make("--owner", " Finance ", "--allow-network", "203.0.113.7/24", "--allow-network", "::1")
    token_id = made["id"]
    assert (made["owner"], made["networks"]) == ("Finance", ["203.0.113.0/24", "::1/128"])
    edited = tokentui("edit", token_id, "--owner", "Support", "--json").json
    assert (edited["owner"], edited["networks"]) == ("Support", made["networks"])
    edited = tokentui("edit", token_id, "--allow-network", "10.0.0.0/8", "--json").json
    assert (edited["owner"], edited["networks"]) == ("Support", ["10.0.0.0/8"])
    assert "Support" in tokentui("show", token_id).out
    assert tokentui("list", "--csv").out.splitlines()[1].endswith(",Support,10.0.0.0/8")
    edited = tokentui("edit", token_id, "--owner", "", "--allow-network", "", "--json").json
    assert (edited["owner"], edited["networks"]) == (None, [])
    wrong = tokentui("edit", token_id, "--owner", "x" * 129, "--json")
    assert (wrong.status, "owner" in wrong.json["error"]["message"]) == (2, True)
    changes = [entry["changes"] for entry in tokentui("audit", token_id, "--json").json]
    assert changes[0] == {"owner": ["Support", ""], "networks": [["10.0.0.0/8"], []]}


def test_json_tells_the_secrets_that_work_and_holds_none(tokentui: Tokentui) -> None:
    """The newest first; the one of an overlap says when it stops."""
    made = tokentui.make("--expires", "30d")
    rotated = tokentui("rotate", made["id"], "--overlap", "1h", "--json").json
    (listed,) = tokentui("list", "--json").json
    for token in (listed, rotated, tokentui("show", made["id"], "--json").json):
        newest, old = token["secrets"]
        assert set(newest) == set(old) == {"created_at", "stops_at", "last_used_at"}
        assert (newest["stops_at"], old["stops_at"]) == (None, rotated["previous_stops_at"])
    tokentui("rotate", made["id"])
    out = tokentui("show", made["id"], "--json").out
    assert len(json.loads(out)["secrets"]) == 1
    assert made["key"][-40:] not in out


def test_deleted_tokens_are_listed_where_they_are_asked_for(tokentui: Tokentui) -> None:
    """By --status deleted, by --all, by the filter; repeated --status means or; export has all."""
    ids = {name: tokentui.make("--expires", expires, name=name)["id"] for name, expires in (
        ("Soon", "3d"), ("Later", "60d"), ("Never", "never"), ("Off", "3d"), ("Gone", "3d"),
    )}  # fmt: skip
    tokentui("disable", ids["Off"])
    tokentui("delete", ids["Gone"], "--yes")

    def names(*arguments: str) -> list[str]:
        return [token["name"] for token in tokentui("list", "--json", *arguments).json]

    assert names() == names("--sort", "urgency") == ["Soon", "Later", "Never", "Off"]
    assert names("--all") == ["Soon", "Later", "Never", "Off", "Gone"]
    assert names("--all", "--sort", "-urgency") == ["Gone", "Off", "Never", "Later", "Soon"]
    assert names("--status", "deleted") == names("--filter", "status:deleted") == ["Gone"]
    assert names("--status", "deleted", "--status", "expiring") == ["Soon", "Gone"]
    assert names("--filter", "status:active,disabled") == ["Later", "Never", "Off"]
    assert len(tokentui("export").out.splitlines()) == 5
    wrong = tokentui("list", "--filter", "ext:zapper", "--json")
    assert (wrong.status, "did you mean zapier" in wrong.json["error"]["message"]) == (2, True)


def test_a_whole_key_finds_its_token(tokentui: Tokentui) -> None:
    """Typed or pasted into the filter."""
    made = tokentui.make()
    tokentui.make(name="Other")
    assert [token["id"] for token in tokentui("list", "--json", "--filter", made["key"]).json] == [made["id"]]


def test_verify_says_what_the_gate_would(tokentui: Tokentui) -> None:
    """Each reason, by key, header value or whole header line; nothing is written."""
    made = tokentui.make("--module", "agreements", "--allow-network", "203.0.113.0/24", name="Gated")
    key, token_id = made["key"], made["id"]
    wrong = tokentui("rotate", token_id, "--json").json["key"]
    key, old = wrong, key

    def verify(stdin: str, *arguments: str) -> tuple[int, bool, int, str]:
        done = tokentui("verify", "--json", *arguments, stdin=stdin)
        assert set(done.json) == {"allowed", "status", "reason", "id"}
        return done.status, done.json["allowed"], done.json["status"], done.json["reason"]

    inside = ("--ip", "203.0.113.9")
    assert verify(key, *inside) == (0, True, 200, "valid")
    assert verify(f"ApiKey {key}\n", *inside) == (0, True, 200, "valid")
    assert verify(f"Authorization: ApiKey {key}\n", *inside) == (0, True, 200, "valid")
    assert verify(key, *inside, "--method", "GET", "--path", "/agreements/") == (0, True, 200, "valid")
    assert verify(key, *inside, "--method", "GET", "--path", "/products") == (1, False, 403, "module")
    assert verify(key, *inside, "--module", "products") == (1, False, 403, "module")
    assert verify(key, *inside, "--module", "agreements") == (0, True, 200, "valid")
    assert verify(key, "--ip", "198.51.100.1") == (1, False, 403, "network")
    assert verify(old, *inside) == (1, False, 401, "wrong-secret")
    assert verify("hello") == (1, False, 401, "malformed")
    assert verify(key[:-1] + ("0" if key[-1] != "0" else "1")) == (1, False, 401, "checksum")
    tokentui("disable", token_id)
    assert verify(key, *inside) == (1, False, 401, "disabled")
    tokentui("delete", token_id, "--yes")
    assert verify(key, *inside) == (1, False, 401, "deleted")
    tokentui("purge", "--yes")
    assert verify(key, *inside) == (1, False, 401, "unknown")
    assert tokentui("verify", "--path", "/x", stdin=key).status == 2


def test_stats_of_nothing_and_of_a_demo(tokentui: Tokentui, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Days oldest first, today last; a token and all together; CSV and a chart in the terminal."""
    sample = str(tmp_path / "sample.db")
    assert tokentui("demo", "--to", sample).status == 0
    assert tokentui("demo", "--to", sample).status == 3
    elsewhere = tokentui("demo", "--to", str(tmp_path / "none" / "sample.db"))
    assert elsewhere.status == 3
    assert elsewhere.err == f"tokentui: there is no directory {tmp_path / 'none'}: make it, or name another with --to\n"
    one = tokentui("--db", sample, "stats", "SU-631-646-036", "--days", "7", "--json").json
    assert set(one) == {"id", "counting_since", "days", "totals"}
    assert one["id"] == "SU-631-646-036"
    assert len(one["days"]) == 7
    assert list(one["days"][0]) == ["date", "2xx", "3xx", "4xx", "5xx"]
    dates = [day["date"] for day in one["days"]]
    assert dates == sorted(dates)
    assert one["totals"]["2xx"] == sum(day["2xx"] for day in one["days"]) > 0
    everything = tokentui("--db", sample, "stats", "--json").json
    assert everything["id"] is None
    assert len(everything["days"]) == 30
    assert everything["totals"]["2xx"] > one["totals"]["2xx"]
    assert tokentui("--db", sample, "stats", "--days", "3", "--csv").out.splitlines()[0] == "date,2xx,3xx,4xx,5xx,total"
    chart = tokentui("--db", sample, "stats", "--days", "14")
    assert "█" in chart.out
    assert "\x1b" not in chart.out
    assert len(tokentui("--db", sample, "list", "--all", "--json").json) == 40


def test_catalog_goes_out_and_in(tokentui: Tokentui, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """What `show` prints `import` reads; one that lacks what a token uses is refused."""
    tokentui.make("--module", "helpdesk")
    shown = tokentui("catalog", "show").out
    file = tmp_path / "catalog.toml"
    file.write_text(shown, encoding="utf-8")
    assert tokentui("catalog", "import", str(file)).status == 0
    assert tokentui("catalog", "show").out == shown
    file.write_text(shown.replace('slug = "helpdesk"', 'slug = "desk"').replace('"helpdesk", ', ""), encoding="utf-8")
    refused = tokentui("catalog", "import", str(file))
    assert refused.status == 2
    assert "helpdesk" in refused.err
    assert tokentui("catalog", "show").out == shown


def test_export_is_json_lines(tokentui: Tokentui) -> None:
    """One object a token, without its key."""
    tokentui.make(name="A")
    made = tokentui.make(name="B")
    lines = [json.loads(line) for line in tokentui("export").out.splitlines()]
    assert {line["name"] for line in lines} == {"A", "B"}
    assert made["key"][-40:] not in tokentui("export").out
    assert len(tokentui("export", "--filter", "B").out.splitlines()) == 1


def test_db_check_backup_upgrade_and_doctor(tokentui: Tokentui, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """A backup opens and shows the same tokens; everything is well."""
    made = tokentui.make()
    copy = tmp_path / "copy.db"
    assert tokentui("db", "backup", str(copy)).status == 0
    assert copy.stat().st_mode & 0o777 == 0o600
    assert tokentui("db", "backup", str(copy)).status == 3
    assert tokentui("--db", str(copy), "key", made["id"]).out.strip() == made["key"]
    assert tokentui("db", "check").status == 0
    assert tokentui("db", "upgrade").status == 0
    doctor = tokentui.spawn("doctor", "--json")
    assert doctor.status == 0, doctor.out
    (tokentui.home / "master.key").chmod(0o644)
    doctor = tokentui.spawn("doctor", "--json")
    assert doctor.status == 1
    (finding,) = [finding for finding in doctor.json["findings"] if not finding["ok"]]
    assert "chmod 600" in finding["remedy"]


def test_csv_is_harmless_in_a_spreadsheet(tokentui: Tokentui) -> None:
    """A name that begins like a formula."""
    tokentui.make(name="=1+1")
    assert "'=1+1" in tokentui("list", "--csv").out


def test_no_terminal_is_one_line(tokentui: Tokentui) -> None:
    """Neither the app nor the demo."""
    for arguments in ((), ("demo",)):
        done = tokentui(*arguments)
        assert (done.status, done.out) == (2, "")
        assert done.err.count("\n") == 1
        assert "terminal" in done.err
