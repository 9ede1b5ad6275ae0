"""What a check may need to know about the conversation, handed in because the engine fetches nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """`final_response`: a statutory final letter, which must give reasons and may quote rules (domain.md §4.2).

    `customer_text`: what the customer wrote last; words of discomfort there forbid the advice to keep using.
    `has_authority`: an approved amount or promise stands behind the reply, so that promises are warned about less.
    """

    final_response: bool = False
    customer_text: str = ""
    has_authority: bool = False
