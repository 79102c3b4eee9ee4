"""What a test reads of the page's HTML."""

import html.parser
import re


def part(document: str, key: str) -> str:
    """Return one part of the page, `wrong`, `reporters` or `good`; empty where the page has none."""
    _, _, rest = document.partition(f'<section id="{key}"')
    return re.split(r'<section id="|</main>', rest)[0]


def words(document: str) -> str:
    """Return what a reader reads, tags taken away."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", re.sub(r"<style>.*?</style>", "", document)))


def headline(document: str) -> str:
    """Return the words of the first heading."""
    return words(document[document.index("<h1>") : document.index("</h1>")]).strip()


def row(document: str, name: str) -> str:
    """Return the table row of a reporter."""
    rows = part(document, "reporters").split('<tr role="row">')
    return next(one for one in rows if words(one).strip().startswith(name))


class _Items(html.parser.HTMLParser):
    """Keeps the subjects of the items, each with those of the items within it."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.subject = False
        self.found: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Go into an item, or come to a subject."""
        del attrs
        self.depth += tag == "li"
        self.subject = tag == "strong"

    def handle_endtag(self, tag: str) -> None:
        """Leave an item, or a subject."""
        self.depth -= tag == "li"
        self.subject = False

    def handle_data(self, data: str) -> None:
        """Keep a subject where it stands."""
        if self.subject and self.depth == 1:
            self.found[data] = []
        elif self.subject:
            self.found[next(reversed(self.found))].append(data)


def nested(document: str) -> dict[str, list[str]]:
    """Return the subjects of what is wrong, in order, each with the subjects that stand below it."""
    items = _Items()
    items.feed("<section" + part(document, "wrong"))
    return items.found
