"""The base of all models of documents that users write: strict, immutable, nothing unknown.

Three kinds of keys are known: fields, parts of the language that this version does not compile yet
(`not_yet`), and parts that do not touch the operator that is built (`no_effect`).
"""

from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Strict, model_validator
from pydantic.alias_generators import to_camel

T = TypeVar("T")
Many = Annotated[tuple[T, ...], Strict(False)]
"""A YAML list, kept as a tuple."""


class KatalogModel(BaseModel):
    """One mapping of a user's document."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", alias_generator=to_camel, defer_build=True
    )

    not_yet: ClassVar[frozenset[str]] = frozenset()
    """Keys of the language that this version of the compiler does not build."""
    other_spellings: ClassVar[frozenset[str]] = frozenset()
    """Keys of older versions, which `spellings` has moved elsewhere; offered as suggestions."""
    no_effect: ClassVar[frozenset[str]] = frozenset()
    """Keys of the language that concern displays, registries and tools only."""

    @model_validator(mode="before")
    @classmethod
    def without_nulls(cls, data: Any) -> Any:
        """A key without a value counts as a key that is not there, as in the reference."""
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data
