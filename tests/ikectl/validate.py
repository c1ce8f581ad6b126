#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Whether each line of standard input is JSON that fits the schema: validate.py SCHEMA [--whole]

Knows as much of JSON Schema as docs/ikectl.schema.json uses, and refuses the rest. --whole: the input is one document."""
import json
import re
import sys

KEYWORDS = {"$schema", "$defs", "$ref", "title", "oneOf", "const", "enum", "type", "minimum", "pattern", "items",
            "required", "properties", "additionalProperties"}
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}


def problems(schema, value, root, path="$"):
    for keyword in schema:
        if keyword not in KEYWORDS:
            raise SystemExit(f"validate.py does not know '{keyword}'")
    if "$ref" in schema:
        target = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        yield from problems(target, value, root, path)
    if "oneOf" in schema:
        fitting = [s for s in schema["oneOf"] if not list(problems(s, value, root, path))]
        if len(fitting) != 1:
            yield f"{path}: fits {len(fitting)} of the alternatives"
    if "const" in schema and value != schema["const"]:
        yield f"{path}: is not {schema['const']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if "type" in schema:
        right = isinstance(value, TYPES[schema["type"]])
        if not right or (schema["type"] == "integer" and isinstance(value, bool)):
            yield f"{path}: is no {schema['type']}"
            return
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{path}: is below {schema['minimum']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: {value!r} does not match {schema['pattern']}"
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            yield from problems(schema["items"], item, root, f"{path}[{i}]")
    if isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                yield f"{path}: lacks {name}"
        known = schema.get("properties", {})
        for name, item in value.items():
            if name in known:
                yield from problems(known[name], item, root, f"{path}.{name}")
            elif schema.get("additionalProperties", True) is False:
                yield f"{path}: has {name}"
            elif isinstance(schema.get("additionalProperties"), dict):
                yield from problems(schema["additionalProperties"], item, root, f"{path}.{name}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    text = sys.stdin.read()
    documents = [text] if "--whole" in sys.argv else text.splitlines()
    found = [p for d in documents for p in problems(schema, json.loads(d), schema)]
    print("\n".join(found) or f"{len(documents)} fit")
    return 1 if found or not documents else 0


if __name__ == "__main__":
    sys.exit(main())
