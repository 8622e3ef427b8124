"""Refusals."""


class DomainError(Exception):
    """A refusal whose text suits a person; `field` names the form field it belongs to, if any."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
