"""Seeds and a dictionary for the schema fuzz targets: schema_seeds.py KEYWORD_INC OUT [JSON-Schema-Test-Suite].

OUT/schema_validate_fuzz and OUT/schema_pattern_fuzz get one file per test of the official suite (none, and said so,
without it); OUT/schema.dict the keywords.
"""
import json
import pathlib
import re
import sys

keyword_inc, out = map(pathlib.Path, sys.argv[1:3])
suite = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
dialects = ["draft4", "draft6", "draft7", "draft2019-09", "draft2020-12", "v1"]
asserted = 2 * len(dialects)  # the first byte of schema_validate_fuzz: dialect + 6 * format mode

words = re.findall(r'^QSLIP_KEYWORD\(\w+, "([^"]+)"', keyword_inc.read_text(), re.M)
more = ["$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "#/$defs/a", "object", "integer",
        "https://json-schema.org/draft/2020-12/schema", "date-time", "email", "uri", "regex", "\\\\p{L}", "(?<n>", "\\\\k<n>"]
out.mkdir(parents=True, exist_ok=True)
(out / "schema.dict").write_text("".join(f'"{w}"\n' for w in words + more))

n = 0
for target in ("schema_validate_fuzz", "schema_pattern_fuzz"):
    (out / target).mkdir(exist_ok=True)
for file in sorted(suite.rglob("tests/**/*.json")) if suite and suite.exists() else []:
    dialect = dialects.index(file.relative_to(suite / "tests").parts[0]) if file.parts else 0
    choice = bytes([dialect + (asserted if "format" in file.parts else 0)])
    for group in json.loads(file.read_text(encoding="utf-8")):
        schema = json.dumps(group["schema"])
        pattern = group["schema"].get("pattern") if isinstance(group["schema"], dict) else None
        for test in group["tests"]:
            n += 1
            (out / "schema_validate_fuzz" / f"seed{n}").write_bytes(choice + f"{schema}\0{json.dumps(test['data'])}".encode())
            if isinstance(pattern, str):
                (out / "schema_pattern_fuzz" / f"seed{n}").write_bytes(f"{pattern}\0{test['data']}".encode("utf-8", "replace"))
print(f"{n} seeds" if n else "SKIPPED: seeds of the schema fuzzers because the official test suite is not there")
