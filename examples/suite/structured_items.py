"""Chat prompts of the starter suite that ask for JSON: makers of (messages, task, max_tokens), one per slice.

Each shows the form by an example turn. A slice's first messages are the same for all its items of one form, so
that runners can share them.
"""
import json

import words

JOBS = "baker nurse pilot farmer teacher driver painter doctor".split()
LEVELS = ["low", "medium", "high"]
SIZES = ["small", "medium", "large"]
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def string(**more):
    return {"type": "string", **more}


def whole(**more):
    return {"type": "integer", **more}


def record(properties, closed=True, optional=()):
    schema = {"type": "object", "properties": properties, "required": [k for k in properties if k not in optional]}
    return {**schema, "additionalProperties": False} if closed else schema


def array(items, **more):
    return {"type": "array", "items": items, **more}


def chat(system, shown, asked):
    """A system message, example turns, the question."""
    messages = [{"role": "system", "content": system}]
    for question, answer in shown:
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": json.dumps(answer)}]
    return messages + [{"role": "user", "content": asked}]


def task(schema, values):
    return {"type": "json_schema", "schema": schema, "required_values": values}


SYSTEM = "You turn sentences into JSON. Answer with one JSON value and nothing else."


def json_flat(r):
    """Scalars only."""
    kind = r.below(2)
    if kind == 0:
        name, age, city, job = r.pick(words.NAMES), r.between(19, 89), r.pick(words.CITIES), r.pick(JOBS)
        schema = record({"name": string(), "age": whole(), "city": string()})
        shown = ("Zoe, 41, lives in Milan.", {"name": "Zoe", "age": 41, "city": "Milan"})
        return (chat(SYSTEM, [shown], f"{name} works as a {job}, is {age} years old and comes from {city}."),
                task(schema, {"name": name, "age": age, "city": city}), 32)
    thing, color, price, sold = r.pick(words.THINGS), r.pick(words.COLORS), r.between(3, 95), r.below(2) == 1
    schema = record({"item": string(), "price": whole(), "sold": {"type": "boolean"}})
    shown = ("The stove costs 120 and is sold.", {"item": "stove", "price": 120, "sold": True})
    return (chat(SYSTEM, [shown], f"A {color} {thing} for {price} is {'already sold' if sold else 'still for sale'}."),
            task(schema, {"item": thing, "price": price, "sold": sold}), 32)


def json_nested(r):
    """Objects in objects."""
    name, age, city = r.pick(words.NAMES), r.between(19, 89), r.pick(words.CITIES)
    thing, color = r.pick(words.THINGS), r.pick(words.COLORS)
    if r.below(2) == 0:
        schema = record({"person": record({"name": string(), "age": whole()}, False),
                         "owns": record({"thing": string(), "color": string()}, False)})
        shown = ("Zoe, 41, has a gray stove.",
                 {"person": {"name": "Zoe", "age": 41}, "owns": {"thing": "stove", "color": "gray"}})
        return (chat(SYSTEM, [shown], f"{name} is {age} years old and has a {color} {thing}."),
                task(schema, {"person": {"name": name, "age": age}, "owns": {"thing": thing, "color": color}}), 44)
    schema = record({"order": record({"from": record({"name": string(), "city": string()}, False),
                                      "thing": string()}, False)})
    shown = ("Zoe from Milan orders a stove.", {"order": {"from": {"name": "Zoe", "city": "Milan"}, "thing": "stove"}})
    return (chat(SYSTEM, [shown], f"{name}, who lives in {city}, orders a {color} {thing}."),
            task(schema, {"order": {"from": {"name": name, "city": city}}}), 44)


def json_array_of_objects(r):
    """A list of two or three records."""
    names, things = r.sample(words.NAMES, 3), r.sample(words.THINGS, 3)
    counts = [r.between(2, 9) for _ in range(3)]
    n = r.between(2, 3)
    row = record({"who": string(), "what": string(), "count": whole(minimum=1)}, False)
    schema = record({"orders": array(row, minItems=1)}, False)
    shown = ("Zoe takes 4 stoves, Max takes 5 sofas.",
             {"orders": [{"who": "Zoe", "what": "stoves", "count": 4}, {"who": "Max", "what": "sofas", "count": 5}]})
    asked = ", ".join(f"{a} takes {c} {t}s" for a, c, t in list(zip(names, counts, things))[:n]) + "."
    values = {"orders": [{"who": a, "count": c} for a, c in list(zip(names, counts))[:n]]}
    return chat(SYSTEM, [shown], asked), task(schema, values), 60


TREE = {"$ref": "#/$defs/node"}


def json_recursive(r):
    """Trees: a node holds nodes."""
    a, b, c, d = r.sample(words.THINGS, 4)
    if r.below(2) == 0:
        schema = {"$defs": {"node": record({"name": string(), "holds": array(TREE)})}, **TREE}
        shown = ("A box holds a bag. The bag holds a coin.",
                 {"name": "box", "holds": [{"name": "bag", "holds": [{"name": "coin", "holds": []}]}]})
        asked = f"A {a} holds a {b}. The {b} holds a {c}."
        values = {"name": a, "holds": [{"name": b, "holds": [{"name": c}]}]}
        return chat(SYSTEM, [shown], asked), task(schema, values), 52
    node = record({"name": string(minLength=2), "kind": {"enum": ["box", "thing"]}, "holds": array(TREE, maxItems=3)})
    schema = {"$defs": {"node": node}, **TREE}
    shown = ("A chest holds a coin.", {"name": "chest", "kind": "box", "holds": [{"name": "coin", "kind": "thing", "holds": []}]})
    return (chat(SYSTEM, [shown], f"A {a} holds a {b} and a {c}."), task(schema, {"name": a, "kind": "box"}), 60)


def json_constrained(r):
    """Enums, patterns and bounds."""
    code = r.pick(LETTERS) + r.pick(LETTERS) + "-" + str(r.between(100, 999))
    level, count, day = r.pick(LEVELS), r.between(1, 9), r.pick(DAYS)
    if r.below(2) == 0:
        schema = record({"code": string(pattern="^[A-Z]{2}-[0-9]{3}$"), "level": {"enum": LEVELS},
                         "count": whole(minimum=1, maximum=9)})
        shown = ("Ticket qq507 is an ordinary one and has 3 parts.", {"code": "QQ-507", "level": "medium", "count": 3})
        told = {"low": "a minor", "medium": "an ordinary", "high": "an urgent"}[level]
        asked = f"{told.capitalize()} ticket, {code.replace('-', '').lower()}, came on {day} with {count} parts."
        return (chat(SYSTEM, [shown], asked),
                task(schema, {"code": code, "level": level, "count": count}), 40)
    size, thing, color = r.pick(SIZES), r.pick(words.THINGS), r.pick(words.COLORS)
    row = record({"item": string(pattern="^[a-z]+$", maxLength=12), "size": {"enum": SIZES},
                  "color": {"enum": list(words.COLORS)}, "count": whole(minimum=1, maximum=9)})
    schema = record({"day": {"enum": DAYS}, "items": array(row, minItems=1, maxItems=3)})
    shown = ("Sunday: 2 small red stoves.",
             {"day": "Sunday", "items": [{"item": "stove", "size": "small", "color": "red", "count": 2}]})
    return (chat(SYSTEM, [shown], f"On {day}: {count} {size} {color} {thing}s."),
            task(schema, {"day": day, "items": [{"size": size, "color": color, "count": count}]}), 56)


TOOLS = [
    {"name": "weather", "parameters": record({"city": string(minLength=2), "day": {"enum": DAYS}})},
    {"name": "alarm", "parameters": record({"hour": whole(minimum=0, maximum=23), "minute": whole(minimum=0, maximum=59)})},
    {"name": "buy", "parameters": record({"item": string(minLength=2), "count": whole(minimum=1)})},
]
TOOL_SYSTEM = ('You answer with a tool call in JSON. Tools:\nweather(city, day)\nalarm(hour, minute)\nbuy(item, count)\n'
               'If no tool fits, answer with one plain sentence.')
TOOL_SHOWN = [("Will it rain in Milan on Friday?", {"name": "weather", "arguments": {"city": "Milan", "day": "Friday"}})]
SMALL_TALK = ("How are you today?|Thank you very much!|Who wrote the play Hamlet?|Tell me something nice.|"
              "What is the opposite of cold?|Good morning!|Say hello to my sister.|Why is the sky blue?|"
              "What do bees make?|Do you like music?|Which animal barks?|I had a long day.|What is two plus two?|"
              "How do you spell cat?|Name a color.|Is the sun hot?").split("|")


def tool_call(r):
    """One call of the right tool; no call for small talk (the last items of the slice)."""
    if r.turn >= CALLS:
        return (chat(TOOL_SYSTEM, TOOL_SHOWN, SMALL_TALK[r.turn % len(SMALL_TALK)]),
                {"type": "tool_call", "tools": TOOLS, "call": False}, 32)
    kind = r.below(3)
    if kind == 0:
        city, day = r.pick(words.CITIES), r.pick(DAYS)
        asked, call = f"What is the weather like in {city} on {day}?", ("weather", {"city": city, "day": day})
    elif kind == 1:
        hour, minute = r.between(5, 11), r.between(1, 59)
        asked, call = f"Wake me at {hour}:{minute:02d}, please.", ("alarm", {"hour": hour, "minute": minute})
    else:
        thing, count = r.pick(words.THINGS), r.between(2, 9)
        asked, call = f"Please get {count} {thing}s for me.", ("buy", {"count": count})
    return (chat(TOOL_SYSTEM, TOOL_SHOWN, asked),
            {"type": "tool_call", "tools": TOOLS, "required_values": {"name": call[0], "arguments": call[1]}}, 44)


COUNT, CALLS = 84, 84
MAKERS = {f.__name__: f for f in (json_flat, json_nested, json_array_of_objects, json_recursive, json_constrained,
                                  tool_call)}


def size(name):
    """Items of a slice; the tool slice has some more that must not call."""
    return COUNT + (len(SMALL_TALK) if name == "tool_call" else 0)
