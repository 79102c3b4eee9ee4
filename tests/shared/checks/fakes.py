"""A warehouse made by hand, and fifty questions about five tables for it."""

import dataclasses
from collections.abc import Callable, Sequence

from shared import errors
from shared.checks import fold, model, run, sql
from shared.checks.planning import Refusal
from tests.shared.checks import engine

TABLES, CHECKS = 5, 10
MIB = 2**20
PLACES = [f"t{table}.c{check}" for table in range(TABLES) for check in range(CHECKS)]


def question(owner: str, *measures: model.Measure) -> model.Question:
    """Return a question about the table that its owner's name begins with, which measures something of its own."""
    of = sql.Sql((f"`{owner}`",), frozenset({("n",)}))
    own = measures or (model.Measure("rows", "count"), model.Measure("own", "max", of))
    return model.Question(owner, engine.table(owner.partition(".")[0]), None, own)


FIFTY = [question(owner) for owner in PLACES]


@dataclasses.dataclass
class Fake:
    """A warehouse that refuses what it is told to, and remembers what it was asked."""

    refuse: Callable[[str, fold.Scan], Exception | None] = lambda _stage, _scan: None
    size: Callable[[fold.Scan], int] = lambda _scan: 50 * MIB
    priced: list[fold.Scan] = dataclasses.field(default_factory=list)
    answered: list[fold.Scan] = dataclasses.field(default_factory=list)

    def price(self, scan: fold.Scan) -> int:
        """Price a scan."""
        self.priced.append(scan)
        if error := self.refuse("price", scan):
            raise error
        return self.size(scan)

    def answer(self, scan: fold.Scan) -> run.Rows:
        """Answer a scan: 1 for every measure."""
        self.answered.append(scan)
        if error := self.refuse("answer", scan):
            raise error
        return run.Rows([dict.fromkeys(scan.aliases.values(), 1)], self.size(scan))

    def ask(
        self,
        questions: Sequence[model.Question],
        limits: run.Limits = engine.GENEROUS,
        stop: Callable[[], str | None] = lambda: None,
    ) -> run.Result:
        """Run questions on this warehouse, and see to it that none is lost and none invented."""
        result = run.ask(questions, run.Warehouse(self.price, self.answer, stop), limits)
        assert set(result.answers) == {question.owner for question in questions}
        return result


def refusing(error: type[errors.CloudError], bad: Sequence[str], stage: str = "answer") -> Fake:
    """Return a warehouse that refuses every scan with a bad question, at one stage."""
    return Fake(
        lambda at, scan: error("no") if at == stage and any(one.owner in bad for one in scan.questions) else None
    )


def reasons(result: run.Result) -> dict[str, str]:
    """Return why questions have no answer."""
    return {owner: one.reason for owner, one in result.answers.items() if isinstance(one, Refusal)}
