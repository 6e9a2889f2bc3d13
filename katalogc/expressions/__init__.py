"""Expressions at compile time: parser, printer and static facts of Go templates.

    template = parse("{{ .spec.image }}")        # TemplateSyntaxError(message, start, end)
    facts(template).reads                        # {("spec", "image")}
"""
