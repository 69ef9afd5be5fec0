#!/usr/bin/env python3
"""Writes what follows from qslip.h. Run it after a change of the header and commit what it wrote.

    generate.py            writes the files of OUTPUTS
    generate.py --check    writes nothing, fails when one of them is stale
    generate.py --break    writes even if programs built before would break
"""
import pathlib
import re
import sys
import textwrap

from header import Header, layout

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOTE = "Written by capi/generate.py from qslip.h: the rules stand there."
LINE_LENGTH = 110

SCALARS = {  # C: Rust, ctypes
    "uint32_t": ("u32", "c_uint32"), "int32_t": ("i32", "c_int32"), "uint64_t": ("u64", "c_uint64"),
    "size_t": ("usize", "c_size_t"), "float": ("f32", "c_float"), "double": ("f64", "c_double"),
    "char": ("c_char", "c_char"), "void": ("c_void", "None"), "qslip_status": ("qslip_status", "c_int32"),
}


def rust_type(variable):
    rust, is_const = SCALARS.get(variable.base, [variable.base])[0], False
    for word in re.findall(r"\w+|\*", variable.type):
        if word == "*":
            rust = ("*const " if is_const else "*mut ") + rust
        is_const = word == "const" or (is_const and word != "*")
    return f"[{rust}; {variable.count}]" if variable.count else rust


def rust_zero(field):
    if field.is_pointer:
        return "null()"
    return f"[0; {field.count}]" if field.count else "0.0" if field.type in ("float", "double") else "0"


def rust_struct(name, fields):
    size_bytes = layout(fields)[1]
    yield from ("#[repr(C)]", "#[derive(Clone, Copy)]", f"pub struct {name} {{")
    yield from (f"    pub {field.name}: {rust_type(field)}," for field in fields)
    yield from ("}", f"pub const {name.upper()}_INIT: {name} = {name} {{",
                f"    struct_size: size_of::<{name}>() as u32,")
    yield from (f"    {field.name}: {rust_zero(field)}," for field in fields[1:])
    yield from ("};", '#[cfg(target_pointer_width = "64")]',
                f"const _: () = assert!(size_of::<{name}>() == {size_bytes});", "")


def rust_function(function, parameters):
    texts = [f"{each.name}: {rust_type(each)}" for each in parameters]
    head, tail = f"    pub fn {function.name}(", f") -> {rust_type(function)};"
    line = head + ", ".join(texts) + tail
    if len(line) <= LINE_LENGTH:
        return line
    return "\n".join([head, *(f"        {text}," for text in texts), "    " + tail])


def rust(header):
    yield from (f"//! {NOTE}", "//! Handles are numbers that travel as pointers: never dereference or offset one.",
                "#![allow(non_camel_case_types)]", "", "use std::mem::size_of;",
                "use std::os::raw::{c_char, c_void};", "use std::ptr::null;", "", "pub type qslip_status = i32;",
                f"pub const QSLIP_ABI_VERSION: u32 = {header.abi_version};")
    for name, value in header.constants:
        kind = "qslip_status" if re.match("QSLIP_(OK|E_)", name) else "u32"
        yield f"pub const {name}: {kind} = {value};"
    yield ""
    for name in header.handles:
        yield from ("#[repr(C)]", f"pub struct {name} {{", "    _opaque: [u8; 0],", "}", "")
    for name, fields in header.structs.items():
        yield from rust_struct(name, fields)
    yield 'extern "C" {'
    yield from (rust_function(*each) for each in header.functions)
    yield "}"


def ctypes_type(variable, handles):
    pointee = SCALARS.get(variable.base, [None, variable.base])[1]
    if not variable.is_pointer:
        return f"{pointee} * {variable.count}" if variable.count else pointee
    if variable.base in handles:
        pointee = "c_void_p"
    elif variable.base in ("char", "void"):
        pointee = "c_char_p" if variable.type.startswith("const char") else "c_void_p"
    else:
        return f"POINTER({pointee})"
    return f"POINTER({pointee})" if variable.type.count("*") == 2 else pointee


def ctypes_field(field, fields, handles):
    # c_char_p ends at the first NUL, which a text with its length beside it may hold.
    has_length = any(each.name == f"{field.name}_bytes" for each in fields)
    return "c_void_p" if has_length else ctypes_type(field, handles)


def python(header):
    yield from (f'"""{NOTE} Private to the package."""',
                "from ctypes import (POINTER, Structure, c_char, c_char_p, c_double, c_float, c_int32, c_size_t,",
                "                    c_uint32, c_uint64, c_void_p)", "", f"QSLIP_ABI_VERSION = {header.abi_version}")
    yield from (f"{name} = {value}" for name, value in header.constants)
    for name, fields in header.structs.items():
        yield from ("", "", f"class {name}(Structure):", "    _fields_ = [")
        yield from (f'        ("{field.name}", {ctypes_field(field, fields, header.handles)}),' for field in fields)
        yield "    ]"
    yield from ("", "", "# Name: (what it returns, what it takes). A handle is a number, which c_void_p carries.",
                "PROTOTYPES = {")
    for function, parameters in header.functions:
        takes = ", ".join(ctypes_type(each, header.handles) for each in parameters)
        entry = f'"{function.name}": ({ctypes_type(function, header.handles)}, [{takes}]),'
        yield from textwrap.wrap(entry, LINE_LENGTH, initial_indent=" " * 4, subsequent_indent=" " * 8)
    yield "}"


FROZEN_HEAD = f"""/* {NOTE}
 * What was published stays: a line may be added, none may go. Offsets are those of 64-bit machines. */
#include <qslip.h>

#define FROZEN(condition, name) typedef char frozen_##name[(condition) ? 1 : -1]
#define FIELD(type, field, offset, size) \\
    FROZEN(offsetof(type, field) == (offset) && sizeof(((type*)0)->field) == (size), type##_##field)
"""


def frozen_structs(header):
    yield from (FROZEN_HEAD, "#if UINTPTR_MAX == UINT64_MAX")
    for name, fields in header.structs.items():
        yield from (f"FIELD({name}, {field.name}, {offset}, {size});" for field, offset, size in layout(fields)[0])
    yield "#endif"
    yield from (f"FROZEN({name} == {value}, {name});" for name, value in header.constants)


def symbols(header):
    yield from sorted(function.name for function, _ in header.functions)


OUTPUTS = {
    "capi/rust/qslip-sys/src/lib.rs": rust,
    "capi/python/qslip/abi.py": python,
    "tests/capi/frozen_structs.c": frozen_structs,
    "capi/abi/symbols.txt": symbols,
}


def generated(header_text):
    header = Header(header_text)
    return {ROOT / path: "\n".join(lines(header)) + "\n" for path, lines in OUTPUTS.items()}


def promises(texts):
    """What programs built before rely on: symbols, fields and constants."""
    promising = ("tests/capi/frozen_structs.c", "capi/abi/symbols.txt")
    lines = "".join(texts[ROOT / path] for path in promising).splitlines()
    return {line for line in lines if re.match(r"FIELD|FROZEN|qslip_", line)}


def main(option=""):
    new = generated((ROOT / "capi/include/qslip.h").read_text())
    old = {path: path.read_text() for path in new}
    stale = [path for path in new if old[path] != new[path]]
    if option == "--check":
        return "\n".join(f"{path.relative_to(ROOT)} is stale: run capi/generate.py" for path in stale)
    broken = sorted(promises(old) - promises(new))
    if broken and option != "--break":
        return "\n".join(["programs built before would break (--break if that is meant); gone:", *broken])
    for path in stale:
        path.write_text(new[path])
    return ""


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) or 0)
