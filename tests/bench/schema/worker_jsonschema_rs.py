"""jsonschema-rs behind the protocol of worker.hpp: orjson, the fastest parser there is for it, then is_valid."""
import pathlib
import sys
import time

import jsonschema_rs
import orjson


def read_case(folder):
    folder = pathlib.Path(folder)
    rows = (folder / "references.tsv").read_text().split() if (folder / "references.tsv").exists() else []
    references = [(uri, (folder / file).read_bytes()) for uri, file in zip(rows[::2], rows[1::2])]
    return (folder / "schema.json").read_bytes(), references, [p.read_bytes() for p in sorted(folder.glob("instance-*"))]


def compiled(schema, references):
    registry = jsonschema_rs.Registry([(uri, orjson.loads(text)) for uri, text in references]) if references else None
    return jsonschema_rs.validator_for(orjson.loads(schema), validate_formats=False, registry=registry)


def mean_ns(seconds, work):
    start, n = time.thread_time_ns(), 0
    while True:
        chunk = n // 16 + 1
        for _ in range(chunk):
            work()
        n += chunk
        spent = time.thread_time_ns() - start
        if spent >= seconds * 1e9:
            return spent / n


loaded = None
for line in sys.stdin:
    verb, folder, seconds = line.split()
    if folder != loaded:
        loaded, (schema, references, instances) = folder, read_case(folder)
    if verb == "compile":
        print(mean_ns(float(seconds), lambda: compiled(schema, references)), "-", flush=True)
        continue
    is_valid, loads = compiled(schema, references).is_valid, orjson.loads
    verdicts = "".join("01"[is_valid(loads(text))] for text in instances)

    def all_instances():
        for text in instances:
            is_valid(loads(text))
    print(mean_ns(float(seconds), all_instances) / len(instances), verdicts, flush=True)
