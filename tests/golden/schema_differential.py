"""Our JSON Schema validator against two others on generated pairs of schema and instance.

Python `jsonschema` and `jsonschema-rs` answer the same pairs in every dialect all know (drafts 4 to 2020-12). Each
keyword that can refuse an instance must stand at the root of at least 100 valid and 100 invalid pairs; an invalid pair
counts only if it is valid without that keyword. Every disagreement must match a row of `known`, which gives the reason
by the specification. Environment: QSLIP_LIBRARY (libqslip.so), QSLIP_CACHE, QSLIP_LONG (ten times the pairs).
"""
import collections
import contextlib
import decimal
import json
import os
import pathlib
import random
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
cache = pathlib.Path(os.environ.get("QSLIP_CACHE", root / ".cache"))
os.environ.setdefault("QSLIP_LIBRARY", str(root / "build/release/capi/libqslip.so"))
rivals = ["jsonschema==4.26.0", "jsonschema-rs==0.60.3"]
target = cache / ("python-" + "-".join(rivals).replace("==", "-"))
if not (target / "jsonschema_rs").exists():
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", target,
                    *rivals], check=True)
sys.path[:0] = [str(root / "capi/python"), str(target)]
import jsonschema  # noqa: E402
import jsonschema_rs  # noqa: E402
import qslip  # noqa: E402

long_run = bool(os.environ.get("QSLIP_LONG"))
wanted_pairs = 220_000 if long_run else 22_000
wanted_each = 100
dialects = {"4": ("http://json-schema.org/draft-04/schema#", jsonschema.Draft4Validator, jsonschema_rs.Draft4Validator),
            "6": ("http://json-schema.org/draft-06/schema#", jsonschema.Draft6Validator, jsonschema_rs.Draft6Validator),
            "7": ("http://json-schema.org/draft-07/schema#", jsonschema.Draft7Validator, jsonschema_rs.Draft7Validator),
            "2019-09": ("https://json-schema.org/draft/2019-09/schema", jsonschema.Draft201909Validator,
                        jsonschema_rs.Draft201909Validator),
            "2020-12": ("https://json-schema.org/draft/2020-12/schema", jsonschema.Draft202012Validator,
                        jsonschema_rs.Draft202012Validator)}
order = list(dialects)
random.seed(20251125)

# ---- values -------------------------------------------------------------------------------------
keys = ["a", "b", "foo", "bar", "x-1", "", "a/b", "\u00e9"]
strings = ["", "a", "ab", "abc", "abcd", "foo", "bar", "12", "1.5", "\u00e9", "e\u0301", "\U0001f600", "a\nb", "\t", "A", "null"]
numbers = [0, 1, -1, 2, 3, 4, 5, 6, 10, 12, 100, 0.0, 1.0, -1.0, 0.5, 1.5, 2.5, 3.0, -0.5, 0.1, 0.3, 0.30000000000000004,
           2**53, 2**53 + 1, 2.0**53, -2**63, 2**64, 10**20, 1e20, 1e300, 5e-324, 12345678901234567890]
patterns = ["^a", "b$", "^[a-z]+$", "^.{2,3}$", "a|b", "o{2}", "^$", "[0-9]", "^[^a]*$", "(foo|bar)", "^\\w+$", "\\d", "\\s", "."]
types = ["null", "boolean", "integer", "number", "string", "array", "object"]


def value_of(kind, depth=2):
    if kind == "array":
        return [value(depth - 1) for _ in range(random.randrange(5))]
    if kind == "object":
        return {random.choice(keys): value(depth - 1) for _ in range(random.randrange(5))}
    return {"null": lambda: None, "boolean": lambda: random.random() < 0.5, "string": lambda: random.choice(strings),
            "integer": lambda: random.choice([n for n in numbers if n == int(n)]),
            "number": lambda: random.choice(numbers)}[kind]()


def value(depth=2):
    return value_of(random.choice(types if depth > 0 else types[:5]), depth)


# ---- schemas ------------------------------------------------------------------------------------
def at_least(dialect, other):
    return order.index(dialect) >= order.index(other)


def schema(d, depth):
    """A random schema of dialect d."""
    if at_least(d, "6") and random.random() < 0.1:
        return random.random() < 0.7
    simple = ["type", "enum", "minimum", "maximum", "minLength", "maxLength", "minItems", "required", "const", "pattern"]
    choice = [k for k in (simple if depth <= 0 else list(makers)) if available(k, d)]
    out = {}
    for k in random.sample(choice, random.choice([1, 1, 1, 2])):
        out.update(makers[k][2](d, depth))
    return out


def some(d, depth, n=(1, 3)):
    return [schema(d, depth - 1) for _ in range(random.randint(*n))]


def named(d, depth, names=keys):
    return {random.choice(names): schema(d, depth - 1) for _ in range(random.randint(1, 3))}


def definitions(d):
    return "$defs" if at_least(d, "2019-09") else "definitions"


def maybe(probability, function):
    return function() if random.random() < probability else {}


def exclusive(side):
    def make(d, depth):
        n = random.choice(numbers)
        return {side: n, "exclusive" + side.capitalize(): random.random() < 0.8} if d == "4" else {"exclusive" + side.capitalize(): n}
    return make


def a_ref(d, depth):
    form = random.randrange(4)
    target = schema(d, depth - 1)
    if form == 0:
        return {"$ref": f"#/{definitions(d)}/t~1%25", definitions(d): {"t/%": target}}
    if form == 1 and isinstance(target, dict):
        anchor = {"$anchor": "here"} if at_least(d, "2019-09") else {"id" if d == "4" else "$id": "#here"}
        return {"$ref": "#here", definitions(d): {"t": {**anchor, **target}}}
    if form == 2 and isinstance(target, dict) and "$ref" not in target:
        return {"$ref": "http://example.org/t", definitions(d): {"t": {"id" if d == "4" else "$id": "http://example.org/t", **target}}}
    # A recursive tree.
    own = {"type": ["object", "integer"], "properties": {"a": {"$ref": f"#/{definitions(d)}/t"}, "b": target}}
    return {"$ref": f"#/{definitions(d)}/t", definitions(d): {"t": own}}


def a_recursive_ref(d, depth):
    tree = {"$id": "http://example.org/tree", "$recursiveAnchor": random.random() < 0.7,
            "type": ["object", "integer", "array"], "additionalProperties": {"$recursiveRef": "#"}, "items": {"$recursiveRef": "#"}}
    return {"$id": "http://example.org/strict", "$recursiveAnchor": random.random() < 0.7, "$ref": "tree",
            "not": {"required": [random.choice(keys)]}, "maxItems": random.randint(1, 4), "$defs": {"t": tree}}


def a_dynamic_ref(d, depth):
    inner = {"$id": "http://example.org/list", "$defs": {"default": {"$dynamicAnchor": "T", **schema_object(d)}},
             "type": ["array", "object"], "items": {"$dynamicRef": "#T"}, "additionalProperties": {"$dynamicRef": "#T"}}
    outer = {"$dynamicAnchor" if random.random() < 0.7 else "$anchor": "T", **schema_object(d)}
    return {"$id": "http://example.org/root", "$ref": "list", "$defs": {"inner": inner, "outer": outer},
            **maybe(0.3, lambda: {"anyOf": [True, {"$dynamicRef": "#T"}]})}


def direct_dynamic_ref(d, depth):
    return {"$dynamicRef": "#T", "$defs": {"t": {"$dynamicAnchor": "T", **schema_object(d)}}}


def schema_object(d):
    out = schema(d, 0)
    return out if isinstance(out, dict) else {}


def items(d, depth):
    if d != "2020-12" and random.random() < 0.4:
        return {"items": some(d, depth)}
    return {"items": schema(d, depth - 1), **(maybe(0.3, lambda: {"prefixItems": some(d, depth)}) if d == "2020-12" else {})}


def unevaluated(kind):
    def make(d, depth):
        name = "unevaluated" + kind
        if kind == "Items":
            evaluators = [{"prefixItems" if d == "2020-12" else "items": some(d, depth)}, {"contains": schema(d, 0)}]
        else:
            evaluators = [{"properties": named(d, depth)}, {"patternProperties": named(d, depth, ["^a", "o", "^$"])}]
        inside = random.choice(evaluators)
        choices = [lambda: inside, lambda: {"allOf": [inside]}, lambda: {"anyOf": [inside, *random.sample(evaluators, 1)]},
                   lambda: {"if": inside, "then": random.choice(evaluators), "else": random.choice(evaluators)},
                   lambda: {"oneOf": [inside, {"type": "null"}]},
                   lambda: {"dependentSchemas": {"a": inside}} if kind != "Items" else {"not": {"not": inside}}]
        if depth == 2:  # at the root, where "#" is
            choices.append(lambda: {"$ref": "#/$defs/e", "$defs": {"e": inside}})
        how = random.choice(choices)()
        return {name: random.choice([False, False, schema(d, 0)]), **how}
    return make


def conditional(*parts):
    return lambda d, depth: {"if": schema(d, depth - 1), **{p: schema(d, depth - 1) for p in parts}}


def contains(*bounds):
    return lambda d, depth: {"contains": schema(d, 0), **{b: random.randrange(4) for b in bounds}}


def dependencies(d, depth):
    entry = random.choice([lambda: random.sample(keys, random.randint(1, 2)), lambda: schema(d, depth - 1)])
    return {"dependencies": {random.choice(keys): entry() for _ in range(2)}}


def enumeration(d, depth):
    found = []
    for v in [value() for _ in range(random.randint(1, 4))]:
        if not any(json.dumps(v, sort_keys=True) == json.dumps(o, sort_keys=True) for o in found):
            found.append(v)
    return {"enum": found}


def divisor():
    return random.choice([1, 2, 3, 5, 10, 0.5, 1.5, 2.0, 0.1, 0.01, 2**53, 1e300, 7])


formats = {"date": ["2020-02-29", "2021-02-29", "2020-1-1", "", "20200101"], "ipv4": ["1.2.3.4", "1.2.3", "256.1.1.1", "01.2.3.4"],
           "ipv6": ["::1", "1::2::3", "12345::", "::ffff:1.2.3.4", "a"],
           "uuid": ["2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08aa9811eab4aa73b441d16380", "x"]}
first_with_format = {"date": "7", "uuid": "2019-09", "ipv4": "4", "ipv6": "4"}


def a_format(d, depth):
    return {"format": random.choice([f for f in formats if at_least(d, first_with_format[f])])}


# keyword -> first dialect, last dialect, maker of a root with it
makers = {
    "type": ("4", "2020-12", lambda d, n: {"type": random.choice([random.choice(types), random.sample(types, 2)])}),
    "enum": ("4", "2020-12", enumeration),
    "const": ("6", "2020-12", lambda d, n: {"const": value()}),
    "multipleOf": ("4", "2020-12", lambda d, n: {"multipleOf": divisor()}),
    "maximum": ("4", "2020-12", lambda d, n: {"maximum": random.choice(numbers)}),
    "minimum": ("4", "2020-12", lambda d, n: {"minimum": random.choice(numbers)}),
    "exclusiveMaximum": ("4", "2020-12", exclusive("maximum")),
    "exclusiveMinimum": ("4", "2020-12", exclusive("minimum")),
    "maxLength": ("4", "2020-12", lambda d, n: {"maxLength": random.randrange(4)}),
    "minLength": ("4", "2020-12", lambda d, n: {"minLength": random.randrange(5)}),
    "pattern": ("4", "2020-12", lambda d, n: {"pattern": random.choice(patterns)}),
    "maxItems": ("4", "2020-12", lambda d, n: {"maxItems": random.randrange(4)}),
    "minItems": ("4", "2020-12", lambda d, n: {"minItems": random.randrange(4)}),
    "uniqueItems": ("4", "2020-12", lambda d, n: {"uniqueItems": random.random() < 0.9}),
    "maxProperties": ("4", "2020-12", lambda d, n: {"maxProperties": random.randrange(4)}),
    "minProperties": ("4", "2020-12", lambda d, n: {"minProperties": random.randrange(4)}),
    "required": ("4", "2020-12", lambda d, n: {"required": random.sample(keys, random.randint(1, 2))}),
    "properties": ("4", "2020-12", lambda d, n: {"properties": named(d, n)}),
    "patternProperties": ("4", "2020-12", lambda d, n: {"patternProperties": named(d, n, patterns[:10])}),
    "additionalProperties": ("4", "2020-12", lambda d, n: {
        "additionalProperties": random.choice([False, schema(d, n - 1)]), **maybe(0.7, lambda: {"properties": named(d, n)}),
        **maybe(0.4, lambda: {"patternProperties": named(d, n, patterns[:10])})}),
    "propertyNames": ("6", "2020-12", lambda d, n: {"propertyNames": random.choice(
        [{"pattern": random.choice(patterns)}, {"enum": random.sample(keys, 3)}, {"maxLength": 1}, {"const": "a"}, False])}),
    "items": ("4", "2020-12", items),
    "prefixItems": ("2020-12", "2020-12", lambda d, n: {"prefixItems": some(d, n)}),
    "additionalItems": ("4", "2019-09", lambda d, n: {"items": some(d, n), "additionalItems": random.choice([False, schema(d, n - 1)])}),
    "contains": ("6", "2020-12", contains()),
    "minContains": ("2019-09", "2020-12", contains("minContains")),
    "maxContains": ("2019-09", "2020-12", contains("maxContains")),
    "allOf": ("4", "2020-12", lambda d, n: {"allOf": some(d, n)}),
    "anyOf": ("4", "2020-12", lambda d, n: {"anyOf": some(d, n)}),
    "oneOf": ("4", "2020-12", lambda d, n: {"oneOf": some(d, n, (2, 4))}),
    "not": ("4", "2020-12", lambda d, n: {"not": schema(d, n - 1)}),
    "if": ("7", "2020-12", conditional("then", "else")),
    "then": ("7", "2020-12", conditional("then")),
    "else": ("7", "2020-12", conditional("else")),
    "dependencies": ("4", "7", dependencies),
    "dependentRequired": ("2019-09", "2020-12", lambda d, n: {"dependentRequired": {random.choice(keys): random.sample(keys, 2)}}),
    "dependentSchemas": ("2019-09", "2020-12", lambda d, n: {"dependentSchemas": named(d, n)}),
    "$ref": ("4", "2020-12", a_ref),
    "$recursiveRef": ("2019-09", "2019-09", a_recursive_ref),
    "$dynamicRef": ("2020-12", "2020-12", a_dynamic_ref),
    "unevaluatedItems": ("2019-09", "2020-12", unevaluated("Items")),
    "unevaluatedProperties": ("2019-09", "2020-12", unevaluated("Properties")),
    "format": ("4", "2020-12", a_format),
}
roots_only = {"$ref", "$recursiveRef", "$dynamicRef", "format"}  # their URIs may stand once in a document
# The keyword is nested in what its maker builds: an invalid pair counts when the whole root is needed.
nested = {"$recursiveRef", "$dynamicRef"}


def available(k, d, inside=True):
    first, last, _ = makers[k]
    return at_least(d, first) and at_least(last, d) and not (inside and k in roots_only)


# ---- instances ----------------------------------------------------------------------------------
def mentioned(s):
    """Values and bounds a schema names: where the verdicts turn."""
    if isinstance(s, list):
        for v in s:
            yield from mentioned(v)
    if not isinstance(s, dict):
        return
    for k, v in s.items():
        if k == "const":
            yield v
        elif k == "enum":
            yield from v
        elif k in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf") and not isinstance(v, bool):
            yield from (v, v + 1, v - 1, v * 3)
        elif k == "format":
            yield from formats[v]
        else:
            yield from mentioned(v)


def tree_of_integers(depth):
    """What a_recursive_ref describes, mostly."""
    kind = random.choice("iooaax" if depth > 0 else "i")
    below = [tree_of_integers(depth - 1) for _ in range(random.randrange(3) if kind in "oa" else 0)]
    return {"i": 1, "x": "a", "a": below, "o": {random.choice(keys): v for v in below}}[kind]


def fitting(s, depth=4):
    """An instance that has a fair chance to be valid, or nearly."""
    if not isinstance(s, dict) or depth <= 0 or random.random() < 0.1:
        return value()
    if "uniqueItems" in s and random.random() < 0.7:
        pool = [value() for _ in range(3)]
        return random.choices(pool, k=random.randint(2, 4))
    if s.get("$id") == "http://example.org/strict":
        return tree_of_integers(3)
    near = list(mentioned({k: v for k, v in s.items() if k in ("const", "enum", "minimum", "maximum", "exclusiveMinimum",
                                                               "exclusiveMaximum", "multipleOf", "format")}))
    if near and random.random() < 0.8:
        return random.choice(near)
    for k in ("allOf", "anyOf", "oneOf"):
        if k in s and random.random() < 0.6:
            return fitting(random.choice(s[k]), depth - 1)
    for k in ("$defs", "definitions"):
        if k in s and random.random() < 0.6:
            return fitting(random.choice(list(s[k].values())), depth - 1)
    if "type" in s:
        kind = s["type"] if isinstance(s["type"], str) else random.choice(s["type"])
        if kind not in ("object", "array"):
            return value_of(kind)
    if any("tems" in k or "ontains" in k for k in s):
        tuple_part = s.get("prefixItems", s["items"] if isinstance(s.get("items"), list) else [])
        rest = [s[k] for k in ("items", "contains", "additionalItems", "unevaluatedItems") if isinstance(s.get(k), dict)]
        out = [fitting(one, depth - 1) for one in tuple_part]
        return out[:random.randint(0, len(out))] if random.random() < 0.2 else out + [
            fitting(random.choice(rest), depth - 1) if rest else value() for _ in range(random.randrange(4))]
    if any(k in s for k in ("maxLength", "minLength", "pattern")):
        return random.choice(strings)
    names = [k for part in ("properties", "dependentSchemas", "dependentRequired", "dependencies") for k in s.get(part, {})]
    names += [k for part in ("dependentRequired",) for v in s.get(part, {}).values() for k in v] + s.get("required", [])
    if names or any("ropert" in k for k in s):
        subs = s.get("properties", {})
        chosen = [k for k in names if random.random() < 0.8] + random.choices(keys, k=random.randrange(3))
        return {k: fitting(subs.get(k, s.get("additionalProperties", True)), depth - 1) for k in chosen}
    return value()


def instance_for(s):
    return fitting(s) if random.random() < 0.7 else value()


# ---- answers ------------------------------------------------------------------------------------
def ours(s, d):
    compiled = qslip.Schema(json.dumps(s), dialect=d, formats="assertion" if "format" in s else "annotation")
    return lambda v: compiled.is_valid(json.dumps(v))


def python_jsonschema(s, d):
    kind = dialects[d][1]
    return kind(s, format_checker=kind.FORMAT_CHECKER if "format" in s else None).is_valid


def rust_jsonschema(s, d):
    return dialects[d][2](s, validate_formats="format" in s).is_valid


def asked(make, s, d, instances):
    """Verdicts as '1' and '0'; '!' where there is no answer."""
    try:
        is_valid = make(s, d)
    except Exception as why:
        return ["!" + type(why).__name__ + " " + str(why)[:80]] * len(instances)
    out = []
    for v in instances:
        try:
            out.append("01"[is_valid(v)])
        except Exception as why:
            out.append("!" + type(why).__name__ + " " + str(why)[:80])
    return out


# ---- known disagreements ------------------------------------------------------------------------
def all_of(s, name):
    """Every value of the keyword, anywhere in the schema."""
    parts = list(s.values()) if isinstance(s, dict) else s if isinstance(s, list) else []
    return ([s[name]] if isinstance(s, dict) and name in s else []) + [v for part in parts for v in all_of(part, name)]


def as_2020(s):
    """A 2019-09 schema in the words of 2020-12."""
    if isinstance(s, list):
        return [as_2020(x) for x in s]
    if not isinstance(s, dict):
        return s
    out = {k: as_2020(v) for k, v in s.items()}
    if isinstance(out.get("items"), list):
        out["prefixItems"] = out.pop("items")
        if "additionalItems" in out:
            out["items"] = out.pop("additionalItems")
    out.pop("additionalItems", None)
    return out


def contains_is_seen(s, d, v, theirs):
    return d == "2019-09" and all_of(s, "contains") and all_of(s, "unevaluatedItems") and \
        asked(ours, as_2020(s), "2020-12", [v]) == [theirs]


def numbers_in(v):
    parts = list(v.values()) if isinstance(v, dict) else v if isinstance(v, list) else []
    own = [v] if isinstance(v, (int, float)) and not isinstance(v, bool) else []
    return own + [n for part in parts for n in numbers_in(part)]


def rounded_quotient(s, d, v, theirs):
    """Some number of the instance is no multiple in decimals, but its quotient of doubles is a whole number or infinite."""
    def differ(n, by):
        exact = decimal.Decimal(repr(n)) % decimal.Decimal(repr(by)) == 0
        with contextlib.suppress(OverflowError):
            return exact != (float(n) / by).is_integer()
        return True
    with decimal.localcontext(decimal.Context(prec=1000)):
        return any(differ(n, by) for by in all_of(s, "multipleOf") for n in numbers_in(v))


def texts_in(v):
    parts = [*v, *v.values()] if isinstance(v, dict) else v if isinstance(v, list) else []
    return ([v] if isinstance(v, str) else []) + [text for part in parts for text in texts_in(part)]


def unicode_class(s, d, v, theirs):
    """A pattern with a class or an end that means another set of characters in Python, on a text where that shows."""
    used = all_of(s, "pattern") + [p for some in all_of(s, "patternProperties") for p in some]
    return any(bool(re.search(p, text)) != bool(re.search(p.replace("$", "\\Z"), text, re.ASCII))
               for p in used for text in texts_in(v))


def members_in(v):
    parts = list(v.values()) if isinstance(v, dict) else v if isinstance(v, list) else []
    return (list(v.items()) if isinstance(v, dict) else []) + [m for part in parts for m in members_in(part)]


def forgotten_names(s, d, v, theirs):
    """additionalProperties is a schema, and a member is called like none of that schema's keywords."""
    return d == "2019-09" and bool(all_of(s, "unevaluatedProperties")) and any(
        key not in more for more in all_of(s, "additionalProperties") if isinstance(more, dict) for key, _ in members_in(v))


# (rivals, reason, predicate of schema, dialect, instance and their answer)
known = [
    (("jsonschema", "jsonschema-rs"), "in 2019-09 `contains` leaves no annotation, so unevaluatedItems does not see it "
     "(2019-09 core 9.3.1.3); 2020-12 changed that", contains_is_seen),
    (("jsonschema",), "in 2019-09 additionalProperties evaluates every name it was applied to (core 9.3.2.3); it takes only "
     "names that its schema has as keywords", forgotten_names),
    (("jsonschema",), "multipleOf is a division of the numbers written (validation 6.2.1); it divides doubles, rounded",
     rounded_quotient),
    (("jsonschema",), "patterns are ECMA-262 (validation 6.3.3), where \\w and \\d are ASCII and $ is the very end; it uses "
     "Python's", unicode_class),
]


def explained(rival, s, d, v, theirs):
    return next((reason for who, reason, holds in known if rival in who and holds(s, d, v, theirs)), None)


# ---- the run ------------------------------------------------------------------------------------
def main():
    counts = {k: collections.Counter() for k in makers}
    n_pairs, disagreements, unexplained = 0, collections.Counter(), 0
    while n_pairs < wanted_pairs or any(c[x] < wanted_each for c in counts.values() for x in "01"):
        k = random.choice(list(makers)) if n_pairs < wanted_pairs else min(makers, key=lambda k: min(counts[k]["0"], counts[k]["1"]))
        d = random.choice([d for d in dialects if available(k, d, inside=False)])
        s = makers[k][2](d, 2)
        if k not in roots_only and random.random() < 0.3:
            s = {**schema_object(d), **s}
        if "$ref" in s and not at_least(d, "2019-09"):
            s = {x: s[x] for x in ("$ref", "definitions")}
        instances = [instance_for(s) for _ in range(6)]
        answers = {"qslip": asked(ours, s, d, instances), "jsonschema": asked(python_jsonschema, s, d, instances),
                   "jsonschema-rs": asked(rust_jsonschema, s, d, instances)}
        without = asked(ours, {x: y for x, y in s.items() if x != k}, d, instances)
        for i, v in enumerate(instances):
            n_pairs += 1
            mine = answers["qslip"][i]
            if mine == "1" or (mine == "0" and (without[i] == "1" or k in nested)):
                counts[k][mine] += 1
            for rival in ("jsonschema", "jsonschema-rs"):
                if answers[rival][i] == mine:
                    continue
                reason = explained(rival, s, d, v, answers[rival][i])
                disagreements[rival, reason] += 1
                if reason is None:
                    unexplained += 1
                    print(f"UNEXPLAINED {d} {k}: qslip {mine}, {rival} {answers[rival][i]}\n  schema   {json.dumps(s)}\n"
                          f"  instance {json.dumps(v)}", flush=True)
                    if unexplained > 40:
                        raise SystemExit("too many")
    for k, c in counts.items():
        print(f"  {k:22} {c['1']:6} valid {c['0']:6} invalid")
    for (rival, reason), n in sorted(disagreements.items(), key=str):
        print(f"  {rival}: {n} disagreements: {reason}")
    print(f"RAN: {n_pairs} pairs of schema and instance against jsonschema and jsonschema-rs, {len(makers)} keywords each in "
          f"at least {wanted_each} valid and {wanted_each} invalid ones; {sum(disagreements.values())} disagreements, "
          f"{unexplained} unexplained")
    print("SKIPPED: propertyDependencies because neither rival knows https://json-schema.org/v1")
    print(f"{len(makers)} passed, {unexplained} failed, 1 skipped")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
