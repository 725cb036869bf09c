"""Consoles that print text from servers safely: markup and control characters in it have no effect."""

from __future__ import annotations

from rich import markup
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.segment import Segment

from akeneo_assets.visible import visible


def console(*, stderr: bool = False, soft_wrap: bool = False) -> Console:
    """Return a console.

    Args:
        stderr: Write to standard error.
        soft_wrap: Let the terminal wrap lines.
    """
    # A catalogue may contain text that Rich would draw as an emoji, such as `:key:`.
    made = Console(stderr=stderr, highlight=False, soft_wrap=soft_wrap, emoji=False)
    made.push_render_hook(_EscapingHook())
    return made


def escape(text: str) -> str:
    """Escape ``text`` for printing, so that markup and control characters in it have no effect."""
    return markup.escape(visible(text))


class _EscapingHook(RenderHook):
    """Escapes control characters in text that was printed without :func:`escape`."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Visible(each) for each in renderables]


class _Visible:
    def __init__(self, inner: ConsoleRenderable) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._inner, options):
            # Control segments are Rich's own, e.g. to redraw the progress.
            yield segment if segment.control else Segment(visible(segment.text), segment.style)
