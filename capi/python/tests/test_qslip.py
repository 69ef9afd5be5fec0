"""Tests of the binding against the library it finds; run by ../test.sh.

QSLIP_TINY is a model file of tests/capi/tiny_model; QSLIP_MODEL, if set, a real one.
"""
import array
import gc
import math
import os
import pathlib
import re
import threading
import unittest

import qslip
from qslip import abi

TINY = os.environ["QSLIP_TINY"]


def floats(rows):
    flat = array.array("f", [x for row in rows for x in row])
    return memoryview(flat).cast("B").cast("f", (len(rows), len(rows[0])))


def kl_reference(a, b):
    za, zb = (math.log(sum(map(math.exp, row))) for row in (a, b))
    return sum(math.exp(x - za) * ((x - za) - (y - zb)) for x, y in zip(a, b))


class ErrorTest(unittest.TestCase):
    def test_version(self):
        self.assertEqual(qslip.version(), qslip.__version__)

    def test_not_found(self):
        with self.assertRaises(qslip.Error) as caught:
            qslip.Model("no/such/model.gguf")
        self.assertEqual((caught.exception.code, caught.exception.name), (11, "not_found"))
        self.assertIn("model.gguf", str(caught.exception))

    def test_closed(self):
        kl = qslip.Kl()
        kl.close()
        kl.close()
        with self.assertRaises(qslip.Error) as caught:
            kl.summary()
        self.assertEqual(caught.exception.name, "handle")

    def test_structs_are_laid_out_as_in_the_header(self):
        frozen = pathlib.Path(__file__).parents[3] / "tests/capi/frozen_structs.c"  # what the C compiler confirmed
        fields = re.findall(r"^FIELD\((\w+), (\w+), (\d+), (\d+)\);", frozen.read_text(), re.M)
        self.assertGreater(len(fields), 60)
        for struct, name, offset, size in fields:
            field = getattr(getattr(abi, struct), name)
            self.assertEqual((field.offset, field.size), (int(offset), int(size)), f"{struct}.{name}")


class KlTest(unittest.TestCase):
    base = [[1, 2, 3, 4], [0, 0, 1, -1], [2, 2, 0, 1]]
    cand = [[1, 2, 3, 3], [0, 1, 1, -1], [2, 1, 0, 1]]

    def filled(self):
        kl = qslip.Kl()
        for i, (a, b) in enumerate(zip(self.base, self.cand)):
            kl.add(i, array.array("f", a), array.array("f", b))
        return kl

    def test_mean(self):
        expected = sum(kl_reference(a, b) for a, b in zip(self.base, self.cand)) / 3
        got = self.filled().summary()
        self.assertAlmostEqual(got.mean_nats, expected, 12)
        self.assertEqual((got.n_positions, got.n_clusters), (3, 3))
        self.assertLess(got.lower_nats, got.mean_nats)

    def test_rows_and_one_cluster(self):
        kl = qslip.Kl()
        kl.add(2**64 - 1, floats(self.base), floats(self.cand))
        got = kl.summary()
        self.assertEqual((got.n_positions, got.n_clusters, got.lower_nats), (3, 1, None))

    def test_read_only_and_strided_buffers(self):
        whole = qslip.Kl()
        whole.add(1, floats(self.base[::2]), floats(self.cand[::2]))
        views = qslip.Kl()
        views.add(1, floats(self.base).toreadonly()[::2], floats(self.cand)[::2])
        self.assertEqual(views.save(), whole.save())

    def test_merge_save_load(self):
        whole, part = self.filled(), qslip.Kl()
        doubled = self.filled()
        doubled.merge(whole)
        part.merge(whole)
        part.merge(whole)
        self.assertEqual(part.save(), doubled.save())
        again = qslip.Kl.restore(whole.save())
        self.assertEqual(again.summary(), whole.summary())
        with self.assertRaises(qslip.Error) as caught:
            qslip.Kl.restore(whole.save()[:-1])
        self.assertEqual(caught.exception.name, "truncated")

    def test_refuses_what_is_no_row(self):
        kl = qslip.Kl()
        row = array.array("f", [1, 2])
        with self.assertRaises(TypeError):
            kl.add(1, array.array("d", [1, 2]), row)
        with self.assertRaises(ValueError):
            kl.add(1, array.array("f", [1, 2, 3]), row)
        with self.assertRaises(ValueError):
            kl.add(1, memoryview(row)[::-1], row)
        with self.assertRaises(OverflowError):
            kl.add(-1, row, row)
        with self.assertRaises(qslip.Error) as caught:
            kl.summary()
        self.assertEqual(caught.exception.name, "empty")

    def test_numpy(self):
        try:
            import numpy
        except ImportError:
            print("\nSKIPPED: NumPy rows because numpy is not installed")
            self.skipTest("numpy is not installed")
        a = numpy.asarray(self.base, numpy.float32)
        wide = numpy.zeros((3, 7), numpy.float32)
        wide[:, :4] = self.cand
        one, two = qslip.Kl(), qslip.Kl()
        one.add(5, a, wide[:, :4])
        two.add(5, floats(self.base), floats(self.cand))
        self.assertEqual(one.save(), two.save())


class SchemaTest(unittest.TestCase):
    person = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "a\0b": {"const": 1}}}

    def test_answers_and_faults(self):
        with qslip.Schema(self.person) as schema:
            self.assertTrue(schema.is_valid({"name": "Al"}))
            self.assertFalse(schema.is_valid('{"name":1}'))
            self.assertEqual(schema.faults(b'{"name":"Al"}'), [])
            faults = schema.faults({"name": 1, "a\0b": 2})
            self.assertEqual([f.instance_location for f in faults], ["/name", "/a\0b"])
            self.assertEqual(faults[0][:4], ("/name", "/properties/name/type", "#/properties/name/type", "type"))
            self.assertTrue(faults[0].message)
            self.assertEqual(schema.complexity().n_required, 1)
        with self.assertRaises(qslip.Error) as caught:
            schema.is_valid("1")
        self.assertEqual(caught.exception.name, "handle")

    def test_errors(self):
        for text, name in (("{", "format"), ('{"$ref":"#"}', "schema"), ('{"$schema":"x:y"}', "unsupported")):
            with self.assertRaises(qslip.Error) as caught:
                qslip.Schema(text)
            self.assertEqual(caught.exception.name, name)
        with self.assertRaises(qslip.Error) as caught:
            qslip.Schema("true").is_valid("")
        self.assertEqual(caught.exception.name, "format")
        with self.assertRaises(qslip.Error) as caught:
            qslip.Schema({"items": {"type": "null"}}, max_steps=1000).is_valid([None] * 5000)
        self.assertEqual(caught.exception.name, "budget")
        with self.assertRaises(ValueError):
            qslip.Schema("true", dialect="5")

    def test_options(self):
        schema = qslip.Schema({"$ref": "a"}, dialect="7", formats="assertion", base_uri="http://example.org/x",
                              documents={"http://example.org/a": {"items": [{"format": "date"}]}})
        self.assertTrue(schema.is_valid(["2020-02-29"]))
        self.assertFalse(schema.is_valid(["2021-02-29"]))
        self.assertEqual(len(qslip.Schema({"items": {"type": "null"}}, max_faults=2).faults([1, 2, 3])), 2)


class ModelTest(unittest.TestCase):
    def test_info(self):
        info = qslip.Model(TINY).info()
        self.assertEqual((info.n_vocab, info.n_ctx, info.bos_token, info.adds_bos), (261, 96, 259, True))

    def test_tokenize(self):
        model = qslip.Model(TINY)
        self.assertEqual(model.tokenize("hello"), [258, ord("o")])
        self.assertEqual(model.tokenize("hello", add_bos=True), [259, 258, ord("o")])
        self.assertEqual(model.tokenize("</s>", parse_special=True), [260])
        self.assertEqual(model.tokenize(""), [])
        text = "h\0\u00e4\U0001f600"
        self.assertEqual(model.detokenize(model.tokenize(text)).decode(), text)
        self.assertEqual(model.detokenize([]), b"")
        for wrong, kind in ((-1, qslip.Error), (261, qslip.Error), (2**40, OverflowError)):
            with self.assertRaises(kind):
                model.detokenize([wrong])

    def test_score(self):
        with qslip.Model(TINY) as model:
            ids = model.tokenize("hello, hello", add_bos=True)
            logits = model.score(ids)
            self.assertEqual((logits.shape, logits.format), ((len(ids), 261), "f"))
            self.assertEqual(model.score(ids[:3]).tolist(), logits.tolist()[:3])
            kl = qslip.Kl()
            kl.add(1, logits, model.score(ids))
            self.assertEqual(kl.summary().mean_nats, 0)
            with self.assertRaises(qslip.Error):
                model.score([])
        with self.assertRaises(qslip.Error):
            model.info()

    def test_threads_and_scalar_give_the_same_bits(self):
        model = qslip.Model(TINY)
        ids = list(b"the same bits everywhere")
        got = [None] * 4

        def work(i):
            got[i] = model.score(ids).tobytes()

        threads = [threading.Thread(target=work, args=(i,)) for i in range(len(got))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(set(got), {qslip.Model(TINY, isa="scalar").score(ids).tobytes()})
        for mode in ("f32", "a16", "a8"):  # the tiny model stores floats: the same in every mode
            self.assertEqual(qslip.Model(TINY, mode=mode).score(ids).tobytes(), got[0])

    def test_options(self):
        for options in ({"isa": "mmx"}, {"pre": "foo-9"}):
            with self.assertRaises(qslip.Error):
                qslip.Model(TINY, **options)
        with self.assertRaises(qslip.Error) as caught:
            qslip.Model(TINY, max_model_bytes=1000).load()
        self.assertEqual(caught.exception.name, "limit")
        gc.collect()

    def test_real_model(self):
        path = os.environ.get("QSLIP_MODEL")
        if not path:
            print("\nSKIPPED: Python on a real model because QSLIP_MODEL is not set")
            self.skipTest("QSLIP_MODEL is not set")
        with qslip.Model(path) as model:
            ids = model.tokenize("The capital of France is")
            last = model.score(ids)[len(ids) - 1:].tolist()[0]
            self.assertEqual(model.detokenize([last.index(max(last))]), b" Paris")


if __name__ == "__main__":
    unittest.main()
