"""The closed enum of diagnostic codes: stable, never reused; the text is what `explain` shows.

KAT0## YAML · KAT1## schema · KAT2## names and API-server rules · KAT3## references and
expressions · KAT4## permissions. `docs/diagnostics.md` is printed from this file.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

SeverityName = Literal["error", "warning", "info"]


class Code(Enum):
    """One member per kind of mistake: severity, stable id, title, explanation."""

    YAML_SYNTAX = (
        "error", "KAT001", "the file is not YAML",
        "The YAML reader cannot go on at this place. Nothing after it was checked.",
    )  # fmt: skip
    NOT_UTF8 = (
        "error", "KAT002", "the file is not UTF-8 text",
        "Kubernetes and this compiler read UTF-8. Save the file as UTF-8, without control "
        "characters.",
    )  # fmt: skip
    EMPTY_FILE = (
        "error", "KAT003", "the file holds no document",
        "The file is empty or holds only comments. A Katalog begins with `apiVersion` and `kind`.",
    )  # fmt: skip
    DUPLICATE_KEY = (
        "error", "KAT004", "a key stands twice in one mapping",
        "YAML readers silently keep one of the two values, and not all keep the same one.",
    )  # fmt: skip
    AMBIGUOUS_SCALAR = (
        "warning", "KAT005", "an unquoted value is not the text it looks like",
        "YAML reads unquoted `yes`, `on`, `0123`, `1:30` or `1.10` as booleans and numbers. Where "
        "text is expected the value is taken as written; quote it so that every reader agrees.",
    )  # fmt: skip
    UNQUOTED_EXPRESSION = (
        "error", "KAT006", "an expression is not quoted",
        "A value that begins with `{{` must be quoted: unquoted, YAML reads `{` as the start of a "
        "mapping.",
    )  # fmt: skip
    BAD_ALIAS = (
        "error", "KAT007", "an alias cannot be expanded",
        "An alias (`*name`) must name an anchor (`&name`) that stands earlier in the same "
        "document, must not contain itself, and all aliases together must not add more than "
        "20,000 values.",
    )  # fmt: skip
    BAD_KEY = (
        "error", "KAT008", "a key is not a string",
        "Keys of a mapping are plain text; lists and mappings cannot be keys.",
    )  # fmt: skip
    UNKNOWN_TAG = (
        "error", "KAT009", "a YAML tag is not understood",
        "Only the standard tags `!!str !!int !!float !!bool !!null !!map !!seq` are read.",
    )  # fmt: skip
    NESTED_TOO_DEEPLY = (
        "error", "KAT010", "values are nested too deeply",
        "A document may nest 100 levels deep; no Kubernetes object comes near that.",
    )  # fmt: skip

    UNKNOWN_KIND = (
        "error", "KAT101", "the document's kind is not known",
        "Documents are `Katalog` (or `Catalog`), `Motif`, `Komposer`, `Simulate` and `E2E`.",
    )  # fmt: skip
    UNKNOWN_API_VERSION = (
        "error", "KAT102", "the document's apiVersion is not known",
        "Known are `orkestra.orkspace.io/v1`, `inrun.dev/v1` and the old "
        "`orkestra.konductor.io/v1Alpha`.",
    )  # fmt: skip
    MISSING_FIELD = (
        "error", "KAT103", "a required field is missing",
        "The field has no default; without it there is nothing to build.",
    )  # fmt: skip
    UNKNOWN_FIELD = (
        "error", "KAT104", "a field is not part of the language here",
        "Unknown fields are errors, so that a typing mistake cannot silently change an operator.",
    )  # fmt: skip
    WRONG_TYPE = (
        "error", "KAT105", "a value has the wrong type",
        "The language expects another kind of value here: text, a list, a mapping, a number or a "
        "boolean.",
    )  # fmt: skip
    BAD_DURATION = (
        "error", "KAT106", "a duration cannot be read",
        "Durations are numbers with units, such as `15s`, `1h30m` or `90d`. Units: ns us ms s m h "
        "d w mo y.",
    )  # fmt: skip
    NOT_ONE_OF = (
        "error", "KAT107", "a value is not one of the allowed ones",
        "The field takes one of a closed list of words.",
    )  # fmt: skip
    OUT_OF_RANGE = (
        "error", "KAT108", "a number is outside its range",
        "Ports are 1 to 65535, workers 1 to 50, replicas and queue depths not negative.",
    )  # fmt: skip
    NOT_COMPILED_YET = (
        "error", "KAT109", "a part of the language that is not compiled yet",
        "The construct is known and spelled right, but this version of katalogc cannot build it. "
        "Leaving it out silently would build another operator than the one written, so it is an "
        "error.",
    )  # fmt: skip
    WITHOUT_EFFECT = (
        "info", "KAT110", "a field has no effect on the operator that is built",
        "The field is part of the language, but only displays, registries or the reference's own "
        "commands use it. It changes neither manifests nor bundle.",
    )  # fmt: skip
    BAD_QUANTITY = (
        "error", "KAT111", "a quantity cannot be read",
        "Quantities are numbers with an optional suffix: `100m`, `0.5`, `128Mi`, `1Gi`, `2e3`.",
    )  # fmt: skip
    EMPTY_VALUE = (
        "error", "KAT112", "a required value is empty",
        "The field is required, and an empty text is no value for it.",
    )  # fmt: skip
    SPELLED_TWICE = (
        "error", "KAT113", "one setting is written in two places",
        "The language has several published spellings for this setting. Using two of them at once "
        "leaves it open which counts.",
    )  # fmt: skip
    UNCHECKED_DOCUMENT = (
        "info", "KAT114", "documents of this kind are not checked yet",
        "The document is recognised by its kind; this version of katalogc checks only its YAML "
        "and heading.",
    )  # fmt: skip
    NOT_A_KATALOG = (
        "error", "KAT115", "the document cannot be built",
        "Operators are built from documents of kind `Katalog`.",
    )  # fmt: skip
    MISPLACED_EXPRESSION = (
        "error", "KAT116", "an expression stands where a constant is needed",
        "Group, kind, namespaces and status paths are needed before any custom resource exists.",
    )  # fmt: skip

    DUPLICATE_PLURAL = (
        "error", "KAT201", "two CRDs claim the same plural in one API group",
        "The API server stores custom resources under `<group>/<plural>`, so the second CRD would "
        "be refused, or would take over the objects of the first.",
    )  # fmt: skip
    DUPLICATE_KIND = (
        "error", "KAT202", "two CRDs claim the same kind in one API group",
        "Kinds are unique within an API group; the second CRD would never be established.",
    )  # fmt: skip
    DUPLICATE_CHILD = (
        "error", "KAT203", "two children of one owner have the same kind, namespace and name",
        "Both entries would write the same object and undo each other for ever. One under "
        "`onCreate` and one under `onReconcile` may name one object: it is created once and kept "
        "in sync from `onReconcile`, which must then hold every field.",
    )  # fmt: skip
    BAD_NAME = (
        "error", "KAT204", "a name is not a valid Kubernetes name",
        "Names are DNS names: lower-case letters, digits and `-`, starting and ending with a "
        "letter or digit, at most 63 characters per label and 253 in all.",
    )  # fmt: skip
    BAD_LABEL = (
        "error", "KAT205", "a label or annotation is not valid",
        "Label keys are `[prefix/]name`; names and values have at most 63 characters of letters, "
        "digits, `-`, `_` and `.`, and start and end with a letter or digit.",
    )  # fmt: skip
    CROSS_NAMESPACE_CHILD = (
        "warning", "KAT206", "a child may live in another namespace than its owner",
        "Kubernetes ignores owner references across namespaces (its garbage collector deletes "
        "such objects). The child is tracked by labels instead and is deleted by the operator's "
        "finalizer.",
    )  # fmt: skip
    ROTATION_WITHOUT_ONCE = (
        "error", "KAT207", "`rotateAfter` needs `once: true`",
        "Only a Secret that is generated once has an age after which it is generated anew.",
    )  # fmt: skip
    BAD_DATA_KEY = (
        "error", "KAT208", "a key of `data` is not valid",
        "Keys of ConfigMaps and Secrets have at most 253 letters, digits, `-`, `_` and `.`.",
    )  # fmt: skip
    RESERVED_LABEL = (
        "error", "KAT209", "a label belongs to the operator",
        "The operator finds the children of an owner by these labels; it sets them itself.",
    )  # fmt: skip
    DUPLICATE_STATUS_PATH = (
        "warning", "KAT210", "a status field is written twice",
        "Both entries always apply, so the later one wins and the earlier one is dead.",
    )  # fmt: skip
    RESERVED_STATUS_PATH = (
        "error", "KAT211", "a status field belongs to the operator",
        "`conditions` and `observedGeneration` are maintained by the operator itself.",
    )  # fmt: skip
    DUPLICATE_ENV = (
        "error", "KAT212", "an environment variable stands twice",
        "The API server would keep only the last one, and server-side apply refuses the list.",
    )  # fmt: skip

    MOTIF_UNREADABLE = (
        "error", "KAT301", "a motif cannot be read",
        "`motif:` is a path relative to the file that imports it, and must lead to a document of "
        "kind `Motif`.",
    )  # fmt: skip
    MISSING_INPUT = (
        "error", "KAT302", "a motif's required input is not given",
        "The input has no default, so `with:` must give it a value.",
    )  # fmt: skip
    UNKNOWN_INPUT = (
        "error", "KAT303", "a motif has no such input",
        "`with:` may only name inputs that the motif declares under `inputs:`.",
    )  # fmt: skip
    UNKNOWN_DEPENDENCY = (
        "error", "KAT305", "a dependency names no CRD of this Katalog",
        "`dependsOn` lists CRDs of the same Katalog that must run before this one.",
    )  # fmt: skip
    DEPENDENCY_CYCLE = (
        "error", "KAT306", "CRDs depend on each other in a circle",
        "Each waits for another one to run first, so none of them could ever start.",
    )  # fmt: skip
    CRD_FILE_UNREADABLE = (
        "error", "KAT307", "a crdFile cannot be read",
        "`crdFile` is a path relative to the Katalog, and must lead to a "
        "CustomResourceDefinition.",
    )  # fmt: skip
    CRD_FILE_MISMATCH = (
        "error", "KAT308", "Katalog and crdFile disagree",
        "Group, version, kind, plural and scope must be the same in `apiTypes` and in the "
        "crdFile.",
    )  # fmt: skip
    SCHEMA_INFERRED = (
        "info", "KAT309", "the CRD's schema is inferred from the expressions",
        "There is no `crdFile`; the schema is built from the fields that the expressions read. "
        "Give a `crdFile` to have users' custom resources checked by your own schema.",
    )  # fmt: skip
    CRD_FILE_REFUSED = (
        "error", "KAT310", "a crdFile's definition would be refused",
        "The definition is part of what is built. The API server would refuse it, or drop the "
        "field, when it is applied.",
    )  # fmt: skip
    EXPRESSION_SYNTAX = (
        "error", "KAT311", "an expression cannot be parsed",
        "Expressions are Go templates: `{{ .spec.image }}`, `{{ if .spec.debug }}…{{ end }}`.",
    )  # fmt: skip
    UNKNOWN_FUNCTION = (
        "error", "KAT312", "an expression calls an unknown function",
        "`katalogc functions` lists all functions.",
    )  # fmt: skip
    WRONG_ARGUMENTS = (
        "error", "KAT313", "a function is called with the wrong number of arguments",
        "`katalogc functions NAME` shows the function's parameters.",
    )  # fmt: skip
    UNKNOWN_ROOT = (
        "error", "KAT314", "an expression reads something that does not exist",
        "Expressions read the custom resource: `.metadata`, `.spec`, `.status`, `.apiVersion`, "
        "`.kind`; also `.inputs` in motifs, and `.children`, `.ork`, `.metrics`, `.health` in "
        "status fields.",
    )  # fmt: skip
    UNKNOWN_SPEC_FIELD = (
        "error", "KAT315", "an expression reads a field that the schema lacks",
        "The crdFile's schema has no such field, so the API server would remove it from every "
        "object and the expression would always be empty.",
    )  # fmt: skip
    UNDEFINED_INPUT = (
        "error", "KAT316", "an expression reads an input that the motif does not declare",
        "Declare it under `inputs:`. Outside motifs there are no inputs at all.",
    )  # fmt: skip
    RANDOM_RENDERED_AGAIN = (
        "warning", "KAT317", "a random value would change at each reconcile",
        "A child that is kept in sync is rendered again and again, and random functions answer "
        "differently each time. Use a Secret with `once: true`, whose values stay until they are "
        "rotated.",
    )  # fmt: skip
    INPUT_IN_EXPRESSION = (
        "error", "KAT318", "an input's value cannot be used inside a larger expression",
        "The value holds statements (`if`, `range`, …), and the motif uses the input as an "
        "argument. Only plain text and simple expressions can stand there.",
    )  # fmt: skip
    RECURSIVE_NOTE = (
        "error", "KAT319", "a note calls itself",
        "Notes (`notes.functions`) may call each other, but not in a circle.",
    )  # fmt: skip
    CHILDREN_BEFORE_STATUS = (
        "error", "KAT320", "an expression reads the children before they exist",
        "`.children`, `.metrics` and `.health` are known only when the status is written.",
    )  # fmt: skip
    ABSENT_FIELD = (
        "warning", "KAT321", "an expression provides for a field that the schema lacks",
        "The crdFile's schema has no such field, so the API server would remove it from every "
        "object: the fallback would always be taken, the condition would never hold. In a motif "
        "that serves several types this may be meant.",
    )  # fmt: skip
    NEVER_FITS = (
        "error", "KAT322", "a field of the schema feeds a child's field that takes another type",
        "No value that the crdFile's schema allows can be used there, so no custom resource that "
        "sets the field gets a child that works.",
    )  # fmt: skip
    MAY_NOT_FIT = (
        "warning", "KAT323", "a field of the schema allows values that a child's field refuses",
        "Custom resources with such a value are accepted by the API server and fail in the "
        "operator. Say in the crdFile what is meant: `type: integer`, or a `pattern` or `enum` of "
        "numbers.",
    )  # fmt: skip
    STRAY_BRACE = (
        "warning", "KAT324", "a brace beside an expression belongs to nothing",
        "Expressions stand between `{{` and `}}`. With one brace too few the text is no "
        "expression and is kept as it is; one too many becomes a part of the value.",
    )  # fmt: skip

    OUTSIDE_NAMESPACES = (
        "error", "KAT401", "a child's namespace is outside the allowed ones",
        "The operator is given a Role in the allowed namespaces only, so every write of this "
        "child would be denied.",
    )  # fmt: skip

    @property
    def severity(self) -> SeverityName:
        """Severity belongs to the code."""
        severity: SeverityName = self.value[0]
        return severity

    @property
    def id(self) -> str:
        """`KAT` and three digits, as printed."""
        return self.value[1]

    @property
    def title(self) -> str:
        """The mistake in a few words."""
        return self.value[2]

    @property
    def explanation(self) -> str:
        """What the mistake means, and why it is one."""
        return self.value[3]
