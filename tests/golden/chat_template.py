#!/usr/bin/env python3
"""Chat templates that exercise each construct, rendered by Debian's python3-jinja2 (3.1.2) as chat models use it.

usage: chat_template.py            writes chat_template_cases.json beside this file
       chat_template.py --check    fails when the file is not what Jinja gives
Every template here was written for this test, but SmolLM2's own, which its model file carries.
"""
import json
import pathlib
import sys

import jinja2
import jinja2.ext
import jinja2.sandbox

FILE = pathlib.Path(__file__).with_name("chat_template_cases.json")


class Refused(Exception):
    pass


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        next(parser.stream)
        return parser.parse_statements(["name:endgeneration"], drop_needle=True)


def environment():
    env = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])

    def raise_exception(message):
        raise Refused(message)

    def tojson(x, indent=None):
        return json.dumps(x, ensure_ascii=False, indent=indent)

    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    return env


SMOLLM2 = """{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system
You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>
' }}{% endif %}{{'<|im_start|>' + message['role'] + '
' + message['content'] + '<|im_end|>' + '
'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
' }}{% endif %}"""

TALK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": " Hi <|im_end|> there\n"},
        {"role": "assistant", "content": "<think>so</think>\nHello"}, {"role": "user", "content": "M\u00fcnchen \u4f60\u597d?"}]
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "It's \"fine\"",
          "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
                         "required": ["city"]}}}]

# Whole templates in the manner of the known families, in our own words.
WHOLE = {
    "smollm2": SMOLLM2,
    "header_ids": """{{- bos_token }}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{%- if system_message %}
    {{- "<|start|>system<|end|>\\n\\n" + system_message + "<|eot|>" }}
{%- endif %}
{%- for message in messages %}
    {{- '<|start|>' + message['role'] + '<|end|>\\n\\n' + message['content'] | trim + '<|eot|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start|>assistant<|end|>\\n\\n' }}
{%- endif %}
""",
    "instruction_marks": """{{ bos_token }}{% if messages[0].role == 'system' %}{% set offset = 1 %}{% else %}{% set offset = 0 %}{% endif %}
{% for message in messages[offset:] %}
{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}
{% if message.role == 'user' %}
[INST] {{ (messages[0].content ~ '\\n\\n' if offset and loop.first else '') ~ message.content.strip() }} [/INST]
{%- else %}
 {{ message.content | trim }}{{ eos_token }}
{% endif %}
{% endfor %}
""",
    "tools": """{%- macro render(tool, indent=0) -%}
{{ '  ' * indent }}- {{ tool.name }}({% for name, spec in tool.parameters.properties.items() %}{{ name }}: {{ spec.type }}{{ '' if name in tool.parameters.required else '?' }}{{ ', ' if not loop.last }}{% endfor %})
{% endmacro -%}
{%- if tools %}
<tools>
{% for tool in tools %}
{{ tool | tojson }}
{{ render(tool.function, indent=1) }}
{%- endfor %}
</tools>
{% endif %}
{%- set ns = namespace(last_user=-1, n=0) %}
{%- for m in messages %}
{%- if m.role == 'user' %}{% set ns.last_user = loop.index0 %}{% endif %}
{%- set ns.n = ns.n + 1 %}
{%- endfor %}
last {{ ns.last_user }} of {{ ns.n }}
{% for m in messages -%}
{%- if m.role == 'assistant' and '</think>' in m.content and loop.index0 < ns.last_user -%}
{%- set content = m.content.split('</think>')[-1].lstrip('\\n') -%}
{%- else -%}
{%- set content = m.content -%}
{%- endif -%}
<|{{ m.role }}|>{{ content }}<|end|>
{% endfor %}
{{- '<|assistant|>' if add_generation_prompt else eos_token }}""",
}

# One construct each: the expression is printed.
EXPRESSIONS = """
1 + 2 * 3 - 4
7 // 2
-7 // 2
7 % 3
-7 % 3
7 / 2
2 * 3.5
1.0
1e20
0.1 + 0.2
12345678901234567.0
1e-7
10 / 4 == 2.5
'a' 'b'
'a' ~ 1 ~ none ~ true
'ab' * 3
'\\n\\t\\x41\\u00e9' | tojson
[1, 'a', none, true, 2.5]
(1,)
(1, 2)
()
{'a': 1, 'b': [1, {'c': 'd'}]}
['it\\'s', 'say "x"', 'both \\' and "', 'tab\\t']
1 < 2 < 3
1 < 2 > 3
1 == 1.0
true == 1
'a' < 'b'
'a' in 'abc'
2 not in [1, 2]
'x' in {'x': 1}
not true
not 1 == 2
1 if true else 2
1 if false
(1 if false) is defined
none or 'x'
'' and 'x'
[] or {} or 0
-3 | abs
(-3) | abs
-(3)
+3
undefined_name is defined
undefined_name is undefined
undefined_name | default('d')
'' | default('d')
'' | default('d', true)
none | d('x')
undefined_name
messages[0].role
messages[0]['role']
messages[-1].content
messages[9] is defined
messages[0].missing is defined
messages[0].get('missing')
messages[0].get('missing', 'd')
messages[0].get('role', 'd')
messages[1:] | length
messages[:2] | length
messages[::-1] | map(attribute='role') | list
messages | map(attribute='role') | join(', ')
messages | map('length') | list
messages | selectattr('role', 'equalto', 'user') | list | length
messages | selectattr('role', 'in', ['user', 'system']) | map(attribute='role') | list
messages | rejectattr('role', 'eq', 'user') | map(attribute='content') | first
messages | selectattr('missing') | list
[1, 2, 3, 4] | select('even') | list
[1, 2, 3, 4] | reject('odd') | list
[0, 1, ''] | select | list
'hello'[1:3]
'hello'[::-1]
'hello'[-3:]
'hello'[0]
'h\\u00e9llo'[1]
'h\\u00e9llo' | length
'\\u4f60\\u597d'[1:]
[1, 2, 3, 4, 5][1:4:2]
[1, 2, 3, 4, 5][::-2]
[1, 2, 3][10:]
[1, 2, 3][-100:2]
'  x  ' | trim ~ '|'
'xxhixx' | trim('x')
'  x  '.strip() ~ '|'
'  x  '.lstrip() ~ '|'
'  x  '.rstrip() ~ '|'
'\\u00a0\\u3000x\\u2003'.strip()
'abcab'.strip('ab')
'a,b,,c'.split(',')
'a b  c '.split()
'a,b,c'.split(',', 1)
'a--b--c'.split('--')[1]
'abc'.startswith('ab')
'abc'.startswith(('x', 'ab'))
'abc'.endswith('bc')
'aXbX'.replace('X', '-')
'aXbX'.replace('X', '-', 1)
'hello world'.title()
'they\\'re ok'.title()
'they\\'re ok-now' | title
'hELLO wORLD' | capitalize
'Abc' | upper
'Abc' | lower
'Abc'.upper() ~ 'Abc'.lower()
'a-b' | replace('-', '+')
[3, 1, 2] | sort
[3, 1, 2] | sort(reverse=true)
['b', 'A', 'c'] | sort
messages | sort(attribute='role') | map(attribute='role') | list
['a', 'A', 'b', 'a'] | unique | list
[1, 2, 3] | reverse | list
'abc' | reverse
[1, 2, 3] | first
[1, 2, 3] | last
'abc' | first
[] | first is defined
'abc' | list
{'a': 1, 'b': 2} | list
{'a': 1, 'b': 2} | items | list
{'b': 1, 'A': 2} | dictsort
{'a': 1}.items() | list
{'a': 1, 'b': 2}.keys() | list
{'a': 1, 'b': 2}.values() | list
{'items': 1}['items']
{'a': 1} | length
'12' | int + 1
'3.7' | int
'x' | int
'x' | int(-1)
3.9 | int
true | int
'2.5' | float
'x' | float
7 | string ~ 'x'
[1, [2, 3]] | string
'a\\nb\\n\\nc' | indent
'a\\nb' | indent(2, true)
'a\\nb\\n\\nc' | indent(2, blank=true)
tools | tojson
tools[0].function | tojson(indent=2)
{'a': [], 'b': {}, 'c': 1.5, 'd': none, 'e': true} | tojson(indent=4)
{'a': '\\u00e9<>&\\'"\\\\'} | tojson
[1, [2, {'a': 'b'}]] | tojson
range(3) | list
range(1, 4) | list
range(5, 0, -2) | list
3 is odd
4 is even
9 is divisibleby 3
3 is eq 3
3 is ne 4
3 is gt 2
3 is not lt 2
3 is ge 3 and 2 is le 3
'a' is string
[] is string
{} is mapping
[] is iterable
[] is sequence
'' is iterable
1 is number
1 is integer
1.5 is float
true is boolean
true is true
0 is false
none is none
none is not none
messages is defined and messages[0] is mapping
'a' is in ['a', 'b']
3 is in [1, 2]
'ab' | length > 1
'a' + 'b' | upper
1 + '2' | int
(1, 2) + (3,)
[1] + [2]
{'a': {'b': {'c': 1}}}.a.b.c
messages[0]['con' ~ 'tent']
loop is defined
add_generation_prompt
bos_token + eos_token
dict(a=1, b='x')
namespace(a=1).a
[messages[0].role, 'x'] | join('-')
(messages | first).role
messages | map(attribute='missing', default='-') | join
true and false or true
none is defined
'%' in '50%'
"{{ not a tag }}"
'a' if messages | length > 2 else 'b'
[1, 2, 3,]
{'a': 1,}
{'a': 1, 'a': 2}
""".strip("\n").split("\n")

# Statements and white space.
STATEMENTS = [
    "{% for x in [1, 2, 3] %}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}",
    "{% for x in [] %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in [1, 2, 3, 4] if x is even %}{{ loop.index }}:{{ x }}/{{ loop.length }} {% endfor %}",
    "{% for x in [1, 2, 3, 4] %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 4 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for (a, b) in [(1, 2), [3, 4]] %}{{ a + b }} {% endfor %}",
    "{% for k in {'a': 1} %}{{ k }}{% endfor %}",
    "{% for c in 'ab' %}[{{ c }}]{% endfor %}",
    "{% for c in undefined_name %}x{% endfor %}|",
    "{% for x in 'abc' %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}",
    "{% for x in [1, 2, 3] %}{{ loop.previtem is defined }}{{ loop.nextitem | default('-') }} {% endfor %}",
    "{% for x in [1, 2] %}{% for y in 'ab' %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}",
    "{% set x = 1 %}{% for i in [1, 2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}",
    "{% set ns = namespace(x=1) %}{% for i in [1, 2] %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}",
    "{% if true %}{% set y = 5 %}{% endif %}{{ y }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
    "{% set a = (1, 2) %}{{ a[1] }}",
    "{% set t %}x{{ 1 }}y{% endset %}{{ t | upper }}",
    "{% if false %}a{% elif 1 %}b{% elif 2 %}c{% else %}d{% endif %}",
    "{% if false %}a{% else %}d{% endif %}",
    "{% macro m(a, b=2, c='x') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, c=3) }} {{ m(1, 5, 6) }} {{ m() }}",
    "{% macro m(a) -%}  <{{ a }}>  {%- endmacro %}{% set s = m('q') %}{{ s }}{{ s | length }}",
    "{% set g = 'out' %}{% macro m() %}{{ g }}{{ g2 is defined }}{% endmacro %}{% set g2 = 1 %}{{ m() }}",
    "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(4) }}",
    "{% macro m(x) %}{% for i in x %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}{% endmacro %}{% for j in [1, 2] %}{{ m([1, 2, 3]) }};{% endfor %}",
    "a{# comment #}b",
    "a\n{# comment #}\nb",
    "a\n  {# comment -#}  \nb",
    "{% raw %}{{ x }}{% y %}{% endraw %}z",
    "a\n  {% raw %}\n  {{ x }}\n  {% endraw %}\nz",
    "{% generation %}said{{ 1 }}{% endgeneration %}",
    "a\n{% if true %}\nb\n{% endif %}\nc\n",
    "a\n  {% if true %}  \nb\n  {% endif %}\nc\n\n",
    "  {% if true %}x{% endif %}",
    "a  {% if true %}x{% endif %}  b",
    "a \n {%- if true -%} \n x \n {%- endif -%} \n b",
    "a {{- 1 -}} b",
    "a\n {{ 1 }}\nb\n",
    "a\n  {%+ if true %}x{% endif %}\n",
    "a\n{% if true +%}\nx{% endif %}",
    "{% if true %}\r\nx\r\n{% endif %}\r\ny",
    "{{ {'a': {'b': 1}} }}",
    "{{ {'a': {'b': 1}}['a']['b'] }}",
    "{% set x = {'a': 1} %}{{ x.a }}{% set x = [x] %}{{ x[0]['a'] }}",
    "{{ messages[0].content }}{{ messages[1].content | trim }}",
    "{% for m in messages %}{{ m | tojson }}\n{% endfor %}",
    "{{ '%}' }}{{ '}}' }}",
    "{{ 1 }}\n\n",
    "",
    "\n",
    "{% for m in messages | selectattr('role', 'equalto', 'user') %}{{ loop.index }}{{ m.content }}{% endfor %}",
    "{% for m in messages[::2] %}{{ m.role }}{% if loop.nextitem is defined %}>{% endif %}{% endfor %}",
    "{% if messages[0]['role'] not in ['user', 'assistant'] %}{{ raise_exception('bad role ' + messages[0]['role']) }}{% endif %}",
    "{% if messages %}{{ raise_exception('stop') }}{% endif %}",
]


def cases():
    for name, template in WHOLE.items():
        for n in (1, 2, 3, 4):
            yield f"{name}/{n}", template
    for i, expression in enumerate(EXPRESSIONS):
        yield f"expression/{i:03d}", "{{ " + expression + " }}"
    for i, template in enumerate(STATEMENTS):
        yield f"statement/{i:03d}", template


def variables(name):
    kind, number = name.split("/")
    messages = TALK[:int(number)] if kind in WHOLE else TALK
    if kind == "instruction_marks" and number == "1":
        messages = TALK[1:2]
    return {"messages": messages, "tools": TOOLS if kind != "smollm2" else None,
            "add_generation_prompt": int(number) % 2 == 0}


def golden():
    env, out, settings = environment(), [], []
    for name, template in cases():
        given = variables(name)
        if given not in settings:
            settings.append(given)
        case = {"name": name, "template": template, "variables": settings.index(given)}
        try:
            case["text"] = env.from_string(template).render(**given, bos_token="<s>", eos_token="</s>", documents=None)
        except Refused as refusal:
            case["refused"] = str(refusal)
        out.append(case)
    lines = ",\n".join(json.dumps(case) for case in out)
    return f'{{"variables": {json.dumps(settings)},\n"cases": [\n{lines}\n]}}\n'


if __name__ == "__main__":
    text = golden()
    if "--check" in sys.argv:
        raise SystemExit(FILE.read_text() != text)
    FILE.write_text(text)
