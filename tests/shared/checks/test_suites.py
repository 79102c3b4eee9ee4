"""What a suite's file may not say: each mistake is told with file, line and place, and all of them at once."""

import pytest

from shared import declarations, errors
from shared.checks import model, planning, suites

GOOD = """\
summary: What a suite answers.
facts:
  lines: {table: raw.lines, at: {game_date: day}, distinct: player, each: model}
tables:
  games:
    table: raw.games
    at: {game_date: day}
    key: [game_id]
    where: status = 3
    only_if: games > 0
    due: "+1 06:00"
    checks:
      - id: volume
        kind: rows
        warn: "< 3"
        fail: "== 0"
  picks:
    table: raw.picks
    at: {game_date: day - 1}
    after: [games]
    checks:
      - id: covered
        kind: completeness
        of: lines
        fail: "< 90"
"""


def parse(text: str) -> suites.Suite:
    """Return the suite of a text, as of the file nightly.yaml."""
    return declarations.parse(suites.Suite, text, source="nightly.yaml", environment={})


def problems(text: str) -> list[str]:
    """Return the mistakes in a text."""
    with pytest.raises(errors.InvalidDeclaration) as caught:
        parse(text)
    return list(caught.value.problems)


def changed(old: str, new: str) -> str:
    """Return the good text with one place changed."""
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def test_a_good_suite() -> None:
    """It is read, and each check knows what its table says for all of them."""
    volume, covered = planning.bound(parse(GOOD))

    assert (volume.id, volume.at, volume.key, volume.where) == (
        "games.volume",
        {"game_date": "day"},
        ("game_id",),
        ("status = 3",),
    )
    assert (volume.only_if, volume.due, covered.after, covered.only_if) == ("games > 0", "+1 06:00", ("games",), None)
    assert parse(GOOD).limits == suites.Limits()


def test_a_check_may_say_otherwise_than_its_table() -> None:
    """Its own window, condition and hour take the place of the table's; conditions on rows are added up."""
    (volume, _) = planning.bound(
        parse(
            changed(
                "        kind: rows\n",
                "        kind: rows\n        at: {day: 3 days until day}\n        where: n > 0\n"
                '        only_if: always\n        due: "05:00"\n        after: [picks]\n',
            )
        )
    )
    assert (volume.at, volume.where) == ({"day": "3 days until day"}, ("status = 3", "n > 0"))
    assert (volume.only_if, volume.due, volume.after) == ("always", "05:00", ("picks",))


MISTAKES = {
    "an unknown key": (
        '        fail: "== 0"\n',
        '        fail: "== 0"\n        colour: red\n',
        "17: tables.games.checks[0].colour: is not known",
    ),
    "an unknown key of a table": (
        "    key: [game_id]",
        "    keys: [game_id]",
        "8: tables.games.keys: is not known here; known: table",
    ),
    "an unknown kind": (
        "kind: rows",
        "kind: lines",
        "14: tables.games.checks[0].kind: must be one of accepted, anomaly",
    ),
    "no kind": ("        kind: rows\n", "", "13: tables.games.checks[0].kind: is missing; one of accepted"),
    "a key twice": (
        "        kind: rows\n",
        "        kind: rows\n        kind: rows\n",
        "15: tables.games.checks[0].kind: stands here twice",
    ),
    "fail outside warn": (
        'fail: "== 0"',
        'fail: "< 5"',
        "16: tables.games.checks[0].fail: '< 5' must lie inside warn, '< 3'",
    ),
    "no threshold": (
        '        warn: "< 3"\n        fail: "== 0"\n',
        "",
        "13: tables.games.checks[0].fail: is missing, and so is warn",
    ),
    "no level": ('warn: "< 3"', 'warn: "few"', "15: tables.games.checks[0].warn: 'few' is not like"),
    "a fact that is not declared": (
        "of: lines",
        "of: lists",
        "24: tables.picks.checks.covered.of: lists is no fact of this suite",
    ),
    "a condition on one": (
        "only_if: games > 0",
        "only_if: gems > 0",
        "10: tables.games.only_if: gems is no fact of this suite",
    ),
    "no condition": (
        "only_if: games > 0",
        "only_if: sometimes",
        "10: tables.games.only_if: 'sometimes' is not like games > 0",
    ),
    "no column": ("where: status = 3", "where: 1 = 1", "9: tables.games.where: the expression is naming no column"),
    "an aggregate": (
        "where: status = 3",
        "where: MAX(status) = 3",
        "9: tables.games.where: an aggregate function cannot stand",
    ),
    "a subquery": ("where: status = 3", "where: status = (SELECT 3)", "9: tables.games.where: a subquery cannot stand"),
    "no bare column": ("key: [game_id]", "key: [LOWER(game_id)]", "8: tables.games.key: "),
    "no window": (
        "    at: {game_date: day}\n    key",
        "    key",
        "6: tables.games.at: is missing: the partition column and its days",
    ),
    "two columns": (
        "{game_date: day}\n    key",
        "{game_date: day, hour: day}\n    key",
        "7: tables.games.at: names 2 columns; a table is partitioned by one",
    ),
    "a function": (
        "{game_date: day}\n    key",
        "{DATE(game_date): day}\n    key",
        "7: tables.games.at: 'DATE(game_date)' must be the bare name of a column",
    ),
    "a date as window": (
        "{game_date: day}\n    key",
        "{game_date: 2026-02-12}\n    key",
        "7: tables.games.at: '2026-02-12' is no window",
    ),
    "a window of a fact": (
        "{game_date: day}, distinct",
        "{game_date: today}, distinct",
        "3: facts.lines.at: 'today' is no window",
    ),
    "no hour": (
        'due: "+1 06:00"',
        'due: "6 am"',
        "11: tables.games.due: must be an hour, like '06:00' or '+1 06:00', not '6 am'",
    ),
    "an hour too late": ('due: "+1 06:00"', 'due: "24:00"', "11: tables.games.due: must be an hour"),
    "after nothing": ("after: [games]", "after: [gems]", "20: tables.picks.after: gems is no table of this suite"),
    "after itself": ("after: [games]", "after: [picks]", "20: tables.picks.after: names itself"),
    "no table": ("table: raw.picks", "table: picks", "18: tables.picks.table: must match"),
    "no checks": (
        '    checks:\n      - id: covered\n        kind: completeness\n        of: lines\n        fail: "< 90"\n',
        "    checks: []\n",
        "21: tables.picks.checks: must have at least 1",
    ),
    "a fact of the calendar": ("  lines: {", "  games: {", "3: facts.games: comes from the calendar"),
    "a name with a dot": ("  games:\n", "  raw.games:\n", "5: tables.raw.games: must be called like"),
    "an id with a dash": ("id: volume", "id: the-volume", "13: tables.games.checks[0].id: must match"),
    "a number as text": (
        "kind: rows\n",
        "kind: rows\n        min_rows: many\n",
        "15: tables.games.checks[0].min_rows: must be a whole number, not 'many'",
    ),
    "groups without a column": (
        "kind: rows\n",
        "kind: rows\n        expected: [a]\n",
        "15: tables.games.checks[0].expected: needs `each`",
    ),
    "two counts": ("distinct: player", "distinct: player, sum: n", "3: facts.lines.sum: is given beside distinct"),
    "a budget too small": (
        "summary:",
        "limits: {bytes_per_scan: 1}\nsummary:",
        "1: limits.bytes_per_scan: must be at least 10485760",
    ),
    "too many at once": ("summary:", "limits: {parallel: 7}\nsummary:", "1: limits.parallel: must be at most 6"),
    "no YAML": ("tables:\n", "tables: [\n", "6: not YAML"),
}


@pytest.mark.parametrize("sort", MISTAKES)
def test_a_mistake_has_its_file_and_line(sort: str) -> None:
    """Each sort of mistake is refused, where it stands."""
    old, new, message = MISTAKES[sort]
    found = problems(changed(old, new))

    assert len([one for one in found if one.startswith(f"nightly.yaml:{message}")]) == 1, found
    assert all(one.startswith("nightly.yaml:") for one in found)


def test_an_id_stands_once_in_its_table() -> None:
    """Twice in a table is a mistake, for history hangs on it; in two tables it is not."""
    again = GOOD.replace("  picks:", "      - {id: volume, kind: rows, fail: '== 0'}\n  picks:")

    assert problems(again) == ["nightly.yaml:13: tables.games.checks: the id volume stands here twice"]
    assert len(planning.bound(parse(GOOD.replace("id: covered", "id: volume")))) == 2


OF_KINDS = {
    "{kind: anomaly, warn: '> 3', fail: '> 9'}": "fail: is not for an anomaly",
    "{kind: anomaly}": "fail: is missing, and so is warn",
    "{kind: anomaly, warn: '> 3', take: 4, needs: 5}": "needs: is more than is taken, 4",
    "{kind: range, column: n, fail: '> 0'}": "min: is missing, and so is max",
    "{kind: range, column: n, min: 2, max: 1, fail: '> 0'}": "max: lies below min",
    "{kind: accepted, column: n, values: [1, a], fail: '> 0'}": "values: must be texts, whole numbers",
    "{kind: accepted, column: n, values: [], fail: '> 0'}": "values: must have at least 1",
    "{kind: percent, holds: '1 > 0', fail: '< 5'}": "holds: the expression is naming no column",
    "{kind: not_null, column: LOWER(s), fail: '> 0'}": "column: ",
    "{kind: rows, each: a || b, fail: '== 0'}": "each: ",
    "{kind: rows, per: nothing, fail: '== 0'}": "per: nothing is no fact of this suite",
    "{kind: parity, champion: v9, fail: '< 70'}": "each: is missing",
    "{kind: gaps, each: model, of: lines, fail: '< 9'}": "each: must be the window's column, game_date",
    "{kind: gaps, each: game_date, of: lines, fail: '< 9'}": "of: must be measured for each game_date too",
    "{kind: freshness, column: at, time_zone: America/Gotham, fail: '> 6'}": "time_zone: no such time zone",
    "{kind: sql, query: 'DROP TABLE x', fail: '> 0'}": "query: must begin with SELECT or WITH",
    "{kind: sql, query: 'SELECT 1 AS observed; SELECT 2', fail: '> 0'}": "query: must be one statement",
    "{kind: sql, query: 'SELECT @other AS observed', fail: '> 0'}": "query: may use the parameter @day only",
    "{kind: sql, query: 'SELECT 1', fail: '> 0'}": "query: must answer a column called observed",
    "{kind: sql, query: 'SELECT 1 AS observed', each: n, fail: '> 0'}": "each: is not for a query of one's own",
    "{kind: schema, columns: {n: INT64}, fail: '> 0'}": "fail: is not for schema, which has levels of its own",
    "{kind: gate, champion: v9, wins: won, of: n > 0}": "each: is missing",
    "{kind: gate, each: m, champion: v9, wins: SUM(won), of: n > 0}": "wins: an aggregate function cannot stand",
    "{kind: gate, each: m, champion: v9, wins: won, of: n > 0, sides: {over: '1'}}": "sides.over: ",
    "{kind: signal, ladder: [{says: RED, when: x > 1, status: fail}], otherwise: {says: G, status: pass}}": (
        "ladder: x is no name of facts, count or percent"
    ),
    "{kind: signal, ladder: [{says: RED, when: often, status: fail}], otherwise: {says: G, status: pass}}": (
        "ladder[0].when: 'often' is not like"
    ),
    "{kind: rows, at: {a: day, b: day}, fail: '== 0'}": "at: names 2 columns",
    "{kind: rows, due: noon, fail: '== 0'}": "due: must be an hour",
    "{kind: rows, after: [nothing], fail: '== 0'}": "after: nothing is no table of this suite",
}


@pytest.mark.parametrize("text", OF_KINDS)
def test_a_mistake_of_a_kind(text: str) -> None:
    """What a kind forbids is refused with its file, its line and the check that it stands in."""
    found = problems(GOOD.replace("  picks:", f"      - {{id: own, {text[1:]}\n  picks:"))
    places = ("tables.games.checks[1].", "tables.games.checks.own.")

    assert any(one.startswith(f"nightly.yaml:17: {place}{OF_KINDS[text]}") for one in found for place in places), found


def test_all_mistakes_are_told_at_once() -> None:
    """A file with mistakes in three checks and a fact names each of them."""
    text = changed("distinct: player", "distinct: LOWER(player)")
    text = text.replace("  picks:", "      - {id: a, kind: nothing}\n      - {id: b, kind: rows}\n  picks:")
    text = text.replace('warn: "< 3"', 'warn: "three"').replace('fail: "< 90"', "shout: loud")
    lines = {int(one.split(":")[1]) for one in problems(text)}

    assert lines == {3, 15, 17, 18, 24, 27}


def test_every_shape_is_described() -> None:
    """What an editor completes says what it is: each kind's keys that are its own have a description."""
    for name, shape in suites.AnyCheck.variants().items():
        common = set(model.Check.__dataclass_fields__)
        own = {field: one for field, one in shape.__dataclass_fields__.items() if field not in common}
        assert all(one.metadata.get("description") for one in own.values()), name


def test_a_suite_without_tables_checks_nothing() -> None:
    """An empty mapping is a mistake, as an empty list of checks is."""
    with pytest.raises(errors.InvalidDeclaration, match=r"nightly\.yaml:2: tables: must have at least 1 item"):
        parse("summary: nothing\ntables: {}\n")
