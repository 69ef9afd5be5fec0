"""Seeds and a dictionary for chat_template_fuzz: chat_seeds.py CHAT_TEMPLATE_CASES_JSON OUT.

OUT/chat_template_fuzz gets one file per golden case, the demo model's own template among them, each with the messages it is
rendered with; OUT/chat.dict the words of the language.
"""
import json
import pathlib
import sys

golden = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
out = pathlib.Path(sys.argv[2])
corpus = out / "chat_template_fuzz"
corpus.mkdir(parents=True, exist_ok=True)
for n, case in enumerate(golden["cases"]):
    messages = golden["variables"][case["variables"]].get("messages", [])
    (corpus / f"seed{n}").write_bytes(f"{case['template']}\0{json.dumps(messages)}".encode())

words = """
    {{ }} {% %} {%- -%} {{- -}} {# #} if elif else endif for in endfor break continue set endset macro endmacro generation
    endgeneration raw endraw not and or is true false none loop.index loop.first loop.last loop.previtem loop.length range(
    namespace( dict( raise_exception( messages add_generation_prompt bos_token .strip( .split( .replace( .startswith( .items()
    .keys() .values() .get( .upper() .title() |abs |capitalize |default( |dictsort |first |float |indent( |int |items |join( |last
    |length |list |lower |map( |map(attribute= |reject( |rejectattr( |replace( |reverse |select( |selectattr( |sort( |string |title
    |tojson |tojson(2) |trim |unique |upper boolean callable defined divisibleby even iterable mapping number odd sameas sequence
    undefined [::-1] [1:] // ~ == != <= **""".split()
(out / "chat.dict").write_text("".join('"' + word + '"\n' for word in words))
print(f"{len(golden['cases'])} seeds")
