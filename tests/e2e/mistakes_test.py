"""The commonest mistakes of a first hour: each one's message names the file, the fact and the next step."""
import pathlib
import struct

import support
from support import model, qslip


class mistakes(support.scratch_case):
    def expect(self, code, *words, args, env=None):
        got, out, err = qslip(*args, env=env)
        self.assertEqual(got, code, err)
        self.assertEqual(out, "")
        for word in words:
            self.assertIn(word, err)
        return err

    def one_item(self):
        return self.suite([{"id": "a", "slice": "s", "prompt": "One two", "max_tokens": 2}])

    def test_wrong_path_names_the_nearest_file(self):
        self.write("base-q8.gguf", b"GGUF")
        self.expect(2, "base.gguf: no such file", "base-q8.gguf", args=["doctor", self.dir / "base.gguf"])

    def test_git_lfs_stub(self):
        stub = self.write("int4.gguf", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
        self.expect(2, "int4.gguf", 'starts with "version https://git-lfs', "git lfs pull", args=["doctor", stub])

    def test_cut_download(self):
        with open(model, "rb") as file:
            cut = self.write("cut.gguf", file.read(61_000_000))
        self.expect(2, "cut.gguf", "61,000,000", "download again", args=["doctor", cut])

    def test_two_different_models(self):
        other = self.write("other.gguf", with_renamed_token(pathlib.Path(model)))
        self.expect(4, "vocabular", args=["compare", model, other, "--suite", self.one_item(), "-o", self.dir / "o"])
        self.assertFalse((self.dir / "o" / "result.json").exists())

    def test_unknown_tensor_type(self):
        patched = self.write("iq.gguf", with_tensor_type(pathlib.Path(model), b"blk.0.attn_q.weight", 21))
        self.expect(2, "blk.0.attn_q.weight", "IQ3_S (21)", "supported: F32 F16", args=["doctor", patched])

    def test_unknown_architecture(self):
        patched = self.write("arch.gguf", pathlib.Path(model).read_bytes().replace(b"\5\0\0\0\0\0\0\0llama", b"\5\0\0\0\0\0\0\0mamba", 1))
        self.expect(2, "mamba", "llama", args=["doctor", patched])

    def test_unknown_pre_tokenizer(self):
        data = pathlib.Path(model).read_bytes()
        patched = self.write("pre.gguf", data.replace(b"\6\0\0\0\0\0\0\0smollm", b"\6\0\0\0\0\0\0\0foo-99", 1))
        self.expect(2, 'tokenizer.ggml.pre = "foo-99"', "--pre", args=["tokenize", patched, "--text", "a"])
        ids = support.run_ok("tokenize", patched, "--text", "a b 12", "--pre", "smollm")
        self.assertEqual(ids, support.run_ok("tokenize", model, "--text", "a b 12"))

    def test_malformed_suite_lines_are_all_listed(self):
        suite = self.write("prompts.jsonl", '{"id":"a","slice":3,"prompt":"x"}\n{"id":"b","prompt":"x",}\n')
        err = self.expect(2, 'prompts.jsonl:1: "slice"', "number 3", "prompts.jsonl:2:",
                          args=["compare", model, model, "--suite", suite, "-o", self.dir / "o"])
        self.assertFalse((self.dir / "o" / "result.json").exists(), err)

    def test_too_few_prompts_is_inconclusive_with_the_number_needed(self):
        suite = self.suite([{"id": f"m{i}", "slice": "math", "prompt": f"{i} {i} {i}", "max_tokens": 2,
                             "task": {"type": "contains", "answer": str(i)}} for i in range(3)])
        code, out, err = qslip("compare", model, model, "--suite", suite, "-o", self.dir / "o")
        self.assertEqual(code, 3, err)
        self.assertIn("INCONCLUSIVE", out)
        self.assertRegex(out, r"n(eeds| =|_needed| needed).*\d+")
        self.assertIn("both files have sha256", err)

    def test_more_bits_than_the_base_is_noted(self):
        _, _, err = qslip("compare", support.twin("Q4_0"), support.twin("Q8_0"), "--suite", self.one_item(),
                          "-o", self.dir / "o")
        self.assertIn("more bits", err)
        self.assertIn("swapped?", err)

    def test_not_enough_memory_is_refused_before_loading(self):
        limits = self.write("limits.json", '{"model_bytes": 1000000}')
        self.expect(2, "SmolLM2", "needs", args=["logits", model, "--tokens", self.write("t.json", "[[1,2]]"),
                                                  "-o", self.dir / "x.npy", "--limits", limits])

    def test_mistyped_flag_and_verb(self):
        self.expect(2, 'unknown option --sute for "compare"; did you mean --suite?',
                    args=["compare", "a", "b", "--sute", "x", "-o", "d"])
        self.expect(2, "unknown verb compar; did you mean compare?", args=["compar", "a", "b"])

    def test_unknown_isa_is_an_error(self):
        tokens = self.write("t.json", "[[1,2]]")
        self.expect(2, "avx9", args=["logits", model, "--tokens", tokens, "-o", self.dir / "x.npy"],
                    env={"QSLIP_FORCE_ISA": "avx9"})


def with_tensor_type(path, name, gguf_type):
    """The file's bytes with another type number in the table entry of tensor `name`."""
    data = bytearray(path.read_bytes())
    at = data.index(struct.pack("<Q", len(name)) + name) + 8 + len(name)
    n_dims = struct.unpack_from("<I", data, at)[0]
    struct.pack_into("<I", data, at + 4 + 8 * n_dims, gguf_type)
    return bytes(data)


def with_renamed_token(path):
    """The file's bytes with one token spelled otherwise: another vocabulary of the same size."""
    token = struct.pack("<Q", 12) + b"<|im_start|>"
    data = path.read_bytes()
    assert data.count(token) == 1, path
    return data.replace(token, struct.pack("<Q", 12) + b"<|im_begin|>")


if __name__ == "__main__":
    support.main()
