"""What capi/generate.py refuses, and what it makes of the types of C."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "capi"))
import generate
from header import Header, Variable, layout

HEADER = """#define QSLIP_ABI_VERSION 7
extern "C" {
typedef int32_t qslip_status;
enum { QSLIP_OK = 0, /* all is well */ QSLIP_E_ARG = 3 };
typedef struct qslip_box qslip_box;
typedef struct qslip_error {
    uint32_t struct_size;
    int32_t code;
} qslip_error;
typedef struct qslip_box_info {
    uint32_t struct_size;
    uint64_t n_items;
    const char* label; /* n_items and more */
    char letters[3];
} qslip_box_info;
#define QSLIP_BOX_INFO_INIT \\
    { sizeof(qslip_box_info), 0, NULL, { 0 } }
QSLIP_API uint32_t qslip_abi_version(void);
QSLIP_API qslip_status qslip_box_open(const char* path, qslip_box** box,
                                      qslip_error* err);
QSLIP_API qslip_status qslip_box_get_info(const qslip_box* box, qslip_box_info* info, qslip_error* err);
}
"""


def rust_type(text):
    return generate.rust_type(Variable.of(text + " x"))


class GenerateTest(unittest.TestCase):
    def refuses(self, old, new, message):
        self.assertIn(old, HEADER)
        with self.assertRaises(SystemExit) as caught:
            Header(HEADER.replace(old, new))
        self.assertIn(message, str(caught.exception))

    def test_reads_every_declaration(self):
        header = Header(HEADER)
        self.assertEqual(header.abi_version, "7")
        self.assertEqual(header.constants, [["QSLIP_OK", "0"], ["QSLIP_E_ARG", "3"]])
        self.assertEqual(header.handles, ["qslip_box"])
        self.assertEqual([function.name for function, _ in header.functions],
                         ["qslip_abi_version", "qslip_box_open", "qslip_box_get_info"])

    def test_lays_structs_out_as_c_does(self):
        placed, size = layout(Header(HEADER).structs["qslip_box_info"])
        self.assertEqual([(field.name, offset, n_bytes) for field, offset, n_bytes in placed],
                         [("struct_size", 0, 4), ("n_items", 8, 8), ("label", 16, 8), ("letters", 24, 3)])
        self.assertEqual(size, 32)

    def test_pointers_in_rust(self):
        self.assertEqual(rust_type("const char* const*"), "*const *const c_char")
        self.assertEqual(rust_type("qslip_box**"), "*mut *mut qslip_box")
        self.assertEqual(rust_type("const void*"), "*const c_void")
        self.assertEqual(rust_type("size_t"), "usize")

    def test_refuses_what_it_cannot_read(self):
        self.refuses("enum {", "enum named {", "not in the style")
        self.refuses("QSLIP_API uint32_t", "uint32_t", "not in the style")
        self.refuses("} qslip_box_info;", "} qslip_box_infos;", "not in the style")

    def test_refuses_a_call_without_an_error(self):
        self.refuses("qslip_box** box,\n                                      qslip_error* err", "qslip_box** box",
                     "qslip_box_open must end in qslip_error* err")

    def test_refuses_another_verb_for_what_an_object_tells(self):
        self.refuses("qslip_box_get_info", "qslip_box_describe", "its name must be qslip_box_get_info")

    def test_knows_what_programs_rely_on(self):
        old = generate.promises(generate.generated(HEADER))
        renumbered = generate.promises(generate.generated(HEADER.replace("E_ARG = 3", "E_ARG = 4")))
        grown = generate.promises(generate.generated(HEADER.replace("letters[3];", "letters[3]; int32_t more;")))
        self.assertEqual(old - renumbered, {"FROZEN(QSLIP_E_ARG == 3, QSLIP_E_ARG);"})
        self.assertEqual(old - grown, set())
        self.assertEqual(grown - old, {"FIELD(qslip_box_info, more, 28, 4);"})


if __name__ == "__main__":
    unittest.main()
