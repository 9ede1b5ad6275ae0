"""Ask about one message: masked, remembered, guarded."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from careloop.triage.engine.service.client import Address, post
from careloop.triage.engine.service.errors import NoAnswer
from careloop.triage.engine.service.guard import Guard
from careloop.triage.engine.service.masking import mask
from careloop.triage.engine.service.protocol import Opinions, opinions_in, request_of

REMEMBERED = 2_000


class Service:
    """One language-model service, as this process knows it. Safe to use from several threads."""

    def __init__(self, address: Address, guard: Guard | None = None) -> None:
        self.address = address
        self._guard = guard or Guard()
        self._known: OrderedDict[str, Opinions] = OrderedDict()
        self._lock = threading.Lock()
        self._is_strict = True

    @property
    def version(self) -> str:
        """What is kept with each opinion: which model said it."""
        return f"service-{self.address.model}"

    def ask(
        self, text: str, heads: Sequence[str], *, names: Iterable[str] = (), spend: Callable[[], bool] = lambda: True
    ) -> Opinions:
        """What the service says of these heads of a text.

        ``names`` are masked beside what is masked always; ``spend`` takes one request from the budget and says whether
        there was one. The same question is asked once. Raises :class:`NoAnswer`.
        """
        masked = mask(text, names=names)
        key = hashlib.sha256("\0".join((self.address.model, *sorted(heads), masked)).encode()).hexdigest()
        known = self._recall(key)
        if known is not None:
            return known
        self._guard.check()
        if not spend():
            raise NoAnswer("budget", "Today's requests to the language model are used up.")
        try:
            opinions = opinions_in(self._answer(masked, heads), heads)
        except NoAnswer:
            self._guard.failed()
            raise
        self._guard.succeeded()
        self._remember(key, opinions)
        return opinions

    def _answer(self, masked: str, heads: Sequence[str]) -> bytes:
        """A server that refuses the words for a strict answer is asked once more without them, from then on always."""
        if self._is_strict:
            try:
                return post(self.address, request_of(self.address.model, masked, heads))
            except NoAnswer as error:
                if error.why != "refused":
                    raise
        answer = post(self.address, request_of(self.address.model, masked, heads, is_strict=False))
        self._is_strict = False
        return answer

    def _recall(self, key: str) -> Opinions | None:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def _remember(self, key: str, opinions: Opinions) -> None:
        with self._lock:
            self._known[key] = opinions
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
